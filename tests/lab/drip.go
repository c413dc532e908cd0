package main

import (
	"net/http"
	"strconv"
	"time"
)

// drip sends an answer a few bytes at a time, evenly over a time.
func (f *front) drip(w http.ResponseWriter, r *http.Request, a *answer, total time.Duration) {
	const step = 20 * time.Millisecond
	body := a.body.Bytes()
	size := len(body) * int(step) / int(total)
	if size == 0 {
		size = 1
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(a.status)
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
		case <-f.lab.stopped:
			return
		case <-time.After(pause):
		}
	}
}
