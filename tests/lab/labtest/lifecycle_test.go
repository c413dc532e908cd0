package labtest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// longSleep is a program in a guest that only this run of the tests can have started.
var longSleep = fmt.Sprintf("sleep 9%d", os.Getpid())

// expectNoLongSleep fails if such a program does not go away.
func expectNoLongSleep(t *testing.T) {
	t.Helper()
	eventually(t, "the end of "+longSleep, func() bool {
		commands, err := filepath.Glob("/proc/[0-9]*/cmdline")
		check(t, err)
		for _, file := range commands {
			line, _ := os.ReadFile(file) // it may have ended meanwhile
			if strings.Contains(string(bytes.ReplaceAll(line, []byte{0}, []byte{' '})), longSleep) {
				return false
			}
		}
		return true
	})
}

// What a lab refuses to start with, and that it says why.
func TestRefusals(t *testing.T) {
	for _, c := range []struct{ scenario, argument, says string }{
		{`{}`, "-listen=0.0.0.0:0", "loopback"},
		{`{}`, "-listen=example.com:443", "loopback"},
		{`{"page_limits": 3}`, "", "page_limits"},
		{`{"guests": [{"name": "a", "capture": "none/such"}]}`, "", "none/such"},
		{`{"guests": [{"name": "a", "capture": "../captures/a_idle_2048/0"}]}`, "", "no capture's name"},
		{`{"guests": [{"name": "a", "schedule": [{"capture": "none/such"}]}]}`, "", "none/such"},
		{`{"guests": [{"name": "a", "schedule": [{"capture": "a_idle_2048/0", "host": "esx-9"}]}]}`, "", "esx-9"},
		{`{"clusters": 2, "pools": [{"name": "p"}], "guests": [{"name": "a", "pool": "p",
			"schedule": [{"capture": "a_idle_2048/0", "host": "esx-04.lab.example"}]}]}`, "", "another cluster"},
		{`{"guests": [{"name": "a", "change": [{"host": "esx-9"}]}]}`, "", "esx-9"},
		{`{}`, "-busybox=/no/busybox", "/no/busybox"},
	} {
		lab := prepareLab(t, c.scenario, "-lifetime=5s")
		if c.argument != "" {
			lab.cmd.Args = append(lab.cmd.Args, c.argument)
		}
		out, err := lab.cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), c.says) {
			t.Errorf("%s %s: %v, %q does not say %q", c.scenario, c.argument, err, out, c.says)
		}
		if entries, err := os.ReadDir(lab.state); err != nil || len(entries) != 0 {
			t.Errorf("%s %s: left behind %v, %v", c.scenario, c.argument, entries, err)
		}
	}
}

// A folder with somebody's files is not taken; one that a killed lab left is.
func TestStateFolder(t *testing.T) {
	lab := prepareLab(t, oneGuest)
	check(t, os.WriteFile(filepath.Join(lab.state, "precious"), nil, 0o644))
	if out, err := lab.cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "not empty") {
		t.Errorf("%v: %s", err, out)
	}
	if _, err := os.Stat(filepath.Join(lab.state, "precious")); err != nil {
		t.Error(err)
	}
	killed := startLab(t, oneGuest)
	newGuestClient(t, killed, killed.login(), "shell").output("true")
	second := exec.Command(killed.cmd.Path, killed.cmd.Args[1:]...)
	if out, err := second.CombinedOutput(); err == nil || !strings.Contains(string(out), "in use") {
		t.Errorf("a second lab in the folder: %v: %s", err, out)
	}
	killed.stop(syscall.SIGKILL)
	if entries, err := os.ReadDir(killed.state); err != nil || len(entries) < 3 {
		t.Errorf("a killed lab left only %v, %v", entries, err)
	}
	next := &labProcess{t: t, state: killed.state, cmd: exec.Command(killed.cmd.Path, killed.cmd.Args[1:]...)}
	next.launch()
	if left := next.stats().LeftoverFiles; len(left) != 0 {
		t.Errorf("of the killed lab: %v", left)
	}
}

// The lab does not outlive the process that started it, nor its lifetime.
func TestEndWithTheParent(t *testing.T) {
	lab := prepareLab(t, oneGuest)
	parent := exec.Command("/bin/sh", "-c", `"$@" & read line`, "sh", lab.cmd.Path)
	parent.Args = append(parent.Args, lab.cmd.Args[1:]...)
	hold, err := parent.StdinPipe()
	check(t, err)
	lab.cmd = parent
	lab.launch()
	check(t, hold.Close())
	lab.stop(syscall.Signal(0))
	eventually(t, "the end of the lab", func() bool {
		entries, err := os.ReadDir(lab.state)
		return err == nil && len(entries) == 0
	})
}

