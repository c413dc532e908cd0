package plan

import (
	"fmt"
	"strings"

	"github.com/vmware/govmomi/vim25/types"

	"ballast/lab/wire"
)

// FaultRule says which calls go wrong, and how.
type FaultRule struct {
	Method     string `json:"method"`
	Skip       int    `json:"skip"`
	Count      int    `json:"count"` // 0: for ever
	Kind       string `json:"kind"`
	Status     int    `json:"status"`
	RetryAfter int    `json:"retry_after"`
	Fault      string `json:"fault"`
	Text       string `json:"text"`    // of a soap_fault
	SeenAs     string `json:"seen_as"` // by the caller whose session is dropped
	DelayMS    int    `json:"delay_ms"`
	DripMS     int    `json:"drip_ms"`
}

var faultKinds = []string{
	"delay", "status", "truncate", "endless_body", "reset", "stall", "drop_session", "garbage", "fault",
	"drip", "soap_fault",
}

// What a caller sees of a dropped session.
var droppedFaults = []string{"NotAuthenticated", "ManagedObjectNotFound"}

// CheckFaults checks rules and fills in what they leave out.
func CheckFaults(rules []FaultRule) error {
	for i := range rules {
		if err := rules[i].check(); err != nil {
			return fmt.Errorf("faults[%d] %q: %w", i, rules[i].Method, err)
		}
	}
	return nil
}

func (r *FaultRule) check() error {
	if r.Method == "" {
		return fmt.Errorf(`method is missing: a SOAP method's name, "*", or "GET /path"`)
	}
	if r.Kind == "" {
		r.Kind = "delay"
	}
	if err := OneOf("kind", r.Kind, faultKinds); err != nil {
		return err
	}
	if r.Skip < 0 || r.Count < 0 || r.DelayMS < 0 || r.RetryAfter < 0 {
		return fmt.Errorf("skip, count, delay_ms and retry_after cannot be negative")
	}
	switch r.Kind {
	case "drip":
		if r.DripMS <= 0 {
			return fmt.Errorf("drip_ms is missing: how long the answer takes")
		}
	case "status":
		if r.Status < 200 || r.Status > 599 {
			return fmt.Errorf("status is %d, which is no HTTP status to answer with", r.Status)
		}
	case "drop_session":
		if r.SeenAs == "" {
			r.SeenAs = droppedFaults[0]
		}
		return OneOf("seen_as", r.SeenAs, droppedFaults)
	case "soap_fault":
		if r.Fault == "" {
			return fmt.Errorf("fault is missing: the code of the SOAP fault")
		}
	case "fault":
		_, err := wire.NamedFault(r.Fault, types.ManagedObjectReference{})
		return err
	}
	return nil
}

// Matches: "*" is every SOAP call; "GET /path" is a prefix; else it is the method's name.
func (r *FaultRule) Matches(label string) bool {
	isSOAP := !strings.Contains(label, " ")
	switch {
	case r.Method == "*":
		return isSOAP
	case isSOAP:
		return r.Method == label
	default:
		return strings.Contains(r.Method, " ") && strings.HasPrefix(label, r.Method)
	}
}
