package recording

import (
	"io"
	"net"
	"net/http"
	"regexp"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/vmware/govmomi/vim25/soap"

	"ballast/lab/wire"
)

// Replay answers from a recording, so that it costs next to nothing and the client is what is
// measured. Whoever asks is welcome, and a token may be used again; README.md says what else is
// simpler than in a lab.
type Replay struct {
	answers  map[string][]byte // by keyOf
	older    map[string][]byte // likewise, without what clients from before 7.0 do not know
	byMethod map[string][]byte // the last of each method
	delay    time.Duration     // of a page
	latency  time.Duration     // of an operation in a guest
	hosts    hosts
	failing  failing
	told     guestinfo
	output   []byte // of the probe
	calls    *wire.CallCounts
	traffic  traffic
	servers  []*http.Server
	stopped  chan struct{}
}

// traffic is what went over the wire, in bytes, without HTTP's own.
type traffic struct {
	received, sent, pages, connections int64
	inGuests, peakInGuests             int64 // operations at this moment, and the most there were
}

// ReplayStats is the answer to GET /stats.
type ReplayStats struct {
	Methods       map[string]int64 `json:"methods"`
	ReceivedBytes int64            `json:"received_bytes"`
	SentBytes     int64            `json:"sent_bytes"`
	PageBytes     int64            `json:"page_bytes"`
	Connections   int64            `json:"connections"`
	PeakInGuests  int64            `json:"peak_in_guests"`
}

// NewReplay reads a recording. A page of properties takes pageDelay, an operation in a guest latency.
func NewReplay(folder string, pageDelay, latency time.Duration) (*Replay, error) {
	recorded, err := readRecording(folder)
	if err != nil {
		return nil, err
	}
	r := &Replay{
		answers:  map[string][]byte{},
		older:    map[string][]byte{},
		byMethod: map[string][]byte{},
		delay:    pageDelay,
		latency:  latency,
		hosts:    hosts{numbers: map[string]int{}, hostOf: map[string]int{}},
		failing:  failing{order: map[string]int{}},
		told:     guestinfo{keys: map[string]string{}},
		calls:    wire.NewCallCounts(),
		stopped:  make(chan struct{}),
	}
	for _, e := range recorded {
		key := keyOf(e.Method, e.Request)
		r.answers[key], r.older[key] = e.Answer, e.Answer
		if isPage(e.Method) {
			r.older[key] = since70.ReplaceAll(e.Answer, nil)
			r.hosts.learn(e.Answer)
			r.failing.learn(e.Answer)
		}
		r.byMethod[e.Method] = e.Answer
		if e.Method == "GET /guestFile" {
			r.output = e.Answer
		}
	}
	const rarely = 1000 // percent: what was recorded stays
	debug.SetGCPercent(rarely)
	return r, nil
}

// FailEvery has every n-th guest fail, in one way or another.
func (r *Replay) FailEvery(n int) { r.failing.every = n }

// Serve answers what came from clients of the vCenter on a listener, with Mbit/s that all connections
// share (0: no limit), and counts connections.
func (r *Replay) Serve(listener net.Listener, mbit float64, id *wire.Identity) {
	server := wire.Serve(paced(listener, mbit), r.handler(), id.Config())
	server.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			atomic.AddInt64(&r.traffic.connections, 1)
		}
	}
	r.servers = append(r.servers, server)
}

// Stop closes every server.
func (r *Replay) Stop() {
	close(r.stopped)
	for _, server := range r.servers {
		server.Close()
	}
}

func (r *Replay) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/sdk", r.serveSOAP)
	mux.HandleFunc("/rubbish", r.serveRubbish)
	mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) {
		r.send(w, r.answers, "GET "+req.URL.Path, nil)
	})
	return mux
}

