package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/vmware/govmomi/vim25/soap"
)

// front is what clients talk to: it decides who is logged in and what goes wrong, and has the
// simulator answer the rest.
type front struct {
	scenario   *Scenario
	clock      *labClock
	sessions   *sessionTable
	operations *operations // which serve guests' files
	faults     *faultList
	calls      *callCounts
	recorder   *recorder // nil: nothing is kept
	stopped    <-chan struct{}

	sdk     http.HandlerFunc // the simulator's
	secured bool             // cookies are for HTTPS only

	rawNames bool // the scenario has names to be written as bytes
}

// handler serves everything that the vCenter serves.
func (f *front) handler() http.Handler {
	f.rawNames = hasRawNames(f.scenario)
	mux := http.NewServeMux()
	mux.HandleFunc("/sdk", f.serveSOAP)
	mux.HandleFunc("/sdk/vimServiceVersions.xml", f.plain(f.serveVersions))
	mux.HandleFunc("/guestFile", f.plain(func(w http.ResponseWriter, r *http.Request) {
		f.operations.serveGuestFile(w, r, nil)
	}))
	return mux
}

// plain serves what is no SOAP call; faults find it as "GET /path".
func (f *front) plain(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		method := r.Method + " " + r.URL.Path
		fault := f.faults.take(method)
		if fault == nil && f.recorder == nil {
			serve(w, r)
			return
		}
		if fault == nil {
			a := newAnswer(http.StatusOK)
			serve(a, r)
			f.recorder.add(exchange{method: method, answer: a.body.Bytes()})
			a.send(w)
			return
		}
		f.misbehave(fault, w, r, &call{}, func() *answer {
			a := newAnswer(http.StatusOK)
			serve(a, r)
			return a
		})
	}
}

func (f *front) serveSOAP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "SOAP requests are POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestRequest))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c, err := readCall(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if cookie, err := r.Cookie(soap.SessionCookieName); err == nil {
		c.session = cookie.Value
	}
	f.calls.count(c.method)
	respond := func() *answer { return f.respond(r, c) }
	if fault := f.faults.take(c.method); fault != nil {
		f.misbehave(fault, w, r, c, respond)
		return
	}
	a := respond()
	if a.status == http.StatusOK {
		f.recorder.add(exchange{method: c.method, request: body, answer: a.body.Bytes()})
	}
	a.send(w)
}

// What may be called without being logged in.
var anonymous = map[string]bool{"RetrieveServiceContent": true, "Login": true}

// respond has the simulator answer, unless the caller is not logged in.
func (f *front) respond(r *http.Request, c *call) *answer {
	alive := f.sessions.touch(c.session)
	if !alive && !anonymous[c.method] {
		return mustFault(notAuthenticated(c.this))
	}
	if !alive {
		r.Header.Del("Cookie")
	}
	if c.method == "Login" && f.sessions.full(f.scenario.VCenter.MaxSessions) {
		return noMoreSessions(f.scenario.VCenter.MaxSessions)
	}
	r.Body = io.NopCloser(bytes.NewReader(c.body))
	a := newAnswer(http.StatusOK)
	if c.method == "CurrentTime" && c.this.Type == "ServiceInstance" {
		a = f.currentTime()
	} else {
		f.sdk(a, r)
	}
	if f.rawNames {
		raw := withRawBytes(a.body.Bytes())
		a.body.Reset()
		a.body.Write(raw)
	}
	a.Header().Set("Content-Type", "text/xml; charset=utf-8")
	switch {
	case a.status != http.StatusOK:
	case c.method == "Login":
		f.welcome(a)
	case c.method == "Logout":
		f.sessions.remove(c.session)
	}
	return a
}

// noMoreSessions is what vCenter's front says when it has as many as it can.
func noMoreSessions(limit int) *answer {
	a := newAnswer(http.StatusServiceUnavailable)
	a.Header().Set("Content-Type", "text/plain")
	fmt.Fprintf(&a.body, "503 Service Unavailable: Out of HTTP sessions: Limited to %d", limit)
	return a
}

// welcome takes note of a new session and writes its cookie as vCenter does, in quotes.
func (f *front) welcome(a *answer) {
	for _, cookie := range (&http.Response{Header: a.Header()}).Cookies() {
		if cookie.Name != soap.SessionCookieName {
			continue
		}
		f.sessions.add(cookie.Value)
		text := fmt.Sprintf("%s=%q; Path=/; HttpOnly", cookie.Name, cookie.Value)
		if f.secured {
			text += "; Secure"
		}
		a.Header().Set("Set-Cookie", text)
		return
	}
}

// currentTime is the answer to CurrentTime. The simulator's own ServiceInstance cannot be replaced:
// its library insists on the type.
func (f *front) currentTime() *answer {
	a := newAnswer(http.StatusOK)
	fmt.Fprintf(&a.body, envelopeHead+`<CurrentTimeResponse xmlns="urn:vim25"><returnval>%s</returnval>`+
		`</CurrentTimeResponse>`+envelopeTail, f.clock.now().Format(time.RFC3339Nano))
	return a
}
