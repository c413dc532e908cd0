package main

import (
	"fmt"
	"sync"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// guest is one VM: what never changes, and its state, which the control endpoint may change.
type guest struct {
	index        int
	ref          types.ManagedObjectReference
	name         string
	group        *GuestGroup
	instanceUUID string
	biosUUID     string
	guestFamily  string
	guestID      string
	memoryMiB    int32
	latencyMS    int
	login        Login
	clock        *labClock
	pool         *pool     // nil: that of its host's cluster
	schedule     *schedule // nil: what is true of the guest changes only when somebody changes it
	tree         *guestTree
	programs     *programTable

	// What the inventory shows; guarded by the lab's changes.
	shownOn   *host
	shownIn   *pool
	shownMiB  int32 // the host's memory it uses
	shownStep *plannedStep

	folder *simulator.Folder

	mu         sync.Mutex
	state      guestState
	past       []pastBalloon // before changes by hand
	planned    []plannedChange
	operations int64            // guest operations so far
	busy       int              // how many of the next find another under way
	refused    map[string]int64 // logins, by user name
}

// pastBalloon is what vCenter reported until a time, in seconds since the scenario's start.
type pastBalloon struct {
	until int64
	mib   int32
}

// guestState is what can change at run time.
type guestState struct {
	balloonMiB *int32   // nil: the capture's
	capture    *capture // nil: a guest whose inside is not simulated
	host       *host
	boots      int64 // reboots by the schedule
	bootedAt   int64 // the newest of them, in seconds since the scenario's start
	behaviour  string
	power      string
	tools      string
	deleted    bool
}

// reportedBalloonMiB is what vCenter says.
func (s *guestState) reportedBalloonMiB() int32 {
	switch {
	case s.power != "on":
		return 0
	case s.balloonMiB != nil:
		return *s.balloonMiB
	case s.capture != nil:
		return int32(s.capture.balloonKiB / 1024)
	default:
		return 0
	}
}

func (g *guest) current() guestState { return g.stateAt(g.clock.elapsedSeconds()) }

// stateAt is what holds at a time since the scenario's start: as set by hand, and by the schedule.
func (g *guest) stateAt(elapsed int64) guestState {
	g.mu.Lock()
	state := g.state
	g.mu.Unlock()
	if g.schedule == nil {
		return state
	}
	m := g.schedule.at(elapsed)
	state.boots, state.bootedAt = m.boots, m.bootedAt
	if m.step == nil {
		return state
	}
	state.capture, state.balloonMiB = m.step.capture, m.step.balloonMiB
	if m.step.host != nil {
		state.host = m.step.host
	}
	return state
}

// newGuest makes the n-th guest of a group.
func (f *fleet) newGuest(group *GuestGroup, n int) (*guest, error) {
	index := len(f.guests)
	g := &guest{
		index:        index,
		ref:          types.ManagedObjectReference{Type: "VirtualMachine", Value: fmt.Sprintf("vm-%d", 1001+index)},
		name:         group.vmName(n),
		group:        group,
		instanceUUID: f.fixedUUID("instance", index),
		biosUUID:     f.fixedUUID("bios", index),
		guestFamily:  valueOr(group.GuestFamily, "linuxGuest"),
		latencyMS:    f.scenario.LatencyMS,
		login:        f.scenario.GuestLogin,
		clock:        f.clock,
		programs:     newProgramTable(index),
		refused:      map[string]int64{},
		state: guestState{
			balloonMiB: group.BalloonMiB,
			behaviour:  group.Behaviour,
			power:      group.Power,
			tools:      group.Tools,
		},
	}
	if group.LatencyMS != nil {
		g.latencyMS = *group.LatencyMS
	}
	if group.Login != nil {
		g.login = *group.Login
	}
	g.guestID = valueOr(group.GuestID, defaultGuestIDs[g.guestFamily])
	if err := f.planInside(g, n); err != nil {
		return nil, err
	}
	g.memoryMiB = g.configuredMemory()
	g.tree = f.trees.plan(g.name, g.ref.Value, index, group.RootLogin == nil || *group.RootLogin)
	return g, nil
}

// planInside finds the captures that the n-th guest of its group shows, now and by its schedule.
func (f *fleet) planInside(g *guest, n int) error {
	names := g.group.Capture
	if len(names) == 0 && len(g.group.Schedule) > 0 {
		names = stringList{g.group.Schedule[0].Capture}
	}
	if len(names) == 0 {
		return nil
	}
	var err error
	if g.state.capture, err = f.captures.find(names[n%len(names)]); err != nil {
		return err
	}
	if len(g.group.Schedule) > 0 {
		start := plannedStep{capture: g.state.capture, balloonMiB: g.state.balloonMiB}
		g.schedule, err = f.newSchedule(g.group, n, start)
	}
	return err
}

var defaultGuestIDs = map[string]string{
	"linuxGuest":   "debian11_64Guest",
	"windowsGuest": "windows2019srv_64Guest",
}

func (g *guest) configuredMemory() int32 {
	switch {
	case g.group.MemoryMiB != nil:
		return *g.group.MemoryMiB
	case g.state.capture != nil:
		return g.state.capture.ramMiB
	default:
		return 4096
	}
}

// fixedUUID is the same in every run with the same seed.
func (f *fleet) fixedUUID(kind string, index int) string {
	name := fmt.Sprintf("lab/%d/%s/%d", f.scenario.Seed, kind, index)
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(name)).String()
}

func valueOr(value *string, otherwise string) string {
	if value != nil {
		return *value
	}
	return otherwise
}

// refuse counts a login that was not good.
func (g *guest) refuse(user string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refused[user]++
}

// addRefusedLogins adds to a count by VM and user name.
func (g *guest) addRefusedLogins(all map[string]map[string]int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for user, n := range g.refused {
		if all[g.name] == nil {
			all[g.name] = map[string]int64{}
		}
		all[g.name][user] += n
	}
}

// balloonKB is what vCenter reported at a time since the scenario's start.
func (g *guest) balloonKB(at int64) int64 {
	state := g.stateAt(at)
	mib := state.reportedBalloonMiB()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, before := range g.past {
		if at < before.until {
			mib = before.mib
			break
		}
	}
	return int64(mib) * kibPerMiB
}
