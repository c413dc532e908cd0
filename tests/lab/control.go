package main

import (
	"errors"
	"net/http"
)

// control is the endpoint for tests: what happened, what is true, and changes at run time.
type control struct {
	fleet      *fleet
	server     *server
	operations *operations
	faults     *faultList
	calls      *callCounts
	identity   *identity // nil: no TLS
}

// handler answers GET and POST requests.
func (c *control) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/stats", get(func() interface{} { return c.readStats() }))
	mux.HandleFunc("/truth", get(func() interface{} { return c.fleet.truth() }))
	mux.HandleFunc("/faults", post(func(r *http.Request) error {
		var rules []FaultRule
		if err := decodeStrictly(r.Body, &rules); err != nil {
			return err
		}
		if err := checkFaults(rules); err != nil {
			return err
		}
		c.faults.replace(rules)
		return nil
	}))
	mux.HandleFunc("/guest", post(c.postGuest))
	mux.HandleFunc("/clock", post(c.postClock))
	mux.HandleFunc("/tls", c.serveTLS)
	return mux
}

func (c *control) postGuest(r *http.Request) error {
	var change GuestChange
	if err := decodeStrictly(r.Body, &change); err != nil {
		return err
	}
	g, err := c.fleet.find(r.URL.Query().Get("name"), r.URL.Query().Get("moref"))
	if err != nil {
		return err
	}
	return c.fleet.order(g, change)
}

func (c *control) postClock(r *http.Request) error {
	var wanted ClockChange
	if err := decodeStrictly(r.Body, &wanted); err != nil {
		return err
	}
	return c.fleet.changeClock(wanted)
}

// CertificateChange is the body of POST /tls and, with the thumbprint, the answer to GET.
type CertificateChange struct {
	Certificate string `json:"certificate"`
	SHA256      string `json:"thumbprint_sha256,omitempty"`
}

func (c *control) serveTLS(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		get(func() interface{} {
			if c.identity == nil {
				return CertificateChange{}
			}
			return CertificateChange{c.identity.kindShown(), c.identity.shown().sha256}
		})(w, r)
		return
	}
	post(func(r *http.Request) error {
		var change CertificateChange
		if err := decodeStrictly(r.Body, &change); err != nil {
			return err
		}
		if c.identity == nil {
			return errors.New("a lab with -plain has no certificate")
		}
		if err := oneOf("certificate", change.Certificate, certificateKinds); err != nil {
			return err
		}
		return c.identity.change(change.Certificate)
	})(w, r)
}
