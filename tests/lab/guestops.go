package main

import (
	"sync/atomic"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// What a guest operation needs of the caller.
const (
	privilegeExecute = "VirtualMachine.GuestOperations.Execute"
	privilegeQuery   = "VirtualMachine.GuestOperations.Query"
	privilegeModify  = "VirtualMachine.GuestOperations.Modify"
)

// operations is what the managers of guest operations have in common.
type operations struct {
	fleet     *fleet
	transfers *transferTable
	stopped   <-chan struct{} // closed when the lab ends
	scheme    string          // of the vCenter's URLs
	port      string

	started   int64 // programs
	downloads int64
}

func newOperations(f *fleet, stopped <-chan struct{}) *operations {
	return &operations{fleet: f, transfers: newTransferTable(f.scenario.Transfer.ValidMS), stopped: stopped}
}

// register puts the managers of guest operations in the place of the simulator's. The URLs of files
// are of the vCenter with this scheme and port, but for hosts that serve them themselves.
func (o *operations) register(content types.ServiceContent, scheme, port string) {
	o.scheme, o.port = scheme, port
	own := simulator.Map.Get(*content.GuestOperationsManager).(*simulator.GuestOperationsManager)
	putProcessManager(o, *own.ProcessManager)
	putFileManager(o, *own.FileManager)
	own.AuthManager = &types.ManagedObjectReference{
		Type: "GuestAuthManager", Value: "guestOperationsAuthManager",
	}
	putAuthManager(o, *own.AuthManager)
}

// programsStarted and downloaded say how many there were so far.
func (o *operations) programsStarted() int64 { return atomic.LoadInt64(&o.started) }

func (o *operations) downloaded() int64 { return atomic.LoadInt64(&o.downloads) }

// enter is how every guest operation begins: the guest it is for, or the fault that ends it. It
// takes as long as the scenario says.
func (o *operations) enter(ref types.ManagedObjectReference, auth types.BaseGuestAuthentication, privilege string) (*guest, *soap.Fault) {
	g, ok := o.fleet.guestOf(ref)
	if !ok {
		return nil, objectNotFound(ref)
	}
	if !o.fleet.scenario.holds(privilege) {
		return nil, noPermission(ref, privilege)
	}
	pause(time.Duration(g.latencyMS)*time.Millisecond, o.stopped)
	if err := o.fleet.countOperation(g); err != nil {
		return nil, systemError("changing the guest: " + err.Error())
	}
	state := g.current()
	if state.deleted {
		return nil, objectNotFound(ref)
	}
	if g.takeBusy() {
		return nil, taskInProgress()
	}
	if fault := stateFault(&state); fault != nil {
		return nil, fault
	}
	if fault := loginFault(g, &state, auth); fault != nil {
		return nil, fault
	}
	if state.behaviour == "permission_denied" {
		return nil, guestPermissionDenied()
	}
	if state.capture == nil {
		return nil, simulator.Fault("The operation is not supported by the guest operating system.",
			&types.OperationNotSupportedByGuest{})
	}
	if err := o.fleet.prepareTree(g, state); err != nil {
		return nil, systemError("making the guest's files: " + err.Error())
	}
	return g, nil
}

// stateFault is why a guest cannot be reached at all.
func stateFault(state *guestState) *soap.Fault {
	switch {
	case state.power != "on":
		return invalidPowerState(powerStates[state.power])
	case !state.toolsRun(), state.behaviour == "operations_unavailable":
		return simulator.Fault("The guest operations agent could not be contacted.",
			&types.GuestOperationsUnavailable{})
	case state.behaviour == "operations_disabled":
		return simulator.Fault("The operation has been disabled by the guest operating system.",
			&types.OperationDisabledByGuest{})
	}
	return nil
}

// loginFault is nil for the guest's own login.
func loginFault(g *guest, state *guestState, auth types.BaseGuestAuthentication) *soap.Fault {
	given, ok := auth.(*types.NamePasswordAuthentication)
	if !ok {
		given = &types.NamePasswordAuthentication{}
	}
	if ok && state.behaviour != "wrong_password" &&
		given.Username == g.login.Username && given.Password == g.login.Password {
		return nil
	}
	g.refuse(given.Username)
	return simulator.Fault(
		"Failed to authenticate with the guest operating system using the supplied credentials.",
		&types.InvalidGuestLogin{})
}

// authManager lets a client try a guest's login.
type authManager struct {
	mo.GuestAuthManager
	parallel
	ops *operations
}

func putAuthManager(o *operations, ref types.ManagedObjectReference) {
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
