package main

import (
	"net"
	"net/http"
)

// A host serves the files of the guests that run on it.

// openHosts gives every host an address of its own on this machine, 127.0.1.1 and so on, and a
// certificate for it, if the vCenter has one. It gives the servers that answer there.
func (f *front) openHosts(hosts []*host, vcenter *identity) ([]*http.Server, error) {
	var servers []*http.Server
	for i, h := range hosts {
		address := net.IPv4(127, 0, byte(1+i/250), byte(1+i%250))
		listener, err := listenOnLoopback(address.String() + ":0")
		if err != nil {
			return nil, err
		}
		var own *identity // nil: no TLS
		if vcenter != nil {
			if own, err = vcenter.forHost(h.name, address); err != nil {
				return nil, err
			}
			if f.scenario.VCenter.HostThumbprint {
				h.setThumbprint(own.shown().sha1)
			}
		}
		h.fileServer = listener.Addr().String()
		servers = append(servers, serve(listener, f.hostHandler(h), own.config()))
	}
	return servers, nil
}

// hostHandler serves what runs on a host.
func (f *front) hostHandler(h *host) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/guestFile", f.plain(func(w http.ResponseWriter, r *http.Request) {
		f.operations.serveGuestFile(w, r, h)
	}))
	return mux
}
