package labtest

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	sessionapi "github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/sts"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"
)

// issue asks the single sign-on for a bearer token with govmomi's client.
func issue(t *testing.T, client *vim25.Client, who *url.Userinfo) (*sts.Signer, error) {
	t.Helper()
	service, err := sts.NewClient(context.Background(), client)
	check(t, err)
	return service.Issue(context.Background(), sts.TokenRequest{Userinfo: who})
}

func loginByToken(client *vim25.Client, signer *sts.Signer) error {
	manager := sessionapi.NewManager(client)
	return manager.LoginByToken(client.WithHeader(context.Background(), soap.Header{Security: signer}))
}

// A client of VMware's own gets a token and logs in with it; a changed one is not accepted.
func TestSignOn(t *testing.T) {
	lab := startLab(t, oneGuest)
	client := lab.client()
	signer, err := issue(t, client, url.UserPassword(lab.ready.Username, lab.ready.Password))
	check(t, err)
	changed := *signer
	changed.Token = strings.Replace(signer.Token, `of "the"  lab`, `of "the" lab`, 1)
	expectFault(t, "a changed token", loginByToken(lab.client(), &changed), "InvalidLogin")
	check(t, loginByToken(client, signer))
	if stats := lab.stats(); stats.Sessions != 1 || stats.UnusedSessions > 2 {
		t.Errorf("%d sessions, %d unused", stats.Sessions, stats.UnusedSessions)
	}
}

func TestSignOnThatIsRefused(t *testing.T) {
	lab := startLab(t, `{"vcenter": {"token_life_ms": 50}}`)
	client := lab.client()
	_, err := issue(t, client, url.UserPassword(lab.ready.Username, "wrong"))
	if err == nil || !strings.Contains(err.Error(), "FailedAuthentication") {
		t.Errorf("a wrong password: %v", err)
	}
	signer, err := issue(t, client, url.UserPassword(lab.ready.Username, lab.ready.Password))
	check(t, err)
	time.Sleep(60 * time.Millisecond)
	expectFault(t, "an expired token", loginByToken(client, signer), "InvalidLogin")

	var token string
	lab.get("/token?user=somebody&life_s=60", &token)
	signer.Token = token
	check(t, loginByToken(client, signer))
	lab.get("/token?user=somebody&from_s=60", &token)
	signer.Token = token
	expectFault(t, "a token of the future", loginByToken(lab.client(), signer), "InvalidLogin")
}

// Users of an external identity provider have no password that vCenter could check.
func TestPasswordLoginOff(t *testing.T) {
	lab := startLab(t, `{"vcenter": {"password_login": false}}`)
	who := url.UserPassword(lab.ready.Username, lab.ready.Password)
	expectFault(t, "login", sessionapi.NewManager(lab.client()).Login(context.Background(), who), "InvalidLogin")
	if _, err := issue(t, lab.client(), who); err == nil {
		t.Error("a token is given")
	}
}
