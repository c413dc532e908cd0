package main

import (
	"fmt"
	"math/rand"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

const secondsPerDay = 24 * 60 * 60

// describe fills the VM's properties: first what stays, then what apply may change later.
func (g *guest) describe(vm *simulator.VirtualMachine) {
	vm.Name = g.name
	vm.Config = &types.VirtualMachineConfigInfo{
		Name:         g.name,
		Uuid:         g.biosUUID,
		InstanceUuid: g.instanceUUID,
		GuestId:      g.guestID,
		Version:      "vmx-19",
		Modified:     time.Unix(1_700_000_000, 0).UTC(),
		Hardware:     types.VirtualHardware{NumCPU: 2, NumCoresPerSocket: 1, MemoryMB: g.memoryMiB},
	}
	vm.ResourceConfig = g.resources()
	vm.Summary.Vm = &g.ref
	vm.Summary.OverallStatus = types.ManagedEntityStatusGreen
	vm.Summary.Config = types.VirtualMachineConfigSummary{
		Name:         g.name,
		MemorySizeMB: g.memoryMiB,
		NumCpu:       2,
		Uuid:         g.biosUUID,
		InstanceUuid: g.instanceUUID,
		GuestId:      g.guestID,
	}
}

// limitMiB is -1 if there is none.
func (g *guest) limitMiB() int64 {
	if g.group.LimitMiB == nil {
		return -1
	}
	return *g.group.LimitMiB
}

func (g *guest) resources() *types.ResourceConfigSpec {
	limit := g.limitMiB()
	none, unlimited := int64(0), int64(-1)
	return &types.ResourceConfigSpec{
		Entity: &g.ref,
		CpuAllocation: types.ResourceAllocationInfo{
			Reservation: &none,
			Limit:       &unlimited,
			Shares:      &types.SharesInfo{Shares: 2000, Level: types.SharesLevelNormal},
		},
		MemoryAllocation: types.ResourceAllocationInfo{
			Reservation: &g.group.ReservationMiB,
			Limit:       &limit,
			Shares:      &types.SharesInfo{Shares: 10 * g.memoryMiB, Level: types.SharesLevelNormal},
		},
	}
}

func (g *guest) apply(vm *simulator.VirtualMachine, state guestState) {
	vm.ResourcePool = &g.poolFor(state.host).object.Self
	vm.Runtime = types.VirtualMachineRuntimeInfo{
		Host:            &state.host.system.Self,
		PowerState:      powerStates[state.power],
		ConnectionState: types.VirtualMachineConnectionState(g.group.Connection),
	}
	vm.Guest = g.guestInfo(state)
	vm.Summary.Runtime = vm.Runtime
	vm.Summary.QuickStats = g.figures(state)
	g.shownMiB = vm.Summary.QuickStats.HostMemoryUsage
	vm.GuestHeartbeatStatus = vm.Summary.QuickStats.GuestHeartbeatStatus
}

var powerStates = map[string]types.VirtualMachinePowerState{
	"on":        types.VirtualMachinePowerStatePoweredOn,
	"off":       types.VirtualMachinePowerStatePoweredOff,
	"suspended": types.VirtualMachinePowerStateSuspended,
}

func (s *guestState) toolsRun() bool { return s.power == "on" && s.tools == "running" }

func (g *guest) guestInfo(state guestState) *types.GuestInfo {
	info := &types.GuestInfo{
		ToolsStatus:        types.VirtualMachineToolsStatusToolsNotRunning,
		ToolsRunningStatus: string(types.VirtualMachineToolsRunningStatusGuestToolsNotRunning),
		GuestFamily:        g.guestFamily,
		GuestState:         string(types.VirtualMachineGuestStateNotRunning),
	}
	if g.guestFamily != "" {
		info.GuestId = g.guestID
	}
	ready := state.toolsRun() && state.behaviour != "operations_unavailable"
	if state.toolsRun() {
		info.ToolsStatus = types.VirtualMachineToolsStatusToolsOk
		info.ToolsRunningStatus = string(types.VirtualMachineToolsRunningStatusGuestToolsRunning)
		info.GuestState = string(types.VirtualMachineGuestStateRunning)
		info.HostName = g.name
		info.IpAddress = fmt.Sprintf("10.%d.%d.%d", g.index>>16&255, g.index>>8&255, g.index&255)
	}
	if state.behaviour != "unset_ready" {
		info.GuestOperationsReady = &ready
	}
	return info
}

// figures are quick stats that fit the VM: a guest that has touched most of its memory once, of
// which the balloon has taken its part back.
func (g *guest) figures(state guestState) types.VirtualMachineQuickStats {
	if state.power != "on" {
		return types.VirtualMachineQuickStats{
			GuestHeartbeatStatus: types.ManagedEntityStatusGray,
			FtLatencyStatus:      types.ManagedEntityStatusGray,
		}
	}
	dice := rand.New(rand.NewSource(int64(g.index) + 1))
	balloon := state.reportedBalloonMiB()
	overhead := 24 + g.memoryMiB/64
	granted := g.memoryMiB * (60 + dice.Int31n(36)) / 100
	if balloon > 0 || granted > g.memoryMiB-balloon {
		granted = g.memoryMiB - balloon
	}
	if granted < 0 {
		granted = 0
	}
	shared := granted / (12 + dice.Int31n(20))
	active := granted * (4 + dice.Int31n(20)) / 100
	heartbeat := types.ManagedEntityStatusGreen
	if !state.toolsRun() {
		heartbeat = types.ManagedEntityStatusGray
	}
	return types.VirtualMachineQuickStats{
		OverallCpuUsage:              20 + dice.Int31n(600),
		OverallCpuDemand:             20 + dice.Int31n(600),
		GuestMemoryUsage:             active,
		HostMemoryUsage:              granted - shared + overhead,
		GuestHeartbeatStatus:         heartbeat,
		DistributedMemoryEntitlement: granted,
		StaticMemoryEntitlement:      g.memoryMiB,
		GrantedMemory:                granted,
		PrivateMemory:                granted - shared,
		SharedMemory:                 shared,
		BalloonedMemory:              balloon,
		ConsumedOverheadMemory:       overhead,
		FtLogBandwidth:               -1,
		FtSecondaryLatency:           -1,
		FtLatencyStatus:              types.ManagedEntityStatusGray,
		// For longer than the system in it, which was rebooted since.
		UptimeSeconds: secondsPerDay + dice.Int31n(300*secondsPerDay) + g.clock.gained(),
	}
}