// Control is the endpoint for those who measure: what went over the wire.
func (r *Replay) Control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/stats", wire.Get(func() interface{} {
		return ReplayStats{
			Methods:       r.calls.Counts(),
			ReceivedBytes: atomic.LoadInt64(&r.traffic.received),
			SentBytes:     atomic.LoadInt64(&r.traffic.sent),
			PageBytes:     atomic.LoadInt64(&r.traffic.pages),
			Connections:   atomic.LoadInt64(&r.traffic.connections),
			PeakInGuests:  atomic.LoadInt64(&r.traffic.peakInGuests),
		}
	}))
	mux.HandleFunc("/reset", wire.Post(func(*http.Request) error {
		r.calls.Forget()
		all := &r.traffic
		for _, counter := range []*int64{&all.received, &all.sent, &all.pages, &all.connections, &all.peakInGuests} {
			atomic.StoreInt64(counter, 0)
		}
		return nil
	}))
	return mux
}

func (r *Replay) serveSOAP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, wire.LargestRequest))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	atomic.AddInt64(&r.traffic.received, int64(len(body)))
	method := methodOf(body)
	if isInGuest(method) && r.spoil(w, req, method, body) {
		return
	}
	r.send(w, r.answersFor(req.Header.Get("SOAPAction")), method, body)
}

// Members of quick stats that came with 7.0. A strict client, told of one that its version lacks,
// gives up; vCenter goes by the version in the request.
var since70 = regexp.MustCompile(
	`<(overallCpuReadiness|grantedMemory|activeMemory|availablePMemCapacity)>[^<]*</[a-zA-Z]*>`)

var before70 = regexp.MustCompile(`urn:vim25/[2-6]\.`)

func (r *Replay) answersFor(action string) map[string][]byte {
	if before70.MatchString(action) {
		return r.older
	}
	return r.answers
}

// What is answered though it is never recorded, or not every time.
var alwaysAnswered = map[string]string{
	"Login":                      `<LoginResponse xmlns="urn:vim25"><returnval><key>replay</key></returnval></LoginResponse>`,
	"Logout":                     `<LogoutResponse xmlns="urn:vim25"></LogoutResponse>`,
	"DestroyView":                `<DestroyViewResponse xmlns="urn:vim25"></DestroyViewResponse>`,
	"CancelRetrievePropertiesEx": `<CancelRetrievePropertiesExResponse xmlns="urn:vim25"></CancelRetrievePropertiesExResponse>`,
}

func (r *Replay) send(w http.ResponseWriter, answers map[string][]byte, method string, request []byte) {
	r.calls.Count(method)
	answer, ok := answers[keyOf(method, request)]
	if !ok && !isPage(method) {
		answer, ok = r.byMethod[method]
	}
	if always, known := alwaysAnswered[method]; known {
		answer, ok = []byte(wire.EnvelopeHead+always+wire.EnvelopeTail), true
	}
	if told := r.told.answer(request, r.output); told != nil {
		answer, ok = told, true
	}
	if !ok {
		http.Error(w, "this was not recorded: "+method, http.StatusNotImplemented)
		return
	}
	if method == "Login" {
		http.SetCookie(w, &http.Cookie{Name: soap.SessionCookieName, Value: "replay", Path: "/"})
	}
	if method == "InitiateFileTransferFromGuest" && ok {
		answer = r.hosts.transferOf(request)
	}
	if method == "StartProgramInGuest" {
		r.told.started(request)
	}
	if isInGuest(method) {
		answer = r.failing.spoiled(method, request, answer)
		r.inGuest()
	}
	if isPage(method) {
		wire.Pause(r.delay, r.stopped)
		atomic.AddInt64(&r.traffic.pages, int64(len(answer)))
	}
	atomic.AddInt64(&r.traffic.sent, int64(len(answer)))
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
	_, _ = w.Write(answer) // if the client goes away there is nobody to tell
}

func isPage(method string) bool {
	return method == "RetrievePropertiesEx" || method == "ContinueRetrievePropertiesEx"
}
