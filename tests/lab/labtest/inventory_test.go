package labtest

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/vmware/govmomi/property"
	viewapi "github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"ballast/lab/wire"
)

const mixedFleet = `{"seed": 5, "clusters": 2, "hosts_per_cluster": 2, "host_memory_gib": 48, "guests": [
	{"name": "ballooned", "capture": "w_vmw_balloon_shim_2m/512", "limit_mib": 1536, "reservation_mib": 256},
	{"name": "clean", "capture": "g_idle_1024/0", "behaviour": "unset_ready"},
	{"name": "told", "capture": "a_idle_2048/0", "balloon_mib": 77, "memory_mib": 3000},
	{"name": "off", "power": "off", "capture": "a_idle_2048/512"},
	{"name": "windows", "guest_family": "windowsGuest"},
	{"name": "unset", "guest_family": "", "tools": "not_running", "connection": "disconnected"}]}`

func fetch(t *testing.T, client *vim25.Client, kind string, into interface{}, paths ...string) {
	t.Helper()
	made, err := viewapi.NewManager(client).CreateContainerView(context.Background(),
		client.ServiceContent.RootFolder, []string{kind}, true)
	check(t, err)
	check(t, made.Retrieve(context.Background(), []string{kind}, paths, into))
}

func vmsByName(t *testing.T, client *vim25.Client, more ...string) map[string]mo.VirtualMachine {
	t.Helper()
	var vms []mo.VirtualMachine
	fetch(t, client, "VirtualMachine", &vms, append(more, "name", "config.instanceUuid", "config.uuid", "config.guestId",
		"config.hardware.memoryMB", "resourceConfig.memoryAllocation", "runtime.host", "runtime.powerState",
		"runtime.connectionState", "guest.toolsRunningStatus", "guest.guestOperationsReady",
		"guest.guestFamily", "guest.guestId", "summary.quickStats")...)
	byName := map[string]mo.VirtualMachine{}
	for _, vm := range vms {
		byName[vm.Name] = vm
	}
	return byName
}

// The properties must say what the scenario says.
func TestVMProperties(t *testing.T) {
	vms := vmsByName(t, startLab(t, mixedFleet).login())
	for _, c := range []struct {
		name            string
		memory, balloon int32
		limit           int64
		power, ready    string
		family, guestID string
	}{
		{"ballooned", 2048, 512, 1536, "poweredOn", "true", "linuxGuest", "debian11_64Guest"},
		{"clean", 1024, 0, -1, "poweredOn", "unset", "linuxGuest", "debian11_64Guest"},
		{"told", 3000, 77, -1, "poweredOn", "true", "linuxGuest", "debian11_64Guest"},
		{"off", 2048, 0, -1, "poweredOff", "false", "linuxGuest", "debian11_64Guest"},
		{"windows", 4096, 0, -1, "poweredOn", "true", "windowsGuest", "windows2019srv_64Guest"},
		{"unset", 4096, 0, -1, "poweredOn", "false", "", ""},
	} {
		vm := vms[c.name]
		ready := "unset"
		if vm.Guest.GuestOperationsReady != nil {
			ready = fmt.Sprint(*vm.Guest.GuestOperationsReady)
		}
		got := fmt.Sprint(vm.Config.Hardware.MemoryMB, vm.Summary.QuickStats.BalloonedMemory,
			*vm.ResourceConfig.MemoryAllocation.Limit, vm.Runtime.PowerState, ready,
			vm.Guest.GuestFamily, vm.Guest.GuestId)
		want := fmt.Sprint(c.memory, c.balloon, c.limit, c.power, c.ready, c.family, c.guestID)
		if got != want {
			t.Errorf("%s: %s instead of %s", c.name, got, want)
		}
		if vm.Runtime.Host == nil || vm.Config.InstanceUuid == "" || vm.Config.Uuid == vm.Config.InstanceUuid {
			t.Errorf("%s: host %v, uuids %q %q", c.name, vm.Runtime.Host, vm.Config.InstanceUuid, vm.Config.Uuid)
		}
	}
	if state := vms["unset"].Runtime.ConnectionState; state != "disconnected" {
		t.Errorf("connection state %q", state)
	}
	if stats := vms["ballooned"].Summary.QuickStats; stats.GrantedMemory > 1536 || stats.UptimeSeconds < 1 {
		t.Errorf("figures that do not fit a balloon of 512 of 2048 MiB: %+v", stats)
	}
}

// Two runs with one seed show the same fleet, another seed another one.
func TestSeed(t *testing.T) {
	uuids := func(seed int) string {
		lab := startLab(t, strings.Replace(mixedFleet, `"seed": 5`, fmt.Sprintf(`"seed": %d`, seed), 1))
		client := lab.login()
		all := client.ServiceContent.About.InstanceUuid
		for _, vm := range lab.truth() {
			all += " " + vm.Moref + " " + vm.InstanceUUID
		}
		return all
	}
	if first, again := uuids(5), uuids(5); first != again {
		t.Errorf("one seed, two fleets:\n%s\n%s", first, again)
	}
	if uuids(5) == uuids(6) {
		t.Error("two seeds, one fleet")
	}
}

