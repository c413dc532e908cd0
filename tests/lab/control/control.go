// Package control is what tests ask a running lab and change in it: plain HTTP on a port of its own.
// Here belongs what is told or done at the tests' request; what it is about is in the other packages.
package control

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"ballast/lab/front"
	"ballast/lab/guestops"
	"ballast/lab/inventory"
	"ballast/lab/plan"
	"ballast/lab/vcenter"
	"ballast/lab/wire"
)

// Control is the endpoint for tests: what happened, what is true, and changes at run time.
type Control struct {
	Fleet      *inventory.Fleet
	Server     *vcenter.Server
	Operations *guestops.Operations
	Faults     *front.FaultList
	Calls      *wire.CallCounts
	Identity   *wire.Identity // nil: no TLS
}

// Handler answers GET and POST requests.
func (c *Control) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/stats", wire.Get(func() interface{} { return c.readStats() }))
	mux.HandleFunc("/truth", wire.Get(func() interface{} { return c.Fleet.Truth() }))
	mux.HandleFunc("/faults", wire.Post(func(r *http.Request) error {
		var rules []plan.FaultRule
		if err := plan.DecodeStrictly(r.Body, &rules); err != nil {
			return err
		}
		if err := plan.CheckFaults(rules); err != nil {
			return err
		}
		c.Faults.Replace(rules)
		return nil
	}))
	mux.HandleFunc("/guest", wire.Post(c.postGuest))
	mux.HandleFunc("/clock", wire.Post(c.postClock))
	mux.HandleFunc("/tls", c.serveTLS)
	mux.HandleFunc("/token", c.serveToken)
	return mux
}

func (c *Control) postGuest(r *http.Request) error {
	var change plan.GuestChange
	if err := plan.DecodeStrictly(r.Body, &change); err != nil {
		return err
	}
	g, err := c.Fleet.Find(r.URL.Query().Get("name"), r.URL.Query().Get("moref"))
	if err != nil {
		return err
	}
	return c.Fleet.Order(g, change)
}

func (c *Control) postClock(r *http.Request) error {
	var wanted plan.ClockChange
	if err := plan.DecodeStrictly(r.Body, &wanted); err != nil {
		return err
	}
	return c.Fleet.ChangeClock(wanted)
}

// serveToken gives a token for a user, as vCenter exchanges one of an identity provider: good from
// now on, or from as many seconds as from_s says, for life_s seconds.
func (c *Control) serveToken(w http.ResponseWriter, r *http.Request) {
	seconds := func(key string, otherwise int) time.Duration {
		if n, err := strconv.Atoi(r.URL.Query().Get(key)); err == nil {
			otherwise = n
		}
		return time.Duration(otherwise) * time.Second
	}
	wire.Get(func() interface{} {
		from := time.Now().Add(seconds("from_s", 0))
		return c.Server.Tokens.Issue(r.URL.Query().Get("user"), from, from.Add(seconds("life_s", 300)))
	})(w, r)
}

// CertificateChange is the body of POST /tls and, with the thumbprint, the answer to GET.
type CertificateChange struct {
	Certificate string `json:"certificate"`
	SHA256      string `json:"thumbprint_sha256,omitempty"`
}

func (c *Control) serveTLS(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		wire.Get(func() interface{} {
			if c.Identity == nil {
				return CertificateChange{}
			}
			return CertificateChange{c.Identity.KindShown(), c.Identity.Shown().SHA256}
		})(w, r)
		return
	}
	wire.Post(func(r *http.Request) error {
		var change CertificateChange
		if err := plan.DecodeStrictly(r.Body, &change); err != nil {
			return err
		}
		if c.Identity == nil {
			return errors.New("a lab with -plain has no certificate")
		}
		if err := plan.OneOf("certificate", change.Certificate, wire.CertificateKinds); err != nil {
			return err
		}
		return c.Identity.Change(change.Certificate)
	})(w, r)
}
