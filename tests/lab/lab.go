package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// lab is the vCenter with everything that the simulator library does not hold itself.
type lab struct {
	scenario  *Scenario
	clock     *labClock
	captures  *captureStore
	trees     *treeMaker
	sessions  *sessionTable
	faults    *faultList
	transfers *transferTable
	identity  *identity // nil: no TLS
	stats     *statistics
	recorder  *recorder  // nil: nothing is kept
	changes   sync.Mutex // one change to the fleet at a time; guards captures and what hosts run

	hosts       []*host
	pools       []*pool          // those of the clusters first
	poolsByName map[string]*pool // a cluster's name stands for its own
	guests      []*guest         // in the order of the scenario
	byRef       map[string]*guest

	scheme  string // of the vCenter's URLs
	port    string
	stopped chan struct{} // closed when the lab ends
}

// statistics count what clients did.
type statistics struct {
	mu        sync.Mutex
	methods   map[string]int64
	cancelled int64
	started   int64
	downloads int64
}

func newStatistics() *statistics { return &statistics{methods: map[string]int64{}} }

func (s *statistics) countMethod(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.methods[name]++
}

func (s *statistics) methodCounts() map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := make(map[string]int64, len(s.methods))
	for name, n := range s.methods {
		counts[name] = n
	}
	return counts
}

// forget begins to count anew.
func (s *statistics) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.methods = map[string]int64{}
}

func newLab(scenario *Scenario, captures *captureStore, trees *treeMaker) (*lab, error) {
	l := &lab{
		scenario:  scenario,
		clock:     newLabClock(scenario.Clock),
		captures:  captures,
		trees:     trees,
		sessions:  newSessionTable(scenario.VCenter.SessionIdleMS),
		faults:    newFaultList(scenario.Faults),
		transfers: newTransferTable(scenario.Transfer.ValidMS),
		stats:     newStatistics(),
		byRef:     map[string]*guest{},

		poolsByName: map[string]*pool{},
		stopped:     make(chan struct{}),
	}
	trees.ticking = l.clock.simulated
	if err := l.planGuests(); err != nil {
		return nil, err
	}
	return l, nil
}

// planGuests makes the guests that the scenario asks for, not yet in any inventory.
func (l *lab) planGuests() error {
	for i := range l.scenario.Guests {
		group := &l.scenario.Guests[i]
		for n := 0; n < group.Count; n++ {
			g, err := l.newGuest(group, n)
			if err != nil {
				return fmt.Errorf("guests[%d] %q: %w", i, group.Name, err)
			}
			l.guests = append(l.guests, g)
			l.byRef[g.ref.Value] = g
		}
	}
	return nil
}

// stop ends every program in every guest and wakes whoever waits.
func (l *lab) stop() {
	close(l.stopped)
	for _, g := range l.guests {
		g.programs.killAll()
	}
}

func (l *lab) runningPrograms() int {
	running := 0
	for _, g := range l.guests {
		running += g.programs.running()
	}
	return running
}

func count(counter *int64) { atomic.AddInt64(counter, 1) }
