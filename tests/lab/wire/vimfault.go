package wire

import (
	"fmt"
	"reflect"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// NotAuthenticated is for calls without a session.
func NotAuthenticated(object types.ManagedObjectReference) *soap.Fault {
	return simulator.Fault("The session is not authenticated.", &types.NotAuthenticated{
		NoPermission: types.NoPermission{Object: object, PrivilegeId: "System.View"},
	})
}

// InvalidLogin is for users and tokens that are not let in.
func InvalidLogin() *soap.Fault {
	return simulator.Fault("Cannot complete login due to an incorrect user name or password.", &types.InvalidLogin{})
}

// NoPermission is for users who do not hold a privilege.
func NoPermission(object types.ManagedObjectReference, privilege string) *soap.Fault {
	return simulator.Fault("Permission to perform this operation was denied.",
		&types.NoPermission{Object: object, PrivilegeId: privilege})
}

// InvalidArgument names the argument that is wrong.
func InvalidArgument(property string) *soap.Fault {
	return simulator.Fault("A specified parameter was not correct: "+property,
		&types.InvalidArgument{InvalidProperty: property})
}

// ObjectNotFound is for objects that are not there or no more.
func ObjectNotFound(object types.ManagedObjectReference) *soap.Fault {
	text := fmt.Sprintf("The object 'vim.%s:%s' has already been deleted or has not been completely created",
		object.Type, object.Value)
	return simulator.Fault(text, &types.ManagedObjectNotFound{Obj: object})
}

// FileNotFound is for files that are not in a guest.
func FileNotFound(path string) *soap.Fault {
	return simulator.Fault("File "+path+" was not found",
		&types.FileNotFound{FileFault: types.FileFault{File: path}})
}

// NotAFile is for folders and links where a file is wanted.
func NotAFile(path string) *soap.Fault {
	return simulator.Fault("File "+path+" is not a regular file",
		&types.NotAFile{FileFault: types.FileFault{File: path}})
}

// InvalidPowerState is for VMs that are not on.
func InvalidPowerState(now types.VirtualMachinePowerState) *soap.Fault {
	return simulator.Fault("The attempted operation cannot be performed in the current state.",
		&types.InvalidPowerState{
			RequestedState: types.VirtualMachinePowerStatePoweredOn,
			ExistingState:  now,
		})
}

// TaskInProgress is for VMs that are busy.
func TaskInProgress() *soap.Fault {
	return simulator.Fault("The operation is not allowed in the current state: another one is under way.",
		&types.TaskInProgress{Task: types.ManagedObjectReference{Type: "Task", Value: "task-1"}})
}

// GuestPermissionDenied is what the guest itself refuses.
func GuestPermissionDenied() *soap.Fault {
	return simulator.Fault("The guest user account does not have sufficient permission to perform the operation.",
		&types.GuestPermissionDenied{})
}

// SystemError is for what should not happen in the lab itself.
func SystemError(text string) *soap.Fault {
	return simulator.Fault("A general system error occurred: "+text, &types.SystemError{Reason: text})
}

// NamedFault makes a fault from its class name, with the members that clients look at filled in.
func NamedFault(name string, object types.ManagedObjectReference) (*soap.Fault, error) {
	kind, ok := types.TypeFunc()(name)
	if !ok {
		return nil, fmt.Errorf("fault %q is no vim25 type", name)
	}
	detail, ok := reflect.New(kind).Interface().(types.BaseMethodFault)
	if !ok {
		return nil, fmt.Errorf("fault %q is a vim25 type, but no fault", name)
	}
	switch f := detail.(type) {
	case *types.NotAuthenticated:
		return NotAuthenticated(object), nil
	case *types.NoPermission:
		return NoPermission(object, "System.View"), nil
	case *types.ManagedObjectNotFound:
		return ObjectNotFound(object), nil
	case *types.TaskInProgress:
		f.Task = types.ManagedObjectReference{Type: "Task", Value: "task-1"}
	}
	fault := &soap.Fault{Code: "ServerFaultCode", String: "The lab was told to answer with " + name + "."}
	fault.Detail.Fault = detail
	return fault, nil
}
