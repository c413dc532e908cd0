package front

import (
	"net"
	"net/http"

	"ballast/lab/inventory"
	"ballast/lab/wire"
)

// OpenHosts has the hosts serve the files of the guests that run on them: each at an address of its
// own on this machine, 127.0.1.1 and so on, and with a certificate for it, if the vCenter, whose
// identity this is, has one. It gives the servers that answer there.
func (f *Front) OpenHosts(hosts []*inventory.Host, id *wire.Identity) ([]*http.Server, error) {
	var servers []*http.Server
	for i, h := range hosts {
		address := net.IPv4(127, 0, byte(1+i/250), byte(1+i%250))
		listener, err := wire.ListenOnLoopback(address.String() + ":0")
		if err != nil {
			return nil, err
		}
		var own *wire.Identity // nil: no TLS
		if id != nil {
			if own, err = id.ForHost(h.Name, address); err != nil {
				return nil, err
			}
			if f.Scenario.VCenter.HostThumbprint {
				h.SetThumbprint(own.Shown().SHA1)
			}
		}
		h.FileServer = listener.Addr().String()
		h.SetAddress(address.String())
		servers = append(servers, wire.Serve(listener, f.hostHandler(h), own.Config()))
	}
	return servers, nil
}

// hostHandler serves what runs on a host.
func (f *Front) hostHandler(h *inventory.Host) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/guestFile", f.plain(func(w http.ResponseWriter, r *http.Request) {
		f.Operations.ServeGuestFile(w, r, h)
	}))
	return mux
}
