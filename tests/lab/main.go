// Command lab-vcenter is a vCenter with a fleet of guests on one machine, for tests and for trying
// things out: govmomi's simulator with what that lacks. README.md describes it.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/vmware/govmomi/simulator"
)

type options struct {
	scenario string
	captures string
	state    string
	listen   string
	plain    bool
	lifetime time.Duration
	busybox  string
	record   string

	replay    string
	pageDelay time.Duration
	latency   time.Duration
	hosts     int
	rateMbit  float64
}

func main() {
	var o options
	flag.StringVar(&o.scenario, "scenario", "", "scenario `file` (required)")
	flag.StringVar(&o.captures, "captures", "", "`folder` of captured guests (required)")
	flag.StringVar(&o.state, "state", "", "empty or new `folder` for everything the lab makes (required)")
	flag.StringVar(&o.listen, "listen", "127.0.0.1:0", "loopback `address` of the vCenter")
	flag.BoolVar(&o.plain, "plain", false, "HTTP instead of HTTPS")
	flag.DurationVar(&o.lifetime, "lifetime", 15*time.Minute, "end after this time at the latest")
	flag.StringVar(&o.busybox, "busybox", "/bin/busybox", "statically linked busybox for the guests")
	flag.StringVar(&o.record, "record", "", "new `folder` for every answer that is given")
	flag.StringVar(&o.replay, "replay", "", "`folder` of recorded answers, in place of a scenario and captures")
	flag.DurationVar(&o.pageDelay, "page-delay", 0, "replay: how long a page of properties takes")
	flag.DurationVar(&o.latency, "latency", 0, "replay: how long a guest operation takes")
	flag.IntVar(&o.hosts, "hosts", 0, "replay: `number` of hosts that guest files come from (0: the vCenter)")
	flag.Float64Var(&o.rateMbit, "rate", 0, "replay: what goes through the wire, in Mbit/s (0: no limit)")
	flag.Parse()
	isLab := o.scenario != "" && o.captures != ""
	if isLab == (o.replay != "") || o.state == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "lab-vcenter:", err)
		os.Exit(1)
	}
}

// run is the life of a lab. It returns when the lab was told to end and has cleaned up.
func run(o options) error {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	if err := prepareProcess(); err != nil {
		return err
	}
	state, err := openStateDir(o.state)
	if err != nil {
		return err
	}
	running, err := start(o, state)
	if err != nil {
		_ = state.remove() // the error that stopped the start says more
		return err
	}
	announced, err := json.Marshal(running.ready)
	if err == nil {
		fmt.Println(string(announced))
		select {
		case <-ended:
		case <-time.After(o.lifetime):
			fmt.Fprintln(os.Stderr, "lab-vcenter: its lifetime is over")
		}
	}
	kept := running.stop()
	if err := state.remove(); err != nil {
		return err
	}
	return kept
}

// prepareProcess sets what guests' programs inherit and has the lab end with its parent.
func prepareProcess() error {
	log.SetOutput(io.Discard) // the simulator's chatter
	runtime.LockOSThread()    // the parent's end is told to this thread
	const setParentDeathSignal = 1
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, setParentDeathSignal,
		uintptr(syscall.SIGTERM), 0); errno != 0 {
		return errno
	}
	syscall.Umask(0o022)
	const largestOutput = 128 << 20
	limit := syscall.Rlimit{Cur: largestOutput, Max: largestOutput}
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)
}

// ready is the line that says that the lab can be used, and how.
type ready struct {
	URL           string `json:"url"`
	CAFile        string `json:"ca_file"`
	SHA256        string `json:"thumbprint_sha256"`
	SHA1          string `json:"thumbprint_sha1"`
	Username      string `json:"username"`
	Password      string `json:"password"`
	GuestUsername string `json:"guest_username"`
	GuestPassword string `json:"guest_password"`
	ControlURL    string `json:"control_url"`
	PID           int    `json:"pid"`
	VMs           int    `json:"vms"`
	Hosts         int    `json:"hosts"`
}

type runningLab struct {
	end      func()
	servers  []*http.Server
	recorder *recorder
	ready    ready
}

// stop says whether everything was recorded that should have been.
func (r *runningLab) stop() error {
	r.end()
	for _, server := range r.servers {
		server.Close()
	}
	return r.recorder.close()
}

func start(o options, state *stateDir) (*runningLab, error) {
	if o.replay != "" {
		return startReplay(o, state)
	}
	scenario, err := loadScenario(o.scenario)
	if err != nil {
		return nil, err
	}
	trees, err := newTreeMaker(state.path, o.busybox)
	if err != nil {
		return nil, err
	}
	l, err := newLab(scenario, newCaptureStore(o.captures), trees)
	if err != nil {
		return nil, err
	}
	if !o.plain {
		l.identity, err = newIdentity(filepath.Join(state.path, "ca.pem"), scenario.VCenter.Certificate)
		if err != nil {
			return nil, err
		}
	}
	if o.record != "" {
		if l.recorder, err = newRecorder(o.record); err != nil {
			return nil, err
		}
	}
	sdk, control, err := listenForBoth(o.listen)
	if err != nil {
		return nil, err
	}
	return l.open(sdk, control)
}

// open makes the inventory and starts to answer.
func (l *lab) open(sdk, control net.Listener) (*runningLab, error) {
	l.scheme = "http"
	shown := ready{}
	if l.identity != nil {
		l.scheme = "https"
		shown.CAFile = l.identity.caFile
		shown.SHA1, shown.SHA256 = l.identity.shown().sha1, l.identity.shown().sha256
	}
	thumbprint := ""
	if l.scenario.VCenter.HostThumbprint {
		thumbprint = shown.SHA1
	}
	service, err := l.createInventory(thumbprint)
	if err != nil {
		return nil, err
	}
	rules := l.scenario.VCenter
	_, l.port, _ = net.SplitHostPort(sdk.Addr().String())
	where := &url.URL{Scheme: l.scheme, Host: sdk.Addr().String(), Path: "/sdk"}
	service.Listen = &url.URL{User: url.UserPassword(rules.Username, rules.Password)}
	service.RegisterSDK(simulator.Map)
	f := &front{lab: l, sdk: service.ServeSDK, secured: l.identity != nil, rawNames: l.scenario.hasRawNames()}
	servers := []*http.Server{
		serve(sdk, f.handler(), l.identity.config()), serve(control, l.control(), nil),
	}
	if l.scenario.Transfer.FromHosts {
		ofHosts, err := l.openHosts(f)
		if err != nil {
			return nil, err
		}
		servers = append(servers, ofHosts...)
	}
	shown.URL = where.String()
	shown.Username, shown.Password = rules.Username, rules.Password
	shown.GuestUsername, shown.GuestPassword = l.scenario.GuestLogin.Username, l.scenario.GuestLogin.Password
	shown.ControlURL = "http://" + control.Addr().String()
	shown.PID, shown.VMs, shown.Hosts = os.Getpid(), len(l.guests), len(l.hosts)
	return &runningLab{end: l.stop, servers: servers, recorder: l.recorder, ready: shown}, nil
}
