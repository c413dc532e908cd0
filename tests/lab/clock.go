package main

import (
	"errors"
	"math"
	"sync"
	"time"
)

// labClock is the lab's time: this machine's, or as far from it as the scenario and the control
// endpoint say. It runs on by itself.
type labClock struct {
	simulated bool
	started   time.Time

	mu    sync.Mutex
	ahead time.Duration // of this machine's clock
}

// newLabClock starts at a time of its own, or with nil is this machine's clock.
func newLabClock(start *time.Time) *labClock {
	c := &labClock{simulated: start != nil, started: time.Now().UTC()}
	if start != nil {
		c.started = start.UTC()
		c.ahead = time.Until(*start)
	}
	return c
}

func (c *labClock) offset() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ahead
}

func (c *labClock) now() time.Time { return time.Now().UTC().Add(c.offset()) }

// elapsedSeconds is how long ago the scenario started, down to whole seconds.
func (c *labClock) elapsedSeconds() int64 {
	return int64(math.Floor(c.now().Sub(c.started).Seconds()))
}

// gained is what a simulated clock has moved on since the start, in seconds and not below 0.
func (c *labClock) gained() int32 {
	if !c.simulated {
		return 0
	}
	return int32(math.Max(0, math.Min(float64(c.elapsedSeconds()), 1<<30)))
}

func (c *labClock) change(wanted ClockChange) error {
	if !c.simulated {
		return errors.New(`the scenario has no "clock": the lab has the time of this machine`)
	}
	if (wanted.Now == nil) == (wanted.AdvanceS == nil) {
		return errors.New(`give either "now" or "advance_s"`)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if wanted.Now != nil {
		c.ahead = time.Until(*wanted.Now)
	} else {
		c.ahead += time.Duration(*wanted.AdvanceS * float64(time.Second))
	}
	return nil
}

// changeClock moves the fleet to another time.
func (f *fleet) changeClock(wanted ClockChange) error {
	if err := f.clock.change(wanted); err != nil {
		return err
	}
	f.changes.Lock()
	defer f.changes.Unlock()
	f.show(f.guests)
	return nil
}
