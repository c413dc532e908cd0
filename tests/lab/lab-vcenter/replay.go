package main

import (
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"ballast/lab/control"
	"ballast/lab/plan"
	"ballast/lab/recording"
	"ballast/lab/wire"
)

// startReplay answers from a recording.
func startReplay(o options, state *stateDir) (*runningLab, error) {
	r, err := recording.NewReplay(o.replay, o.pageDelay, o.latency)
	if err != nil {
		return nil, err
	}
	rules := plan.Default()
	shown := control.Ready{PID: os.Getpid(), Username: rules.VCenter.Username, Password: rules.VCenter.Password,
		GuestUsername: rules.GuestLogin.Username, GuestPassword: rules.GuestLogin.Password}
	r.FailEvery(o.failing)
	where := &url.URL{Scheme: "http", Path: "/sdk"}
	var id *wire.Identity
	if !o.plain {
		if id, err = wire.NewIdentity(filepath.Join(state.path, "ca.pem"), wire.CertificateKinds[0]); err != nil {
			return nil, err
		}
		where.Scheme = "https"
		shown.CAFile, shown.SHA1, shown.SHA256 = id.CAFile, id.Shown().SHA1, id.Shown().SHA256
	}
	sdk, controlled, err := wire.ListenForBoth(o.listen)
	if err != nil {
		return nil, err
	}
	where.Host = sdk.Addr().String()
	shown.URL, shown.ControlURL = where.String(), "http://"+controlled.Addr().String()
	r.Serve(sdk, o.rateMbit, id)
	_, port, _ := net.SplitHostPort(where.Host)
	if err := r.OpenHosts(o.hosts, id, port); err != nil {
		return nil, err
	}
	servers := []*http.Server{wire.Serve(controlled, r.Control(), nil)}
	return &runningLab{end: r.Stop, servers: servers, ready: shown}, nil
}
