package inventory

import (
	"errors"
	"math"
	"sync"
	"time"

	"ballast/lab/plan"
)

// Clock is the lab's time: this machine's, or as far from it as the scenario and the control
// endpoint say. It runs on by itself.
type Clock struct {
	simulated bool
	Started   time.Time

	mu    sync.Mutex
	ahead time.Duration // of this machine's clock
}

// newClock starts at a time of its own, or with nil is this machine's clock.
func newClock(start *time.Time) *Clock {
	c := &Clock{simulated: start != nil, Started: time.Now().UTC()}
	if start != nil {
		c.Started = start.UTC()
		c.ahead = time.Until(*start)
	}
	return c
}

// Offset is how far it is ahead of this machine's clock.
func (c *Clock) Offset() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ahead
}

// Now is the lab's time.
func (c *Clock) Now() time.Time { return time.Now().UTC().Add(c.Offset()) }

// elapsedSeconds is how long ago the scenario started, down to whole seconds.
func (c *Clock) elapsedSeconds() int64 {
	return int64(math.Floor(c.Now().Sub(c.Started).Seconds()))
}

// gained is what a simulated clock has moved on since the start, in seconds and not below 0.
func (c *Clock) gained() int32 {
	if !c.simulated {
		return 0
	}
	return int32(math.Max(0, math.Min(float64(c.elapsedSeconds()), 1<<30)))
}

func (c *Clock) change(wanted plan.ClockChange) error {
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

// ChangeClock moves the fleet to another time.
func (f *Fleet) ChangeClock(wanted plan.ClockChange) error {
	if err := f.Clock.change(wanted); err != nil {
		return err
	}
	f.changes.Lock()
	defer f.changes.Unlock()
	f.show(f.Guests)
	return nil
}
