package labtest

import (
	"context"
	"fmt"
	"net/url"
	"reflect"
	"syscall"
	"testing"

	sessionapi "github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"
)

const plainFleet = `{"page_limit": %d, "guests": [{"name": "vm-%%03d", "count": 23, "capture": "a_idle_2048/0"}]}`

// listNames reads all pages and gives the names in order and the number of pages.
func listNames(t *testing.T, client *vim25.Client, most int32) (names []string, pages int) {
	t.Helper()
	first, err := methods.RetrievePropertiesEx(context.Background(), client,
		retrieval(client, openView(t, client), most, "name"))
	check(t, err)
	page := *first.Returnval
	for {
		pages++
		for _, object := range page.Objects {
			names = append(names, object.PropSet[0].Val.(string))
		}
		if page.Token == "" {
			return names, pages
		}
		next, err := continued(client, page.Token)
		check(t, err)
		page = next.Returnval
	}
}

// Every combination of the server's and the client's limit must give the same VMs.
func TestPaging(t *testing.T) {
	var all []string
	for _, c := range []struct{ limit, most, pages int }{
		{0, 0, 1}, {0, 1, 23}, {0, 7, 4}, {0, 23, 1}, {0, 100, 1},
		{10, 0, 3}, {10, 7, 4}, {10, 100, 3}, {1, 5, 23},
	} {
		lab := startLab(t, fmt.Sprintf(plainFleet, c.limit))
		names, pages := listNames(t, lab.login(), int32(c.most))
		if pages != c.pages {
			t.Errorf("limit %d, maxObjects %d: %d pages instead of %d", c.limit, c.most, pages, c.pages)
		}
		if all == nil {
			all = names
		}
		if len(names) != 23 || !reflect.DeepEqual(names, all) {
			t.Errorf("limit %d, maxObjects %d: other VMs: %q", c.limit, c.most, names)
		}
		lab.stop(syscall.SIGTERM)
	}
}

// A token is good once, and only in the session that it was given to.
func TestTokens(t *testing.T) {
	lab := startLab(t, fmt.Sprintf(plainFleet, 5))
	client, other := lab.login(), lab.login()
	request := retrieval(client, openView(t, client), 0, "name")
	first, err := methods.RetrievePropertiesEx(context.Background(), client, request)
	check(t, err)
	token := first.Returnval.Token
	_, err = continued(other, token)
	expectFault(t, "token of another session", err, "InvalidArgument")
	second, err := continued(client, token)
	check(t, err)
	_, err = continued(client, token)
	expectFault(t, "token used again", err, "InvalidArgument")
	if open := lab.stats().OpenCollections; open != 1 {
		t.Errorf("%d open collections instead of 1", open)
	}
	cancel := &types.CancelRetrievePropertiesEx{
		This: client.ServiceContent.PropertyCollector, Token: second.Returnval.Token,
	}
	_, err = methods.CancelRetrievePropertiesEx(context.Background(), client, cancel)
	expectFault(t, "cancel", err, "")
	_, err = methods.CancelRetrievePropertiesEx(context.Background(), client, cancel)
	expectFault(t, "cancel again", err, "InvalidArgument")
	_, err = continued(client, second.Returnval.Token)
	expectFault(t, "continue what was cancelled", err, "InvalidArgument")
	if stats := lab.stats(); stats.OpenCollections != 0 || stats.Cancelled != 1 {
		t.Errorf("after cancelling: %+v", stats)
	}
	_, err = methods.RetrievePropertiesEx(context.Background(), client, retrieval(client, token0(), -1, "name"))
	expectFault(t, "negative maxObjects", err, "InvalidArgument")
}

func token0() types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: "ContainerView", Value: "none"}
}

// Nothing but the way to a login is open to those who are not logged in.
func TestSessions(t *testing.T) {
	lab := startLab(t, fmt.Sprintf(plainFleet, 5))
	client := lab.client()
	ctx := context.Background()
	for name, call := range map[string]func() error{
		"CurrentTime": func() error { _, err := methods.GetCurrentTime(ctx, client); return err },
		"RetrievePropertiesEx": func() error {
			_, err := methods.RetrievePropertiesEx(ctx, client, retrieval(client, token0(), 0, "name"))
			return err
		},
		"Logout": func() error { return sessionapi.NewManager(client).Logout(ctx) },
	} {
		expectFault(t, name+" without a login", call(), "NotAuthenticated")
	}
	manager := sessionapi.NewManager(client)
	expectFault(t, "wrong password", manager.Login(ctx, url.UserPassword(lab.ready.Username, "x")), "InvalidLogin")
	expectFault(t, "wrong user", manager.Login(ctx, url.UserPassword("x", lab.ready.Password)), "InvalidLogin")
	check(t, manager.Login(ctx, url.UserPassword(lab.ready.Username, lab.ready.Password)))
	openView(t, client)
	if stats := lab.stats(); stats.Sessions != 1 || stats.OpenViews != 1 || stats.Methods["Login"] != 3 {
		t.Errorf("logged in with a view: %+v", stats)
	}
	check(t, manager.Logout(ctx))
	if stats := lab.stats(); stats.Sessions != 0 || stats.OpenViews != 0 {
		t.Errorf("logged out: %+v", stats)
	}
	_, err := methods.GetCurrentTime(ctx, client)
	expectFault(t, "call after logout", err, "NotAuthenticated")
}

// A session that is not used for longer than the limit is gone.
func TestIdleSession(t *testing.T) {
	lab := startLab(t, `{"vcenter": {"session_idle_ms": 100}}`)
	client := lab.login()
	eventually(t, "the end of the session", func() bool { return lab.stats().Sessions == 0 })
	_, err := methods.GetCurrentTime(context.Background(), client)
	expectFault(t, "call in an old session", err, "NotAuthenticated")
}
