package main

import (
	"fmt"
	"math"
	"os"

	"github.com/vmware/govmomi/simulator"
)

// follow brings the inventory to where the schedules are. Whoever reads it calls this first: what
// nobody looks at needs no work.
func (l *lab) follow() {
	l.changes.Lock()
	defer l.changes.Unlock()
	elapsed := l.clock.elapsedSeconds()
	var changed []*guest
	for _, g := range l.guests {
		if g.schedule != nil && !g.current().deleted && g.schedule.at(elapsed).step != g.shownStep {
			changed = append(changed, g)
		}
	}
	l.show(changed)
}

// show writes the present state of guests into the inventory. It is called with changes locked.
func (l *lab) show(guests []*guest) {
	elapsed := l.clock.elapsedSeconds()
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
		l.updatePools()
	}
}

func (h *host) take(g *guest) {
	g.shownOn = h
	h.guests = append(h.guests, g)
	simulator.Map.WithLock(h.system.Self, func() { h.system.Vm = append(h.system.Vm, g.ref) })
}

func (h *host) release(g *guest) {
	var left []*guest
	for _, other := range h.guests {
		if other != g {
			left = append(left, other)
		}
	}
	h.guests = left
	simulator.Map.WithLock(h.system.Self, func() { h.system.Vm = without(h.system.Vm, g.ref) })
}

// bootID stays the same until a reboot.
func (l *lab) bootID(g *guest, state guestState) string {
	if state.boots == 0 {
		return l.fixedUUID("boot", g.index)
	}
	return l.fixedUUID(fmt.Sprintf("boot/%d", state.boots), g.index)
}

// prepareTree has the guest's files show its present state, but not under a program that is reading.
func (l *lab) prepareTree(g *guest, state guestState) error {
	if g.programs.running() > 0 {
		return nil
	}
	if err := g.tree.build(inside{state.capture, l.bootID(g, state)}); err != nil {
		return err
	}
	if g.schedule == nil {
		return nil
	}
	return g.tree.writeUptime(l.clock.elapsedSeconds(), state.bootedAt)
}

// writeUptime is for guests with a schedule, in which time passes. One that was never rebooted runs
// for a day when the scenario starts.
func (t *guestTree) writeUptime(elapsed, bootedAt int64) error {
	if bootedAt == math.MinInt64 {
		bootedAt = -secondsPerDay
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	next := t.path("/.uptime")
	text := fmt.Sprintf("%d.00 %d.00\n", elapsed-bootedAt, elapsed-bootedAt)
	if err := os.WriteFile(next, []byte(text), 0o444); err != nil {
		return err
	}
	return os.Rename(next, t.path("/proc/uptime")) // what is there is shared with other guests
}

// tickingShell has date show the lab's time. Busybox runs date by itself, whatever is in /bin.
const tickingShell = `#!/bin/busybox sh
# Runs command lines in which date is as far ahead of this machine's clock as LAB_AHEAD_S says.
if [ "$1" = -c ]; then
  shift
  line=$1
  shift
  set -- -c 'date() { command date -d "@$(($(command date +%s) + ${LAB_AHEAD_S:-0}))" "$@"; }
'"$line" "$@"
fi
exec /bin/busybox sh "$@"
`

func (t *guestTree) makeTickingShell() error {
	shell := t.path("/bin/sh")
	if err := os.Remove(shell); err != nil {
		return err
	}
	return os.WriteFile(shell, []byte(tickingShell), 0o755)
}
