// Package inventory is what there is and how it changes in the course of time: guests, hosts, pools
// and folders, the lab's clock, schedules and changes by hand, and what is true of all of them. Here
// belongs what a VM, a host or a pool is; how clients ask for it is in vcenter.
package inventory

import (
	"fmt"
	"strings"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"

	"ballast/lab/guest"
	"ballast/lab/plan"
)

// Fleet is all that there is in the inventory, at the lab's present time.
type Fleet struct {
	Scenario *plan.Scenario
	Clock    *Clock
	Trees    *guest.TreeMaker
	Hosts    []*Host
	Guests   []*Guest // in the order of the scenario

	changes     sync.Mutex // one change to the fleet at a time; guards captures and what hosts run
	captures    *guest.Captures
	pools       []*pool          // those of the clusters first
	poolsByName map[string]*pool // a cluster's name stands for its own
	byRef       map[string]*Guest
}

// NewFleet makes the guests that a scenario asks for, not yet in any inventory.
func NewFleet(scenario *plan.Scenario, captures *guest.Captures, trees *guest.TreeMaker) (*Fleet, error) {
	f := &Fleet{
		Scenario:    scenario,
		Clock:       newClock(scenario.Clock),
		captures:    captures,
		Trees:       trees,
		poolsByName: map[string]*pool{},
		byRef:       map[string]*Guest{},
	}
	trees.Ticking = f.Clock.simulated
	return f, f.planGuests()
}

// Create makes the simulator's model: datacenters, their clusters and hosts, the VMs. It gives
// what answers for it. VMs go into the registry directly: creating them through the API takes a
// hundred times as long and leaves files.
func (f *Fleet) Create(hostThumbprint string) (*simulator.Model, error) {
	model := simulator.VPX()
	model.Datacenter = f.Scenario.Datacenters
	model.Cluster, model.ClusterHost = f.Scenario.Clusters, f.Scenario.HostsPerCluster
	model.Host, model.Machine, model.Datastore, model.Portgroup = 0, 0, 0, 0
	f.describeServer(&model.ServiceContent.About)
	if err := model.Create(); err != nil {
		return nil, err
	}
	f.adoptHosts(hostThumbprint)
	f.addPools()
	for i, g := range f.Guests {
		h, err := f.place(g, i)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", g.Name, err)
		}
		addVM(h, g)
	}
	if err := f.planChanges(); err != nil {
		return nil, err
	}
	f.show(f.Guests)
	for _, h := range f.Hosts {
		h.update() // those without VMs too
	}
	return model, nil
}

func (f *Fleet) describeServer(about *types.AboutInfo) {
	about.ApiVersion = f.Scenario.VCenter.APIVersion
	parts := strings.Split(about.ApiVersion, ".")
	if len(parts) > 3 {
		parts = parts[:3]
	}
	about.Version = strings.Join(parts, ".")
	about.Build = "21477706"
	about.FullName = fmt.Sprintf("VMware vCenter Server %s build-%s (lab)", about.Version, about.Build)
	about.InstanceUuid = f.fixedUUID("vcenter", 0)
}

// addVM puts a VM into its folder. One in a vApp is in none: the vApp is.
func addVM(h *Host, g *Guest) {
	g.state.Host = h
	vm := &simulator.VirtualMachine{}
	vm.Self = g.Ref
	if app := g.pool.vApp(); app != nil {
		vm.ParentVApp = &app.object.Self
	} else {
		g.folder = h.root.folders.find(g.Group.FolderNames())
		vm.Parent = &g.folder.Self
		g.folder.ChildEntity = append(g.folder.ChildEntity, g.Ref)
	}
	g.describe(vm)
	simulator.Map.Put(vm)
}

// Find gives the guest with a name, which must be the only one, or with a moref.
func (f *Fleet) Find(name, moref string) (*Guest, error) {
	var found *Guest
	for _, g := range f.Guests {
		if g.Ref.Value != moref && (name == "" || g.Name != name) {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("more than one VM is named %q: give its moref", name)
		}
		found = g
	}
	if found == nil {
		return nil, fmt.Errorf("no VM has the name %q or the moref %q", name, moref)
	}
	return found, nil
}

func (f *Fleet) planGuests() error {
	for i := range f.Scenario.Guests {
		group := &f.Scenario.Guests[i]
		for n := 0; n < group.Count; n++ {
			g, err := f.newGuest(group, n)
			if err != nil {
				return fmt.Errorf("guests[%d] %q: %w", i, group.Name, err)
			}
			f.Guests = append(f.Guests, g)
			f.byRef[g.Ref.Value] = g
		}
	}
	return nil
}

// GuestOf gives the guest of a VM, also of one that was deleted.
func (f *Fleet) GuestOf(vm types.ManagedObjectReference) (*Guest, bool) {
	g, ok := f.byRef[vm.Value]
	return g, ok && vm.Type == "VirtualMachine"
}

// KillPrograms ends every program in every guest, for good.
func (f *Fleet) KillPrograms() {
	for _, g := range f.Guests {
		g.Programs.KillAll()
	}
}

// RunningPrograms says how many there are in all guests.
func (f *Fleet) RunningPrograms() int {
	running := 0
	for _, g := range f.Guests {
		running += g.Programs.Running()
	}
	return running
}
