package recording

import (
	"bytes"
	"net/http"

	"github.com/vmware/govmomi/vim25/types"

	"ballast/lab/wire"
)

// failing are guests that cannot be read: every n-th, in one way or another.
type failing struct {
	every int            // 0: none
	order map[string]int // of the VMs as they are listed, by their morefs
}

// What is wrong with a guest that fails.
const (
	_            = iota // nothing
	hasNoTools          // no guest operations
	refusesLogin        // of this user
	refusesStart        // the server fails
	exitsWithOne        // the probe fails
	writesRubbish
	hangs // the probe is never started, and nobody says so
)

// One of forty that fail hangs: each holds a probe until its deadline.
const hangingOneOf = 40

// learn takes from a recorded page the order of the VMs.
func (f *failing) learn(page []byte) {
	for _, found := range hostOfVM.FindAllSubmatch(page, -1) {
		vm := string(found[1])
		if _, known := f.order[vm]; !known {
			f.order[vm] = len(f.order)
		}
	}
}

// wayOf is how the guest that a request is for fails; 0: it does not.
func (f *failing) wayOf(request []byte) int {
	if f.every == 0 {
		return 0
	}
	for _, vm := range textsOf(request, "vm") {
		place, known := f.order[vm]
		switch {
		case !known || place%f.every != 0:
			return 0
		case place/f.every%hangingOneOf == 0:
			return hangs
		default:
			return hasNoTools + place/f.every%(hangs-hasNoTools)
		}
	}
	return 0
}

// Where a guest's file is, for one that is rubbish.
var (
	guestFile   = []byte("/guestFile?")
	rubbishFile = []byte("/rubbish?")
)

// spoil answers a request for a guest that fails, where that shows; else it says false.
func (r *Replay) spoil(w http.ResponseWriter, req *http.Request, method string, request []byte) bool {
	fault := ""
	switch way := r.failing.wayOf(request); {
	case way == hasNoTools:
		fault = "GuestOperationsUnavailable"
	case way == refusesLogin:
		fault = "InvalidGuestLogin"
	case way == refusesStart && method == "StartProgramInGuest":
		fault = "SystemError"
	case way == hangs && method == "StartProgramInGuest":
		select {
		case <-req.Context().Done():
		case <-r.stopped:
		}
		return true
	}
	if fault == "" {
		return false
	}
	r.calls.Count(method)
	made, err := wire.NamedFault(fault, types.ManagedObjectReference{})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return true
	}
	wire.Pause(r.latency, r.stopped)
	wire.FaultAnswer(made).Send(w)
	return true
}

// spoiled is an answer as a guest that fails has it.
func (f *failing) spoiled(method string, request, answer []byte) []byte {
	switch way := f.wayOf(request); {
	case way == exitsWithOne && method == "ListProcessesInGuest":
		return bytes.ReplaceAll(answer, []byte("<exitCode>0<"), []byte("<exitCode>1<"))
	case way == writesRubbish && method == "InitiateFileTransferFromGuest":
		return bytes.ReplaceAll(answer, guestFile, rubbishFile)
	}
	return answer
}

// serveRubbish is the file of a guest whose probe did not write what it should: half of it.
func (r *Replay) serveRubbish(w http.ResponseWriter, _ *http.Request) {
	r.calls.Count("GET /guestFile")
	r.inGuest()
	_, _ = w.Write(r.output[:len(r.output)/2]) // if the client goes away there is nobody to tell
}
