package labtest

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

// A deleted VM is nowhere, whatever was known of it before.
func TestDeletedVM(t *testing.T) {
	lab := startLab(t, `{"page_limit": 1, "guests": [{"name": "n%d", "count": 3, "capture": "a_idle_2048/0"}]}`)
	client := lab.login()
	openView(t, client) // which has to forget the VM
	g := newGuestClient(t, lab, client, "n2")
	file, err := g.createTemporary()
	check(t, err)
	info, err := g.transfer(file)
	check(t, err)
	lab.mustPost("/guest?name=n2", `{"deleted": true}`)
	_, err = g.createTemporary()
	expectFault(t, "an operation", err, "ManagedObjectNotFound")
	if response, _ := g.get(info.Url); response.StatusCode != http.StatusNotFound {
		t.Errorf("its file: %s", response.Status)
	}
	if names, _ := listNames(t, client, 0); !reflect.DeepEqual(names, []string{"n1", "n3"}) {
		t.Errorf("listed are %q", names)
	}
	if len(lab.truth()) != 2 || len(lab.stats().LeftoverFiles) != 0 {
		t.Errorf("%+v, %+v", lab.truth(), lab.stats())
	}
}

// A VM that is renamed is another one to whoever goes by names. Every login it is given is told.
func TestRenamedVM(t *testing.T) {
	lab := startLab(t, `{"guests": [{"name": "web", "capture": "a_idle_2048/0"}]}`)
	client := lab.login()
	lab.mustPost("/guest?name=web", `{"name": "db/1"}`)
	if names, _ := listNames(t, client, 0); !reflect.DeepEqual(names, []string{"db%2f1"}) {
		t.Errorf("listed are %q", names)
	}
	g := newGuestClient(t, lab, client, "web")
	if _, err := g.createTemporary(); err != nil {
		t.Error(err)
	}
	want := map[string]map[string]int64{"vm-1001": {lab.ready.GuestUsername: 1}}
	if got := lab.stats().GuestLogins; !reflect.DeepEqual(got, want) {
		t.Errorf("logins are %v", got)
	}
}

// A change can wait for a number of guest operations, so that it comes in the middle of a probe.
func TestChangeAfterOperations(t *testing.T) {
	lab := startLab(t, `{"guests": [
		{"name": "gone", "capture": "a_idle_2048/0", "change": [{"deleted": true}]},
		{"name": "tools", "capture": "a_idle_2048/0", "change": [{"after_operations": 2, "tools": "not_running"}]},
		{"name": "busy", "capture": "a_idle_2048/0", "change": [{"after_operations": 1, "busy": 2}]}]}`)
	client := lab.login()
	seen := func(vm string) string {
		g := newGuestClient(t, lab, client, vm)
		var all []string
		for i := 0; i < 4; i++ {
			_, err := g.createTemporary()
			all = append(all, faultName(err))
		}
		return strings.Join(all, ";")
	}
	if got, want := vmsByName(t, client)["gone"].Name, "gone"; got != want {
		t.Errorf("before the first operation the VM is not listed")
	}
	const gone, unavailable = "ManagedObjectNotFound", "GuestOperationsUnavailable"
	for vm, want := range map[string]string{
		"gone":  gone + ";" + gone + ";" + gone + ";" + gone,
		"tools": ";;" + unavailable + ";" + unavailable,
		"busy":  ";TaskInProgress;TaskInProgress;",
	} {
		if got := seen(vm); got != want {
			t.Errorf("%s: %s instead of %s", vm, got, want)
		}
	}
	if status := vmsByName(t, client)["tools"].Guest.ToolsRunningStatus; status != "guestToolsNotRunning" {
		t.Errorf("the tools' status is %s", status)
	}
	lab.mustPost("/guest?name=tools", `{"tools": "running"}`)
	lab.mustPost("/guest?name=tools", `{"after_operations": 1, "busy": 1}`)
	if got := seen("tools"); got != ";TaskInProgress;;" {
		t.Errorf("revived, and busy once: %s", got)
	}
	for body, says := range map[string]string{
		`{"host": "esx-09.lab.example"}`: "esx-09",
		`{"busy": -1}`:                   "negative",
	} {
		if status, text := lab.post("/guest?name=tools", body); status != 400 || !strings.Contains(text, says) {
			t.Errorf("%s: %d %s", body, status, text)
		}
	}
}

// A VM that moves to another host takes its files' place with it.
func TestMoveBetweenHosts(t *testing.T) {
	lab := startLab(t, `{"transfer": {"from_hosts": true}, "guests": [{"name": "web", "capture": "a_idle_2048/0"}]}`)
	client := lab.login()
	g := newGuestClient(t, lab, client, "web")
	file, err := g.createTemporary()
	check(t, err)
	fetch := func(where string) int {
		response, err := g.client.Client.Client.Get(where)
		check(t, err)
		response.Body.Close()
		return response.StatusCode
	}
	before, err := g.transfer(file)
	check(t, err)
	good, err := g.transfer(file)
	check(t, err)
	if status := fetch(good.Url); status != http.StatusOK {
		t.Errorf("from the first host: %d", status)
	}
	lab.mustPost("/guest?name=web", `{"host": "esx-02.lab.example", "busy": 1}`)
	_, err = g.transfer(file)
	expectFault(t, "in the move", err, "TaskInProgress")
	after, err := g.transfer(file)
	check(t, err)
	first, second := hostOf(t, before.Url), hostOf(t, after.Url)
	if first != "127.0.1.1" || second != "127.0.1.2" {
		t.Errorf("the hosts of the URLs are %s and %s", first, second)
	}
	if status := fetch(before.Url); status != http.StatusNotFound {
		t.Errorf("from the host it left: %d", status)
	}
	if status := fetch(after.Url); status != http.StatusOK {
		t.Errorf("from the host it is on: %d", status)
	}
	if status := fetch(after.Url); status != http.StatusNotFound {
		t.Errorf("a second time: %d", status)
	}
	if lab.truth()[0].Host != "esx-02.lab.example" {
		t.Errorf("the truth is %+v", lab.truth()[0])
	}
}

func hostOf(t *testing.T, where string) string {
	t.Helper()
	parsed, err := url.Parse(where)
	check(t, err)
	return parsed.Hostname()
}

// Who tries a wrong login, and how often, is known.
func TestRefusedGuestLogins(t *testing.T) {
	lab := startLab(t, `{"guests": [{"name": "a", "capture": "a_idle_2048/0"},
		{"name": "own", "capture": "a_idle_2048/0", "login": {"username": "probe", "password": "secret"}}]}`)
	client := lab.login()
	own := newGuestClient(t, lab, client, "own")
	_, err := own.createTemporary()
	expectFault(t, "the others' login", err, "InvalidGuestLogin")
	_, err = own.createTemporary()
	expectFault(t, "the others' login", err, "InvalidGuestLogin")
	own.auth.Username, own.auth.Password = "probe", "secret"
	_, err = own.createTemporary()
	expectFault(t, "its own login", err, "")
	want := map[string]map[string]int64{"own": {lab.ready.GuestUsername: 2}}
	if got := lab.stats().GuestLoginsRefused; !reflect.DeepEqual(got, want) {
		t.Errorf("%v instead of %v", got, want)
	}
}
