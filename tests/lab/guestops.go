package main

import (
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

// enter is how every guest operation begins: the guest it is for, or the fault that ends it. It
// takes as long as the scenario says.
func (l *lab) enter(ref types.ManagedObjectReference, auth types.BaseGuestAuthentication, privilege string) (*guest, *soap.Fault) {
	g, ok := l.byRef[ref.Value]
	if !ok || ref.Type != "VirtualMachine" {
		return nil, objectNotFound(ref)
	}
	if !l.holds(privilege) {
		return nil, noPermission(ref, privilege)
	}
	l.wait(time.Duration(g.latencyMS) * time.Millisecond)
	if err := l.countOperation(g); err != nil {
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
	if fault := g.loginFault(&state, auth); fault != nil {
		return nil, fault
	}
	if state.behaviour == "permission_denied" {
		return nil, guestPermissionDenied()
	}
	if state.capture == nil {
		return nil, simulator.Fault("The operation is not supported by the guest operating system.",
			&types.OperationNotSupportedByGuest{})
	}
	if err := l.prepareTree(g, state); err != nil {
		return nil, systemError("making the guest's files: " + err.Error())
	}
	return g, nil
}

// wait ends early when the lab does.
func (l *lab) wait(d time.Duration) {
	select {
	case <-time.After(d):
	case <-l.stopped:
	}
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

func (g *guest) loginFault(state *guestState, auth types.BaseGuestAuthentication) *soap.Fault {
	given, ok := auth.(*types.NamePasswordAuthentication)
	if !ok {
		given = &types.NamePasswordAuthentication{}
	}
	if ok && state.behaviour != "wrong_password" &&
		given.Username == g.login.Username && given.Password == g.login.Password {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refused[given.Username]++
	return simulator.Fault(
		"Failed to authenticate with the guest operating system using the supplied credentials.",
		&types.InvalidGuestLogin{})
}

// authManager lets a client try a guest's login.
type authManager struct {
	mo.GuestAuthManager
	parallel
	lab *lab
}

func putAuthManager(l *lab, ref types.ManagedObjectReference) {
	m := &authManager{lab: l}
	m.Self = ref
	simulator.Map.Put(m)
}

// ValidateCredentialsInGuest answers with a fault if the login is not good.
func (m *authManager) ValidateCredentialsInGuest(req *types.ValidateCredentialsInGuest) soap.HasFault {
	body := &methods.ValidateCredentialsInGuestBody{}
	if _, body.Fault_ = m.lab.enter(req.Vm, req.Auth, privilegeQuery); body.Fault_ == nil {
		body.Res = &types.ValidateCredentialsInGuestResponse{}
	}
	return body
}
