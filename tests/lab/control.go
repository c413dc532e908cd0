package main

import (
	"encoding/json"
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
	mux.HandleFunc("/guest", post(l.changeGuest))
	mux.HandleFunc("/clock", post(l.changeClock))
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
}

func (l *lab) readStats() Stats {
	stats := Stats{
		Methods:         l.stats.methodCounts(),
		Cancelled:       atomic.LoadInt64(&l.stats.cancelled),
		ProgramsStarted: atomic.LoadInt64(&l.stats.started),
		RunningPrograms: l.runningPrograms(),
		Downloads:       atomic.LoadInt64(&l.stats.downloads),
		LeftoverFiles:   map[string][]string{},
	}
	stats.Sessions, stats.OpenViews, stats.OpenCollections = l.sessions.counts()
	for _, g := range l.guests {
		if left := g.tree.leftovers(); len(left) > 0 {
			stats.LeftoverFiles[g.name] = append(stats.LeftoverFiles[g.name], left...)
		}
	}
	return stats
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

// GuestChange is the body of POST /guest; what is not given stays.
type GuestChange struct {
	BalloonMiB *int32  `json:"balloon_mib"`
	Capture    *string `json:"capture"`
	Behaviour  *string `json:"behaviour"`
	Power      *string `json:"power"`
	Tools      *string `json:"tools"`
}

func (l *lab) changeGuest(r *http.Request) error {
	var change GuestChange
	if err := decodeStrictly(r.Body, &change); err != nil {
		return err
	}
	g, err := l.findGuest(r.URL.Query().Get("name"), r.URL.Query().Get("moref"))
	if err != nil {
		return err
	}
	l.changes.Lock()
	defer l.changes.Unlock()
	if g.schedule != nil && (change.Capture != nil || change.BalloonMiB != nil) {
		return fmt.Errorf("the capture and the balloon of %q follow its schedule", g.name)
	}
	g.mu.Lock()
	state := g.state
	g.mu.Unlock()
	if err := l.applyChange(change, &state); err != nil {
		return err
	}
	g.mu.Lock()
	if before := g.state.reportedBalloonMiB(); before != state.reportedBalloonMiB() {
		g.past = append(g.past, pastBalloon{l.clock.elapsedSeconds(), before})
	}
	g.state = state
	g.mu.Unlock()
	l.show([]*guest{g})
	return nil
}

func (l *lab) applyChange(change GuestChange, state *guestState) error {
	for _, word := range []struct {
		key     string
		wanted  *string
		current *string
		allowed []string
	}{
		{"behaviour", change.Behaviour, &state.behaviour, behaviourWords},
		{"power", change.Power, &state.power, powerWords},
		{"tools", change.Tools, &state.tools, toolsWords},
	} {
		if word.wanted == nil {
			continue
		}
		if err := oneOf(word.key, *word.wanted, word.allowed); err != nil {
			return err
		}
		*word.current = *word.wanted
	}
	if change.Capture != nil {
		found, err := l.captures.find(*change.Capture)
		if err != nil {
			return err
		}
		state.capture, state.balloonMiB = found, nil
	}
	if change.BalloonMiB != nil {
		state.balloonMiB = change.BalloonMiB
	}
	return nil
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
