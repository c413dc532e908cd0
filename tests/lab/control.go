package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
)

// control serves the tests: what happened, what is true, and changes at run time.
func (l *lab) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/stats", get(func() interface{} { return l.readStats() }))
	mux.HandleFunc("/truth", get(func() interface{} { return l.truth() }))
	mux.HandleFunc("/faults", post(func(r *http.Request) error {
		var rules []FaultRule
		if err := decodeStrictly(r.Body, &rules); err != nil {
			return err
		}
		if err := checkFaults(rules); err != nil {
			return err
		}
		l.faults.replace(rules)
		return nil
	}))
	mux.HandleFunc("/guest", post(l.postGuest))
	mux.HandleFunc("/clock", post(l.changeClock))
	mux.HandleFunc("/tls", l.serveTLS)
	return mux
}

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

// Stats is the answer to GET /stats.
type Stats struct {
	Methods         map[string]int64    `json:"methods"`
	Sessions        int                 `json:"sessions"`
	OpenViews       int                 `json:"open_views"`
	OpenCollections int                 `json:"open_collections"`
	Cancelled       int64               `json:"cancelled"`
	ProgramsStarted int64               `json:"programs_started"`
	RunningPrograms int                 `json:"running_programs"`
	Downloads       int64               `json:"downloads"`
	LeftoverFiles   map[string][]string `json:"leftover_files"`

	// By VM and by the user name that was tried.
	GuestLoginsRefused map[string]map[string]int64 `json:"guest_logins_refused"`
}

func (l *lab) readStats() Stats {
	stats := Stats{
		Methods:         l.stats.methodCounts(),
		Cancelled:       atomic.LoadInt64(&l.stats.cancelled),
		ProgramsStarted: atomic.LoadInt64(&l.stats.started),
		RunningPrograms: l.runningPrograms(),
		Downloads:       atomic.LoadInt64(&l.stats.downloads),
		LeftoverFiles:   map[string][]string{},

		GuestLoginsRefused: map[string]map[string]int64{},
	}
	stats.Sessions, stats.OpenViews, stats.OpenCollections = l.sessions.counts()
	for _, g := range l.guests {
		g.addRefusedLogins(stats.GuestLoginsRefused)
		if g.current().deleted {
			continue
		}
		if left := g.tree.leftovers(); len(left) > 0 {
			stats.LeftoverFiles[g.name] = append(stats.LeftoverFiles[g.name], left...)
		}
	}
	return stats
}

// addRefusedLogins adds to a count by VM and user name.
func (g *guest) addRefusedLogins(all map[string]map[string]int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for user, n := range g.refused {
		if all[g.name] == nil {
			all[g.name] = map[string]int64{}
		}
		all[g.name][user] += n
	}
}

// CertificateChange is the body of POST /tls and, with the thumbprint, the answer to GET.
type CertificateChange struct {
	Certificate string `json:"certificate"`
	SHA256      string `json:"thumbprint_sha256,omitempty"`
}

func (l *lab) serveTLS(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		get(func() interface{} {
			if l.identity == nil {
				return CertificateChange{}
			}
			return CertificateChange{l.identity.kindShown(), l.identity.shown().sha256}
		})(w, r)
		return
	}
	post(func(r *http.Request) error {
		var change CertificateChange
		if err := decodeStrictly(r.Body, &change); err != nil {
			return err
		}
		if l.identity == nil {
			return errors.New("a lab with -plain has no certificate")
		}
		return l.identity.change(change.Certificate)
	})(w, r)
}

// leftovers are the files in the guest's /tmp.
func (t *guestTree) leftovers() []string {
	var left []string
	_ = filepath.WalkDir(t.path("/tmp"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() { // gone meanwhile, or a guest never used: nothing left
			left = append(left, strings.TrimPrefix(path, t.root))
		}
		return nil
	})
	return left
}

func (l *lab) findGuest(name, moref string) (*guest, error) {
	var found *guest
	for _, g := range l.guests {
		if g.ref.Value != moref && (name == "" || g.name != name) {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("more than one VM is named %q: give its moref", name)
		}
		found = g
	}
	if found == nil {
		return nil, fmt.Errorf("no VM has the name %q or the moref %q", name, moref)
	}
	return found, nil
}
