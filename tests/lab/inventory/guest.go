package inventory

import (
	"fmt"
	"sync"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"

	"ballast/lab/guest"
	"ballast/lab/plan"
)

// Guest is one VM: what never changes, and its state, which the control endpoint may change.
type Guest struct {
	Index     int // from 0, in the order of the scenario
	Ref       types.ManagedObjectReference
	Name      string
	Group     *plan.GuestGroup
	LatencyMS int
	Login     plan.Login
	Clock     *Clock
	Tree      *guest.Tree
	Programs  *guest.Programs

	instanceUUID string
	biosUUID     string
	guestFamily  string
	guestID      string
	memoryMiB    int32
	pool         *pool     // nil: that of its host's cluster
	schedule     *schedule // nil: what is true of the guest changes only when somebody changes it

	// What the inventory shows; guarded by the fleet's changes.
	shownOn   *Host
	shownIn   *pool
	shownMiB  int32 // the host's memory it uses
	shownStep *plannedStep

	folder *simulator.Folder // nil in a vApp

	mu         sync.Mutex
	state      State
	past       []pastBalloon // before changes by hand
	planned    []plannedChange
	operations int64            // guest operations so far
	busy       int              // how many of the next find another under way
	tried      map[string]int64 // logins, by user name
	refused    map[string]int64 // those that were not good
}

// pastBalloon is what vCenter reported until a time, in seconds since the scenario's start.
type pastBalloon struct {
	until int64
	mib   int32
}

// State is what can change at run time.
type State struct {
	Capture   *guest.Capture // nil: a guest whose inside is not simulated
	Host      *Host
	Behaviour string
	Power     string
	Deleted   bool

	tools      string
	balloonMiB *int32 // nil: the capture's
	boots      int64  // reboots by the schedule
	bootedAt   int64  // the newest of them, in seconds since the scenario's start
}

// reportedBalloonMiB is what vCenter says.
func (s *State) reportedBalloonMiB() int32 {
	switch {
	case s.Power != "on":
		return 0
	case s.balloonMiB != nil:
		return *s.balloonMiB
	case s.Capture != nil:
		return int32(s.Capture.BalloonKiB / 1024)
	default:
		return 0
	}
}

// Current is the guest's state at the lab's present time.
func (g *Guest) Current() State { return g.stateAt(g.Clock.elapsedSeconds()) }

// stateAt is what holds at a time since the scenario's start: as set by hand, and by the schedule.
func (g *Guest) stateAt(elapsed int64) State {
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
	state.Capture, state.balloonMiB = m.step.capture, m.step.balloonMiB
	if m.step.host != nil {
		state.Host = m.step.host
	}
	return state
}

// newGuest makes the n-th guest of a group.
func (f *Fleet) newGuest(group *plan.GuestGroup, n int) (*Guest, error) {
	index := len(f.Guests)
	g := &Guest{
		Index:        index,
		Ref:          types.ManagedObjectReference{Type: "VirtualMachine", Value: fmt.Sprintf("vm-%d", 1001+index)},
		Name:         group.VMName(n),
		Group:        group,
		instanceUUID: f.fixedUUID("instance", index),
		biosUUID:     f.fixedUUID("bios", index),
		guestFamily:  valueOr(group.GuestFamily, "linuxGuest"),
		LatencyMS:    f.Scenario.LatencyMS,
		Login:        f.Scenario.GuestLogin,
		Clock:        f.Clock,
		Programs:     guest.NewPrograms(index),
		tried:        map[string]int64{},
		refused:      map[string]int64{},
		state: State{
			balloonMiB: group.BalloonMiB,
			Behaviour:  group.Behaviour,
			Power:      group.Power,
			tools:      group.Tools,
		},
	}
	if group.LatencyMS != nil {
		g.LatencyMS = *group.LatencyMS
	}
	if group.Login != nil {
		g.Login = *group.Login
	}
	if group.InstanceUUID != "" {
		g.instanceUUID = group.InstanceUUID
	}
	g.guestID = valueOr(group.GuestID, defaultGuestIDs[g.guestFamily])
	if err := f.planInside(g, n); err != nil {
		return nil, err
	}
	g.memoryMiB = g.configuredMemory()
	g.Tree = f.Trees.Plan(g.Name, g.Ref.Value, index, group.RootLogin == nil || *group.RootLogin)
	if group.Guestinfo != "absent" {
		return g, g.Tree.AddTools(group.Guestinfo == "refused")
	}
	return g, nil
}

// planInside finds the captures that the n-th guest of its group shows, now and by its schedule.
func (f *Fleet) planInside(g *Guest, n int) error {
	names := g.Group.Capture
	if len(names) == 0 && len(g.Group.Schedule) > 0 {
		names = plan.StringList{g.Group.Schedule[0].Capture}
	}
	if len(names) == 0 {
		return nil
	}
	var err error
	if g.state.Capture, err = f.captures.Find(names[n%len(names)]); err != nil {
		return err
	}
	if len(g.Group.Schedule) > 0 {
		start := plannedStep{capture: g.state.Capture, balloonMiB: g.state.balloonMiB}
		g.schedule, err = f.newSchedule(g.Group, n, start)
	}
	return err
}

var defaultGuestIDs = map[string]string{
	"linuxGuest":   "debian11_64Guest",
	"windowsGuest": "windows2019srv_64Guest",
}

func (g *Guest) configuredMemory() int32 {
	switch {
	case g.Group.MemoryMiB != nil:
		return *g.Group.MemoryMiB
	case g.state.Capture != nil:
		return g.state.Capture.RAMMiB
	default:
		return 4096
	}
}

// fixedUUID is the same in every run with the same seed.
func (f *Fleet) fixedUUID(kind string, index int) string {
	name := fmt.Sprintf("lab/%d/%s/%d", f.Scenario.Seed, kind, index)
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(name)).String()
}

func valueOr(value *string, otherwise string) string {
	if value != nil {
		return *value
	}
	return otherwise
}

// TryLogin counts a login that the server was given for this guest, whatever becomes of it.
func (g *Guest) TryLogin(user string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tried[user]++
}

// Logins is a copy of how often each user name was given.
func (g *Guest) Logins() map[string]int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := map[string]int64{}
	for user, n := range g.tried {
		all[user] = n
	}
	return all
}

// Refuse counts a login that was not good.
func (g *Guest) Refuse(user string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refused[user]++
}

// AddRefusedLogins adds to a count by VM and user name.
func (g *Guest) AddRefusedLogins(all map[string]map[string]int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for user, n := range g.refused {
		if all[g.Name] == nil {
			all[g.Name] = map[string]int64{}
		}
		all[g.Name][user] += n
	}
}

// BalloonKB is what vCenter reported at a time since the scenario's start.
func (g *Guest) BalloonKB(at int64) int64 {
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
