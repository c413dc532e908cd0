package plan_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"ballast/lab/guest"
	"ballast/lab/plan"
)

// The scenarios that come with the lab hold what they are used for.
func TestShippedScenarios(t *testing.T) {
	for file, want := range map[string]map[string]int{
		"demo.json": {"clean": 138, "balloon": 24, "excess": 4, "notools": 4, "disabled": 3, "wrongpw": 4,
			"denied": 2, "unavailable": 1, "off": 8, "windows": 12},
		"fleet_truth.json": {"clean": 100, "balloon": 40, "excess": 10, "wrongpw": 4, "notools": 4,
			"disabled": 4, "denied": 4, "progfails": 4, "off": 10, "windows": 5},
	} {
		s, err := plan.Load(filepath.Join("..", "scenarios", file))
		if err != nil {
			t.Fatal(err)
		}
		captures := guest.NewCaptures(os.Getenv("LAB_CAPTURES"))
		groups, names := map[string]int{}, map[string]bool{}
		for i := range s.Guests {
			group := &s.Guests[i]
			for n := 0; n < group.Count; n++ {
				groups[group.Group]++
				names[group.VMName(n)] = true
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
func checkGroup(t *testing.T, captures *guest.Captures, group *plan.GuestGroup, n int) {
	t.Helper()
	if len(group.Capture) == 0 {
		return
	}
	c, err := captures.Find(group.Capture[n%len(group.Capture)])
	if err != nil {
		t.Fatal(err)
	}
	ballooned, excess := group.Group == "balloon", group.Group == "excess"
	if ballooned != (c.BalloonKiB >= 64<<10) && (ballooned || group.Group == "clean") {
		t.Errorf("%s: %s has a balloon of %d KiB", group.VMName(n), c.Name, c.BalloonKiB)
	}
	if excess != (c.HiddenMiB == 300) {
		t.Errorf("%s: %s hides %d MiB", group.VMName(n), c.Name, c.HiddenMiB)
	}
}
