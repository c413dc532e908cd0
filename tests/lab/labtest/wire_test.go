package labtest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/vmware/govmomi/property"
	sessionapi "github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// A dripping answer is the right one; one that drips for an hour outlasts every client.
func TestDrip(t *testing.T) {
	lab := startLab(t, oneGuest)
	client := lab.login()
	lab.mustPost("/faults", `[{"method": "CurrentTime", "kind": "drip", "drip_ms": 200, "count": 1},
		{"method": "CurrentTime", "kind": "drip", "drip_ms": 3600000}]`)
	begin := time.Now()
	expectFault(t, "a slow answer", currentTime(client, time.Minute), "")
	if time.Since(begin) < 150*time.Millisecond {
		t.Errorf("it took %s only", time.Since(begin))
	}
	if err := currentTime(client, 300*time.Millisecond); err == nil {
		t.Error("an answer of an hour has ended")
	}
}

// The session limit is told at the login, and is over when a session ends.
func TestSessionLimit(t *testing.T) {
	lab := startLab(t, `{"vcenter": {"max_sessions": 2}}`)
	lab.login()
	second := lab.login()
	third := lab.client()
	who := url.UserPassword(lab.ready.Username, lab.ready.Password)
	err := sessionapi.NewManager(third).Login(context.Background(), who)
	if err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("the third session: %v", err)
	}
	_, err = methods.Logout(context.Background(), second, &types.Logout{This: *second.ServiceContent.SessionManager})
	check(t, err)
	check(t, sessionapi.NewManager(third).Login(context.Background(), who))
}

// Bytes that XML forbids, and that are not UTF-8, arrive as a careless server sends them.
func TestRawNames(t *testing.T) {
	lab := startLab(t, `{"guests": [{"name": "esc\\x1b[31m-\\xff"}]}`, "-plain")
	client := lab.login()
	view := openView(t, client)
	envelope := `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>` +
		`<RetrievePropertiesEx xmlns="urn:vim25"><_this type="PropertyCollector">propertyCollector</_this>` +
		`<specSet><propSet><type>VirtualMachine</type><pathSet>name</pathSet></propSet>` +
		`<objectSet><obj type="ContainerView">` + view.Value + `</obj><skip>true</skip>` +
		`<selectSet xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="TraversalSpec">` +
		`<type>ContainerView</type><path>view</path></selectSet></objectSet></specSet><options/>` +
		`</RetrievePropertiesEx></Body></Envelope>`
	request, err := http.NewRequest(http.MethodPost, lab.ready.URL, strings.NewReader(envelope))
	check(t, err)
	response, err := client.Client.Client.Do(request)
	check(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	check(t, err)
	if !bytes.Contains(body, []byte(">esc\x1b[31m-\xff<")) {
		t.Errorf("%s: %q", response.Status, body)
	}
	lab.mustPost(`/guest?name=`+url.QueryEscape(`esc\x1b[31m-\xff`), `{"power": "off"}`)
}

// Folders are made below the datacenter's, once, and VMs are in them.
func TestFolders(t *testing.T) {
	lab := startLab(t, `{"guests": [{"name": "plain"}, {"name": "db-%d", "count": 2, "folder": "Prod/Databases"},
		{"name": "web", "folder": "Prod/Web"}]}`)
	client := lab.login()
	path := func(ref types.ManagedObjectReference) string {
		names := ""
		for {
			var entity mo.ManagedEntity
			check(t, property.DefaultCollector(client).RetrieveOne(context.Background(), ref, []string{"name", "parent"}, &entity))
			if entity.Parent == nil {
				return names
			}
			names = "/" + entity.Name + names
			ref = *entity.Parent
		}
	}
	for _, vm := range lab.truth() {
		want := "/lab-dc/vm/" + vm.Name
		if vm.Folder != "" {
			want = "/lab-dc/vm/" + vm.Folder + "/" + vm.Name
		}
		if got := path(types.ManagedObjectReference{Type: "VirtualMachine", Value: vm.Moref}); got != want {
			t.Errorf("%s instead of %s", got, want)
		}
	}
	if names, _ := listNames(t, client, 0); len(names) != 4 {
		t.Errorf("a view of all VMs has %q", names)
	}
}
