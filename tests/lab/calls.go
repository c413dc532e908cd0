package main

import (
	"sync"
	"time"
)

// callCounts says how often clients called each method.
type callCounts struct {
	mu       sync.Mutex
	byMethod map[string]int64
}

func newCallCounts() *callCounts { return &callCounts{byMethod: map[string]int64{}} }

func (c *callCounts) count(method string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byMethod[method]++
}

func (c *callCounts) counts() map[string]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := make(map[string]int64, len(c.byMethod))
	for name, n := range c.byMethod {
		counts[name] = n
	}
	return counts
}

// forget begins to count anew.
func (c *callCounts) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byMethod = map[string]int64{}
}

// pause takes its time, but ends early when the lab does.
func pause(d time.Duration, stopped <-chan struct{}) {
	if d <= 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-stopped:
	}
}
