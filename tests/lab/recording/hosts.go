package recording

import (
	"fmt"
	"net"
	"regexp"
	"strings"
	"sync/atomic"

	"ballast/lab/wire"
)

// hosts are what guest files come from.
type hosts struct {
	transfers [][]byte       // by host: the answer to InitiateFileTransferFromGuest
	numbers   map[string]int // of the hosts, by their morefs
	hostOf    map[string]int // of a VM, by its moref: the host's number
}

// hostOfVM finds a VM and its host in a recorded page.
var hostOfVM = regexp.MustCompile(
	`<obj type="VirtualMachine">([^<]+)</obj>.*?<name>runtime\.host</name><val[^>]*>([^<]+)</val>`)

// learn takes from a recorded page which VM is on which host.
func (h *hosts) learn(page []byte) {
	for _, found := range hostOfVM.FindAllSubmatch(page, -1) {
		host := string(found[2])
		if _, known := h.numbers[host]; !known {
			h.numbers[host] = len(h.numbers)
		}
		h.hostOf[string(found[1])] = h.numbers[host]
	}
}

// fileServerOf finds the place in a recorded answer that says where a file is.
var fileServerOf = regexp.MustCompile(`https?://\*(:[0-9]+)?/`)

// OpenHosts starts so many hosts; with none, files come from the vCenter. Every file is the same.
func (r *Replay) OpenHosts(count int, id *wire.Identity, vcenterPort string) error {
	recorded := r.byMethod["InitiateFileTransferFromGuest"]
	scheme := "https"
	if id == nil {
		scheme = "http"
	}
	place := func(authority string) []byte {
		return fileServerOf.ReplaceAll(recorded, []byte(scheme+"://"+authority+"/"))
	}
	for i := 0; i < count; i++ {
		address := net.IPv4(127, 0, byte(1+i/250), byte(1+i%250))
		listener, err := wire.ListenOnLoopback(address.String() + ":0")
		if err != nil {
			return err
		}
		own := id
		if id != nil {
			if own, err = id.ForHost(fmt.Sprintf("esx-%d.lab.example", i), address); err != nil {
				return err
			}
		}
		r.servers = append(r.servers, wire.Serve(listener, r.handler(), own.Config()))
		r.hosts.transfers = append(r.hosts.transfers, place(listener.Addr().String()))
	}
	if count == 0 {
		r.hosts.transfers = [][]byte{place("*:" + vcenterPort)}
	}
	return nil
}

// transferOf is the answer for the VM in a request: its host's. Hosts share servers if there are
// fewer of those.
func (h *hosts) transferOf(request []byte) []byte {
	host := 0
	for _, vm := range textsOf(request, "vm") {
		host = h.hostOf[vm]
	}
	return h.transfers[host%len(h.transfers)]
}

// isInGuest says whether a request goes to a guest, a file's download included.
func isInGuest(method string) bool {
	return strings.HasSuffix(method, "InGuest") || strings.HasSuffix(method, "FromGuest") ||
		method == "GET /guestFile"
}

// inGuest takes the time of an operation and counts how many there are at once.
func (r *Replay) inGuest() {
	now := atomic.AddInt64(&r.traffic.inGuests, 1)
	for peak := atomic.LoadInt64(&r.traffic.peakInGuests); now > peak; {
		if atomic.CompareAndSwapInt64(&r.traffic.peakInGuests, peak, now) {
			break
		}
		peak = atomic.LoadInt64(&r.traffic.peakInGuests)
	}
	wire.Pause(r.latency, r.stopped)
	atomic.AddInt64(&r.traffic.inGuests, -1)
}
