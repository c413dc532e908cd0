package main

import (
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"github.com/vmware/govmomi/simulator"

	"ballast/lab/control"
	"ballast/lab/front"
	"ballast/lab/guest"
	"ballast/lab/guestops"
	"ballast/lab/inventory"
	"ballast/lab/plan"
	"ballast/lab/recording"
	"ballast/lab/vcenter"
	"ballast/lab/wire"
)

// lab is the vCenter, put together from its parts.
type lab struct {
	scenario   *plan.Scenario
	fleet      *inventory.Fleet
	server     *vcenter.Server
	operations *guestops.Operations
	faults     *front.FaultList
	calls      *wire.CallCounts
	identity   *wire.Identity      // nil: no TLS
	recorder   *recording.Recorder // nil: nothing is kept
	stopped    chan struct{}       // closed when the lab ends
}

func newLab(scenario *plan.Scenario, captures *guest.Captures, trees *guest.TreeMaker) (*lab, error) {
	fleet, err := inventory.NewFleet(scenario, captures, trees)
	if err != nil {
		return nil, err
	}
	stopped := make(chan struct{})
	return &lab{
		scenario:   scenario,
		fleet:      fleet,
		server:     vcenter.NewServer(fleet),
		operations: guestops.New(fleet, stopped),
		faults:     front.NewFaultList(scenario.Faults),
		calls:      wire.NewCallCounts(),
		stopped:    stopped,
	}, nil
}

// stop wakes whoever waits and ends every program in every guest.
func (l *lab) stop() {
	close(l.stopped)
	l.fleet.KillPrograms()
}

func openLab(o options, state *stateDir) (*runningLab, error) {
	scenario, err := plan.Load(o.scenario)
	if err != nil {
		return nil, err
	}
	trees, err := guest.NewTreeMaker(state.path, o.busybox)
	if err != nil {
		return nil, err
	}
	l, err := newLab(scenario, guest.NewCaptures(o.captures), trees)
	if err != nil {
		return nil, err
	}
	if !o.plain {
		l.identity, err = wire.NewIdentity(filepath.Join(state.path, "ca.pem"), scenario.VCenter.Certificate)
		if err != nil {
			return nil, err
		}
		if scenario.VCenter.ClientCertificate {
			if err := l.identity.AskForClients(state.path); err != nil {
				return nil, err
			}
		}
	}
	if o.record != "" {
		if l.recorder, err = recording.NewRecorder(o.record); err != nil {
			return nil, err
		}
	}
	sdk, control, err := wire.ListenForBoth(o.listen)
	if err != nil {
		return nil, err
	}
	return l.open(sdk, control)
}

// open makes the inventory and starts to answer.
func (l *lab) open(sdk, controlled net.Listener) (*runningLab, error) {
	scheme, rules := "http", l.scenario.VCenter
	shown := control.Ready{}
	if l.identity != nil {
		scheme = "https"
		shown.CAFile = l.identity.CAFile
		shown.ClientCert, shown.ClientKey = l.identity.ClientCert, l.identity.ClientKey
		shown.SHA1, shown.SHA256 = l.identity.Shown().SHA1, l.identity.Shown().SHA256
	}
	thumbprint := ""
	if rules.HostThumbprint {
		thumbprint = shown.SHA1
	}
	model, err := l.fleet.Create(thumbprint)
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(sdk.Addr().String())
	l.server.Register(model.ServiceContent)
	l.operations.Register(model.ServiceContent, scheme, port)
	where := &url.URL{Scheme: scheme, Host: sdk.Addr().String(), Path: "/sdk"}
	service := model.Service
	service.Listen = &url.URL{User: url.UserPassword(rules.Username, rules.Password)}
	service.RegisterSDK(simulator.Map)
	f := &front.Front{
		Scenario:   l.scenario,
		Clock:      l.fleet.Clock,
		Sessions:   l.server.Sessions,
		Tagging:    l.server.Tagging,
		Tokens:     l.server.Tokens,
		Operations: l.operations,
		Faults:     l.faults,
		Calls:      l.calls,
		Recorder:   l.recorder,
		Stopped:    l.stopped,
		SDK:        service.ServeSDK,
		Secured:    l.identity != nil,
	}
	c := &control.Control{
		Fleet:      l.fleet,
		Server:     l.server,
		Operations: l.operations,
		Faults:     l.faults,
		Calls:      l.calls,
		Identity:   l.identity,
	}
	servers := []*http.Server{
		wire.Serve(sdk, f.Handler(), l.identity.Config()), wire.Serve(controlled, c.Handler(), nil),
	}
	if l.scenario.Transfer.FromHosts {
		ofHosts, err := f.OpenHosts(l.fleet.Hosts, l.identity)
		if err != nil {
			return nil, err
		}
		servers = append(servers, ofHosts...)
	}
	shown.URL = where.String()
	shown.Username, shown.Password = rules.Username, rules.Password
	shown.GuestUsername, shown.GuestPassword = l.scenario.GuestLogin.Username, l.scenario.GuestLogin.Password
	shown.ControlURL = "http://" + controlled.Addr().String()
	shown.PID, shown.VMs, shown.Hosts = os.Getpid(), len(l.fleet.Guests), len(l.fleet.Hosts)
	return &runningLab{end: l.stop, servers: servers, recorder: l.recorder, ready: shown}, nil
}
