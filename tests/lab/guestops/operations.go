// Package guestops is the guest operations: the API by which clients of the vCenter run programs in
// guests and fetch their files, with what can go wrong inside of a guest.
package guestops

import (
	"sync/atomic"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"ballast/lab/inventory"
	"ballast/lab/wire"
)

// What a guest operation needs of the caller.
const (
	privilegeExecute = "VirtualMachine.GuestOperations.Execute"
	privilegeQuery   = "VirtualMachine.GuestOperations.Query"
	privilegeModify  = "VirtualMachine.GuestOperations.Modify"
)

// Operations is what the managers of guest operations have in common.
type Operations struct {
	fleet     *inventory.Fleet
	transfers *transferTable
	stopped   <-chan struct{} // closed when the lab ends
	scheme    string          // of the vCenter's URLs
	port      string

	started   int64 // programs
	downloads int64
}

// New is for a fleet whose inventory need not be there yet. Who waits is woken when stopped is closed.
func New(f *inventory.Fleet, stopped <-chan struct{}) *Operations {
	return &Operations{fleet: f, transfers: newTransferTable(f.Scenario.Transfer.ValidMS), stopped: stopped}
}

// Register puts the managers of guest operations in the place of the simulator's. The URLs of files
// are of the vCenter with this scheme and port, but for hosts that serve them themselves.
func (o *Operations) Register(content types.ServiceContent, scheme, port string) {
	o.scheme, o.port = scheme, port
	own := simulator.Map.Get(*content.GuestOperationsManager).(*simulator.GuestOperationsManager)
	putProcessManager(o, *own.ProcessManager)
	putFileManager(o, *own.FileManager)
	own.AuthManager = &types.ManagedObjectReference{
		Type: "GuestAuthManager", Value: "guestOperationsAuthManager",
	}
	putAuthManager(o, *own.AuthManager)
}

// ProgramsStarted says how many there were so far.
func (o *Operations) ProgramsStarted() int64 { return atomic.LoadInt64(&o.started) }

// Downloaded says how many files were fetched so far.
func (o *Operations) Downloaded() int64 { return atomic.LoadInt64(&o.downloads) }

// enter is how every guest operation begins: the guest it is for, or the fault that ends it. It
// takes as long as the scenario says.
func (o *Operations) enter(ref types.ManagedObjectReference, auth types.BaseGuestAuthentication, privilege string) (*inventory.Guest, *soap.Fault) {
	g, ok := o.fleet.GuestOf(ref)
	if !ok {
		return nil, wire.ObjectNotFound(ref)
	}
	g.TryLogin(userOf(auth))
	if !o.fleet.Scenario.Holds(privilege) {
		return nil, wire.NoPermission(ref, privilege)
	}
	wire.Pause(time.Duration(g.LatencyMS)*time.Millisecond, o.stopped)
	if err := o.fleet.CountOperation(g); err != nil {
		return nil, wire.SystemError("changing the guest: " + err.Error())
	}
	state := g.Current()
	if state.Deleted {
		return nil, wire.ObjectNotFound(ref)
	}
	if g.TakeBusy() {
		return nil, wire.TaskInProgress()
	}
	if fault := stateFault(&state); fault != nil {
		return nil, fault
	}
	if fault := loginFault(g, &state, auth); fault != nil {
		return nil, fault
	}
	if state.Behaviour == "permission_denied" {
		return nil, wire.GuestPermissionDenied()
	}
	if state.Capture == nil {
		return nil, simulator.Fault("The operation is not supported by the guest operating system.",
			&types.OperationNotSupportedByGuest{})
	}
	if err := o.fleet.PrepareTree(g, state); err != nil {
		return nil, wire.SystemError("making the guest's files: " + err.Error())
	}
	return g, nil
}

// stateFault is why a guest cannot be reached at all.
func stateFault(state *inventory.State) *soap.Fault {
	switch {
	case state.Power != "on":
		return wire.InvalidPowerState(inventory.PowerStates[state.Power])
	case !state.ToolsRun(), state.Behaviour == "operations_unavailable":
		return simulator.Fault("The guest operations agent could not be contacted.",
			&types.GuestOperationsUnavailable{})
	case state.Behaviour == "operations_disabled":
		return simulator.Fault("The operation has been disabled by the guest operating system.",
			&types.OperationDisabledByGuest{})
	}
	return nil
}

// userOf is "" for another kind of login.
func userOf(auth types.BaseGuestAuthentication) string {
	given, _ := auth.(*types.NamePasswordAuthentication)
	if given == nil {
		return ""
	}
	return given.Username
}

// loginFault is nil for the guest's own login.
func loginFault(g *inventory.Guest, state *inventory.State, auth types.BaseGuestAuthentication) *soap.Fault {
	given, ok := auth.(*types.NamePasswordAuthentication)
	if !ok {
		given = &types.NamePasswordAuthentication{}
	}
	if ok && state.Behaviour != "wrong_password" &&
		given.Username == g.Login.Username && given.Password == g.Login.Password {
		return nil
	}
	g.Refuse(given.Username)
	return simulator.Fault(
		"Failed to authenticate with the guest operating system using the supplied credentials.",
		&types.InvalidGuestLogin{})
}

// authManager lets a client try a guest's login.
type authManager struct {
	mo.GuestAuthManager
	wire.Parallel
	ops *Operations
}

func putAuthManager(o *Operations, ref types.ManagedObjectReference) {
	m := &authManager{ops: o}
	m.Self = ref
	simulator.Map.Put(m)
}

// ValidateCredentialsInGuest answers with a fault if the login is not good.
func (m *authManager) ValidateCredentialsInGuest(req *types.ValidateCredentialsInGuest) soap.HasFault {
	body := &methods.ValidateCredentialsInGuestBody{}
	if _, body.Fault_ = m.ops.enter(req.Vm, req.Auth, privilegeQuery); body.Fault_ == nil {
		body.Res = &types.ValidateCredentialsInGuestResponse{}
	}
	return body
}
