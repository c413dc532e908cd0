package plan

import (
	"errors"
	"fmt"
	"time"
)

// Step is what happens to a guest at one moment of its schedule. What is not given stays.
type Step struct {
	AtS        int64  `json:"at_s"`        // since the scenario's start, or the period's
	Capture    string `json:"capture"`     // then vCenter reports its balloon, unless told otherwise
	BalloonMiB *int32 `json:"balloon_mib"` // as vCenter reports it
	Reboot     bool   `json:"reboot"`
	Host       string `json:"host"` // a migration
}

// checkSchedule finds what is wrong whatever captures and hosts there are.
func (g *GuestGroup) checkSchedule() error {
	if len(g.Schedule) == 0 {
		if g.PeriodS != 0 || g.OffsetS != 0 {
			return errors.New("period_s and offset_s need a schedule")
		}
		return nil
	}
	if g.PeriodS < 0 || g.OffsetS < 0 {
		return errors.New("period_s and offset_s cannot be negative")
	}
	before := int64(-1)
	for i, step := range g.Schedule {
		if step.AtS <= before {
			return fmt.Errorf("schedule[%d]: at_s is %d, but steps begin at 0 or later and follow each other",
				i, step.AtS)
		}
		before = step.AtS
	}
	if g.PeriodS > 0 && before >= g.PeriodS {
		return fmt.Errorf("the step at %d s is not within period_s, %d", before, g.PeriodS)
	}
	if len(g.Capture) == 0 && g.Schedule[0].Capture == "" {
		return errors.New("a schedule needs a capture, of the group or of its first step")
	}
	return nil
}

// GuestChange is the body of POST /guest, or the `change` of a group; what is not given stays.
type GuestChange struct {
	AfterOperations int64 `json:"after_operations"` // guest operations from now on

	BalloonMiB *int32  `json:"balloon_mib"`
	Capture    *string `json:"capture"`
	Behaviour  *string `json:"behaviour"`
	Power      *string `json:"power"`
	Tools      *string `json:"tools"`
	Host       *string `json:"host"`
	Name       *string `json:"name"` // what vCenter shows from then on
	Busy       int     `json:"busy"` // operations that find another one under way
	Deleted    bool    `json:"deleted"`

	Guestinfo map[string]string `json:"guestinfo"` // what the hypervisor knows from then on, by key
}

// ClockChange is the body of POST /clock: one of the two.
type ClockChange struct {
	Now      *time.Time `json:"now"`
	AdvanceS *float64   `json:"advance_s"`
}