func TestHostsAndClusters(t *testing.T) {
	lab := startLab(t, mixedFleet)
	client := lab.login()
	var hosts []mo.HostSystem
	fetch(t, client, "HostSystem", &hosts, "name", "parent", "vm", "summary.hardware.memorySize",
		"summary.quickStats", "summary.config.sslThumbprint")
	clusters := map[string]int{}
	for _, host := range hosts {
		var cluster mo.ClusterComputeResource
		check(t, property.DefaultCollector(client).RetrieveOne(context.Background(), *host.Parent,
			[]string{"name"}, &cluster))
		clusters[cluster.Name]++
		if host.Summary.Hardware.MemorySize != 48<<30 || host.Summary.Config.SslThumbprint != lab.ready.SHA1 {
			t.Errorf("%s: %+v", host.Name, host.Summary)
		}
		if used := host.Summary.QuickStats.OverallMemoryUsage; used < 1536 || len(host.Vm) == 0 {
			t.Errorf("%s: %d VMs, %d MB in use", host.Name, len(host.Vm), used)
		}
	}
	if len(hosts) != 4 || clusters["cluster-01"] != 2 || clusters["cluster-02"] != 2 {
		t.Errorf("clusters %v", clusters)
	}
	about := client.ServiceContent.About
	if about.ApiVersion != "7.0.3.0" || !strings.HasSuffix(about.FullName, "(lab)") {
		t.Errorf("about %+v", about)
	}
}

// vCenter writes the zeros in quickStats; a client that takes a missing one for "unknown" needs them.
func TestZerosAreOnTheWire(t *testing.T) {
	lab := startLab(t, mixedFleet)
	client := lab.login()
	wire, err := retrieveRaw(client, openView(t, client), "summary.quickStats")
	check(t, err)
	if n := strings.Count(wire, "<balloonedMemory>"); n != 6 {
		t.Errorf("balloonedMemory of %d VMs instead of 6:\n%s", n, wire)
	}
	for _, want := range []string{
		"<balloonedMemory>512</balloonedMemory>", "<balloonedMemory>0</balloonedMemory>",
		"<swappedMemory>0</swappedMemory>", "<compressedMemory>0</compressedMemory>",
		`type="VirtualMachineQuickStats"`,
	} {
		if !strings.Contains(wire, want) {
			t.Errorf("no %s in:\n%s", want, wire)
		}
	}
}

// The certificate must be the one that the ready line describes, and valid for the address.
func TestCertificate(t *testing.T) {
	lab := startLab(t, `{}`)
	where, err := url.Parse(lab.ready.URL)
	check(t, err)
	authority, err := os.ReadFile(lab.ready.CAFile)
	check(t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	for _, name := range []string{"127.0.0.1", "localhost", "::1"} {
		conn, err := tls.Dial("tcp", where.Host, &tls.Config{RootCAs: roots, ServerName: name})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		leaf := conn.ConnectionState().PeerCertificates[0].Raw
		old, now := sha1.Sum(leaf), sha256.Sum256(leaf)
		if wire.Thumbprint(old[:]) != lab.ready.SHA1 || wire.Thumbprint(now[:]) != lab.ready.SHA256 {
			t.Errorf("thumbprints %s %s are not of the certificate", lab.ready.SHA1, lab.ready.SHA256)
		}
		conn.Close()
	}
}

func TestPrivileges(t *testing.T) {
	const execute = "VirtualMachine.GuestOperations.Execute"
	const query = "VirtualMachine.GuestOperations.Query"
	lab := startLab(t, `{"privileges": ["System.View", "VirtualMachine.GuestOperations.Query"],
		"guests": [{"name": "one", "capture": "a_idle_2048/0"}]}`)
	client := lab.login()
	answer, err := methods.HasPrivilegeOnEntities(context.Background(), client, &types.HasPrivilegeOnEntities{
		This:   *client.ServiceContent.AuthorizationManager,
		Entity: []types.ManagedObjectReference{client.ServiceContent.RootFolder},
		PrivId: []string{"System.View", execute, query},
	})
	check(t, err)
	got := ""
	for _, privilege := range answer.Returnval[0].PrivAvailability {
		got += fmt.Sprintf("%s %v;", privilege.PrivId, privilege.IsGranted)
	}
	want := "System.View true;" + execute + " false;" + query + " true;"
	if got != want {
		t.Errorf("privileges %s instead of %s", got, want)
	}
	g := newGuestClient(t, lab, client, "one")
	_, err = g.createTemporary()
	expectFault(t, "an operation without its privilege", err, "NoPermission")
	_, err = g.processes()
	expectFault(t, "an operation with its privilege", err, "")
}
