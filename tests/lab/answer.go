package main

import (
	"bytes"
	"encoding/json"
	"net/http"
)

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
	for name, values := range a.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes()) // if the client goes away there is nobody to tell
}

// largestRequest is more than any client of the lab has to say.
const largestRequest = 4 << 20

// get and post are the two kinds of a control endpoint: one tells something in JSON, one does what a body asks for.

func get(answer func() interface{}) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			http.Error(w, "only GET", http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer()) // if the client goes away there is nobody to tell
	}
}

func post(change func(*http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			http.Error(w, "only POST", http.StatusMethodNotAllowed)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, largestRequest)
		if err := change(r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}
