package labtest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"

	"ballast/lab/inventory"
)

const day = 24 * 60 * 60

// scheduled is a fleet over days: one that is ballooned, migrated and rebooted, then leaks; three
// that do the same thing an hour apart, every day; one that stays as it is.
const scheduled = `{"clock": "2024-03-01T00:00:00Z", "hosts_per_cluster": 2, "guests": [
	{"name": "life", "schedule": [
		{"at_s": 0, "capture": "a_idle_2048/0"},
		{"at_s": 86400, "capture": "a_idle_2048/512"},
		{"at_s": 90000, "balloon_mib": 700},
		{"at_s": 172800, "host": "esx-02.lab.example"},
		{"at_s": 259200, "capture": "a_idle_2048/0", "reboot": true},
		{"at_s": 345600, "capture": "n_neg_brd/300MB"}]},
	{"name": "daily-%d", "count": 3, "period_s": 86400, "offset_s": 3600, "schedule": [
		{"at_s": 0, "capture": "a_idle_2048/256", "reboot": true},
		{"at_s": 7200, "capture": "a_idle_2048/0"}]},
	{"name": "still", "capture": "g_idle_1024/128"}]}`

func (p *labProcess) truthByName() map[string]inventory.VMTruth {
	byName := map[string]inventory.VMTruth{}
	for _, vm := range p.truth() {
		byName[vm.Name] = vm
	}
	return byName
}

// setClock moves the lab to so many seconds after the start of the scenario above.
func (p *labProcess) setClock(second int) {
	at := time.Date(2024, 3, 1, 0, 0, second, 0, time.UTC)
	p.mustPost("/clock", fmt.Sprintf(`{"now": %q}`, at.Format(time.RFC3339)))
}

// The server's time is the scenario's, runs on, and goes where it is sent.
func TestClock(t *testing.T) {
	lab := startLab(t, scheduled)
	client := lab.login()
	now := func() time.Time {
		at, err := methods.GetCurrentTime(context.Background(), client)
		check(t, err)
		return *at
	}
	start := time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
	if since := now().Sub(start); since < 0 || since > time.Minute {
		t.Errorf("the clock is at %v after the start", since)
	}
	before := now()
	eventually(t, "a tick of the clock", func() bool { return now().After(before) })
	lab.mustPost("/clock", `{"advance_s": 3600}`)
	if since := now().Sub(start); since < time.Hour || since > time.Hour+time.Minute {
		t.Errorf("an hour later the clock is at %v after the start", since)
	}
	lab.mustPost("/clock", `{"now": "2025-01-01T12:00:00Z"}`)
	if at := now(); at.Year() != 2025 || at.Hour() != 12 {
		t.Errorf("the clock says %v", at)
	}
	for _, bad := range []string{`{}`, `{"now": "soon"}`, `{"now": "2025-01-01T12:00:00Z", "advance_s": 1}`} {
		if status, _ := lab.post("/clock", bad); status != http.StatusBadRequest {
			t.Errorf("%s: %d", bad, status)
		}
	}
	real := startLab(t, oneGuest)
	if status, text := real.post("/clock", `{"advance_s": 1}`); status != http.StatusBadRequest || !strings.Contains(text, "clock") {
		t.Errorf("without a clock of its own: %d %q", status, text)
	}
}

// What the truth says over days, and that the inventory and the inside of the guest agree with it.
func TestSchedule(t *testing.T) {
	lab := startLab(t, scheduled)
	client := lab.login()
	g := newGuestClient(t, lab, client, "life")
	boot := ""
	for _, c := range []struct {
		second  int
		capture string
		balloon int32
		host    string
		reboot  bool
	}{
		{60, "a_idle_2048/0", 0, "esx-01.lab.example", true},
		{day + 60, "a_idle_2048/512", 512, "esx-01.lab.example", false},
		{90060, "a_idle_2048/512", 700, "esx-01.lab.example", false},
		{2*day + 60, "a_idle_2048/512", 700, "esx-02.lab.example", false},
		{3*day + 60, "a_idle_2048/0", 0, "esx-02.lab.example", true},
		{100 * day, "n_neg_brd/300MB", 0, "esx-02.lab.example", false},
		{60, "a_idle_2048/0", 0, "esx-01.lab.example", true}, // and back
	} {
		lab.setClock(c.second)
		vm := vmsByName(t, client)["life"]
		truth := lab.truthByName()["life"]
		if truth.Capture != c.capture || truth.BalloonKiB != int64(c.balloon)*1024 || truth.Host != c.host {
			t.Errorf("at %d s: %+v", c.second, truth)
		}
		if vm.Summary.QuickStats.BalloonedMemory != c.balloon || vm.Runtime.Host.Value != truth.HostMoref {
			t.Errorf("at %d s: balloon %d on %v", c.second, vm.Summary.QuickStats.BalloonedMemory, vm.Runtime.Host)
		}
		inside := g.output("cat /proc/sys/kernel/random/boot_id")
		if inside != truth.BootID+"\n" || (inside != boot) != c.reboot {
			t.Errorf("at %d s: boot id %q after %q, told %q", c.second, inside, boot, truth.BootID)
		}
		boot = inside
	}
}

