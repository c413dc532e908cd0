package main

import (
	"fmt"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// host is one ESXi host of the inventory.
type host struct {
	system *simulator.HostSystem
	root   *pool // of its cluster
	name   string
	part   *hostPart // nil: its files come from the vCenter
	guests []*guest
}

// createInventory makes the simulator's model: one datacenter, its clusters and hosts, the VMs. It
// gives the service that answers for it. VMs go into the registry directly: creating them through
// the API takes a hundred times as long and leaves files.
func (l *lab) createInventory(hostThumbprint string) (*simulator.Service, error) {
	model := simulator.VPX()
	model.Cluster, model.ClusterHost = l.scenario.Clusters, l.scenario.HostsPerCluster
	model.Host, model.Machine, model.Datastore, model.Portgroup = 0, 0, 0, 0
	l.describeServer(&model.ServiceContent.About)
	if err := model.Create(); err != nil {
		return nil, err
	}
	datacenter := simulator.Map.Any("Datacenter").(*simulator.Datacenter)
	datacenter.Name = "lab-dc"
	l.adoptHosts(hostThumbprint)
	l.addPools()
	folders := newFolderTree(simulator.Map.Get(datacenter.VmFolder).(*simulator.Folder))
	for i, g := range l.guests {
		h, err := l.place(g, i)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", g.name, err)
		}
		addVM(folders.find(g.group.folderNames()), h, g)
	}
	if err := l.planChanges(); err != nil {
		return nil, err
	}
	l.show(l.guests)
	for _, h := range l.hosts {
		h.update() // those without VMs too
	}
	l.replaceManagers(model.ServiceContent)
	return model.Service, nil
}

func (l *lab) describeServer(about *types.AboutInfo) {
	about.ApiVersion = l.scenario.VCenter.APIVersion
	parts := strings.Split(about.ApiVersion, ".")
	if len(parts) > 3 {
		parts = parts[:3]
	}
	about.Version = strings.Join(parts, ".")
	about.Build = "21477706"
	about.FullName = fmt.Sprintf("VMware vCenter Server %s build-%s (lab)", about.Version, about.Build)
	about.InstanceUuid = l.fixedUUID("vcenter", 0)
}

// adoptHosts names what the model made and takes note of it, cluster by cluster.
func (l *lab) adoptHosts(thumbprint string) {
	clusters := map[string]*simulator.ClusterComputeResource{}
	for _, entity := range simulator.Map.All("ClusterComputeResource") {
		cluster := entity.(*simulator.ClusterComputeResource)
		clusters[cluster.Name] = cluster
	}
	for c := 0; c < l.scenario.Clusters; c++ {
		cluster := clusters[fmt.Sprintf("DC0_C%d", c)]
		cluster.Name = clusterName(c)
		root := adoptRoot(cluster, l.scenario.HostMemoryGiB<<10*int64(l.scenario.HostsPerCluster))
		l.pools = append(l.pools, root)
		l.poolsByName[cluster.Name] = root
		for _, ref := range cluster.Host {
			h := &host{
				system: simulator.Map.Get(ref).(*simulator.HostSystem),
				root:   root,
				name:   hostName(len(l.hosts)),
			}
			h.describe(l.scenario.HostMemoryGiB, thumbprint)
			l.hosts = append(l.hosts, h)
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

func hostName(index int) string { return fmt.Sprintf("esx-%02d.lab.example", index+1) }
