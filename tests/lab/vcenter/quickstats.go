package vcenter

import "github.com/vmware/govmomi/vim25/types"

// VirtualMachineQuickStats is the type of the same name with its zeros: vCenter writes them, the
// library's own type leaves them out. The name becomes the xsi:type. activeMemory is since 7.0.3.0.
type VirtualMachineQuickStats struct {
	OverallCPUUsage              int32                     `xml:"overallCpuUsage"`
	OverallCPUDemand             int32                     `xml:"overallCpuDemand"`
	OverallCPUReadiness          int32                     `xml:"overallCpuReadiness"`
	GuestMemoryUsage             int32                     `xml:"guestMemoryUsage"`
	HostMemoryUsage              int32                     `xml:"hostMemoryUsage"`
	GuestHeartbeatStatus         types.ManagedEntityStatus `xml:"guestHeartbeatStatus"`
	DistributedCPUEntitlement    int32                     `xml:"distributedCpuEntitlement"`
	DistributedMemoryEntitlement int32                     `xml:"distributedMemoryEntitlement"`
	StaticCPUEntitlement         int32                     `xml:"staticCpuEntitlement"`
	StaticMemoryEntitlement      int32                     `xml:"staticMemoryEntitlement"`
	GrantedMemory                int32                     `xml:"grantedMemory"`
	PrivateMemory                int32                     `xml:"privateMemory"`
	SharedMemory                 int32                     `xml:"sharedMemory"`
	SwappedMemory                int32                     `xml:"swappedMemory"`
	BalloonedMemory              int32                     `xml:"balloonedMemory"`
	ConsumedOverheadMemory       int32                     `xml:"consumedOverheadMemory"`
	FtLogBandwidth               int32                     `xml:"ftLogBandwidth"`
	FtSecondaryLatency           int32                     `xml:"ftSecondaryLatency"`
	FtLatencyStatus              types.ManagedEntityStatus `xml:"ftLatencyStatus"`
	CompressedMemory             int64                     `xml:"compressedMemory"`
	UptimeSeconds                int32                     `xml:"uptimeSeconds"`
	SsdSwappedMemory             int64                     `xml:"ssdSwappedMemory"`
	ActiveMemory                 int32                     `xml:"activeMemory"`
}

// HostListSummaryQuickStats likewise.
type HostListSummaryQuickStats struct {
	OverallCPUUsage           int32 `xml:"overallCpuUsage"`
	OverallMemoryUsage        int32 `xml:"overallMemoryUsage"`
	DistributedCPUFairness    int32 `xml:"distributedCpuFairness"`
	DistributedMemoryFairness int32 `xml:"distributedMemoryFairness"`
	AvailablePMemCapacity     int32 `xml:"availablePMemCapacity"`
	Uptime                    int32 `xml:"uptime"`
}

// writeZeros exchanges the quick stats among the properties for those that keep their zeros.
func writeZeros(objects []types.ObjectContent) {
	for i := range objects {
		properties := objects[i].PropSet
		for j := range properties {
			switch value := properties[j].Val.(type) {
			case types.VirtualMachineQuickStats:
				properties[j].Val = withZeros(value)
			case types.HostListSummaryQuickStats:
				properties[j].Val = HostListSummaryQuickStats{
					OverallCPUUsage:    value.OverallCpuUsage,
					OverallMemoryUsage: value.OverallMemoryUsage,
					Uptime:             value.Uptime,
				}
			}
		}
	}
}

func withZeros(q types.VirtualMachineQuickStats) VirtualMachineQuickStats {
	return VirtualMachineQuickStats{
		OverallCPUUsage:              q.OverallCpuUsage,
		OverallCPUDemand:             q.OverallCpuDemand,
		OverallCPUReadiness:          q.OverallCpuReadiness,
		GuestMemoryUsage:             q.GuestMemoryUsage,
		HostMemoryUsage:              q.HostMemoryUsage,
		GuestHeartbeatStatus:         q.GuestHeartbeatStatus,
		DistributedCPUEntitlement:    q.DistributedCpuEntitlement,
		DistributedMemoryEntitlement: q.DistributedMemoryEntitlement,
		StaticCPUEntitlement:         q.StaticCpuEntitlement,
		StaticMemoryEntitlement:      q.StaticMemoryEntitlement,
		GrantedMemory:                q.GrantedMemory,
		PrivateMemory:                q.PrivateMemory,
		SharedMemory:                 q.SharedMemory,
		SwappedMemory:                q.SwappedMemory,
		BalloonedMemory:              q.BalloonedMemory,
		ConsumedOverheadMemory:       q.ConsumedOverheadMemory,
		FtLogBandwidth:               q.FtLogBandwidth,
		FtSecondaryLatency:           q.FtSecondaryLatency,
		FtLatencyStatus:              q.FtLatencyStatus,
		CompressedMemory:             q.CompressedMemory,
		UptimeSeconds:                q.UptimeSeconds,
		SsdSwappedMemory:             q.SsdSwappedMemory,
		ActiveMemory:                 q.GuestMemoryUsage,
	}
}
