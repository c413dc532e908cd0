package main

import (
	"sync/atomic"

	"github.com/vmware/govmomi/vim25/types"
)

// server is the vCenter's own part: what it keeps for its clients, of a fleet that it shows.
type server struct {
	fleet     *fleet
	sessions  *sessionTable
	cancelled int64 // collections
}

func newServer(f *fleet) *server {
	return &server{fleet: f, sessions: newSessionTable(f.scenario.VCenter.SessionIdleMS)}
}

// register puts the lab's own managed objects in the place of the simulator's.
func (s *server) register(content types.ServiceContent) {
	putPropertyCollector(s, content.PropertyCollector)
	putViewManager(s.sessions)
	putAuthorizationManager(s.fleet.scenario, *content.AuthorizationManager)
	putPerformanceManager(s.fleet, *content.PerfManager)
	setOptions(s.fleet.scenario)
}

// collectionsCancelled says how many there were so far.
func (s *server) collectionsCancelled() int64 { return atomic.LoadInt64(&s.cancelled) }
