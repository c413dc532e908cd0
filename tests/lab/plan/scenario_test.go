package plan

import (
	"strings"
	"testing"
)

// Errors in a scenario must be found, and named.
func TestScenarioErrors(t *testing.T) {
	for text, says := range map[string]string{
		`{"unknown": 1}`:                                                                        "unknown",
		`{"vcenter": {"user": "x"}}`:                                                            "user",
		`{"guests": [{"name": "a", "colour": 1}]}`:                                              "colour",
		`{"guests": [{"count": 1}]}`:                                                            "name is missing",
		`{"guests": [{"name": "a", "count": 2}]}`:                                               "needs a number",
		`{"guests": [{"name": "a-%s", "count": 2}]}`:                                            "format",
		`{"guests": [{"name": "a-%d-%d"}]}`:                                                     "format",
		`{"guests": [{"name": "a", "power": "maybe"}]}`:                                         "on, off, suspended",
		`{"guests": [{"name": "a", "behaviour": "nice"}]}`:                                      "wrong_password",
		`{"guests": [{"name": "a", "capture": 5}]}`:                                             "list of strings",
		`{"clusters": 0}`:                                                                       "at least 1",
		`{"page_limit": -1}`:                                                                    "negative",
		`{"vcenter": {"password": ""}}`:                                                         "empty",
		`{"faults": [{"kind": "stall"}]}`:                                                       "method is missing",
		`{"faults": [{"method": "*", "kind": "explode"}]}`:                                      "explode",
		`{"faults": [{"method": "*", "kind": "status"}]}`:                                       "status is 0",
		`{"faults": [{"method": "*", "kind": "fault", "fault": "X"}]}`:                          "X",
		`{"faults": [{"method": "*", "kind": "fault", "fault": "UserSession"}]}`:                "no fault",
		`{"faults": [{"method": "*", "kind": "drop_session", "seen_as": "x"}]}`:                 "NotAuthenticated",
		`{"faults": [{"method": "*", "kind": "drip"}]}`:                                         "drip_ms",
		`{"faults": [{"method": "Issue", "kind": "soap_fault"}]}`:                               "fault is missing",
		`{"vcenter": {"token_life_ms": -1}}`:                                                    "negative",
		`{"vcenter": {"certificate": "odd"}}`:                                                   "wrong_name",
		`{"vcenter": {"max_sessions": -1}}`:                                                     "negative",
		`{"guests": [{"name": "a", "folder": "a//b"}]}`:                                         "empty name",
		`{"guests": [{"name": "a", "output_mib": -1}]}`:                                         "negative",
		`{"clock": "noon"}`:                                                                     "parsing time",
		`{"guests": [{"name": "a", "period_s": 5}]}`:                                            "need a schedule",
		`{"guests": [{"name": "a", "schedule": [{"at_s": 0}]}]}`:                                "needs a capture",
		`{"guests": [{"name": "a", "schedule": [{"capture": "c"}, {}]}]}`:                       "schedule[1]",
		`{"guests": [{"name": "a", "schedule": [{"at_s": -1, "capture": "c"}]}]}`:               "0 or later",
		`{"guests": [{"name": "a", "period_s": 9, "schedule": [{"at_s": 9, "capture": "c"}]}]}`: "within period_s",
		`{"guests": [{"name": "a", "offset_s": -9, "schedule": [{"capture": "c"}]}]}`:           "negative",
		`{"pools": [{"parent": "cluster-01"}]}`:                                                 "name is missing",
		`{"pools": [{"name": "a"}, {"name": "a"}]}`:                                             "taken",
		`{"pools": [{"name": "a", "parent": "b"}]}`:                                             "before it",
		`{"pools": [{"name": "a", "reservation_mib": -1}]}`:                                     "negative",
		`{"guests": [{"name": "a", "pool": "b"}]}`:                                              "no pool",
		`{"host_memory_state": "low"}`:                                                          "number or a map",
		`{"host_memory_state": {"esx-03.lab.example": 1}}`:                                      "esx-03",
		`{} {}`: "after the JSON",
		`[`:     "",
	} {
		_, err := parse([]byte(text))
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v does not say %q", text, err, says)
		}
	}
}
