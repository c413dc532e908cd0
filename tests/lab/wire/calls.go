package wire

import (
	"sync"
	"time"
)

// CallCounts says how often clients called each method.
type CallCounts struct {
	mu       sync.Mutex
	byMethod map[string]int64
}

// NewCallCounts is of calls that are still to come.
func NewCallCounts() *CallCounts { return &CallCounts{byMethod: map[string]int64{}} }

// Count counts one call.
func (c *CallCounts) Count(method string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byMethod[method]++
}

// Counts gives the number of calls by method.
func (c *CallCounts) Counts() map[string]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := make(map[string]int64, len(c.byMethod))
	for name, n := range c.byMethod {
		counts[name] = n
	}
	return counts
}

// Forget begins to count anew.
func (c *CallCounts) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byMethod = map[string]int64{}
}

// Pause takes its time, but ends early when the lab does.
func Pause(d time.Duration, stopped <-chan struct{}) {
	if d <= 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-stopped:
	}
}

// Parallel opts out of the simulator's lock on a managed object, under which it would answer one
// call at a time.
type Parallel struct{}

// Lock does nothing.
func (*Parallel) Lock() {}

// Unlock does nothing.
func (*Parallel) Unlock() {}
