package inventory

import (
	"fmt"
	"math"

	"ballast/lab/guest"
	"ballast/lab/plan"
)

// schedule is one guest's: every step says all that holds from then on.
type schedule struct {
	steps   []plannedStep
	period  int64 // seconds; 0: the last step is for ever
	offset  int64 // how much later than the scenario this guest's schedule starts
	reboots int64 // in one period
}

type plannedStep struct {
	at         int64
	capture    *guest.Capture
	balloonMiB *int32
	reboot     bool
	hostName   string
	host       *Host // nil: the one that the guest was placed on
}

// moment is where a guest is in its schedule.
type moment struct {
	step     *plannedStep // nil: before the first
	cycle    int64
	boots    int64 // reboots since the schedule began; negative before
	bootedAt int64 // on the scenario's clock; math.MinInt64: before anything
}

// newSchedule fills in what steps leave as it was. A period begins as the one before it ended.
func (f *Fleet) newSchedule(group *plan.GuestGroup, n int, start plannedStep) (*schedule, error) {
	s := &schedule{period: group.PeriodS, offset: group.OffsetS * int64(n)}
	rounds := 1
	if s.period > 0 {
		rounds = 2
	}
	for ; rounds > 0; rounds-- {
		s.steps, s.reboots = nil, 0
		for i, wanted := range group.Schedule {
			step, err := f.planStep(wanted, start)
			if err != nil {
				return nil, fmt.Errorf("schedule[%d]: %w", i, err)
			}
			if step.reboot {
				s.reboots++
			}
			s.steps = append(s.steps, step)
			start = step
		}
	}
	return s, nil
}

func (f *Fleet) planStep(wanted plan.Step, before plannedStep) (plannedStep, error) {
	step := before
	step.at, step.reboot = wanted.AtS, wanted.Reboot
	if wanted.Capture != "" {
		found, err := f.captures.Find(wanted.Capture)
		if err != nil {
			return step, err
		}
		step.capture, step.balloonMiB = found, nil
	}
	if wanted.BalloonMiB != nil {
		step.balloonMiB = wanted.BalloonMiB
	}
	if wanted.Host != "" {
		step.hostName = wanted.Host
	}
	return step, nil
}

// placeOn finds the hosts that the steps name.
func (s *schedule) placeOn(hosts []*Host) error {
	for i := range s.steps {
		step := &s.steps[i]
		for _, h := range hosts {
			if h.Name == step.hostName {
				step.host = h
			}
		}
		if step.hostName != "" && step.host == nil {
			return fmt.Errorf("schedule[%d]: no host has the name %q", i, step.hostName)
		}
	}
	return nil
}

// at says where the schedule is, so many seconds after the scenario's start.
func (s *schedule) at(elapsed int64) moment {
	now, cycle := elapsed-s.offset, int64(0)
	if s.period > 0 {
		cycle = floorDiv(now, s.period)
	}
	passed := 0
	for passed < len(s.steps) && s.steps[passed].at <= now-cycle*s.period {
		passed++
	}
	if passed == 0 && s.period > 0 {
		cycle, passed = cycle-1, len(s.steps)
	}
	m := moment{cycle: cycle, boots: cycle * s.reboots, bootedAt: s.lastBoot(cycle, passed)}
	for i := 0; i < passed; i++ {
		m.step = &s.steps[i]
		if m.step.reboot {
			m.boots++
		}
	}
	return m
}

// lastBoot is when the newest reboot was of those that have passed.
func (s *schedule) lastBoot(cycle int64, passed int) int64 {
	for i := passed - 1; i >= 0; i-- {
		if s.steps[i].reboot {
			return s.offset + cycle*s.period + s.steps[i].at
		}
	}
	if s.period > 0 && s.reboots > 0 {
		return s.lastBoot(cycle-1, len(s.steps))
	}
	return math.MinInt64
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
