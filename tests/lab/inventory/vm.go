package inventory

import (
	"fmt"
	"math/rand"
	"regexp"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

const secondsPerDay = 24 * 60 * 60

// A \xNN in a scenario's name becomes a byte on the wire later, and is left alone.
var escapedInNames = regexp.MustCompile(`\\x[0-9a-fA-F]{2}|[/\\%]`)

// EscapedName is how vCenter writes the name of anything in its inventory.
func EscapedName(name string) string {
	return escapedInNames.ReplaceAllStringFunc(name, func(found string) string {
		if len(found) > 1 {
			return found
		}
		return fmt.Sprintf("%%%02x", found[0])
	})
}

// describe fills the VM's properties: first what stays, then what apply may change later.
func (g *Guest) describe(vm *simulator.VirtualMachine) {
	vm.Name = EscapedName(g.Name)
	vm.Config = &types.VirtualMachineConfigInfo{
		Name:         g.Name,
		Uuid:         g.biosUUID,
		InstanceUuid: g.instanceUUID,
		GuestId:      g.guestID,
		Version:      "vmx-19",
		Modified:     time.Unix(1_700_000_000, 0).UTC(),
		Hardware:     types.VirtualHardware{NumCPU: g.cpus(), NumCoresPerSocket: 1, MemoryMB: g.memoryMiB},
	}
	if g.Group.ManagedBy != "" {
		vm.Config.ManagedBy = &types.ManagedByInfo{ExtensionKey: g.Group.ManagedBy, Type: "lab"}
	}
	vm.ResourceConfig = g.resources()
	vm.Summary.Vm = &g.Ref
	vm.Summary.OverallStatus = types.ManagedEntityStatusGreen
	vm.Summary.Config = types.VirtualMachineConfigSummary{
		Name:         g.Name,
		MemorySizeMB: g.memoryMiB,
		NumCpu:       g.cpus(),
		Uuid:         g.biosUUID,
		InstanceUuid: g.instanceUUID,
		GuestId:      g.guestID,
	}
}

// cpus are by default as many as any capture's guest has.
func (g *Guest) cpus() int32 {
	if g.Group.CPUs == nil {
		return 16
	}
	return *g.Group.CPUs
}

// limitMiB is -1 if there is none.
func (g *Guest) limitMiB() int64 {
	if g.Group.LimitMiB == nil {
		return -1
	}
	return *g.Group.LimitMiB
}

func (g *Guest) resources() *types.ResourceConfigSpec {
	limit := g.limitMiB()
	none, unlimited := int64(0), int64(-1)
	return &types.ResourceConfigSpec{
		Entity: &g.Ref,
		CpuAllocation: types.ResourceAllocationInfo{
			Reservation: &none,
			Limit:       &unlimited,
			Shares:      &types.SharesInfo{Shares: 2000, Level: types.SharesLevelNormal},
		},
		MemoryAllocation: types.ResourceAllocationInfo{
			Reservation: &g.Group.ReservationMiB,
			Limit:       &limit,
			Shares:      &types.SharesInfo{Shares: 10 * g.memoryMiB, Level: types.SharesLevelNormal},
		},
	}
}

func (g *Guest) apply(vm *simulator.VirtualMachine, state State) {
	vm.ResourcePool = &g.poolFor(state.Host).object.Self
	vm.Runtime = types.VirtualMachineRuntimeInfo{
		Host:            &state.Host.system.Self,
		PowerState:      PowerStates[state.Power],
		ConnectionState: types.VirtualMachineConnectionState(g.Group.Connection),
	}
	vm.Guest = g.guestInfo(state)
	vm.Summary.Runtime = vm.Runtime
	vm.Summary.QuickStats = g.figures(state)
	g.shownMiB = vm.Summary.QuickStats.HostMemoryUsage
	vm.GuestHeartbeatStatus = vm.Summary.QuickStats.GuestHeartbeatStatus
}

// PowerStates are the scenario's words for power, in vCenter's.
var PowerStates = map[string]types.VirtualMachinePowerState{
	"on":        types.VirtualMachinePowerStatePoweredOn,
	"off":       types.VirtualMachinePowerStatePoweredOff,
	"suspended": types.VirtualMachinePowerStateSuspended,
}

// ToolsRun says whether VMware Tools answer.
func (s *State) ToolsRun() bool { return s.Power == "on" && s.tools == "running" }

func (g *Guest) guestInfo(state State) *types.GuestInfo {
	info := &types.GuestInfo{
		ToolsStatus:        types.VirtualMachineToolsStatusToolsNotRunning,
		ToolsRunningStatus: string(types.VirtualMachineToolsRunningStatusGuestToolsNotRunning),
		GuestFamily:        g.guestFamily,
		GuestState:         string(types.VirtualMachineGuestStateNotRunning),
	}
	if g.guestFamily != "" {
		info.GuestId = g.guestID
	}
	ready := state.ToolsRun() && state.Behaviour != "operations_unavailable"
	if state.ToolsRun() {
		info.ToolsStatus = types.VirtualMachineToolsStatusToolsOk
		info.ToolsRunningStatus = string(types.VirtualMachineToolsRunningStatusGuestToolsRunning)
		info.GuestState = string(types.VirtualMachineGuestStateRunning)
		info.HostName = g.Name
		info.IpAddress = fmt.Sprintf("10.%d.%d.%d", g.Index>>16&255, g.Index>>8&255, g.Index&255)
	}
	if state.Behaviour != "unset_ready" {
		info.GuestOperationsReady = &ready
	}
	return info
}

// figures are quick stats that fit the VM: a guest that has touched most of its memory once, of
// which the balloon has taken its part back.
func (g *Guest) figures(state State) types.VirtualMachineQuickStats {
	if state.Power != "on" {
		return types.VirtualMachineQuickStats{
			GuestHeartbeatStatus: types.ManagedEntityStatusGray,
			FtLatencyStatus:      types.ManagedEntityStatusGray,
		}
	}
	dice := rand.New(rand.NewSource(int64(g.Index) + 1))
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
	if !state.ToolsRun() {
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
		UptimeSeconds: secondsPerDay + dice.Int31n(300*secondsPerDay) + g.Clock.gained(),
	}
}
