package inventory

import (
	"fmt"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"ballast/lab/plan"
)

// Host is one ESXi host of the inventory.
type Host struct {
	Name       string
	FileServer string // where the files of its guests come from, "127.0.1.1:443"; "": from the vCenter

	system *simulator.HostSystem
	root   *pool // of its cluster
	guests []*Guest
}

// adoptHosts names what the model made and takes note of it, cluster by cluster.
func (f *Fleet) adoptHosts(thumbprint string) {
	found := map[string]mo.Reference{}
	for _, kind := range []string{"Datacenter", "ClusterComputeResource"} {
		for _, entity := range simulator.Map.All(kind) {
			found[entity.Entity().Name] = entity
		}
	}
	for d := 0; d < f.Scenario.Datacenters; d++ {
		datacenter := found[fmt.Sprintf("DC%d", d)].(*simulator.Datacenter)
		datacenter.Name = plan.DatacenterName(d)
		folders := newFolderTree(d, datacenter)
		for c := 0; c < f.Scenario.Clusters; c++ {
			cluster := found[fmt.Sprintf("DC%d_C%d", d, c)].(*simulator.ClusterComputeResource)
			f.adoptCluster(cluster, folders, thumbprint)
		}
	}
}

func (f *Fleet) adoptCluster(cluster *simulator.ClusterComputeResource, folders *folderTree, thumbprint string) {
	cluster.Name = plan.ClusterName(len(f.pools))
	root := adoptRoot(cluster, f.Scenario.HostMemoryGiB<<10*int64(f.Scenario.HostsPerCluster))
	root.folders = folders
	f.pools = append(f.pools, root)
	f.poolsByName[cluster.Name] = root
	for _, ref := range cluster.Host {
		h := &Host{
			Name:   plan.HostName(len(f.Hosts)),
			system: simulator.Map.Get(ref).(*simulator.HostSystem),
			root:   root,
		}
		h.describe(f.Scenario.HostMemoryGiB, thumbprint)
		f.Hosts = append(f.Hosts, h)
		root.hosts = append(root.hosts, h)
	}
}

func (h *Host) describe(memoryGiB int64, thumbprint string) {
	bytes := memoryGiB << 30
	h.system.Name = h.Name
	h.system.Summary.Config.Name = h.Name
	h.system.Summary.Config.SslThumbprint = thumbprint
	h.system.Summary.Hardware.MemorySize = bytes
	h.system.Hardware.MemorySize = bytes
	h.system.Summary.QuickStats.Uptime = 40 * secondsPerDay
}

// update adds up what the host's VMs use.
func (h *Host) update() {
	const hypervisorMiB = 1536
	used := int32(hypervisorMiB)
	for _, g := range h.guests {
		used += g.shownMiB
	}
	if size := int32(h.system.Hardware.MemorySize >> 20); used > size {
		used = size
	}
	simulator.Map.WithLock(h.system.Self, func() {
		h.system.Summary.QuickStats.OverallMemoryUsage = used
		h.system.Summary.QuickStats.OverallCpuUsage = int32(220 * len(h.guests))
	})
}

func (h *Host) take(g *Guest) {
	g.shownOn = h
	h.guests = append(h.guests, g)
	simulator.Map.WithLock(h.system.Self, func() { h.system.Vm = append(h.system.Vm, g.Ref) })
}

func (h *Host) release(g *Guest) {
	var left []*Guest
	for _, other := range h.guests {
		if other != g {
			left = append(left, other)
		}
	}
	h.guests = left
	simulator.Map.WithLock(h.system.Self, func() { h.system.Vm = without(h.system.Vm, g.Ref) })
}

// SetThumbprint is for a host that has a certificate of its own.
func (h *Host) SetThumbprint(thumbprint string) { h.system.Summary.Config.SslThumbprint = thumbprint }

// SetAddress is for a host that answers at an address of its own.
func (h *Host) SetAddress(address string) {
	config := types.HostConfigInfo{}
	if h.system.Config != nil {
		config = *h.system.Config
	}
	config.Network = &types.HostNetworkInfo{Vnic: []types.HostVirtualNic{
		{Device: "vmk1", Spec: types.HostVirtualNicSpec{Ip: &types.HostIpConfig{IpAddress: "192.0.2.1"}}},
		{Device: "vmk0", Spec: types.HostVirtualNicSpec{Ip: &types.HostIpConfig{IpAddress: address}}},
	}}
	h.system.Config = &config
}

// Ref is the host's managed object.
func (h *Host) Ref() types.ManagedObjectReference { return h.system.Self }
