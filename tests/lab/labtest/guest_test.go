package labtest

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	guestapi "github.com/vmware/govmomi/guest"
	"github.com/vmware/govmomi/guest/toolbox"
	"github.com/vmware/govmomi/vim25/types"
)

const oneGuest = `{"guests": [
	{"name": "shell", "capture": "w_vmw_balloon_shim_2m/512"},
	{"name": "argv", "capture": "a_idle_2048/64", "arguments": "argv", "transfer": "sized"}]}`

func captured(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(os.Getenv("LAB_CAPTURES"), file))
	check(t, err)
	return string(data)
}

// The whole way of a probe, with a server that uses a shell and with one that does not.
func TestGuestProgram(t *testing.T) {
	lab := startLab(t, oneGuest)
	client := lab.login()
	for vm, capture := range map[string]string{
		"shell": "w_vmw_balloon_shim_2m/512", "argv": "a_idle_2048/64",
	} {
		g := newGuestClient(t, lab, client, vm)
		if got := g.output("cat /proc/meminfo"); got != captured(t, capture+"/proc/meminfo") {
			t.Errorf("%s: another meminfo:\n%s", vm, got)
		}
		if code := g.run("/bin/sh", "-c 'exit 7'"); code != 7 {
			t.Errorf("%s: exit code %d instead of 7", vm, code)
		}
		if code := g.run("/bin/sh", "-c 'kill -9 $$'"); code != 128+9 {
			t.Errorf("%s: exit code %d of a killed program", vm, code)
		}
		_, err := g.start("/bin/no-such-program", "")
		expectFault(t, "a program that is not there", err, "FileNotFound")
		if code := g.run("/usr/bin/awk", `'BEGIN { exit 3 }'`); code != 3 {
			t.Errorf("%s: awk's exit code %d instead of 3", vm, code)
		}
	}
	if stats := lab.stats(); len(stats.LeftoverFiles) != 0 || stats.ProgramsStarted != 8 || stats.Downloads != 2 {
		t.Errorf("%+v", stats)
	}
}

// govmomi's own client for guest programs must get along with the lab.
func TestToolboxClient(t *testing.T) {
	lab := startLab(t, oneGuest)
	client := lab.login()
	g := newGuestClient(t, lab, client, "shell")
	operations := guestapi.NewOperationsManager(client, g.vm)
	ctx := context.Background()
	processes, err := operations.ProcessManager(ctx)
	check(t, err)
	files, err := operations.FileManager(ctx)
	check(t, err)
	box := &toolbox.Client{
		ProcessManager: processes, FileManager: files, Authentication: g.auth,
		GuestFamily: types.VirtualMachineGuestOsFamilyLinuxGuest,
	}
	var out bytes.Buffer
	check(t, box.Run(ctx, &exec.Cmd{Path: "/bin/cat", Args: []string{"/proc/vmstat"}, Stdout: &out}))
	if out.String() != captured(t, "w_vmw_balloon_shim_2m/512/proc/vmstat") {
		t.Errorf("another vmstat: %q", out.String())
	}
}

// A program sees its guest and nothing of this machine.
func TestConfinement(t *testing.T) {
	lab := startLab(t, oneGuest)
	g := newGuestClient(t, lab, lab.login(), "shell")
	for script, want := range map[string]string{
		"cat /etc/passwd":                                                    "cat: can't open '/etc/passwd': No such file or directory\n",
		"cat /proc/sys/kernel/osrelease":                                     captured(t, "w_vmw_balloon_shim_2m/512/proc/sys/kernel/osrelease"),
		"cat ../../../../etc/hostname || echo no":                            "cat: can't open '../../../../etc/hostname': No such file or directory\nno\n",
		"test $(id -u) != 0 && echo nobody":                                  "nobody\n",
		"echo x >/proc/meminfo || echo refused":                              "/bin/sh: can't create /proc/meminfo: nonexistent directory\nrefused\n",
		"echo x >/bin/x || echo refused":                                     "/bin/sh: can't create /bin/x: Permission denied\nrefused\n",
		"echo x >/dev/null && cat </dev/null":                                "",
		"test -s /proc/sys/kernel/random/boot_id && cut -c1-4 /proc/loadavg": "0.08\n",
		"date +%s | grep -c .":                                               "1\n",
		"uname -s":                                                           "Linux\n",
		"ls /":                                                               "bin\ndev\nproc\nsys\ntmp\nusr\n",
	} {
		got := g.output(script)
		if strings.HasPrefix(script, "echo x >/") && strings.HasSuffix(want, "refused\n") {
			got, want = got[strings.LastIndex(got[:len(got)-1], "\n")+1:], "refused\n"
		}
		if got != want {
			t.Errorf("%s: %q instead of %q", script, got, want)
		}
	}
}

