package main

import (
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"github.com/vmware/govmomi/simulator"
)

// lab is the vCenter, put together from its parts.
type lab struct {
	scenario   *Scenario
	fleet      *fleet
	server     *server
	operations *operations
	faults     *faultList
	calls      *callCounts
	identity   *identity     // nil: no TLS
	recorder   *recorder     // nil: nothing is kept
	stopped    chan struct{} // closed when the lab ends
}

func newLab(scenario *Scenario, captures *captureStore, trees *treeMaker) (*lab, error) {
	inventory, err := newFleet(scenario, captures, trees)
	if err != nil {
		return nil, err
	}
	stopped := make(chan struct{})
	return &lab{
		scenario:   scenario,
		fleet:      inventory,
		server:     newServer(inventory),
		operations: newOperations(inventory, stopped),
		faults:     newFaultList(scenario.Faults),
		calls:      newCallCounts(),
		stopped:    stopped,
	}, nil
}

// stop wakes whoever waits and ends every program in every guest.
func (l *lab) stop() {
	close(l.stopped)
	l.fleet.killPrograms()
}

func openLab(o options, state *stateDir) (*runningLab, error) {
	scenario, err := loadScenario(o.scenario)
	if err != nil {
		return nil, err
	}
	trees, err := newTreeMaker(state.path, o.busybox)
	if err != nil {
		return nil, err
	}
	l, err := newLab(scenario, newCaptureStore(o.captures), trees)
	if err != nil {
		return nil, err
	}
	if !o.plain {
		l.identity, err = newIdentity(filepath.Join(state.path, "ca.pem"), scenario.VCenter.Certificate)
		if err != nil {
			return nil, err
		}
	}
	if o.record != "" {
		if l.recorder, err = newRecorder(o.record); err != nil {
			return nil, err
		}
	}
	sdk, control, err := listenForBoth(o.listen)
	if err != nil {
		return nil, err
	}
	return l.open(sdk, control)
}

// open makes the inventory and starts to answer.
func (l *lab) open(sdk, controlled net.Listener) (*runningLab, error) {
	scheme, rules := "http", l.scenario.VCenter
	shown := ready{}
	if l.identity != nil {
		scheme = "https"
		shown.CAFile = l.identity.caFile
		shown.SHA1, shown.SHA256 = l.identity.shown().sha1, l.identity.shown().sha256
	}
	thumbprint := ""
	if rules.HostThumbprint {
		thumbprint = shown.SHA1
	}
	model, err := l.fleet.create(thumbprint)
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(sdk.Addr().String())
	l.server.register(model.ServiceContent)
	l.operations.register(model.ServiceContent, scheme, port)
	where := &url.URL{Scheme: scheme, Host: sdk.Addr().String(), Path: "/sdk"}
	service := model.Service
	service.Listen = &url.URL{User: url.UserPassword(rules.Username, rules.Password)}
	service.RegisterSDK(simulator.Map)
	f := &front{
		scenario:   l.scenario,
		clock:      l.fleet.clock,
		sessions:   l.server.sessions,
		operations: l.operations,
		faults:     l.faults,
		calls:      l.calls,
		recorder:   l.recorder,
		stopped:    l.stopped,
		sdk:        service.ServeSDK,
		secured:    l.identity != nil,
	}
	c := &control{
		fleet:      l.fleet,
		server:     l.server,
		operations: l.operations,
		faults:     l.faults,
		calls:      l.calls,
		identity:   l.identity,
	}
	servers := []*http.Server{
		serve(sdk, f.handler(), l.identity.config()), serve(controlled, c.handler(), nil),
	}
	if l.scenario.Transfer.FromHosts {
		ofHosts, err := f.openHosts(l.fleet.hosts, l.identity)
		if err != nil {
			return nil, err
		}
		servers = append(servers, ofHosts...)
	}
	shown.URL = where.String()
	shown.Username, shown.Password = rules.Username, rules.Password
	shown.GuestUsername, shown.GuestPassword = l.scenario.GuestLogin.Username, l.scenario.GuestLogin.Password
	shown.ControlURL = "http://" + controlled.Addr().String()
	shown.PID, shown.VMs, shown.Hosts = os.Getpid(), len(l.fleet.guests), len(l.fleet.hosts)
	return &runningLab{end: l.stop, servers: servers, recorder: l.recorder, ready: shown}, nil
}