// A guest's files are those of its step, its uptime and its date those of the lab's clock.
func TestScheduleInTheGuest(t *testing.T) {
	lab := startLab(t, scheduled)
	g := newGuestClient(t, lab, lab.login(), "life")
	for second, want := range map[int]struct{ free, uptime string }{
		day + 60:   {"1445024", "1728"},
		3*day + 60: {"1969408", "6"},
		4*day + 60: {"1644664", "864"},
	} {
		lab.setClock(second)
		if free := g.output(`sed -n "s/^MemFree: *\([0-9]*\) kB/\1/p" /proc/meminfo`); free != want.free+"\n" {
			t.Errorf("at %d s: %q free instead of %s", second, free, want.free)
		}
		if uptime := g.output("cat /proc/uptime"); !strings.HasPrefix(uptime, want.uptime) {
			t.Errorf("at %d s: up for %q instead of %s… s", second, uptime, want.uptime)
		}
		at := time.Date(2024, 3, 1, 0, 0, second, 0, time.UTC)
		if date := g.output("date +%Y-%m-%dT%H"); date != at.Format("2006-01-02T15")+"\n" {
			t.Errorf("at %v: the guest's date is %q", at, date)
		}
	}
}

// A migrated VM is on one host only, and that host pays for it.
func TestMigration(t *testing.T) {
	lab := startLab(t, scheduled)
	client := lab.login()
	onHosts := func() (places []string, used int32) {
		fleet := vmsByName(t, client)
		var hosts []mo.HostSystem
		fetch(t, client, "HostSystem", &hosts, "name", "vm", "summary.quickStats")
		for _, host := range hosts {
			for _, ref := range host.Vm {
				if ref == fleet["life"].Self {
					places = append(places, host.Name)
					used = host.Summary.QuickStats.OverallMemoryUsage
				}
			}
		}
		return places, used
	}
	lab.setClock(60)
	if places, _ := onHosts(); fmt.Sprint(places) != "[esx-01.lab.example]" {
		t.Errorf("before: on %v", places)
	}
	lab.setClock(2*day + 60)
	places, used := onHosts()
	truth := lab.truthByName()["life"]
	if fmt.Sprint(places) != "[esx-02.lab.example]" || int64(used)*1024 < truth.ConsumedKiB {
		t.Errorf("after: on %v, which uses %d MB", places, used)
	}
}

// Periods repeat, members follow each other, and every period has its own boot ids.
func TestPeriods(t *testing.T) {
	lab := startLab(t, scheduled)
	boots := map[string]bool{}
	for round := 0; round < 3; round++ {
		for minute, want := range map[int][3]int64{
			30:  {256, 0, 0},
			90:  {256, 256, 0},
			150: {0, 256, 256},
			210: {0, 0, 256},
			270: {0, 0, 0},
		} {
			lab.setClock(round*day + minute*60)
			truth := lab.truthByName()
			for i, mib := range want {
				name := fmt.Sprintf("daily-%d", i+1)
				if got := truth[name].BalloonKiB; got != mib*1024 {
					t.Errorf("round %d, minute %d: %s has %d KiB instead of %d MiB", round, minute, name, got, mib)
				}
			}
			boots[truth["daily-1"].BootID] = true
			if truth["still"].BalloonKiB != 128*1024 {
				t.Errorf("round %d: the VM without a schedule has %d KiB", round, truth["still"].BalloonKiB)
			}
		}
	}
	if len(boots) != 3 {
		t.Errorf("%d boot ids in three periods", len(boots))
	}
}

// By hand a schedule's guest can be turned off, but not given another balloon.
func TestScheduleByHand(t *testing.T) {
	lab := startLab(t, scheduled)
	lab.setClock(day + 60)
	for _, body := range []string{`{"balloon_mib": 5}`, `{"capture": "a_idle_2048/0"}`} {
		if status, text := lab.post("/guest?name=life", body); status != http.StatusBadRequest || !strings.Contains(text, "schedule") {
			t.Errorf("%s: %d %q", body, status, text)
		}
	}
	lab.mustPost("/guest?name=life", `{"power": "off"}`)
	if truth := lab.truthByName()["life"]; truth.Power != "off" || truth.BalloonKiB != 0 {
		t.Errorf("turned off: %+v", truth)
	}
	lab.mustPost("/guest?name=life", `{"power": "on"}`)
	if truth := lab.truthByName()["life"]; truth.BalloonKiB != 512*1024 {
		t.Errorf("turned on again: %+v", truth)
	}
}
