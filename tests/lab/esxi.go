package main

import (
	"fmt"
	"net"
	"net/http"
)

// hostPart is what a host of the inventory serves itself: the files of the guests that run on it.
type hostPart struct {
	address  net.IP
	port     string
	identity *identity // of its own; nil: no TLS
}

// openHosts gives every host an address of its own on this machine, 127.0.1.1 and so on, and a
// certificate for it. It gives the servers that answer there.
func (l *lab) openHosts(f *front) ([]*http.Server, error) {
	var servers []*http.Server
	for i, h := range l.hosts {
		part := &hostPart{address: net.IPv4(127, 0, byte(1+i/250), byte(1+i%250))}
		listener, err := listenOnLoopback(part.address.String() + ":0")
		if err != nil {
			return nil, err
		}
		_, part.port, _ = net.SplitHostPort(listener.Addr().String())
		if l.identity != nil {
			if part.identity, err = l.identity.forHost(h.name, part.address); err != nil {
				return nil, err
			}
		}
		if l.scenario.VCenter.HostThumbprint && part.identity != nil {
			h.system.Summary.Config.SslThumbprint = part.identity.shown().sha1
		}
		h.part = part
		servers = append(servers, serve(listener, f.hostHandler(h), part.identity.config()))
	}
	return servers, nil
}

// hostHandler serves what runs on a host.
func (f *front) hostHandler(h *host) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/guestFile", f.plain(func(w http.ResponseWriter, r *http.Request) {
		f.lab.serveGuestFile(w, r, h)
	}))
	return mux
}

// forHost gives a host's identity, of the same authority.
func (id *identity) forHost(name string, address net.IP) (*identity, error) {
	template := serverTemplate()
	template.Subject.CommonName = name
	template.DNSNames, template.IPAddresses = []string{name}, []net.IP{address}
	made, err := id.vouched.issue(template)
	return &identity{current: made}, err
}

// fileServer is the authority of the URL under which a guest's file can be fetched: "*" stands for
// the server called.
func (l *lab) fileServer(h *host) string {
	if h.part == nil {
		return "*:" + l.port
	}
	return fmt.Sprintf("%s:%s", h.part.address, h.part.port)
}
