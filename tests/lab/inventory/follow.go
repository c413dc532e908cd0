package inventory

import (
	"fmt"

	"github.com/vmware/govmomi/simulator"

	"ballast/lab/guest"
)

// Follow brings the inventory to where the schedules are. Whoever reads it calls this first: what
// nobody looks at needs no work.
func (f *Fleet) Follow() {
	f.changes.Lock()
	defer f.changes.Unlock()
	elapsed := f.Clock.elapsedSeconds()
	var changed []*Guest
	for _, g := range f.Guests {
		if g.schedule != nil && !g.Current().Deleted && g.schedule.at(elapsed).step != g.shownStep {
			changed = append(changed, g)
		}
	}
	f.show(changed)
}

// show writes the present state of guests into the inventory. It is called with changes locked.
func (f *Fleet) show(guests []*Guest) {
	elapsed := f.Clock.elapsedSeconds()
	touched := map[*Host]bool{}
	for _, g := range guests {
		state := g.stateAt(elapsed)
		if state.Deleted {
			continue
		}
		if state.Host != g.shownOn {
			if g.shownOn != nil {
				touched[g.shownOn] = true
				g.shownOn.release(g)
			}
			state.Host.take(g)
		}
		if in := g.poolFor(state.Host); in != g.shownIn {
			if g.shownIn != nil {
				g.shownIn.release(g)
			}
			in.take(g)
		}
		touched[state.Host] = true
		if g.schedule != nil {
			g.shownStep = g.schedule.at(elapsed).step
		}
		vm := simulator.Map.Get(g.Ref).(*simulator.VirtualMachine)
		simulator.Map.WithLock(g.Ref, func() { g.apply(vm, state) })
	}
	for h := range touched {
		h.update()
	}
	if len(touched) > 0 {
		f.updatePools()
	}
}

// bootID stays the same until a reboot.
func (f *Fleet) bootID(g *Guest, state State) string {
	if state.boots == 0 {
		return f.fixedUUID("boot", g.Index)
	}
	return f.fixedUUID(fmt.Sprintf("boot/%d", state.boots), g.Index)
}

// PrepareTree has the guest's files show its present state, but not under a program that is reading.
func (f *Fleet) PrepareTree(g *Guest, state State) error {
	if g.Programs.Running() > 0 {
		return nil
	}
	if err := g.Tree.Build(guest.Inside{Capture: state.Capture, BootID: f.bootID(g, state)}); err != nil {
		return err
	}
	if g.schedule == nil {
		return nil
	}
	return g.Tree.WriteUptime(f.Clock.elapsedSeconds(), state.bootedAt)
}
