package main

import (
	"fmt"
	"strings"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// fleet is all that there is in the inventory, at the lab's present time.
type fleet struct {
	scenario *Scenario
	clock    *labClock
	captures *captureStore
	trees    *treeMaker
	changes  sync.Mutex // one change to the fleet at a time; guards captures and what hosts run

	hosts       []*host
	pools       []*pool          // those of the clusters first
	poolsByName map[string]*pool // a cluster's name stands for its own
	guests      []*guest         // in the order of the scenario
	byRef       map[string]*guest
}

// newFleet makes the guests that a scenario asks for, not yet in any inventory.
func newFleet(scenario *Scenario, captures *captureStore, trees *treeMaker) (*fleet, error) {
	f := &fleet{
		scenario:    scenario,
		clock:       newLabClock(scenario.Clock),
		captures:    captures,
		trees:       trees,
		poolsByName: map[string]*pool{},
		byRef:       map[string]*guest{},
	}
	trees.ticking = f.clock.simulated
	return f, f.planGuests()
}

// create makes the simulator's model: one datacenter, its clusters and hosts, the VMs. It
// gives what answers for it. VMs go into the registry directly: creating them through
// the API takes a hundred times as long and leaves files.
func (f *fleet) create(hostThumbprint string) (*simulator.Model, error) {
	model := simulator.VPX()
	model.Cluster, model.ClusterHost = f.scenario.Clusters, f.scenario.HostsPerCluster
	model.Host, model.Machine, model.Datastore, model.Portgroup = 0, 0, 0, 0
	f.describeServer(&model.ServiceContent.About)
	if err := model.Create(); err != nil {
		return nil, err
	}
	datacenter := simulator.Map.Any("Datacenter").(*simulator.Datacenter)
	datacenter.Name = "lab-dc"
	f.adoptHosts(hostThumbprint)
	f.addPools()
	folders := newFolderTree(simulator.Map.Get(datacenter.VmFolder).(*simulator.Folder))
	for i, g := range f.guests {
		h, err := f.place(g, i)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", g.name, err)
		}
		addVM(folders.find(g.group.folderNames()), h, g)
	}
	if err := f.planChanges(); err != nil {
		return nil, err
	}
	f.show(f.guests)
	for _, h := range f.hosts {
		h.update() // those without VMs too
	}
	return model, nil
}

func (f *fleet) describeServer(about *types.AboutInfo) {
	about.ApiVersion = f.scenario.VCenter.APIVersion
	parts := strings.Split(about.ApiVersion, ".")
	if len(parts) > 3 {
		parts = parts[:3]
	}
	about.Version = strings.Join(parts, ".")
	about.Build = "21477706"
	about.FullName = fmt.Sprintf("VMware vCenter Server %s build-%s (lab)", about.Version, about.Build)
	about.InstanceUuid = f.fixedUUID("vcenter", 0)
}

func addVM(folder *simulator.Folder, h *host, g *guest) {
	g.state.host = h
	g.folder = folder
	vm := &simulator.VirtualMachine{}
	vm.Self = g.ref
	vm.Parent = &folder.Self
	g.describe(vm)
	simulator.Map.Put(vm)
	folder.ChildEntity = append(folder.ChildEntity, g.ref)
}

// find gives the guest with a name, which must be the only one, or with a moref.
func (f *fleet) find(name, moref string) (*guest, error) {
	var found *guest
	for _, g := range f.guests {
		if g.ref.Value != moref && (name == "" || g.name != name) {
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

func (f *fleet) planGuests() error {
	for i := range f.scenario.Guests {
		group := &f.scenario.Guests[i]
		for n := 0; n < group.Count; n++ {
			g, err := f.newGuest(group, n)
			if err != nil {
				return fmt.Errorf("guests[%d] %q: %w", i, group.Name, err)
			}
			f.guests = append(f.guests, g)
			f.byRef[g.ref.Value] = g
		}
	}
	return nil
}

// guestOf gives the guest of a VM, also of one that was deleted.
func (f *fleet) guestOf(vm types.ManagedObjectReference) (*guest, bool) {
	g, ok := f.byRef[vm.Value]
	return g, ok && vm.Type == "VirtualMachine"
}

// killPrograms ends every program in every guest, for good.
func (f *fleet) killPrograms() {
	for _, g := range f.guests {
		g.programs.killAll()
	}
}

func (f *fleet) runningPrograms() int {
	running := 0
	for _, g := range f.guests {
		running += g.programs.running()
	}
	return running
}
