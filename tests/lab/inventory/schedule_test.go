package inventory

import (
	"math"
	"testing"
)

// What a schedule says, moment by moment, at its edges.
func TestScheduleAt(t *testing.T) {
	s := &schedule{period: 100, offset: 10, reboots: 1,
		steps: []plannedStep{{at: 20}, {at: 50, reboot: true}}}
	for _, c := range []struct {
		elapsed, step, boots, bootedAt int64
	}{
		{0, 50, 0, -40}, {29, 50, 0, -40}, {30, 20, 0, -40}, {59, 20, 0, -40}, {60, 50, 1, 60},
		{109, 50, 1, 60}, {130, 20, 1, 60}, {160, 50, 2, 160}, {-1000, 50, -10, -1040},
	} {
		if m := s.at(c.elapsed); m.step.at != c.step || m.boots != c.boots || m.bootedAt != c.bootedAt {
			t.Errorf("at %d: step %d, %d boots, booted at %d; wanted %+v", c.elapsed, m.step.at, m.boots, m.bootedAt, c)
		}
	}
	s.period = 0
	if m := s.at(29); m.step != nil || m.bootedAt != math.MinInt64 {
		t.Errorf("before the first step: %+v", m)
	}
	if m := s.at(math.MaxInt32); m.step.at != 50 || m.boots != 1 || m.bootedAt != 60 {
		t.Errorf("long after the last step: %+v", m)
	}
}
