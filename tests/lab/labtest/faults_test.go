package labtest

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	sessionapi "github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
)

func currentTime(client *vim25.Client, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	_, err := methods.GetCurrentTime(ctx, client)
	return err
}

// Every kind of fault strikes, is seen as what it is, and is over when the rule is gone.
func TestFaultKinds(t *testing.T) {
	lab := startLab(t, oneGuest)
	client := lab.login()
	for _, c := range []struct{ rule, seen string }{
		{`"kind": "status", "status": 503`, "503 Service Unavailable"},
		{`"kind": "truncate"`, "XML syntax error"},
		{`"kind": "reset"`, "connection reset"},
		{`"kind": "garbage"`, "<html>"},
		{`"kind": "stall"`, "deadline exceeded"},
		{`"kind": "endless_body"`, "deadline exceeded|unexpected EOF"},
		{`"kind": "fault", "fault": "TaskInProgress"`, "TaskInProgress"},
		{`"kind": "fault", "fault": "NoPermission"`, "NoPermission"},
		{`"kind": "delay", "delay_ms": 60000`, "deadline exceeded"},
	} {
		lab.mustPost("/faults", `[{"method": "CurrentTime", `+c.rule+`}]`)
		limit := 20 * time.Second
		if strings.HasPrefix(c.seen, "deadline exceeded") {
			limit = 300 * time.Millisecond // what never ends is left, by the client, after this
		}
		err := currentTime(client, limit)
		recognised := false
		for _, word := range strings.Split(c.seen, "|") {
			recognised = recognised || faultName(err) == word || (err != nil && strings.Contains(err.Error(), word))
		}
		if !recognised {
			t.Errorf("%s: seen as %v", c.rule, err)
		}
		lab.mustPost("/faults", `[]`)
		expectFault(t, "after "+c.rule, currentTime(client, 20*time.Second), "")
	}
}

func TestFaultCounts(t *testing.T) {
	lab := startLab(t, `{"faults": [{"method": "CurrentTime", "skip": 2, "count": 2, "kind": "fault", "fault": "NoPermission"}]}`)
	client := lab.login()
	seen := ""
	for i := 0; i < 6; i++ {
		seen += faultName(currentTime(client, time.Minute)) + ";"
	}
	if want := ";;NoPermission;NoPermission;;;"; seen != want {
		t.Errorf("faults %s instead of %s", seen, want)
	}
	lab.mustPost("/faults", `[{"method": "*", "count": 1, "kind": "fault", "fault": "SystemError"}]`)
	expectFault(t, "any method", currentTime(client, time.Minute), "SystemError")
	expectFault(t, "any method, once", currentTime(client, time.Minute), "")
}

