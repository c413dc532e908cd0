package main

import (
	"fmt"

	"github.com/vmware/govmomi/simulator"
)

// plannedChange happens when the guest has seen so many operations.
type plannedChange struct {
	due    int64
	change GuestChange
}

// order makes a change to a guest, or plans it.
func (f *fleet) order(g *guest, change GuestChange) error {
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
func (f *fleet) checkChange(g *guest, change GuestChange) error {
	if change.AfterOperations < 0 || change.Busy < 0 {
		return fmt.Errorf("after_operations and busy cannot be negative")
	}
	if g.schedule != nil && (change.Capture != nil || change.BalloonMiB != nil || change.Host != nil) {
		return fmt.Errorf("the capture, the balloon and the host of %q follow its schedule", g.name)
	}
	state := guestState{}
	return f.applyChange(g, change, &state)
}

// changeGuest makes a change that was checked.
func (f *fleet) changeGuest(g *guest, change GuestChange) error {
	f.changes.Lock()
	defer f.changes.Unlock()
	g.mu.Lock()
	state := g.state
	g.mu.Unlock()
	if err := f.applyChange(g, change, &state); err != nil {
		return err
	}
	deleting := state.deleted && !g.current().deleted
	g.mu.Lock()
	if before := g.state.reportedBalloonMiB(); before != state.reportedBalloonMiB() {
		g.past = append(g.past, pastBalloon{f.clock.elapsedSeconds(), before})
	}
	g.state = state
	g.busy += change.Busy
	g.mu.Unlock()
	if deleting {
		f.takeOut(g)
	} else if !state.deleted {
		f.show([]*guest{g})
	}
	return nil
}

func (f *fleet) applyChange(g *guest, change GuestChange, state *guestState) error {
	for _, word := range []struct {
		key     string
		wanted  *string
		current *string
		allowed []string
	}{
		{"behaviour", change.Behaviour, &state.behaviour, behaviourWords},
		{"power", change.Power, &state.power, powerWords},
		{"tools", change.Tools, &state.tools, toolsWords},
	} {
		if word.wanted == nil {
			continue
		}
		if err := oneOf(word.key, *word.wanted, word.allowed); err != nil {
			return err
		}
		*word.current = *word.wanted
	}
	if change.Capture != nil {
		found, err := f.captures.find(*change.Capture)
		if err != nil {
			return err
		}
		state.capture, state.balloonMiB = found, nil
	}
	if change.BalloonMiB != nil {
		state.balloonMiB = change.BalloonMiB
	}
	if change.Host != nil {
		target, err := f.findHost(g, *change.Host)
		if err != nil {
			return err
		}
		state.host = target
	}
	state.deleted = state.deleted || change.Deleted
	return nil
}

// findHost finds a host that a guest's VM can move to.
func (f *fleet) findHost(g *guest, name string) (*host, error) {
	for _, h := range f.hosts {
		if h.name != name {
			continue
		}
		if g.pool != nil && h.root != g.pool.root {
			return nil, fmt.Errorf("the pool of %q is of another cluster than %s", g.name, name)
		}
		return h, nil
	}
	return nil, fmt.Errorf("no host has the name %q", name)
}

// takeOut removes a VM from the inventory, as from the disk. It is called with changes locked.
func (f *fleet) takeOut(g *guest) {
	g.shownOn.release(g)
	g.shownIn.release(g)
	g.shownIn, g.shownMiB = nil, 0
	folder := g.folder
	simulator.Map.WithLock(folder.Self, func() { folder.ChildEntity = without(folder.ChildEntity, g.ref) })
	simulator.Map.Remove(g.ref)
	g.shownOn.update()
	f.updatePools()
	g.programs.killAll()
}

// planChanges takes up what the groups say, once there are hosts.
func (f *fleet) planChanges() error {
	for _, g := range f.guests {
		for _, change := range g.group.Change {
			if err := f.checkChange(g, change); err != nil {
				return fmt.Errorf("%s: change: %w", g.name, err)
			}
			g.planned = append(g.planned, plannedChange{change.AfterOperations, change})
		}
	}
	return nil
}

// countOperation counts a guest operation, after the changes that are due at it.
func (f *fleet) countOperation(g *guest) error {
	g.mu.Lock()
	var due []GuestChange
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

// takeBusy says whether an operation finds another one under way.
func (g *guest) takeBusy() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.busy == 0 {
		return false
	}
	g.busy--
	return true
}
