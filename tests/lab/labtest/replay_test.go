package labtest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/vmware/govmomi/vim25"

	"ballast/lab/recording"
)

// launchReplay serves a recording for one test.
func launchReplay(t *testing.T, recording string, arguments ...string) *labProcess {
	t.Helper()
	p := &labProcess{t: t, state: filepath.Join(t.TempDir(), "state")}
	p.cmd = exec.Command(os.Getenv("LAB_VCENTER"), append([]string{
		"-replay", recording, "-state", p.state, "-lifetime", "90s",
	}, arguments...)...)
	p.launch()
	return p
}

// record has a lab keep what it answers while `use` works with it, and gives the folder.
func record(t *testing.T, scenario string, use func(lab *labProcess, client *vim25.Client)) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "recording")
	lab := startLab(t, scenario, "-record", folder)
	use(lab, lab.login())
	lab.stop(syscall.SIGTERM)
	return folder
}

// A replay answers as the lab did, again and again, whatever the order of the paths.
func TestReplay(t *testing.T) {
	var names []string
	folder := record(t, fmt.Sprintf(plainFleet, 10), func(_ *labProcess, client *vim25.Client) {
		names, _ = listNames(t, client, 0)
	})
	lab := launchReplay(t, folder)
	for i := 0; i < 2; i++ {
		again, pages := listNames(t, lab.login(), 0)
		if pages != 3 || len(names) != 23 || !reflect.DeepEqual(names, again) {
			t.Errorf("time %d: %d pages of other VMs: %q", i, pages, again)
		}
	}
	var stats recording.ReplayStats
	lab.get("/stats", &stats)
	if stats.Methods["RetrievePropertiesEx"] != 2 || stats.Methods["ContinueRetrievePropertiesEx"] != 4 ||
		stats.Methods["Login"] != 2 || stats.PageBytes == 0 || stats.SentBytes <= stats.PageBytes {
		t.Errorf("stats: %+v", stats)
	}
	lab.mustPost("/reset", "")
	lab.get("/stats", &stats)
	if stats.PageBytes != 0 || stats.Connections != 0 {
		t.Errorf("after a reset: %+v", stats)
	}
}

// What was not asked for when the lab was recorded is an error, not another answer.
func TestReplayOfSomethingElse(t *testing.T) {
	folder := record(t, oneGuest, func(_ *labProcess, client *vim25.Client) { listNames(t, client, 0) })
	lab := launchReplay(t, folder)
	client := lab.login()
	_, err := retrieveRaw(client, openView(t, client), "name", "summary.quickStats")
	if err == nil || !strings.Contains(err.Error(), "501") {
		t.Errorf("properties that were not recorded: %v", err)
	}
}

// A recording may lie about; the logins that were used must not be in it.
func TestRecordingHoldsNoPasswords(t *testing.T) {
	folder := record(t, oneGuest, func(lab *labProcess, client *vim25.Client) {
		guest := newGuestClient(t, lab, client, "shell")
		_, err := guest.createTemporary()
		check(t, err)
	})
	secrets := [][]byte{[]byte("lab-vcenter-password"), []byte("lab-guest-password")}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	check(t, err)
	operations := 0
	for _, name := range files {
		content, err := os.ReadFile(name)
		check(t, err)
		if bytes.HasPrefix(content, []byte("CreateTemporaryFileInGuest\n")) {
			operations++
		}
		for _, secret := range secrets {
			if bytes.Contains(content, secret) {
				t.Errorf("%s holds %s", name, secret)
			}
		}
	}
	if operations != 1 {
		t.Errorf("%d guest operations were recorded", operations)
	}
}

// vCenter tells a client nothing that its version of the API does not know.
func TestReplayForOlderClients(t *testing.T) {
	folder := record(t, oneGuest, func(_ *labProcess, client *vim25.Client) {
		_, err := retrieveRaw(client, openView(t, client), "name", "summary.quickStats")
		check(t, err)
	})
	lab := launchReplay(t, folder)
	for version, known := range map[string]bool{"7.0.3.0": true, "6.7.3": false, "5.5": false} {
		client := lab.login()
		client.Version = version
		answer, err := retrieveRaw(client, openView(t, client), "summary.quickStats", "name")
		check(t, err)
		if strings.Contains(answer, "<grantedMemory>") != known || !strings.Contains(answer, "<balloonedMemory>") {
			t.Errorf("for %s: %s", version, answer)
		}
	}
}

func TestReplayNeedsARecording(t *testing.T) {
	out, err := exec.Command(os.Getenv("LAB_VCENTER"), "-replay", t.TempDir(), "-state",
		filepath.Join(t.TempDir(), "state")).CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("holds no recording")) {
		t.Errorf("%v: %s", err, out)
	}
}
