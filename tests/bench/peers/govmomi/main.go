// Command govmomi-poll lists every VM of a vCenter with govmomi, page by page, with the properties
// whose paths it reads from a file. It prints what it cost as a line of JSON.
//
//	govmomi-poll URL CA_FILE USERNAME PASSWORD_FILE PATHS_FILE
package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

func main() {
	if len(os.Args) != 6 {
		fmt.Fprintln(os.Stderr, "usage: govmomi-poll URL CA_FILE USERNAME PASSWORD_FILE PATHS_FILE")
		os.Exit(2)
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "govmomi-poll:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	where, err := url.Parse(arguments[0])
	if err != nil {
		return err
	}
	password, err := os.ReadFile(arguments[3])
	if err != nil {
		return err
	}
	paths, err := os.ReadFile(arguments[4])
	if err != nil {
		return err
	}
	ctx := context.Background()
	transport := soap.NewClient(where, false)
	if err := transport.SetRootCAs(arguments[1]); err != nil {
		return err
	}
	client, err := vim25.NewClient(ctx, transport)
	if err != nil {
		return err
	}
	login := session.NewManager(client)
	if err := login.Login(ctx, url.UserPassword(arguments[2], string(password))); err != nil {
		return err
	}
	began := time.Now()
	listed, err := list(ctx, client, strings.Fields(string(paths)))
	took := time.Since(began)
	if err != nil {
		return err
	}
	listed.print(took)
	return login.Logout(ctx)
}

type listed struct {
	vms, pages int
	balloonMiB int64
}

func list(ctx context.Context, client *vim25.Client, paths []string) (*listed, error) {
	content := client.ServiceContent
	vms, err := view.NewManager(client).CreateContainerView(ctx, content.RootFolder, []string{"VirtualMachine"}, true)
	if err != nil {
		return nil, err
	}
	defer vms.Destroy(ctx)
	request := types.RetrievePropertiesEx{
		This: content.PropertyCollector,
		SpecSet: []types.PropertyFilterSpec{{
			PropSet: []types.PropertySpec{{Type: "VirtualMachine", PathSet: paths}},
			ObjectSet: []types.ObjectSpec{{
				Obj: vms.Reference(), Skip: types.NewBool(true),
				SelectSet: []types.BaseSelectionSpec{&types.TraversalSpec{Type: "ContainerView", Path: "view"}},
			}},
		}},
	}
	answer, err := methods.RetrievePropertiesEx(ctx, client, &request)
	if err != nil {
		return nil, err
	}
	out := &listed{}
	for page := answer.Returnval; page != nil; {
		out.add(page.Objects)
		if page.Token == "" {
			break
		}
		next, err := methods.ContinueRetrievePropertiesEx(ctx, client, &types.ContinueRetrievePropertiesEx{
			This: content.PropertyCollector, Token: page.Token,
		})
		if err != nil {
			return nil, err
		}
		page = &next.Returnval
	}
	return out, nil
}

func (l *listed) add(objects []types.ObjectContent) {
	l.pages++
	l.vms += len(objects)
	for _, object := range objects {
		for _, property := range object.PropSet {
			if stats, ok := property.Val.(types.VirtualMachineQuickStats); ok {
				l.balloonMiB += int64(stats.BalloonedMemory)
			}
		}
	}
}

func (l *listed) print(took time.Duration) {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage) // fails for bad arguments only
	cpu := time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	fmt.Printf("{\"vms\": %d, \"pages\": %d, \"balloon_mib\": %d, \"wall_ms\": %.1f, \"cpu_ms\": %.1f}\n",
		l.vms, l.pages, l.balloonMiB, ms(took), ms(cpu))
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
