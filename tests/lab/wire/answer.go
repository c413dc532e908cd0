// Package wire is what goes over the network, whatever it is about: HTTP answers, SOAP envelopes and
// the faults in them, certificates, listeners on loopback. Here belongs what every other package
// needs to speak as a vCenter does; it knows nothing of scenarios and inventories.
package wire

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// Answer is an HTTP answer that has been made and not yet sent. It is the ResponseWriter of who
// makes it.
type Answer struct {
	Status int
	header http.Header
	Body   bytes.Buffer
}

// NewAnswer is an answer with a status and no body yet.
func NewAnswer(status int) *Answer { return &Answer{Status: status, header: http.Header{}} }

// Header is part of http.ResponseWriter.
func (a *Answer) Header() http.Header { return a.header }

// WriteHeader is part of http.ResponseWriter.
func (a *Answer) WriteHeader(status int) { a.Status = status }

// Write is part of http.ResponseWriter.
func (a *Answer) Write(p []byte) (int, error) { return a.Body.Write(p) }

// Send gives the answer to who asked.
func (a *Answer) Send(w http.ResponseWriter) {
	for name, values := range a.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body.Bytes()) // if the client goes away there is nobody to tell
}

// LargestRequest is more than any client of the lab has to say.
const LargestRequest = 4 << 20

// Get answers GET requests with JSON.
func Get(answer func() interface{}) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			http.Error(w, "only GET", http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer()) // if the client goes away there is nobody to tell
	}
}

// Post does what the body of a POST request asks for; an error is the client's.
func Post(change func(*http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			http.Error(w, "only POST", http.StatusMethodNotAllowed)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, LargestRequest)
		if err := change(r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}
