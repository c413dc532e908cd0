package inventory

import (
	"fmt"

	"github.com/vmware/govmomi/simulator"

	"ballast/lab/plan"
)

// plannedChange happens when the guest has seen so many operations.
type plannedChange struct {
	due    int64
	change plan.GuestChange
}

// Order makes a change to a guest, or plans it.
func (f *Fleet) Order(g *Guest, change plan.GuestChange) error {
	if err := f.checkChange(g, change); err != nil {
		return err
	}
	if change.AfterOperations == 0 {
		return f.changeGuest(g, change)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.planned = append(g.planned, plannedChange{g.operations + change.AfterOperations, change})
	return nil
}

// checkChange finds what could not be done when its time has come.
func (f *Fleet) checkChange(g *Guest, change plan.GuestChange) error {
	if change.AfterOperations < 0 || change.Busy < 0 {
		return fmt.Errorf("after_operations and busy cannot be negative")
	}
	if g.schedule != nil && (change.Capture != nil || change.BalloonMiB != nil || change.Host != nil) {
		return fmt.Errorf("the capture, the balloon and the host of %q follow its schedule", g.Name)
	}
	state := State{}
	return f.applyChange(g, change, &state)
}

// changeGuest makes a change that was checked.
func (f *Fleet) changeGuest(g *Guest, change plan.GuestChange) error {
	f.changes.Lock()
	defer f.changes.Unlock()
	g.mu.Lock()
	state := g.state
	g.mu.Unlock()
	if err := f.applyChange(g, change, &state); err != nil {
		return err
	}
	if change.Name != nil {
		g.rename(*change.Name)
	}
	for key, text := range change.Guestinfo {
		if err := g.Tree.Tell(key, text); err != nil {
			return err
		}
	}
	deleting := state.Deleted && !g.Current().Deleted
	g.mu.Lock()
	if before := g.state.reportedBalloonMiB(); before != state.reportedBalloonMiB() {
		g.past = append(g.past, pastBalloon{f.Clock.elapsedSeconds(), before})
	}
	g.state = state
	g.busy += change.Busy
	g.mu.Unlock()
	if deleting {
		f.takeOut(g)
	} else if !state.Deleted {
		f.show([]*Guest{g})
	}
	return nil
}

func (f *Fleet) applyChange(g *Guest, change plan.GuestChange, state *State) error {
	for _, word := range []struct {
		key     string
		wanted  *string
		current *string
		allowed []string
	}{
		{"behaviour", change.Behaviour, &state.Behaviour, plan.BehaviourWords},
		{"power", change.Power, &state.Power, plan.PowerWords},
		{"tools", change.Tools, &state.tools, plan.ToolsWords},
	} {
		if word.wanted == nil {
			continue
		}
		if err := plan.OneOf(word.key, *word.wanted, word.allowed); err != nil {
			return err
		}
		*word.current = *word.wanted
	}
	if change.Capture != nil {
		found, err := f.captures.Find(*change.Capture)
		if err != nil {
			return err
		}
		state.Capture, state.balloonMiB = found, nil
	}
	if change.BalloonMiB != nil {
		state.balloonMiB = change.BalloonMiB
	}
	if change.Host != nil {
		target, err := f.findHost(g, *change.Host)
		if err != nil {
			return err
		}
		state.Host = target
	}
	state.Deleted = state.Deleted || change.Deleted
	return nil
}

// rename changes what vCenter calls the VM. The control endpoint goes on with the scenario's name.
func (g *Guest) rename(name string) {
	vm := simulator.Map.Get(g.Ref).(*simulator.VirtualMachine)
	simulator.Map.WithLock(g.Ref, func() {
		vm.Name, vm.Config.Name, vm.Summary.Config.Name = EscapedName(name), name, name
	})
}

// findHost finds a host that a guest's VM can move to.
func (f *Fleet) findHost(g *Guest, name string) (*Host, error) {
	for _, h := range f.Hosts {
		if h.Name != name {
			continue
		}
		if g.pool != nil && h.root != g.pool.root {
			return nil, fmt.Errorf("the pool of %q is of another cluster than %s", g.Name, name)
		}
		return h, nil
	}
	return nil, fmt.Errorf("no host has the name %q", name)
}

// takeOut removes a VM from the inventory, as from the disk. It is called with changes locked.
func (f *Fleet) takeOut(g *Guest) {
	g.shownOn.release(g)
	g.shownIn.release(g)
	g.shownIn, g.shownMiB = nil, 0
	if folder := g.folder; folder != nil {
		simulator.Map.WithLock(folder.Self, func() { folder.ChildEntity = without(folder.ChildEntity, g.Ref) })
	}
	simulator.Map.Remove(g.Ref)
	g.shownOn.update()
	f.updatePools()
	g.Programs.KillAll()
}

// planChanges takes up what the groups say, once there are hosts.
func (f *Fleet) planChanges() error {
	for _, g := range f.Guests {
		for _, change := range g.Group.Change {
			if err := f.checkChange(g, change); err != nil {
				return fmt.Errorf("%s: change: %w", g.Name, err)
			}
			g.planned = append(g.planned, plannedChange{change.AfterOperations, change})
		}
	}
	return nil
}

// CountOperation counts a guest operation, after the changes that are due at it.
func (f *Fleet) CountOperation(g *Guest) error {
	g.mu.Lock()
	var due []plan.GuestChange
	var later []plannedChange
	for _, one := range g.planned {
		if one.due <= g.operations {
			due = append(due, one.change)
		} else {
			later = append(later, one)
		}
	}
	g.planned = later
	g.operations++
	g.mu.Unlock()
	for _, change := range due {
		if err := f.changeGuest(g, change); err != nil {
			return err
		}
	}
	return nil
}

// TakeBusy says whether an operation finds another one under way.
func (g *Guest) TakeBusy() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.busy == 0 {
		return false
	}
	g.busy--
	return true
}
