package inventory

import (
	"errors"
	"fmt"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"ballast/lab/plan"
)

// pool is one resource pool of the inventory.
type pool struct {
	entity  mo.Entity        // what is registered
	object  *mo.ResourcePool // its properties
	root    *pool            // the pool of the whole cluster; itself, if it is one
	parent  *pool            // nil for a root
	hosts   []*Host          // of a root: where its cluster's VMs can run
	folders *folderTree      // of a root: its datacenter's
}

// adoptRoot takes the pool that the model made for a cluster.
func adoptRoot(cluster *simulator.ClusterComputeResource, capacityMiB int64) *pool {
	made := simulator.Map.Get(*cluster.ResourcePool).(*simulator.ResourcePool)
	p := &pool{entity: made, object: &made.ResourcePool}
	p.root = p
	p.allocate(capacityMiB, capacityMiB)
	return p
}

// addPools makes the scenario's pools below those of the clusters.
func (f *Fleet) addPools() {
	for i, plan := range f.Scenario.Pools {
		parent := f.poolsByName[plan.Parent]
		if plan.Parent == "" {
			parent = f.pools[0]
		}
		p := parent.add(plan, fmt.Sprintf("resgroup-%d", 2001+i))
		f.pools = append(f.pools, p)
		f.poolsByName[plan.Name] = p
	}
}

// vApp is the innermost one that the pool is, or is in; nil if there is none, or no pool.
func (p *pool) vApp() *pool {
	for ; p != nil; p = p.parent {
		if p.object.Self.Type == "VirtualApp" {
			return p
		}
	}
	return nil
}

func (parent *pool) add(wanted plan.Pool, id string) *pool {
	p := &pool{root: parent.root, parent: parent}
	made := simulator.NewResourcePool()
	made.Name = EscapedName(wanted.Name)
	made.Owner = parent.object.Owner
	made.Summary = nil // the library's templates share what is behind it
	kind := "ResourcePool"
	if wanted.VApp {
		app := &simulator.VirtualApp{}
		app.ResourcePool = made.ResourcePool
		if parent.vApp() == nil {
			app.ParentFolder = &p.root.folders.find(plan.FolderNames(wanted.Folder)).Self
		}
		p.entity, p.object, kind = app, &app.ResourcePool, "VirtualApp"
	} else {
		p.entity, p.object = made, &made.ResourcePool
	}
	p.object.Self = types.ManagedObjectReference{Type: kind, Value: id}
	simulator.Map.PutEntity(parent.entity, p.entity)
	parent.object.ResourcePool = append(parent.object.ResourcePool, p.object.Self)
	limit := int64(-1)
	if wanted.LimitMiB != nil {
		limit = *wanted.LimitMiB
	}
	p.allocate(wanted.ReservationMiB, limit)
	return p
}

func (p *pool) allocate(reservationMiB, limitMiB int64) {
	p.object.Config.Entity = &p.object.Self
	p.object.Config.MemoryAllocation = types.ResourceAllocationInfo{
		Reservation:           &reservationMiB,
		Limit:                 &limitMiB,
		ExpandableReservation: types.NewBool(true),
		Shares:                &types.SharesInfo{Shares: 163840, Level: types.SharesLevelNormal},
	}
}

// poolFor is where a guest's VM is while it runs on a host.
func (g *Guest) poolFor(h *Host) *pool {
	if g.pool != nil {
		return g.pool
	}
	return h.root
}

// place decides on which host the i-th VM begins, and in which pool it stays.
func (f *Fleet) place(g *Guest, i int) (*Host, error) {
	hosts := f.Hosts
	if g.Group.Pool != "" {
		g.pool = f.poolsByName[g.Group.Pool]
		hosts = g.pool.root.hosts
	}
	if g.schedule == nil {
		return hosts[i%len(hosts)], nil
	}
	if err := g.schedule.placeOn(f.Hosts); err != nil {
		return nil, err
	}
	for _, step := range g.schedule.steps {
		if g.pool != nil && step.host != nil && step.host.root != g.pool.root {
			return nil, errors.New("its pool is of another cluster than " + step.hostName)
		}
	}
	return hosts[i%len(hosts)], nil
}

func (p *pool) take(g *Guest) {
	g.shownIn = p
	simulator.Map.WithLock(p.object.Self, func() { p.object.Vm = append(p.object.Vm, g.Ref) })
}

func (p *pool) release(g *Guest) {
	simulator.Map.WithLock(p.object.Self, func() { p.object.Vm = without(p.object.Vm, g.Ref) })
}

// without gives a new list, since others may still read the old one.
func without(refs []types.ManagedObjectReference, gone types.ManagedObjectReference) []types.ManagedObjectReference {
	var left []types.ManagedObjectReference
	for _, ref := range refs {
		if ref != gone {
			left = append(left, ref)
		}
	}
	return left
}

// updatePools adds up what the VMs in each pool, and in those below it, use. vCenter gives bytes.
func (f *Fleet) updatePools() {
	used := map[*pool]int64{}
	for _, g := range f.Guests {
		for p := g.shownIn; p != nil; p = p.parent {
			used[p] += int64(g.shownMiB) << 20
		}
	}
	for _, p := range f.pools {
		simulator.Map.WithLock(p.object.Self, func() { p.object.Runtime.Memory.OverallUsage = used[p] })
	}
}
