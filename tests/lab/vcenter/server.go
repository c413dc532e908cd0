// Package vcenter is the server's part of the API: sessions, views, pages of properties, quick stats,
// performance counters, privileges and tags, where the simulator library lacks them or a real vCenter does
// otherwise. Here belong managed objects of the lab's own, but for those of guest operations.
package vcenter

import (
	"sync/atomic"

	"github.com/vmware/govmomi/vim25/types"

	"ballast/lab/inventory"
)

// Server is the vCenter's own part: what it keeps for its clients, of a fleet that it shows.
type Server struct {
	fleet     *inventory.Fleet
	Sessions  *Sessions
	Tagging   *Tagging
	Tokens    *Tokens
	cancelled int64 // collections
}

// NewServer is for a fleet whose inventory need not be there yet.
func NewServer(f *inventory.Fleet) *Server {
	return &Server{
		fleet:    f,
		Sessions: newSessions(f.Scenario.VCenter.SessionIdleMS),
		Tagging:  newTagging(f),
		Tokens:   newTokens(),
	}
}

// Register puts the lab's own managed objects in the place of the simulator's.
func (s *Server) Register(content types.ServiceContent) {
	putPropertyCollector(s, content.PropertyCollector)
	putViewManager(s.Sessions)
	putAuthorizationManager(s.fleet.Scenario, *content.AuthorizationManager)
	putPerformanceManager(s.fleet, *content.PerfManager)
	setOptions(s.fleet.Scenario)
}

// CollectionsCancelled says how many there were so far.
func (s *Server) CollectionsCancelled() int64 { return atomic.LoadInt64(&s.cancelled) }
