package main

import (
	"fmt"

	"github.com/vmware/govmomi/simulator"
)

// follow brings the inventory to where the schedules are. Whoever reads it calls this first: what
// nobody looks at needs no work.
func (f *fleet) follow() {
	f.changes.Lock()
	defer f.changes.Unlock()
	elapsed := f.clock.elapsedSeconds()
	var changed []*guest
	for _, g := range f.guests {
		if g.schedule != nil && !g.current().deleted && g.schedule.at(elapsed).step != g.shownStep {
			changed = append(changed, g)
		}
	}
	f.show(changed)
}

// show writes the present state of guests into the inventory. It is called with changes locked.
func (f *fleet) show(guests []*guest) {
	elapsed := f.clock.elapsedSeconds()
	touched := map[*host]bool{}
	for _, g := range guests {
		state := g.stateAt(elapsed)
		if state.deleted {
			continue
		}
		if state.host != g.shownOn {
			if g.shownOn != nil {
				touched[g.shownOn] = true
				g.shownOn.release(g)
			}
			state.host.take(g)
		}
		if in := g.poolFor(state.host); in != g.shownIn {
			if g.shownIn != nil {
				g.shownIn.release(g)
			}
			in.take(g)
		}
		touched[state.host] = true
		if g.schedule != nil {
			g.shownStep = g.schedule.at(elapsed).step
		}
		vm := simulator.Map.Get(g.ref).(*simulator.VirtualMachine)
		simulator.Map.WithLock(g.ref, func() { g.apply(vm, state) })
	}
	for h := range touched {
		h.update()
	}
	if len(touched) > 0 {
		f.updatePools()
	}
}

// bootID stays the same until a reboot.
func (f *fleet) bootID(g *guest, state guestState) string {
	if state.boots == 0 {
		return f.fixedUUID("boot", g.index)
	}
	return f.fixedUUID(fmt.Sprintf("boot/%d", state.boots), g.index)
}

// prepareTree has the guest's files show its present state, but not under a program that is reading.
func (f *fleet) prepareTree(g *guest, state guestState) error {
	if g.programs.running() > 0 {
		return nil
	}
	if err := g.tree.build(inside{capture: state.capture, bootID: f.bootID(g, state)}); err != nil {
		return err
	}
	if g.schedule == nil {
		return nil
	}
	return g.tree.writeUptime(f.clock.elapsedSeconds(), state.bootedAt)
}
