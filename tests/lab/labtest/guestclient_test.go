package labtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

func typeName(value interface{}) string {
	return reflect.Indirect(reflect.ValueOf(value)).Type().Name()
}

// rawBody sends a request and keeps the body of the answer as it is.
type rawBody struct {
	Req  *types.RetrievePropertiesEx `xml:"urn:vim25 RetrievePropertiesEx"`
	wire *bytes.Buffer
}

// Fault is part of soap.HasFault.
func (b *rawBody) Fault() *soap.Fault { return nil }

// UnmarshalXML keeps the text.
func (b *rawBody) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	var inner struct {
		Text string `xml:",innerxml"`
	}
	err := d.DecodeElement(&inner, &start)
	b.wire.WriteString(inner.Text)
	return err
}

// retrieveRaw asks for properties of every VM in a view and gives the answer as it is written.
func retrieveRaw(client *vim25.Client, view types.ManagedObjectReference, paths ...string) (string, error) {
	var wire bytes.Buffer
	body := &rawBody{Req: retrieval(client, view, 0, paths...), wire: &wire}
	err := client.RoundTrip(context.Background(), body, body)
	return wire.String(), err
}

// guestClient does guest operations on one VM.
type guestClient struct {
	t         *testing.T
	client    *vim25.Client
	vm        types.ManagedObjectReference
	auth      *types.NamePasswordAuthentication
	processMg types.ManagedObjectReference
	fileMg    types.ManagedObjectReference
}

func newGuestClient(t *testing.T, lab *labProcess, client *vim25.Client, vm string) *guestClient {
	t.Helper()
	var managers mo.GuestOperationsManager
	check(t, property.DefaultCollector(client).RetrieveOne(context.Background(),
		*client.ServiceContent.GuestOperationsManager, nil, &managers))
	g := &guestClient{
		t: t, client: client, processMg: *managers.ProcessManager, fileMg: *managers.FileManager,
		auth: &types.NamePasswordAuthentication{
			Username: lab.ready.GuestUsername, Password: lab.ready.GuestPassword,
		},
	}
	for _, one := range lab.truth() {
		if one.Name == vm {
			g.vm = types.ManagedObjectReference{Type: "VirtualMachine", Value: one.Moref}
		}
	}
	return g
}

func (g *guestClient) createTemporary() (string, error) {
	answer, err := methods.CreateTemporaryFileInGuest(context.Background(), g.client,
		&types.CreateTemporaryFileInGuest{This: g.fileMg, Vm: g.vm, Auth: g.auth, Prefix: "t-", Suffix: ".txt"})
	if err != nil {
		return "", err
	}
	return answer.Returnval, nil
}

func (g *guestClient) start(path, arguments string) (int64, error) {
	answer, err := methods.StartProgramInGuest(context.Background(), g.client, &types.StartProgramInGuest{
		This: g.processMg, Vm: g.vm, Auth: g.auth,
		Spec: &types.GuestProgramSpec{ProgramPath: path, Arguments: arguments},
	})
	if err != nil {
		return 0, err
	}
	return answer.Returnval, nil
}

func (g *guestClient) processes(pids ...int64) ([]types.GuestProcessInfo, error) {
	answer, err := methods.ListProcessesInGuest(context.Background(), g.client,
		&types.ListProcessesInGuest{This: g.processMg, Vm: g.vm, Auth: g.auth, Pids: pids})
	if err != nil {
		return nil, err
	}
	return answer.Returnval, nil
}

func (g *guestClient) terminate(pid int64) error {
	_, err := methods.TerminateProcessInGuest(context.Background(), g.client,
		&types.TerminateProcessInGuest{This: g.processMg, Vm: g.vm, Auth: g.auth, Pid: pid})
	return err
}

func (g *guestClient) delete(path string) error {
	_, err := methods.DeleteFileInGuest(context.Background(), g.client,
		&types.DeleteFileInGuest{This: g.fileMg, Vm: g.vm, Auth: g.auth, FilePath: path})
	return err
}

func (g *guestClient) transfer(path string) (*types.FileTransferInformation, error) {
	answer, err := methods.InitiateFileTransferFromGuest(context.Background(), g.client,
		&types.InitiateFileTransferFromGuest{This: g.fileMg, Vm: g.vm, Auth: g.auth, GuestFilePath: path})
	if err != nil {
		return nil, err
	}
	return &answer.Returnval, nil
}

// get fetches an announced file from the server that was called.
func (g *guestClient) get(where string) (*http.Response, []byte) {
	g.t.Helper()
	parsed, err := url.Parse(where)
	check(g.t, err)
	if parsed.Hostname() != "*" {
		g.t.Errorf("the host of %s is not *", where)
	}
	parsed.Host = "127.0.0.1:" + parsed.Port()
	request, err := http.NewRequest(http.MethodGet, parsed.String(), nil)
	check(g.t, err)
	response, err := g.client.Client.Client.Do(request)
	check(g.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	check(g.t, err)
	return response, body
}

// run runs a program to its end and gives its exit code.
func (g *guestClient) run(path, arguments string) int32 {
	g.t.Helper()
	pid, err := g.start(path, arguments)
	check(g.t, err)
	var code int32
	eventually(g.t, "the end of "+path, func() bool {
		found, err := g.processes(pid)
		check(g.t, err)
		if len(found) != 1 || found[0].Pid != pid {
			g.t.Fatalf("pid %d: %+v", pid, found)
		}
		code = found[0].ExitCode
		return found[0].EndTime != nil
	})
	return code
}

// output runs a script with its output in a temporary file, as the probe does, and reads that.
func (g *guestClient) output(script string) string {
	g.t.Helper()
	file, err := g.createTemporary()
	check(g.t, err)
	quoted := strings.ReplaceAll(fmt.Sprintf("{ %s\n} >%s 2>&1", script, file), "'", `'\''`)
	g.run("/bin/sh", "-c '"+quoted+"'")
	info, err := g.transfer(file)
	check(g.t, err)
	response, body := g.get(info.Url)
	if response.StatusCode != http.StatusOK {
		g.t.Fatalf("GET %s: %s", info.Url, response.Status)
	}
	check(g.t, g.delete(file))
	return string(body)
}
