package main

import (
	"os/exec"
	"sort"
	"sync"
	"syscall"
	"time"
)

const (
	longestRun    = 60 * time.Second
	rememberedFor = 5 * time.Minute // after its end; as VMware Tools do
	killedStatus  = 128 + int32(syscall.SIGKILL)
)

// program is one that was started in a guest. The table it is in guards it.
type program struct {
	pid      int64
	name     string
	cmdLine  string
	started  time.Time
	ended    *time.Time
	exitCode int32
	group    int // the process group on this machine; 0: none is behind it
}

func (p *program) end(code int32) {
	now := time.Now().UTC()
	p.ended, p.exitCode = &now, code
}

// programTable holds the programs of one guest.
type programTable struct {
	mu      sync.Mutex
	byPID   map[int64]*program
	nextPID int64
	closed  bool // no program may start any more
	waiting sync.WaitGroup
}

func newProgramTable(guestIndex int) *programTable {
	return &programTable{byPID: map[int64]*program{}, nextPID: 1200 + int64(guestIndex)%100}
}

// add takes a program in and gives it its pid in the guest.
func (t *programTable) add(p *program) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.insert(p)
	return p.pid
}

func (t *programTable) insert(p *program) {
	for pid, old := range t.byPID {
		if old.ended != nil && time.Since(*old.ended) > rememberedFor {
			delete(t.byPID, pid)
		}
	}
	t.nextPID += 3
	p.pid = t.nextPID
	t.byPID[p.pid] = p
}

// start executes a command, which must make a process group of its own, and follows it to its end.
func (t *programTable) start(p *program, cmd *exec.Cmd) (int64, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return 0, syscall.ESHUTDOWN
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	p.group = cmd.Process.Pid
	t.insert(p)
	t.waiting.Add(1)
	go t.follow(p, cmd)
	return p.pid, nil
}

func (t *programTable) follow(p *program, cmd *exec.Cmd) {
	defer t.waiting.Done()
	group := cmd.Process.Pid
	limit := time.AfterFunc(longestRun, func() { killGroup(group) })
	_ = cmd.Wait() // the exit status is in ProcessState
	limit.Stop()
	killGroup(group) // what it left behind
	t.mu.Lock()
	defer t.mu.Unlock()
	p.group = 0
	p.end(exitStatus(cmd))
}

func exitStatus(cmd *exec.Cmd) int32 {
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return 128 + int32(status.Signal())
	}
	return int32(cmd.ProcessState.ExitCode())
}

// list gives the programs with these pids, or all; those it does not know are left out.
func (t *programTable) list(pids []int64) []program {
	t.mu.Lock()
	defer t.mu.Unlock()
	var found []program
	if len(pids) == 0 {
		for _, p := range t.byPID {
			found = append(found, *p)
		}
		sort.Slice(found, func(i, j int) bool { return found[i].pid < found[j].pid })
	}
	for _, pid := range pids {
		if p, ok := t.byPID[pid]; ok {
			found = append(found, *p)
		}
	}
	return found
}

// kill ends a program, if it runs; false if there is none with that pid.
func (t *programTable) kill(pid int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	p, ok := t.byPID[pid]
	if !ok {
		return false
	}
	p.kill()
	return true
}

func (p *program) kill() {
	switch {
	case p.group != 0:
		killGroup(p.group)
	case p.ended == nil:
		p.end(killedStatus)
	}
}

// killAll ends every program, waits for that, and lets none start any more.
func (t *programTable) killAll() {
	t.mu.Lock()
	t.closed = true
	for _, p := range t.byPID {
		p.kill()
	}
	t.mu.Unlock()
	t.waiting.Wait()
}

func (t *programTable) running() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	running := 0
	for _, p := range t.byPID {
		if p.ended == nil {
			running++
		}
	}
	return running
}

func killGroup(group int) { _ = syscall.Kill(-group, syscall.SIGKILL) }
