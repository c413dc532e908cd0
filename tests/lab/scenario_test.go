package main

import (
	"os"
	"path/filepath"
	"reflect"
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
		_, err := parseScenario([]byte(text))
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v does not say %q", text, err, says)
		}
	}
}

// The scenarios that come with the lab hold what they are used for.
func TestShippedScenarios(t *testing.T) {
	for file, want := range map[string]map[string]int{
		"demo.json": {"clean": 138, "balloon": 24, "excess": 4, "notools": 4, "disabled": 3, "wrongpw": 4,
			"denied": 2, "unavailable": 1, "off": 8, "windows": 12},
		"fleet_truth.json": {"clean": 100, "balloon": 40, "excess": 10, "wrongpw": 4, "notools": 4,
			"disabled": 4, "denied": 4, "progfails": 4, "off": 10, "windows": 5},
	} {
		s, err := loadScenario(filepath.Join("scenarios", file))
		check(t, err)
		captures := newCaptureStore(os.Getenv("LAB_CAPTURES"))
		groups, names := map[string]int{}, map[string]bool{}
		for i := range s.Guests {
			group := &s.Guests[i]
			for n := 0; n < group.Count; n++ {
				groups[group.Group]++
				names[group.vmName(n)] = true
				checkGroup(t, captures, group, n)
			}
		}
		if !reflect.DeepEqual(groups, want) {
			t.Errorf("%s: %v instead of %v", file, groups, want)
		}
		total := 0
		for _, count := range groups {
			total += count
		}
		if len(names) != total {
			t.Errorf("%s: %d names for %d VMs", file, len(names), total)
		}
	}
}

// checkGroup compares the name of a group with what its n-th capture holds.
func checkGroup(t *testing.T, captures *captureStore, group *GuestGroup, n int) {
	t.Helper()
	if len(group.Capture) == 0 {
		return
	}
	c, err := captures.find(group.Capture[n%len(group.Capture)])
	check(t, err)
	ballooned, excess := group.Group == "balloon", group.Group == "excess"
	if ballooned != (c.balloonKiB >= 64<<10) && (ballooned || group.Group == "clean") {
		t.Errorf("%s: %s has a balloon of %d KiB", group.vmName(n), c.name, c.balloonKiB)
	}
	if excess != (c.hiddenMiB == 300) {
		t.Errorf("%s: %s hides %d MiB", group.vmName(n), c.name, c.hiddenMiB)
	}
}

// Words are split by the shell's rules, without expansion.
func TestSplitWords(t *testing.T) {
	for text, want := range map[string][]string{
		``:                               nil,
		`  a  b `:                        {"a", "b"},
		`-c 'x y' z`:                     {"-c", "x y", "z"},
		`'it'\''s'`:                      {"it's"},
		`"a \"b\" \$c \d ` + "`" + `" e`: {"a \"b\" $c \\d `", "e"},
		`a\ b`:                           {"a b"},
		`'' ""`:                          {"", ""},
		`'$x * ~'`:                       {"$x * ~"},
		`$x *`:                           {"$x", "*"},
		"'a\nb'":                         {"a\nb"},
		"a\\\nb":                         {"ab"},
		"\"a\\\nb\"":                     {"ab"},
		`a"b"'c'd`:                       {"abcd"},
	} {
		got, err := splitWords(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, %v instead of %q", text, got, err, want)
		}
	}
	for _, text := range []string{`'a`, `"a`, `a\`, `"a\"`} {
		if got, err := splitWords(text); err == nil {
			t.Errorf("%q: %q instead of an error", text, got)
		}
	}
}
