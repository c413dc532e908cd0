package vcenter

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// viewManager is the simulator's, but the lab knows which views are open.
type viewManager struct {
	simulator.ViewManager
	sessions *Sessions
}

// view is a container view that tells when it is destroyed.
type view struct {
	simulator.ContainerView
	sessions *Sessions
}

func putViewManager(sessions *Sessions) {
	original := simulator.Map.ViewManager()
	simulator.Map.Put(&viewManager{ViewManager: *original, sessions: sessions})
}

// CreateContainerView puts the lab's own kind of view in the place of the simulator's.
func (m *viewManager) CreateContainerView(ctx *simulator.Context, req *types.CreateContainerView) soap.HasFault {
	answer := m.ViewManager.CreateContainerView(ctx, req)
	body, ok := answer.(*methods.CreateContainerViewBody)
	if !ok || body.Res == nil {
		return answer
	}
	created := ctx.Session.Registry.Get(body.Res.Returnval).(*simulator.ContainerView)
	v := &view{ContainerView: *created, sessions: m.sessions}
	ctx.Session.Registry.Put(v)
	m.sessions.addView(ctx.Session.Key, v)
	return body
}

// DestroyView is what a client calls when it needs the view no more.
func (v *view) DestroyView(ctx *simulator.Context, req *types.DestroyView) soap.HasFault {
	v.sessions.removeView(ctx.Session.Key, v.Self)
	return v.ContainerView.DestroyView(ctx, req)
}
