package inventory

import "time"

// Truth is the answer to GET /truth: what holds at the lab's present time.
type Truth struct {
	Clock time.Time `json:"clock"`
	VMs   []VMTruth `json:"vms"`
}

// VMTruth is what it tells about one VM.
type VMTruth struct {
	Name           string `json:"name"`
	Moref          string `json:"moref"`
	InstanceUUID   string `json:"instance_uuid"`
	Host           string `json:"host"`
	HostMoref      string `json:"host_moref"`
	Pool           string `json:"pool"`
	PoolMoref      string `json:"pool_moref"`
	Folder         string `json:"folder"`
	FolderMoref    string `json:"folder_moref"` // "": in a vApp
	Group          string `json:"group"`
	Capture        string `json:"capture"`
	BootID         string `json:"boot_id"`
	BalloonKiB     int64  `json:"balloon_kib"`     // as vCenter reports it
	HiddenKiB      int64  `json:"hidden_kib"`      // hidden in the guest by something else
	UnaccountedKiB *int64 `json:"unaccounted_kib"` // the balloon in the guest and what is hidden; null: no capture
	MemoryKiB      int64  `json:"memory_kib"`      // as configured
	LimitKiB       int64  `json:"limit_kib"`       // -1: none
	ReservationKiB int64  `json:"reservation_kib"`
	ConsumedKiB    int64  `json:"consumed_kib"` // as the quick stats say, like the next two
	ActiveKiB      int64  `json:"active_kib"`
	SwappedKiB     int64  `json:"swapped_kib"`
	Power          string `json:"power"`
	Tools          string `json:"tools"`
	Behaviour      string `json:"behaviour"`
	GuestFamily    string `json:"guest_family"`
	Tree           string `json:"tree"` // the guest's files on this machine, once it was used
}

// Truth tells what holds of every VM now.
func (f *Fleet) Truth() Truth {
	f.Follow()
	t := Truth{Clock: f.Clock.Now(), VMs: make([]VMTruth, 0, len(f.Guests))}
	for _, g := range f.Guests {
		if !g.Current().Deleted {
			t.VMs = append(t.VMs, f.truthOf(g))
		}
	}
	return t
}

const kibPerMiB = 1024

func (f *Fleet) truthOf(g *Guest) VMTruth {
	state := g.Current()
	figures := g.figures(state)
	in := g.poolFor(state.Host)
	t := VMTruth{
		Name:           g.Name,
		Moref:          g.Ref.Value,
		InstanceUUID:   g.instanceUUID,
		Host:           state.Host.Name,
		HostMoref:      state.Host.system.Self.Value,
		Pool:           in.object.Name,
		PoolMoref:      in.object.Self.Value,
		Folder:         g.Group.Folder,
		Group:          g.Group.Group,
		BootID:         f.bootID(g, state),
		BalloonKiB:     int64(figures.BalloonedMemory) * kibPerMiB,
		MemoryKiB:      int64(g.memoryMiB) * kibPerMiB,
		LimitKiB:       g.limitMiB(),
		ReservationKiB: g.Group.ReservationMiB * kibPerMiB,
		ConsumedKiB:    int64(figures.HostMemoryUsage) * kibPerMiB,
		ActiveKiB:      int64(figures.GuestMemoryUsage) * kibPerMiB,
		SwappedKiB:     int64(figures.SwappedMemory) * kibPerMiB,
		Power:          state.Power,
		Tools:          state.tools,
		Behaviour:      state.Behaviour,
		GuestFamily:    g.guestFamily,
		Tree:           g.Tree.Root,
	}
	if g.folder != nil {
		t.FolderMoref = g.folder.Self.Value
	}
	if t.LimitKiB > 0 {
		t.LimitKiB *= kibPerMiB
	}
	if state.Capture != nil {
		t.Capture = state.Capture.Name
		t.HiddenKiB = state.Capture.HiddenMiB * kibPerMiB
		unaccounted := state.Capture.BalloonKiB + t.HiddenKiB
		t.UnaccountedKiB = &unaccounted
	}
	return t
}