// Links that a program makes lead nowhere out of its guest.
func TestLinksOutOfTheGuest(t *testing.T) {
	lab := startLab(t, oneGuest)
	g := newGuestClient(t, lab, lab.login(), "shell")
	victim := filepath.Join(t.TempDir(), "victim")
	check(t, os.WriteFile(victim, []byte("secret"), 0o666))
	g.run("/bin/sh", "-c 'ln -s "+victim+" /tmp/file; ln -s "+filepath.Dir(victim)+" /tmp/folder; ln -s / /tmp/root'")
	_, err := g.transfer("/tmp/file")
	expectFault(t, "transfer of a link", err, "NotAFile")
	_, err = g.transfer("/tmp/folder/victim")
	expectFault(t, "transfer through a link", err, "FileNotFound")
	expectFault(t, "deletion through a link", g.delete("/tmp/folder/victim"), "FileNotFound")
	expectFault(t, "deletion outside /tmp", g.delete("/bin/sh"), "GuestPermissionDenied")
	_, err = g.transfer("/tmp/../../../../../../../../../.." + victim)
	expectFault(t, "transfer by dots", err, "FileNotFound")
	_, err = g.transfer("/tmp/root" + victim)
	expectFault(t, "transfer through the root", err, "FileNotFound")
	if left, err := os.ReadFile(victim); err != nil || string(left) != "secret" {
		t.Errorf("the file outside: %q, %v", left, err)
	}
	for _, link := range []string{"/tmp/file", "/tmp/folder", "/tmp/root"} {
		expectFault(t, "deletion of the link", g.delete(link), "")
	}
}

// A URL is good once; chunked or with its length; files of the kernel have no size.
func TestTransfer(t *testing.T) {
	lab := startLab(t, oneGuest)
	client := lab.login()
	for vm, length := range map[string]int64{"shell": -1, "argv": 5} {
		g := newGuestClient(t, lab, client, vm)
		g.run("/bin/sh", "-c 'echo word >/tmp/word'")
		info, err := g.transfer("/tmp/word")
		check(t, err)
		response, body := g.get(info.Url)
		if string(body) != "word\n" || response.ContentLength != length || info.Size != 5 {
			t.Errorf("%s: %q, length %d, size %d", vm, body, response.ContentLength, info.Size)
		}
		if response, _ = g.get(info.Url); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s: a used URL answers with %s", vm, response.Status)
		}
		if !strings.Contains(info.Url, "%2F") {
			t.Errorf("%s: nothing in %s needs care", vm, info.Url)
		}
		info, err = g.transfer("/proc/meminfo")
		check(t, err)
		if _, body = g.get(info.Url); len(body) != 0 || info.Size != 0 {
			t.Errorf("%s: /proc/meminfo has %d bytes", vm, len(body))
		}
		_, err = g.transfer("/tmp/none")
		expectFault(t, "transfer of no file", err, "FileNotFound")
		_, err = g.transfer("/tmp")
		expectFault(t, "transfer of a folder", err, "NotAFile")
		info, err = g.transfer("/tmp/word")
		check(t, err)
		lab.mustPost("/guest?name="+vm, `{"power": "off"}`)
		if response, _ = g.get(info.Url); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s: a VM that is off sends: %s", vm, response.Status)
		}
	}
}

// What a program left running, and the lab itself, must be gone after it ends.
func TestEndOfTheLab(t *testing.T) {
	lab := prepareLab(t, oneGuest)
	temporary := t.TempDir()
	lab.cmd.Env = append(os.Environ(), "TMPDIR="+temporary)
	lab.launch()
	g := newGuestClient(t, lab, lab.login(), "shell")
	_, err := g.start("/bin/sh", "-c 'echo $$ >/tmp/pid; "+longSleep+"'")
	check(t, err)
	tree := lab.truth()[0].Tree
	eventually(t, "the start of the program", func() bool {
		pid, err := os.ReadFile(filepath.Join(tree, "tmp", "pid"))
		return err == nil && len(pid) > 1
	})
	if running := lab.stats().RunningPrograms; running != 1 {
		t.Errorf("%d running programs", running)
	}
	lab.stop(syscall.SIGTERM)
	if code := lab.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for _, dir := range []string{lab.state, temporary} {
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
			t.Errorf("left behind in %s: %v, %v", dir, entries, err)
		}
	}
	expectNoLongSleep(t)
}
