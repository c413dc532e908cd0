package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"github.com/vmware/govmomi/vim25/soap"
)

const largestRequest = 4 << 20

// answer is an HTTP answer that has been made and not yet sent. It is the ResponseWriter of who
// makes it.
type answer struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func newAnswer(status int) *answer { return &answer{status: status, header: http.Header{}} }

// Header is part of http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader is part of http.ResponseWriter.
func (a *answer) WriteHeader(status int) { a.status = status }

// Write is part of http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

func (a *answer) send(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes()) // if the client goes away there is nobody to tell
}

// front is what clients talk to: it decides who is logged in and what goes wrong, and has the
// simulator answer the rest.
type front struct {
	lab     *lab
	sdk     http.HandlerFunc
	secured bool // cookies are for HTTPS only

	rawNames bool
}

// handler serves everything that the vCenter serves.
func (f *front) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/sdk", f.serveSOAP)
	mux.HandleFunc("/sdk/vimServiceVersions.xml", f.plain(f.lab.serveVersions))
	mux.HandleFunc("/guestFile", f.plain(func(w http.ResponseWriter, r *http.Request) {
		f.lab.serveGuestFile(w, r, nil)
	}))
	return mux
}

// plain serves what is no SOAP call; faults find it as "GET /path".
func (f *front) plain(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		method := r.Method + " " + r.URL.Path
		fault := f.lab.faults.take(method)
		if fault == nil && f.lab.recorder == nil {
			serve(w, r)
			return
		}
		if fault == nil {
			a := newAnswer(http.StatusOK)
			serve(a, r)
			f.lab.recorder.add(exchange{method: method, answer: a.body.Bytes()})
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
	f.lab.stats.countMethod(c.method)
	respond := func() *answer { return f.respond(r, c) }
	if fault := f.lab.faults.take(c.method); fault != nil {
		f.misbehave(fault, w, r, c, respond)
		return
	}
	a := respond()
	if a.status == http.StatusOK {
		f.lab.recorder.add(exchange{c.method, body, a.body.Bytes()})
	}
	a.send(w)
}

// What may be called without being logged in.
var anonymous = map[string]bool{"RetrieveServiceContent": true, "Login": true}

// respond has the simulator answer, unless the caller is not logged in.
func (f *front) respond(r *http.Request, c *call) *answer {
	alive := f.lab.sessions.touch(c.session)
	if !alive && !anonymous[c.method] {
		return mustFault(notAuthenticated(c.this))
	}
	if !alive {
		r.Header.Del("Cookie")
	}
	if c.method == "Login" && f.lab.sessions.full(f.lab.scenario.VCenter.MaxSessions) {
		return noMoreSessions(f.lab.scenario.VCenter.MaxSessions)
	}
	r.Body = io.NopCloser(bytes.NewReader(c.body))
	a := newAnswer(http.StatusOK)
	if c.method == "CurrentTime" && c.this.Type == "ServiceInstance" {
		a = f.lab.currentTime()
	} else {
		f.sdk(a, r)
	}
	if f.rawNames {
		raw := withRawBytes(a.body.Bytes())
		a.body.Reset()
		a.body.Write(raw)
	}
	a.header.Set("Content-Type", "text/xml; charset=utf-8")
	switch {
	case a.status != http.StatusOK:
	case c.method == "Login":
		f.welcome(a)
	case c.method == "Logout":
		f.lab.sessions.remove(c.session)
	}
	return a
}

// noMoreSessions is what vCenter's front says when it has as many as it can.
func noMoreSessions(limit int) *answer {
	a := newAnswer(http.StatusServiceUnavailable)
	a.header.Set("Content-Type", "text/plain")
	fmt.Fprintf(&a.body, "503 Service Unavailable: Out of HTTP sessions: Limited to %d", limit)
	return a
}

// welcome takes note of a new session and writes its cookie as vCenter does, in quotes.
func (f *front) welcome(a *answer) {
	for _, cookie := range (&http.Response{Header: a.header}).Cookies() {
		if cookie.Name != soap.SessionCookieName {
			continue
		}
		f.lab.sessions.add(cookie.Value)
		text := fmt.Sprintf("%s=%q; Path=/; HttpOnly", cookie.Name, cookie.Value)
		if f.secured {
			text += "; Secure"
		}
		a.header.Set("Set-Cookie", text)
		return
	}
}

// mustFault is for faults that the lab makes itself, which can be encoded.
func mustFault(fault *soap.Fault) *answer {
	a, err := faultAnswer(fault)
	if err != nil {
		a = newAnswer(http.StatusInternalServerError)
		a.body.WriteString(err.Error())
	}
	return a
}
