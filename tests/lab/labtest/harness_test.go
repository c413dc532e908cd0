// Package labtest tests lab-vcenter as a program: it starts one for each test, as the tests of ballast
// do, and talks to it with govmomi's client and over the control endpoint. Tests of single functions
// lie beside those.
package labtest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	sessionapi "github.com/vmware/govmomi/session"
	viewapi "github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"ballast/lab/control"
	"ballast/lab/inventory"
)

// labProcess is a lab that runs as a program of its own, as tests of ballast use it.
type labProcess struct {
	t     *testing.T
	cmd   *exec.Cmd
	state string
	ready control.Ready
	ended bool
}

// startLab runs a lab for one test. More arguments follow those that every lab needs.
func startLab(t *testing.T, scenario string, arguments ...string) *labProcess {
	t.Helper()
	p := prepareLab(t, scenario, arguments...)
	p.launch()
	return p
}

func prepareLab(t *testing.T, scenario string, arguments ...string) *labProcess {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "scenario.json")
	check(t, os.WriteFile(file, []byte(scenario), 0o644))
	p := &labProcess{t: t, state: filepath.Join(dir, "state")}
	check(t, os.Mkdir(p.state, 0o755))
	p.cmd = exec.Command(os.Getenv("LAB_VCENTER"), append([]string{
		"-scenario", file, "-captures", os.Getenv("LAB_CAPTURES"), "-state", p.state, "-lifetime", "90s",
	}, arguments...)...)
	return p
}

func (p *labProcess) launch() {
	p.t.Helper()
	out, err := p.cmd.StdoutPipe()
	check(p.t, err)
	p.cmd.Stderr = os.Stderr
	check(p.t, p.cmd.Start())
	p.t.Cleanup(func() { p.stop(syscall.SIGTERM) })
	check(p.t, json.NewDecoder(out).Decode(&p.ready))
}

// stop ends the lab and waits until it has ended; a second stop does nothing.
func (p *labProcess) stop(signal os.Signal) {
	if p.ended {
		return
	}
	p.ended = true
	_ = p.cmd.Process.Signal(signal)
	_ = p.cmd.Wait()
}

// client is logged in nowhere yet.
func (p *labProcess) client() *vim25.Client {
	p.t.Helper()
	where, err := url.Parse(p.ready.URL)
	check(p.t, err)
	transport := soap.NewClient(where, false)
	if p.ready.CAFile != "" {
		check(p.t, transport.SetRootCAs(p.ready.CAFile))
	}
	client, err := vim25.NewClient(context.Background(), transport)
	check(p.t, err)
	return client
}

func (p *labProcess) login() *vim25.Client {
	p.t.Helper()
	client := p.client()
	who := url.UserPassword(p.ready.Username, p.ready.Password)
	check(p.t, sessionapi.NewManager(client).Login(context.Background(), who))
	return client
}

func (p *labProcess) stats() control.Stats {
	p.t.Helper()
	var stats control.Stats
	p.get("/stats", &stats)
	return stats
}

func (p *labProcess) truth() []inventory.VMTruth {
	p.t.Helper()
	var answer inventory.Truth
	p.get("/truth", &answer)
	return answer.VMs
}

func (p *labProcess) get(target string, into interface{}) {
	p.t.Helper()
	response, err := http.Get(p.ready.ControlURL + target)
	check(p.t, err)
	defer response.Body.Close()
	check(p.t, json.NewDecoder(response.Body).Decode(into))
}

// post gives the status and the text of the answer.
func (p *labProcess) post(target, body string) (int, string) {
	p.t.Helper()
	response, err := http.Post(p.ready.ControlURL+target, "application/json", bytes.NewBufferString(body))
	check(p.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	check(p.t, err)
	return response.StatusCode, string(text)
}

func (p *labProcess) mustPost(target, body string) {
	p.t.Helper()
	if status, text := p.post(target, body); status != http.StatusNoContent {
		p.t.Fatalf("POST %s %s: %d %s", target, body, status, text)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// faultName is the class of the vim fault in an error, "" for none, or the error's text.
func faultName(err error) string {
	switch {
	case err == nil:
		return ""
	case soap.IsSoapFault(err):
		return typeName(soap.ToSoapFault(err).VimFault())
	default:
		return err.Error()
	}
}

func expectFault(t *testing.T, what string, err error, want string) {
	t.Helper()
	if got := faultName(err); got != want {
		t.Errorf("%s: fault %q instead of %q", what, got, want)
	}
}

// openView gives a container view of all VMs.
func openView(t *testing.T, client *vim25.Client) types.ManagedObjectReference {
	t.Helper()
	made, err := viewapi.NewManager(client).CreateContainerView(context.Background(),
		client.ServiceContent.RootFolder, []string{"VirtualMachine"}, true)
	check(t, err)
	return made.Reference()
}

// retrieval asks for properties of every VM in a view.
func retrieval(client *vim25.Client, view types.ManagedObjectReference, most int32, paths ...string) *types.RetrievePropertiesEx {
	skip := true
	return &types.RetrievePropertiesEx{
		This: client.ServiceContent.PropertyCollector,
		SpecSet: []types.PropertyFilterSpec{{
			PropSet: []types.PropertySpec{{Type: "VirtualMachine", PathSet: paths}},
			ObjectSet: []types.ObjectSpec{{
				Obj: view, Skip: &skip,
				SelectSet: []types.BaseSelectionSpec{&types.TraversalSpec{Type: "ContainerView", Path: "view"}},
			}},
		}},
		Options: types.RetrieveOptions{MaxObjects: most},
	}
}

func continued(client *vim25.Client, token string) (*types.ContinueRetrievePropertiesExResponse, error) {
	return methods.ContinueRetrievePropertiesEx(context.Background(), client,
		&types.ContinueRetrievePropertiesEx{This: client.ServiceContent.PropertyCollector, Token: token})
}

// eventually waits for something that another process does; it fails after a long time.
func eventually(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		if happened() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s did not happen", what)
}
