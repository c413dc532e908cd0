package main

import (
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
)

// startReplay answers from a recording.
func startReplay(o options, state *stateDir) (*runningLab, error) {
	r, err := newReplay(o.replay, o.pageDelay, o.latency)
	if err != nil {
		return nil, err
	}
	rules := defaultScenario()
	shown := ready{PID: os.Getpid(), Username: rules.VCenter.Username, Password: rules.VCenter.Password,
		GuestUsername: rules.GuestLogin.Username, GuestPassword: rules.GuestLogin.Password}
	where := &url.URL{Scheme: "http", Path: "/sdk"}
	var id *identity
	if !o.plain {
		if id, err = newIdentity(filepath.Join(state.path, "ca.pem"), certificateKinds[0]); err != nil {
			return nil, err
		}
		where.Scheme = "https"
		shown.CAFile, shown.SHA1, shown.SHA256 = id.caFile, id.shown().sha1, id.shown().sha256
	}
	sdk, controlled, err := listenForBoth(o.listen)
	if err != nil {
		return nil, err
	}
	where.Host = sdk.Addr().String()
	shown.URL, shown.ControlURL = where.String(), "http://"+controlled.Addr().String()
	r.serve(sdk, o.rateMbit, id)
	_, port, _ := net.SplitHostPort(where.Host)
	if err := r.openHosts(o.hosts, id, port); err != nil {
		return nil, err
	}
	servers := []*http.Server{serve(controlled, r.control(), nil)}
	return &runningLab{end: r.stop, servers: servers, ready: shown}, nil
}
