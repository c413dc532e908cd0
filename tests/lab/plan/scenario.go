// Package plan is what a scenario file may ask for, with its defaults and checks, and what may be
// asked of a running lab. Here belongs every key of the JSON; nothing here does anything.
package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"ballast/lab/wire"
)

// Scenario says what the lab is: its size, its rules, its guests and what goes wrong.
// README.md describes every key.
type Scenario struct {
	Seed            int64        `json:"seed"`
	Clock           *time.Time   `json:"clock"` // nil: this machine's
	Datacenters     int          `json:"datacenters"`
	Clusters        int          `json:"clusters"` // in each datacenter
	HostsPerCluster int          `json:"hosts_per_cluster"`
	HostMemoryGiB   int64        `json:"host_memory_gib"`
	HostMemoryState HostStates   `json:"host_memory_state"`
	Pools           []Pool       `json:"pools"`
	MaxQueryMetrics int          `json:"max_query_metrics"` // below 1: no limit
	BalloonTarget   bool         `json:"balloon_target"`
	PageLimit       int          `json:"page_limit"`
	EndlessListing  bool         `json:"endless_listing"` // every page is the first one, and there is another
	VCenter         VCenter      `json:"vcenter"`
	GuestLogin      Login        `json:"guest_login"`
	LatencyMS       int          `json:"latency_ms"`
	Privileges      *[]string    `json:"privileges"` // nil: all are held
	PrivilegesOn    string       `json:"privileges_on"`
	Guests          []GuestGroup `json:"guests"`
	Faults          []FaultRule  `json:"faults"`
	Transfer        Transfer     `json:"transfer"`
}

// VCenter is how the server itself behaves.
type VCenter struct {
	Username       string `json:"username"`
	Password       string `json:"password"`
	SessionIdleMS  int    `json:"session_idle_ms"` // 0: sessions do not expire
	HostThumbprint bool   `json:"host_thumbprints"`
	APIVersion     string `json:"api_version"`
	MaxSessions    int    `json:"max_sessions"` // 0: no limit
	Certificate    string `json:"certificate"`
	AutomationAPI  string `json:"automation_api"`
	PasswordLogin  bool   `json:"password_login"` // false: as for users of an external identity provider
	TokenLifeMS    int    `json:"token_life_ms"`  // of a token of single sign-on, at most

	ClientCertificate bool `json:"client_certificate"` // is asked for at each handshake
}

// AutomationAPIs are the ways to tags that a server may have, by age: /api and /rest, /rest alone, or
// none, as an ESXi host. The first is the default.
var AutomationAPIs = []string{"api", "rest", "none"}

// Login is a user name and a password.
type Login struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// Transfer are about the one-time URLs for guest files.
type Transfer struct {
	ValidMS     int               `json:"valid_ms"`
	FromHosts   bool              `json:"from_hosts"`
	ByName      bool              `json:"by_name"`     // the hosts, which no name server knows
	Authorities map[string]string `json:"authorities"` // by a host's name, in place of the real one
}

// Default is the scenario that says nothing.
func Default() Scenario {
	return Scenario{
		Seed:            1,
		Datacenters:     1,
		Clusters:        1,
		HostsPerCluster: 2,
		HostMemoryGiB:   64,
		MaxQueryMetrics: 256,
		VCenter: VCenter{
			Username:       "ballast@vsphere.local",
			Password:       "lab-vcenter-password",
			HostThumbprint: true,
			APIVersion:     "7.0.3.0",
			Certificate:    wire.CertificateKinds[0],
			AutomationAPI:  AutomationAPIs[0],
			PasswordLogin:  true,
			TokenLifeMS:    5 * 60 * 1000,
		},
		GuestLogin: Login{Username: "ballast", Password: "lab-guest-password"},
		Transfer:   Transfer{ValidMS: 10 * 60 * 1000},
	}
}

// Load reads and checks a scenario file; its errors name the file and the key.
func Load(path string) (*Scenario, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

func parse(data []byte) (*Scenario, error) {
	s := Default()
	if err := DecodeStrictly(bytes.NewReader(data), &s); err != nil {
		return nil, err
	}
	if s.Datacenters < 1 || s.Clusters < 1 || s.HostsPerCluster < 1 || s.HostMemoryGiB < 1 {
		return nil, errors.New("datacenters, clusters, hosts_per_cluster and host_memory_gib must be at least 1")
	}
	if s.PageLimit < 0 || s.LatencyMS < 0 || s.Transfer.ValidMS < 0 {
		return nil, errors.New("page_limit, latency_ms and valid_ms cannot be negative")
	}
	if s.VCenter.SessionIdleMS < 0 || s.VCenter.MaxSessions < 0 || s.VCenter.TokenLifeMS < 0 {
		return nil, errors.New("session_idle_ms, max_sessions and token_life_ms cannot be negative")
	}
	if err := OneOf("certificate", s.VCenter.Certificate, wire.CertificateKinds); err != nil {
		return nil, err
	}
	if err := OneOf("automation_api", s.VCenter.AutomationAPI, AutomationAPIs); err != nil {
		return nil, err
	}
	if s.VCenter.Username == "" || s.VCenter.Password == "" {
		return nil, errors.New("vcenter.username and vcenter.password cannot be empty")
	}
	for i := range s.Guests {
		if err := s.Guests[i].check(); err != nil {
			return nil, fmt.Errorf("guests[%d] %q: %w", i, s.Guests[i].Name, err)
		}
	}
	if err := s.checkPools(); err != nil {
		return nil, err
	}
	if err := s.HostMemoryState.check(s.AllClusters() * s.HostsPerCluster); err != nil {
		return nil, err
	}
	return &s, CheckFaults(s.Faults)
}

// AllClusters is how many there are in all datacenters.
func (s *Scenario) AllClusters() int { return s.Datacenters * s.Clusters }

// Holds says whether the logged-in user has a privilege, which it then has on everything.
func (s *Scenario) Holds(privilege string) bool {
	if s.Privileges == nil {
		return true
	}
	for _, held := range *s.Privileges {
		if held == privilege {
			return true
		}
	}
	return false
}

// HoldsOn says whether a question for the user's privileges on an object of this type says yes.
func (s *Scenario) HoldsOn(objectType, privilege string) bool {
	return s.Holds(privilege) && (s.PrivilegesOn == "" || s.PrivilegesOn == objectType)
}

// DecodeStrictly reads one JSON value; unknown keys and anything behind the value are errors.
func DecodeStrictly(r io.Reader, into interface{}) error {
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("there is something after the JSON value")
	}
	return nil
}
