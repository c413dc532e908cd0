package guest

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

// Program is one that was started in a guest. The table it is in guards it.
type Program struct {
	PID      int64
	Name     string
	CmdLine  string
	Started  time.Time
	Ended    *time.Time
	ExitCode int32
	group    int // the process group on this machine; 0: none is behind it
}

// End says that the program has ended. It is for programs that no table guards yet.
func (p *Program) End(code int32) {
	now := time.Now().UTC()
	p.Ended, p.ExitCode = &now, code
}

// Programs holds the programs of one guest.
type Programs struct {
	mu      sync.Mutex
	byPID   map[int64]*Program
	nextPID int64
	closed  bool // no program may start any more
	waiting sync.WaitGroup
}

// NewPrograms is the table of the guest with this index.
func NewPrograms(guestIndex int) *Programs {
	return &Programs{byPID: map[int64]*Program{}, nextPID: 1200 + int64(guestIndex)%100}
}

// Add takes a program in and gives it its pid in the guest.
func (t *Programs) Add(p *Program) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.insert(p)
	return p.PID
}

func (t *Programs) insert(p *Program) {
	for pid, old := range t.byPID {
		if old.Ended != nil && time.Since(*old.Ended) > rememberedFor {
			delete(t.byPID, pid)
		}
	}
	t.nextPID += 3
	p.PID = t.nextPID
	t.byPID[p.PID] = p
}

// Start executes a command, which must make a process group of its own, and follows it to its end.
func (t *Programs) Start(p *Program, cmd *exec.Cmd) (int64, error) {
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
	return p.PID, nil
}

func (t *Programs) follow(p *Program, cmd *exec.Cmd) {
	defer t.waiting.Done()
	group := cmd.Process.Pid
	limit := time.AfterFunc(longestRun, func() { killGroup(group) })
	_ = cmd.Wait() // the exit status is in ProcessState
	limit.Stop()
	killGroup(group) // what it left behind
	t.mu.Lock()
	defer t.mu.Unlock()
	p.group = 0
	p.End(exitStatus(cmd))
}

func exitStatus(cmd *exec.Cmd) int32 {
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return 128 + int32(status.Signal())
	}
	return int32(cmd.ProcessState.ExitCode())
}

// List gives the programs with these pids, or all; those it does not know are left out.
func (t *Programs) List(pids []int64) []Program {
	t.mu.Lock()
	defer t.mu.Unlock()
	var found []Program
	if len(pids) == 0 {
		for _, p := range t.byPID {
			found = append(found, *p)
		}
		sort.Slice(found, func(i, j int) bool { return found[i].PID < found[j].PID })
	}
	for _, pid := range pids {
		if p, ok := t.byPID[pid]; ok {
			found = append(found, *p)
		}
	}
	return found
}

// Kill ends a program, if it runs; false if there is none with that pid.
func (t *Programs) Kill(pid int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	p, ok := t.byPID[pid]
	if !ok {
		return false
	}
	p.kill()
	return true
}

func (p *Program) kill() {
	switch {
	case p.group != 0:
		killGroup(p.group)
	case p.Ended == nil:
		p.End(killedStatus)
	}
}

// KillAll ends every program, waits for that, and lets none start any more.
func (t *Programs) KillAll() {
	t.mu.Lock()
	t.closed = true
	for _, p := range t.byPID {
		p.kill()
	}
	t.mu.Unlock()
	t.waiting.Wait()
}

// Running says how many programs have not ended.
func (t *Programs) Running() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	running := 0
	for _, p := range t.byPID {
		if p.Ended == nil {
			running++
		}
	}
	return running
}

func killGroup(group int) { _ = syscall.Kill(-group, syscall.SIGKILL) }
