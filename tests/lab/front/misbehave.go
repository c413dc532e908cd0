package front

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"ballast/lab/plan"
	"ballast/lab/wire"
)

// misbehave answers a call as a rule says. respond makes the right answer, and does what was asked.
func (f *Front) misbehave(rule *plan.FaultRule, w http.ResponseWriter, r *http.Request, c *wire.Call, respond func() *wire.Answer) {
	wire.Pause(time.Duration(rule.DelayMS)*time.Millisecond, f.Stopped)
	switch rule.Kind {
	case "status":
		if rule.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(rule.RetryAfter))
		}
		http.Error(w, http.StatusText(rule.Status), rule.Status)
	case "fault":
		fault, err := wire.NamedFault(rule.Fault, c.This)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		wire.FaultAnswer(fault).Send(w)
	case "soap_fault":
		(&stsFault{rule.Fault, rule.Text}).answer().Send(w)
	case "garbage":
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!DOCTYPE html><html><body><h1>It works!</h1><p>Not a vCenter & never was.</body></html>")
	case "truncate":
		half := respond()
		half.Body.Truncate(half.Body.Len() / 2)
		half.Send(w)
	case "reset":
		resetConnection(w, respond())
	case "drip":
		f.drip(w, r, respond(), time.Duration(rule.DripMS)*time.Millisecond)
	case "endless_body":
		f.sendForEver(w, r)
	case "stall":
		f.untilGone(r)
	case "drop_session":
		f.dropSessions(rule, c, respond).Send(w)
	default:
		respond().Send(w)
	}
}

// dropSessions forgets who is logged in, as a restarted server does. A caller that was using a view
// may then be told that the view is not there.
func (f *Front) dropSessions(rule *plan.FaultRule, c *wire.Call, respond func() *wire.Answer) *wire.Answer {
	view, hasView := f.Sessions.NewestView(c.Session)
	f.Sessions.RemoveAll()
	if rule.SeenAs == "ManagedObjectNotFound" {
		if named := viewPattern.FindSubmatch(c.Body); named != nil {
			view.Type, view.Value = "ContainerView", string(named[1])
			hasView = true
		}
		if hasView && viewMethods[c.Method] {
			return wire.FaultAnswer(wire.ObjectNotFound(view))
		}
	}
	return respond()
}

var (
	viewPattern = regexp.MustCompile(`type="ContainerView"[^>]*>([^<]+)<`)
	viewMethods = map[string]bool{
		"RetrievePropertiesEx": true, "ContinueRetrievePropertiesEx": true,
		"CancelRetrievePropertiesEx": true, "DestroyView": true,
	}
)

// resetConnection sends half of what it announced and then a TCP reset.
func resetConnection(w http.ResponseWriter, a *wire.Answer) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		return
	}
	conn, buffered, err := hijacker.Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	fmt.Fprintf(buffered, "HTTP/1.1 %d %s\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: %d\r\n\r\n",
		a.Status, http.StatusText(a.Status), a.Body.Len())
	_, _ = buffered.Write(a.Body.Bytes()[:a.Body.Len()/2])
	_ = buffered.Flush()
	raw := conn
	if secured, ok := conn.(*tls.Conn); ok {
		raw = secured.NetConn()
	}
	if tcp, ok := raw.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
		_ = tcp.Close()
	}
}

// sendForEver sends the beginning of an answer and then a little now and then.
func (f *Front) sendForEver(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	text := `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">`
	for {
		if _, err := fmt.Fprint(w, text); err != nil {
			return
		}
		w.(http.Flusher).Flush()
		text = "\n   "
		select {
		case <-r.Context().Done():
			return
		case <-f.Stopped:
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// untilGone returns when the client has given up.
func (f *Front) untilGone(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-f.Stopped:
	}
	panic(http.ErrAbortHandler) // no answer, not even an empty one
}

// drip sends an answer a few bytes at a time, evenly over a time.
func (f *Front) drip(w http.ResponseWriter, r *http.Request, a *wire.Answer, total time.Duration) {
	const step = 20 * time.Millisecond
	body := a.Body.Bytes()
	size := len(body) * int(step) / int(total)
	if size == 0 {
		size = 1
	}
	for name, values := range a.Header() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(a.Status)
	pause := total * time.Duration(size) / time.Duration(len(body)+1)
	for len(body) > 0 {
		if size > len(body) {
			size = len(body)
		}
		if _, err := w.Write(body[:size]); err != nil {
			return // the client has gone
		}
		w.(http.Flusher).Flush()
		body = body[size:]
		select {
		case <-r.Context().Done():
			return
		case <-f.Stopped:
			return
		case <-time.After(pause):
		}
	}
}
