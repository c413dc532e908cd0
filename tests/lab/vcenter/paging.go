package vcenter

import (
	"sync/atomic"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"ballast/lab/wire"
)

// propertyCollector adds pages to the simulator's. It is embedded by value and without state: every
// session gets a zero copy of it, so the server is found through the one that was registered.
type propertyCollector struct {
	simulator.PropertyCollector
	server *Server
}

func putPropertyCollector(s *Server, ref types.ManagedObjectReference) {
	collector := &propertyCollector{server: s}
	collector.Self = ref
	simulator.Map.Put(collector)
}

func serverOf(ctx *simulator.Context, ref types.ManagedObjectReference) *Server {
	return ctx.Map.Get(ref).(*propertyCollector).server
}

// pageSize is what the server sends at once: its own limit, which a client may only lower; 0: all.
func (s *Server) pageSize(wanted int32) int {
	limit := s.fleet.Scenario.PageLimit
	if wanted > 0 && (limit == 0 || int(wanted) < limit) {
		return int(wanted)
	}
	return limit
}

func (s *Server) page(session string, size int, objects []types.ObjectContent) *types.RetrieveResult {
	if s.fleet.Scenario.EndlessListing && size > 0 && len(objects) >= size {
		token := s.Sessions.keep(session, collection{objects, size})
		return &types.RetrieveResult{Token: token, Objects: objects[:size]}
	}
	if size == 0 || len(objects) <= size {
		return &types.RetrieveResult{Objects: objects}
	}
	token := s.Sessions.keep(session, collection{objects[size:], size})
	return &types.RetrieveResult{Token: token, Objects: objects[:size]}
}

// RetrievePropertiesEx answers with the first page.
func (p *propertyCollector) RetrievePropertiesEx(ctx *simulator.Context, req *types.RetrievePropertiesEx) soap.HasFault {
	if ctx.Session == nil {
		return &methods.RetrievePropertiesExBody{Fault_: wire.NotAuthenticated(req.This)}
	}
	if req.Options.MaxObjects < 0 {
		return &methods.RetrievePropertiesExBody{Fault_: wire.InvalidArgument("options.maxObjects")}
	}
	serverOf(ctx, req.This).fleet.Follow()
	keys, named := takeKeys(req.SpecSet)
	answer := p.PropertyCollector.RetrievePropertiesEx(ctx, req)
	body, ok := answer.(*methods.RetrievePropertiesExBody)
	if !ok || body.Res == nil || body.Res.Returnval == nil {
		return answer
	}
	objects := body.Res.Returnval.Objects
	writeZeros(objects)
	s := serverOf(ctx, req.This)
	if len(keys) > 0 {
		s.addOptions(objects, keys, named)
	}
	body.Res.Returnval = s.page(ctx.Session.Key, s.pageSize(req.Options.MaxObjects), objects)
	return body
}

// ContinueRetrievePropertiesEx answers with the next page. A token works once, in its own session.
func (p *propertyCollector) ContinueRetrievePropertiesEx(ctx *simulator.Context, req *types.ContinueRetrievePropertiesEx) soap.HasFault {
	s := serverOf(ctx, req.This)
	rest, ok := s.Sessions.take(ctx.Session.Key, req.Token)
	if !ok {
		return &methods.ContinueRetrievePropertiesExBody{Fault_: wire.InvalidArgument("token")}
	}
	page := s.page(ctx.Session.Key, rest.pageSize, rest.objects)
	return &methods.ContinueRetrievePropertiesExBody{
		Res: &types.ContinueRetrievePropertiesExResponse{Returnval: *page},
	}
}

// CancelRetrievePropertiesEx forgets what is left of a collection.
func (p *propertyCollector) CancelRetrievePropertiesEx(ctx *simulator.Context, req *types.CancelRetrievePropertiesEx) soap.HasFault {
	s := serverOf(ctx, req.This)
	if _, ok := s.Sessions.take(ctx.Session.Key, req.Token); !ok {
		return &methods.CancelRetrievePropertiesExBody{Fault_: wire.InvalidArgument("token")}
	}
	atomic.AddInt64(&s.cancelled, 1)
	return &methods.CancelRetrievePropertiesExBody{Res: &types.CancelRetrievePropertiesExResponse{}}
}

// RetrieveProperties is the old form, which knows no pages.
func (p *propertyCollector) RetrieveProperties(ctx *simulator.Context, req *types.RetrieveProperties) soap.HasFault {
	if ctx.Session == nil {
		return &methods.RetrievePropertiesBody{Fault_: wire.NotAuthenticated(req.This)}
	}
	serverOf(ctx, req.This).fleet.Follow()
	answer := p.PropertyCollector.RetrieveProperties(ctx, req)
	if body, ok := answer.(*methods.RetrievePropertiesBody); ok && body.Res != nil {
		writeZeros(body.Res.Returnval)
	}
	return answer
}
