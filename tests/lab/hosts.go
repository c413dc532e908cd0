package main

import (
	"fmt"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// host is one ESXi host of the inventory.
type host struct {
	system *simulator.HostSystem
	root   *pool // of its cluster
	name   string
	guests []*guest

	fileServer string // where the files of its guests come from, "127.0.1.1:443"; "": from the vCenter
}

// adoptHosts names what the model made and takes note of it, cluster by cluster.
func (f *fleet) adoptHosts(thumbprint string) {
	clusters := map[string]*simulator.ClusterComputeResource{}
	for _, entity := range simulator.Map.All("ClusterComputeResource") {
		cluster := entity.(*simulator.ClusterComputeResource)
		clusters[cluster.Name] = cluster
	}
	for c := 0; c < f.scenario.Clusters; c++ {
		cluster := clusters[fmt.Sprintf("DC0_C%d", c)]
		cluster.Name = clusterName(c)
		root := adoptRoot(cluster, f.scenario.HostMemoryGiB<<10*int64(f.scenario.HostsPerCluster))
		f.pools = append(f.pools, root)
		f.poolsByName[cluster.Name] = root
		for _, ref := range cluster.Host {
			h := &host{
				system: simulator.Map.Get(ref).(*simulator.HostSystem),
				root:   root,
				name:   hostName(len(f.hosts)),
			}
			h.describe(f.scenario.HostMemoryGiB, thumbprint)
			f.hosts = append(f.hosts, h)
			root.hosts = append(root.hosts, h)
		}
	}
}

func (h *host) describe(memoryGiB int64, thumbprint string) {
	bytes := memoryGiB << 30
	h.system.Name = h.name
	h.system.Summary.Config.Name = h.name
	h.system.Summary.Config.SslThumbprint = thumbprint
	h.system.Summary.Hardware.MemorySize = bytes
	h.system.Hardware.MemorySize = bytes
	h.system.Summary.QuickStats.Uptime = 40 * secondsPerDay
}

// update adds up what the host's VMs use.
func (h *host) update() {
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

// setThumbprint is for a host that has a certificate of its own.
func (h *host) setThumbprint(thumbprint string) { h.system.Summary.Config.SslThumbprint = thumbprint }

func (h *host) ref() types.ManagedObjectReference { return h.system.Self }
