package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// propertyCollector adds pages to the simulator's. It is embedded by value and without state: every
// session gets a zero copy of it, so the lab is found through the one that was registered.
type propertyCollector struct {
	simulator.PropertyCollector
	lab *lab
}

func putPropertyCollector(l *lab, ref types.ManagedObjectReference) {
	collector := &propertyCollector{lab: l}
	collector.Self = ref
	simulator.Map.Put(collector)
}

func labOf(ctx *simulator.Context, ref types.ManagedObjectReference) *lab {
	return ctx.Map.Get(ref).(*propertyCollector).lab
}

// pageSize is what the server sends at once: its own limit, which a client may only lower; 0: all.
func (l *lab) pageSize(wanted int32) int {
	limit := l.scenario.PageLimit
	if wanted > 0 && (limit == 0 || int(wanted) < limit) {
		return int(wanted)
	}
	return limit
}

func (l *lab) page(session string, size int, objects []types.ObjectContent) *types.RetrieveResult {
	if size == 0 || len(objects) <= size {
		return &types.RetrieveResult{Objects: objects}
	}
	token := l.sessions.keep(session, collection{objects[size:], size})
	return &types.RetrieveResult{Token: token, Objects: objects[:size]}
}

// RetrievePropertiesEx answers with the first page.
func (p *propertyCollector) RetrievePropertiesEx(ctx *simulator.Context, req *types.RetrievePropertiesEx) soap.HasFault {
	if ctx.Session == nil {
		return &methods.RetrievePropertiesExBody{Fault_: notAuthenticated(req.This)}
	}
	if req.Options.MaxObjects < 0 {
		return &methods.RetrievePropertiesExBody{Fault_: invalidArgument("options.maxObjects")}
	}
	labOf(ctx, req.This).follow()
	answer := p.PropertyCollector.RetrievePropertiesEx(ctx, req)
	body, ok := answer.(*methods.RetrievePropertiesExBody)
	if !ok || body.Res == nil || body.Res.Returnval == nil {
		return answer
	}
	objects := body.Res.Returnval.Objects
	writeZeros(objects)
	l := labOf(ctx, req.This)
	body.Res.Returnval = l.page(ctx.Session.Key, l.pageSize(req.Options.MaxObjects), objects)
	return body
}

// ContinueRetrievePropertiesEx answers with the next page. A token works once, in its own session.
func (p *propertyCollector) ContinueRetrievePropertiesEx(ctx *simulator.Context, req *types.ContinueRetrievePropertiesEx) soap.HasFault {
	l := labOf(ctx, req.This)
	rest, ok := l.sessions.take(ctx.Session.Key, req.Token)
	if !ok {
		return &methods.ContinueRetrievePropertiesExBody{Fault_: invalidArgument("token")}
	}
	page := l.page(ctx.Session.Key, rest.pageSize, rest.objects)
	return &methods.ContinueRetrievePropertiesExBody{
		Res: &types.ContinueRetrievePropertiesExResponse{Returnval: *page},
	}
}

// CancelRetrievePropertiesEx forgets what is left of a collection.
func (p *propertyCollector) CancelRetrievePropertiesEx(ctx *simulator.Context, req *types.CancelRetrievePropertiesEx) soap.HasFault {
	l := labOf(ctx, req.This)
	if _, ok := l.sessions.take(ctx.Session.Key, req.Token); !ok {
		return &methods.CancelRetrievePropertiesExBody{Fault_: invalidArgument("token")}
	}
	count(&l.stats.cancelled)
	return &methods.CancelRetrievePropertiesExBody{Res: &types.CancelRetrievePropertiesExResponse{}}
}

// RetrieveProperties is the old form, which knows no pages.
func (p *propertyCollector) RetrieveProperties(ctx *simulator.Context, req *types.RetrieveProperties) soap.HasFault {
	if ctx.Session == nil {
		return &methods.RetrievePropertiesBody{Fault_: notAuthenticated(req.This)}
	}
	labOf(ctx, req.This).follow()
	answer := p.PropertyCollector.RetrieveProperties(ctx, req)
	if body, ok := answer.(*methods.RetrievePropertiesBody); ok && body.Res != nil {
		writeZeros(body.Res.Returnval)
	}
	return answer
}