// Faults on GET requests go by the path; a SOAP rule must not strike them.
func TestFaultsOnGET(t *testing.T) {
	lab := startLab(t, oneGuest, "-plain")
	if !strings.HasPrefix(lab.ready.URL, "http://") || lab.ready.CAFile != "" {
		t.Errorf("-plain gives %+v", lab.ready)
	}
	versions := func() (*http.Response, string) {
		response, err := http.Get(lab.ready.URL + "/vimServiceVersions.xml")
		check(t, err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		check(t, err)
		return response, string(body)
	}
	lab.mustPost("/faults", `[{"method": "*", "kind": "garbage"},
		{"method": "GET /sdk/vim", "kind": "status", "status": 503, "retry_after": 17, "count": 1}]`)
	if response, _ := versions(); response.StatusCode != 503 || response.Header.Get("Retry-After") != "17" {
		t.Errorf("%s, %v", response.Status, response.Header)
	}
	response, body := versions()
	if response.StatusCode != 200 || !strings.Contains(body, "<version>7.0.3.0</version>") ||
		!strings.Contains(body, "<name>urn:vim25</name>") || strings.Count(body, "<version>") < 10 {
		t.Errorf("%s: %s", response.Status, body)
	}
}

// A dropped session shows as either of two faults, and a new login makes everything work again.
func TestDroppedSession(t *testing.T) {
	for _, seenAs := range []string{"NotAuthenticated", "ManagedObjectNotFound"} {
		lab := startLab(t, `{"page_limit": 1, "guests": [{"name": "n%d", "count": 3, "capture": "a_idle_2048/0"}]}`)
		client := lab.login()
		request := retrieval(client, openView(t, client), 0, "name")
		first, err := methods.RetrievePropertiesEx(context.Background(), client, request)
		check(t, err)
		lab.mustPost("/faults", `[{"method": "ContinueRetrievePropertiesEx", "count": 1,
			"kind": "drop_session", "seen_as": "`+seenAs+`"}]`)
		_, err = continued(client, first.Returnval.Token)
		expectFault(t, "continue", err, seenAs)
		if stats := lab.stats(); stats.Sessions+stats.OpenViews+stats.OpenCollections != 0 {
			t.Errorf("left of the session: %+v", stats)
		}
		expectFault(t, "another call", currentTime(client, time.Minute), "NotAuthenticated")
		who := url.UserPassword(lab.ready.Username, lab.ready.Password)
		check(t, sessionapi.NewManager(client).Login(context.Background(), who))
		if names, _ := listNames(t, client, 0); len(names) != 3 {
			t.Errorf("after a new login: %q", names)
		}
	}
}

// A slow guest does not hold up the others: calls are not answered one after the other.
func TestCallsRunInParallel(t *testing.T) {
	lab := startLab(t, `{"guests": [{"name": "slow", "capture": "a_idle_2048/0", "latency_ms": 60000},
		{"name": "fast", "capture": "a_idle_2048/0"}]}`)
	client := lab.login()
	slow := newGuestClient(t, lab, client, "slow")
	ended := make(chan error, 1)
	go func() {
		_, err := slow.createTemporary()
		ended <- err
	}()
	eventually(t, "the slow call", func() bool { return lab.stats().Methods["CreateTemporaryFileInGuest"] == 1 })
	fast := newGuestClient(t, lab, client, "fast")
	if code := fast.run("/bin/sh", "-c 'exit 3'"); code != 3 {
		t.Errorf("exit code %d", code)
	}
	select {
	case err := <-ended:
		t.Errorf("the slow call was over first: %v", err)
	default:
	}
}

// What goes wrong inside guests.
func TestBehaviours(t *testing.T) {
	lab := startLab(t, `{"guests": [
		{"name": "wrong_password", "behaviour": "wrong_password", "capture": "a_idle_2048/0"},
		{"name": "disabled", "behaviour": "operations_disabled", "capture": "a_idle_2048/0"},
		{"name": "unavailable", "behaviour": "operations_unavailable", "capture": "a_idle_2048/0"},
		{"name": "notools", "tools": "not_running", "capture": "a_idle_2048/0"},
		{"name": "denied", "behaviour": "permission_denied", "capture": "a_idle_2048/0"},
		{"name": "off", "power": "off", "capture": "a_idle_2048/0"},
		{"name": "suspended", "power": "suspended", "capture": "a_idle_2048/0"},
		{"name": "windows", "guest_family": "windowsGuest"},
		{"name": "unset", "behaviour": "unset_ready", "capture": "a_idle_2048/0"}]}`)
	client := lab.login()
	for vm, want := range map[string]string{
		"wrong_password": "InvalidGuestLogin",
		"disabled":       "OperationDisabledByGuest",
		"unavailable":    "GuestOperationsUnavailable",
		"notools":        "GuestOperationsUnavailable",
		"denied":         "GuestPermissionDenied",
		"off":            "InvalidPowerState",
		"suspended":      "InvalidPowerState",
		"windows":        "OperationNotSupportedByGuest",
		"no such VM":     "ManagedObjectNotFound",
		"unset":          "",
	} {
		_, err := newGuestClient(t, lab, client, vm).createTemporary()
		expectFault(t, vm, err, want)
	}
	g := newGuestClient(t, lab, client, "unset")
	g.auth.Password = "x"
	_, err := g.createTemporary()
	expectFault(t, "another password", err, "InvalidGuestLogin")
}

func TestOutputBehaviours(t *testing.T) {
	lab := startLab(t, `{"guests": [
		{"name": "fails", "behaviour": "program_fails", "capture": "a_idle_2048/0"},
		{"name": "huge", "behaviour": "huge_output", "output_mib": 3, "capture": "a_idle_2048/0"},
		{"name": "unannounced", "behaviour": "unannounced_output", "output_mib": 2, "capture": "a_idle_2048/0"},
		{"name": "garbage", "behaviour": "garbage_output", "capture": "a_idle_2048/0"},
		{"name": "broken", "behaviour": "transfer_fails", "transfer_status": 404, "capture": "a_idle_2048/0"},
		{"name": "endless", "behaviour": "endless", "capture": "a_idle_2048/0"}]}`)
	client := lab.login()
	if code := newGuestClient(t, lab, client, "fails").run("/bin/sh", "-c true"); code != 1 {
		t.Errorf("exit code %d of a program that fails", code)
	}
	for _, c := range []struct {
		vm           string
		status, size int
	}{{"fails", 200, 0}, {"huge", 200, 3 << 20}, {"unannounced", 200, 2 << 20}, {"garbage", 200, 8 << 10}, {"broken", 404, -1}} {
		g := newGuestClient(t, lab, client, c.vm)
		file, err := g.createTemporary()
		check(t, err)
		info, err := g.transfer(file)
		check(t, err)
		response, body := g.get(info.Url)
		if c.vm == "unannounced" && info.Size != 0 {
			t.Errorf("a size of %d is announced", info.Size)
		}
		if response.StatusCode != c.status || (c.size >= 0 && len(body) != c.size) {
			t.Errorf("%s: %s, %d bytes", c.vm, response.Status, len(body))
		}
	}
	endless := newGuestClient(t, lab, client, "endless")
	pid, err := endless.start("/bin/sh", "-c true")
	check(t, err)
	if found, err := endless.processes(pid); err != nil || found[0].EndTime != nil {
		t.Errorf("%+v, %v", found, err)
	}
	check(t, endless.terminate(pid))
	if found, err := endless.processes(pid); err != nil || found[0].EndTime == nil || found[0].ExitCode == 0 {
		t.Errorf("after terminating: %+v, %v", found, err)
	}
	expectFault(t, "terminate nothing", endless.terminate(1), "GuestProcessNotFound")
	if found, err := endless.processes(1); err != nil || len(found) != 0 {
		t.Errorf("an unknown pid: %+v, %v", found, err)
	}
}

// Terminating ends a real program and what it has started.
func TestTerminate(t *testing.T) {
	lab := startLab(t, oneGuest)
	g := newGuestClient(t, lab, lab.login(), "shell")
	pid, err := g.start("/bin/sh", "-c '"+longSleep+" & "+longSleep+"'")
	check(t, err)
	check(t, g.terminate(pid))
	eventually(t, "the end of the program", func() bool {
		found, err := g.processes(pid)
		check(t, err)
		return found[0].EndTime != nil && found[0].ExitCode == 128+9
	})
	if lab.stats().RunningPrograms != 0 {
		t.Error("a program is still running")
	}
	expectNoLongSleep(t)
}

// A guest can change while the lab runs.
func TestChangeGuest(t *testing.T) {
	lab := startLab(t, oneGuest)
	client := lab.login()
	g := newGuestClient(t, lab, client, "shell")
	first := g.output("cat /proc/meminfo /proc/sys/kernel/random/boot_id")
	lab.mustPost("/guest?name=shell", `{"capture": "a_idle_2048/256"}`)
	if balloon := vmsByName(t, client)["shell"].Summary.QuickStats.BalloonedMemory; balloon != 256 {
		t.Errorf("the capture's balloon: %d", balloon)
	}
	lab.mustPost("/guest?name=shell", `{"balloon_mib": 99}`)
	if balloon := vmsByName(t, client)["shell"].Summary.QuickStats.BalloonedMemory; balloon != 99 {
		t.Errorf("the balloon that was set: %d", balloon)
	}
	second := g.output("cat /proc/meminfo /proc/sys/kernel/random/boot_id")
	if !strings.HasPrefix(second, captured(t, "a_idle_2048/256/proc/meminfo")) || second[len(second)-37:] != first[len(first)-37:] {
		t.Errorf("after the change: %s", second)
	}
	lab.mustPost("/guest?name=shell", `{"behaviour": "wrong_password"}`)
	_, err := g.createTemporary()
	expectFault(t, "after the change", err, "InvalidGuestLogin")
	for target, body := range map[string]string{
		"/guest?name=none":  `{}`,
		"/guest?name=shell": `{"behaviour": "odd"}`,
		"/guest?name=argv":  `{"ballon_mib": 1}`,
		"/faults":           `[{"method": "*", "kind": "odd"}]`,
	} {
		if status, text := lab.post(target, body); status != http.StatusBadRequest {
			t.Errorf("POST %s %s: %d %s", target, body, status, text)
		}
	}
}
