package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// replaceManagers puts the lab's own managed objects in the place of the simulator's.
func (l *lab) replaceManagers(content types.ServiceContent) {
	putPropertyCollector(l, content.PropertyCollector)
	putViewManager(l.sessions)
	putAuthorizationManager(l, *content.AuthorizationManager)
	putPerformanceManager(l, *content.PerfManager)
	l.setOptions()
	operations := simulator.Map.Get(*content.GuestOperationsManager).(*simulator.GuestOperationsManager)
	putProcessManager(l, *operations.ProcessManager)
	putFileManager(l, *operations.FileManager)
	operations.AuthManager = &types.ManagedObjectReference{
		Type: "GuestAuthManager", Value: "guestOperationsAuthManager",
	}
	putAuthManager(l, *operations.AuthManager)
}

// parallel opts out of the simulator's lock on a managed object, under which it would answer one
// call at a time.
type parallel struct{}

// Lock does nothing.
func (*parallel) Lock() {}

// Unlock does nothing.
func (*parallel) Unlock() {}
