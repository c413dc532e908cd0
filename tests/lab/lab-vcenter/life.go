package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"ballast/lab/control"
	"ballast/lab/recording"
)

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

// runningLab is a lab, or a replay, that answers.
type runningLab struct {
	end      func()
	servers  []*http.Server
	recorder *recording.Recorder
	ready    control.Ready
}

// stop says whether everything was recorded that should have been.
func (r *runningLab) stop() error {
	r.end()
	for _, server := range r.servers {
		server.Close()
	}
	return r.recorder.Close()
}

// start gives what the options ask for, when it can be used.
func start(o options, state *stateDir) (*runningLab, error) {
	if o.replay != "" {
		return startReplay(o, state)
	}
	return openLab(o, state)
}
