package vcenter

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"ballast/lab/plan"
)

// authorizationManager answers from the scenario's list of privileges.
type authorizationManager struct {
	simulator.AuthorizationManager
	scenario *plan.Scenario
}

func putAuthorizationManager(scenario *plan.Scenario, ref types.ManagedObjectReference) {
	original := simulator.Map.Get(ref).(*simulator.AuthorizationManager)
	simulator.Map.Put(&authorizationManager{AuthorizationManager: *original, scenario: scenario})
}

func (m *authorizationManager) availability(entities []types.ManagedObjectReference, privileges []string) []types.EntityPrivilege {
	var answer []types.EntityPrivilege
	for _, entity := range entities {
		one := types.EntityPrivilege{Entity: entity}
		for _, id := range privileges {
			one.PrivAvailability = append(one.PrivAvailability,
				types.PrivilegeAvailability{PrivId: id, IsGranted: m.scenario.HoldsOn(entity.Type, id)})
		}
		answer = append(answer, one)
	}
	return answer
}

// HasPrivilegeOnEntities asks for the session's own user.
func (m *authorizationManager) HasPrivilegeOnEntities(req *types.HasPrivilegeOnEntities) soap.HasFault {
	return &methods.HasPrivilegeOnEntitiesBody{Res: &types.HasPrivilegeOnEntitiesResponse{
		Returnval: m.availability(req.Entity, req.PrivId),
	}}
}

// HasUserPrivilegeOnEntities asks for a named user.
func (m *authorizationManager) HasUserPrivilegeOnEntities(req *types.HasUserPrivilegeOnEntities) soap.HasFault {
	return &methods.HasUserPrivilegeOnEntitiesBody{Res: &types.HasUserPrivilegeOnEntitiesResponse{
		Returnval: m.availability(req.Entities, req.PrivId),
	}}
}

// HasPrivilegeOnEntity asks about one object.
func (m *authorizationManager) HasPrivilegeOnEntity(req *types.HasPrivilegeOnEntity) soap.HasFault {
	held := make([]bool, len(req.PrivId))
	for i, id := range req.PrivId {
		held[i] = m.scenario.Holds(id)
	}
	return &methods.HasPrivilegeOnEntityBody{Res: &types.HasPrivilegeOnEntityResponse{Returnval: held}}
}

// FetchUserPrivilegeOnEntities lists what a user may do.
func (m *authorizationManager) FetchUserPrivilegeOnEntities(req *types.FetchUserPrivilegeOnEntities) soap.HasFault {
	answer := m.AuthorizationManager.FetchUserPrivilegeOnEntities(req)
	body := answer.(*methods.FetchUserPrivilegeOnEntitiesBody)
	for i := range body.Res.Returnval {
		var held []string
		for _, id := range body.Res.Returnval[i].Privileges {
			if m.scenario.Holds(id) {
				held = append(held, id)
			}
		}
		body.Res.Returnval[i].Privileges = held
	}
	return answer
}
