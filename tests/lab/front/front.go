// Package front is what clients of the vCenter and of its hosts connect to: who is let in, which
// faults strike a call, and how an answer then goes wrong. Here belongs what happens to requests
// and answers whatever they are about. The simulator library answers those that get through.
package front

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/vmware/govmomi/vim25/soap"

	"ballast/lab/guestops"
	"ballast/lab/inventory"
	"ballast/lab/plan"
	"ballast/lab/recording"
	"ballast/lab/vcenter"
	"ballast/lab/wire"
)

// Front is what clients talk to: it decides who is logged in and what goes wrong, and has the
// simulator answer the rest.
type Front struct {
	Scenario   *plan.Scenario
	Clock      *inventory.Clock
	Sessions   *vcenter.Sessions
	Tagging    *vcenter.Tagging
	Tokens     *vcenter.Tokens
	Operations *guestops.Operations // which serve guests' files
	Faults     *FaultList
	Calls      *wire.CallCounts
	Recorder   *recording.Recorder // nil: nothing is kept
	Stopped    <-chan struct{}

	SDK     http.HandlerFunc // the simulator's
	Secured bool             // cookies are for HTTPS only

	rawNames bool // the scenario has names to be written as bytes
}

// Handler serves everything that the vCenter serves.
func (f *Front) Handler() http.Handler {
	f.rawNames = hasRawNames(f.Scenario)
	mux := http.NewServeMux()
	mux.HandleFunc("/sdk", f.serveSOAP)
	mux.HandleFunc(stsPath, f.serveSTS)
	mux.HandleFunc("/sdk/vimServiceVersions.xml", f.plain(f.serveVersions))
	mux.HandleFunc("/api/", f.plain(f.Tagging.Serve))
	mux.HandleFunc("/rest/", f.plain(f.Tagging.Serve))
	mux.HandleFunc("/guestFile", f.plain(func(w http.ResponseWriter, r *http.Request) {
		f.Operations.ServeGuestFile(w, r, nil)
	}))
	return mux
}

// plain serves what is no SOAP call; faults find it as "GET /path".
func (f *Front) plain(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		method := r.Method + " " + r.URL.Path
		fault := f.Faults.take(method)
		if fault == nil && f.Recorder == nil {
			serve(w, r)
			return
		}
		if fault == nil {
			a := wire.NewAnswer(http.StatusOK)
			serve(a, r)
			f.Recorder.Add(recording.Exchange{Method: method, Answer: a.Body.Bytes()})
			a.Send(w)
			return
		}
		f.misbehave(fault, w, r, &wire.Call{}, func() *wire.Answer {
			a := wire.NewAnswer(http.StatusOK)
			serve(a, r)
			return a
		})
	}
}

func (f *Front) serveSOAP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "SOAP requests are POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.LargestRequest))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c, err := wire.ReadCall(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if cookie, err := r.Cookie(soap.SessionCookieName); err == nil {
		c.Session = cookie.Value
	}
	f.Calls.Count(c.Method)
	respond := func() *wire.Answer { return f.respond(r, c) }
	if fault := f.Faults.take(c.Method); fault != nil {
		f.misbehave(fault, w, r, c, respond)
		return
	}
	a := respond()
	if a.Status == http.StatusOK {
		f.Recorder.Add(recording.Exchange{Method: c.Method, Request: body, Answer: a.Body.Bytes()})
	}
	a.Send(w)
}

// What may be called without being logged in.
var anonymous = map[string]bool{"RetrieveServiceContent": true, "Login": true, "LoginByToken": true}

// isLogin says whether a method begins a session.
func isLogin(method string) bool { return method == "Login" || method == "LoginByToken" }

// respond has the simulator answer, unless the caller is not logged in.
func (f *Front) respond(r *http.Request, c *wire.Call) *wire.Answer {
	alive := f.Sessions.Touch(c.Session)
	if !alive && !anonymous[c.Method] {
		return wire.FaultAnswer(wire.NotAuthenticated(c.This))
	}
	if !alive {
		r.Header.Del("Cookie")
	}
	if isLogin(c.Method) && f.Sessions.Full(f.Scenario.VCenter.MaxSessions) {
		return noMoreSessions(f.Scenario.VCenter.MaxSessions)
	}
	if f.refusesLogin(c) {
		return wire.FaultAnswer(wire.InvalidLogin())
	}
	r.Body = io.NopCloser(bytes.NewReader(c.Body))
	a := wire.NewAnswer(http.StatusOK)
	if c.Method == "CurrentTime" && c.This.Type == "ServiceInstance" {
		a = f.currentTime()
	} else {
		f.SDK(a, r)
	}
	if f.rawNames {
		raw := withRawBytes(a.Body.Bytes())
		a.Body.Reset()
		a.Body.Write(raw)
	}
	a.Header().Set("Content-Type", "text/xml; charset=utf-8")
	switch {
	case a.Status != http.StatusOK:
	case c.Method == "RetrieveServiceContent" && c.Session == "":
		f.setCookie(a, f.Sessions.Begin())
	case isLogin(c.Method):
		f.Sessions.Use(c.Session)
		f.welcome(a)
	case c.Method == "Logout":
		f.Sessions.Remove(c.Session)
	}
	return a
}

// refusesLogin says whether a login is one that the simulator would accept and a vCenter would not.
func (f *Front) refusesLogin(c *wire.Call) bool {
	switch c.Method {
	case "Login":
		return !f.Scenario.VCenter.PasswordLogin
	case "LoginByToken":
		return !f.Tokens.Accepts(tokenIn(c.Body), time.Now())
	}
	return false
}

// welcome takes note of a new session and writes its cookie.
func (f *Front) welcome(a *wire.Answer) {
	for _, cookie := range (&http.Response{Header: a.Header()}).Cookies() {
		if cookie.Name != soap.SessionCookieName {
			continue
		}
		f.Sessions.Add(cookie.Value)
		f.setCookie(a, cookie.Value)
		return
	}
}

// setCookie writes it as vCenter does, in quotes.
func (f *Front) setCookie(a *wire.Answer, value string) {
	text := fmt.Sprintf("%s=%q; Path=/; HttpOnly", soap.SessionCookieName, value)
	if f.Secured {
		text += "; Secure"
	}
	a.Header().Set("Set-Cookie", text)
}