func TestLifetime(t *testing.T) {
	lab := startLab(t, oneGuest, "-lifetime=300ms")
	lab.ended = true
	if err := lab.cmd.Wait(); err != nil {
		t.Error(err)
	}
	if entries, err := os.ReadDir(lab.state); err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// Without root the guests' programs run in bubblewrap, where everything works likewise.
func TestWithoutRoot(t *testing.T) {
	const nobody = 65534
	lab := prepareLab(t, `{"guests": [
		{"name": "all", "capture": "eras/rhel8/v_vmmemctl_4k_idle/512"},
		{"name": "some", "capture": "eras/rhel8/v_vmmemctl_4k_idle/512", "root_login": false}]}`)
	if os.Geteuid() == 0 {
		lab.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		for _, dir := range []string{lab.state, filepath.Dir(lab.state), filepath.Dir(filepath.Dir(lab.state))} {
			check(t, os.Chmod(dir, 0o755))
			check(t, os.Chown(dir, nobody, nobody))
		}
		if !bubblewrapWorks(lab) {
			t.Skip("bubblewrap cannot be used on this machine")
		}
	}
	lab.launch()
	client := lab.login()
	g := newGuestClient(t, lab, client, "all")
	if got := g.output("cat /proc/meminfo"); got != captured(t, "eras/rhel8/v_vmmemctl_4k_idle/512/proc/meminfo") {
		t.Errorf("another meminfo: %s", got)
	}
	for script, want := range map[string]string{
		"cat /etc/passwd 2>/dev/null || echo none":               "none\n",
		"echo x 2>/dev/null >/proc/meminfo || echo refused":      "refused\n",
		"grep -c . /proc/slabinfo >/dev/null && echo as root":    "as root\n",
		"echo x >/dev/null && cat </dev/null && echo null works": "null works\n",
	} {
		if got := g.output(script); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %q", script, got)
		}
	}
	user := newGuestClient(t, lab, client, "some")
	if got := user.output("cat /proc/slabinfo 2>/dev/null || echo hidden"); got != "hidden\n" {
		t.Errorf("a user sees %q", got)
	}
	pid, err := g.start("/bin/sh", "-c '"+longSleep+"'")
	check(t, err)
	check(t, g.terminate(pid))
	eventually(t, "the end of the program", func() bool { return lab.stats().RunningPrograms == 0 })
	lab.stop(syscall.SIGTERM)
	expectNoLongSleep(t)
}

// bubblewrapWorks says whether the lab's user can use it and reach the lab's own files.
func bubblewrapWorks(lab *labProcess) bool {
	try := exec.Command("/bin/sh", "-c", `test -x "$0" && test -r "$1" && bwrap --unshare-all --ro-bind / / true`,
		lab.cmd.Path, filepath.Join(os.Getenv("LAB_CAPTURES"), "README.md"))
	try.SysProcAttr = lab.cmd.SysProcAttr
	return try.Run() == nil
}

// A user's login does not see what only root may, also in a chroot.
func TestUserLogin(t *testing.T) {
	lab := startLab(t, `{"guests": [
		{"name": "user", "capture": "w_vmw_balloon_shim_2m/512", "root_login": false},
		{"name": "root", "capture": "w_vmw_balloon_shim_2m/512"}]}`)
	client := lab.login()
	for vm, want := range map[string]string{"user": "hidden\n", "root": "seen\n"} {
		script := "test -r /sys/kernel/debug/vmmemctl && echo seen || echo hidden"
		if got := newGuestClient(t, lab, client, vm).output(script); got != want {
			t.Errorf("%s: %q", vm, got)
		}
	}
}

// A fleet ten times as large as the others' is there and listed whole.
func TestLargeFleet(t *testing.T) {
	lab := startLab(t, `{"clusters": 4, "hosts_per_cluster": 10, "page_limit": 500,
		"guests": [{"name": "vm-%04d", "count": 2000, "capture": "a_idle_2048/0"}]}`)
	names, pages := listNames(t, lab.login(), 0)
	if lab.ready.VMs != 2000 || lab.ready.Hosts != 40 || len(names) != 2000 || pages != 4 {
		t.Errorf("%s", fmt.Sprint(lab.ready.VMs, lab.ready.Hosts, len(names), pages))
	}
}
