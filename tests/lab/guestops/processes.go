package guestops

import (
	"fmt"
	"math"
	"os"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"ballast/lab/guest"
	"ballast/lab/inventory"
	"ballast/lab/wire"
)

// processManager runs programs in guests.
type processManager struct {
	mo.GuestProcessManager
	wire.Parallel
	ops *Operations
}

func putProcessManager(o *Operations, ref types.ManagedObjectReference) {
	m := &processManager{ops: o}
	m.Self = ref
	simulator.Map.Put(m)
}

// StartProgramInGuest gives the pid of a program that has just been started.
func (m *processManager) StartProgramInGuest(req *types.StartProgramInGuest) soap.HasFault {
	body := &methods.StartProgramInGuestBody{}
	g, fault := m.ops.enter(req.Vm, req.Auth, privilegeExecute)
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	spec, ok := req.Spec.(*types.GuestProgramSpec)
	if !ok || !path.IsAbs(spec.ProgramPath) {
		body.Fault_ = wire.InvalidArgument("spec.programPath")
		return body
	}
	pid, fault := m.ops.startProgram(g, spec)
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	atomic.AddInt64(&m.ops.started, 1)
	body.Res = &types.StartProgramInGuestResponse{Returnval: pid}
	return body
}

func (o *Operations) startProgram(g *inventory.Guest, spec *types.GuestProgramSpec) (int64, *soap.Fault) {
	p := &guest.Program{
		Name:    path.Base(spec.ProgramPath),
		CmdLine: strings.TrimSpace(spec.ProgramPath + " " + spec.Arguments),
		Started: time.Now().UTC(),
	}
	switch g.Current().Behaviour {
	case "program_fails":
		p.End(1)
		return g.Programs.Add(p), nil
	case "endless":
		return g.Programs.Add(p), nil
	}
	run, fault := command(g, spec)
	if fault != nil {
		return 0, fault
	}
	pid, err := g.Programs.Start(p, o.fleet.Trees.Command(g.Tree, run))
	if err != nil {
		return 0, wire.SystemError("starting " + run.Argv[0] + ": " + err.Error())
	}
	return pid, nil
}

// command is what is executed for a program's specification.
func command(g *inventory.Guest, spec *types.GuestProgramSpec) (guest.Execution, *soap.Fault) {
	ahead := int64(math.Round(g.Clock.Offset().Seconds()))
	env := spec.EnvVariables // the whole of it, as VMware Tools have it
	if len(env) == 0 {
		env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", "LANG=C"}
	}
	run := guest.Execution{Dir: "/", Env: append([]string{fmt.Sprintf("LAB_AHEAD_S=%d", ahead)}, env...)}
	if !g.Tree.IsProgram(spec.ProgramPath) {
		return run, wire.FileNotFound(spec.ProgramPath)
	}
	if spec.WorkingDirectory != "" {
		if info, err := os.Stat(g.Tree.Path(spec.WorkingDirectory)); err != nil || !info.IsDir() {
			return run, wire.FileNotFound(spec.WorkingDirectory)
		}
		run.Dir = spec.WorkingDirectory
	}
	if g.Group.Arguments == "shell" {
		run.Argv = []string{"/bin/sh", "-c", spec.ProgramPath + " " + spec.Arguments}
		return run, nil
	}
	words, err := guest.SplitWords(spec.Arguments)
	if err != nil {
		return run, wire.InvalidArgument("spec.arguments")
	}
	run.Argv = append([]string{spec.ProgramPath}, words...)
	return run, nil
}

// ListProcessesInGuest knows the programs that were started through it, for a while after their end.
func (m *processManager) ListProcessesInGuest(req *types.ListProcessesInGuest) soap.HasFault {
	g, fault := m.ops.enter(req.Vm, req.Auth, privilegeQuery)
	if fault != nil {
		return &listProcessesInGuestBody{Fault_: fault}
	}
	response := &ListProcessesInGuestResponse{}
	for _, p := range g.Programs.List(req.Pids) {
		response.Returnval = append(response.Returnval, processInfo(p, g.Login.Username))
	}
	return &listProcessesInGuestBody{Res: response}
}

// TerminateProcessInGuest kills a program and what it started.
func (m *processManager) TerminateProcessInGuest(req *types.TerminateProcessInGuest) soap.HasFault {
	body := &methods.TerminateProcessInGuestBody{}
	g, fault := m.ops.enter(req.Vm, req.Auth, privilegeExecute)
	switch {
	case fault != nil:
		body.Fault_ = fault
	case !g.Programs.Kill(req.Pid):
		body.Fault_ = simulator.Fault("The process was not found in the guest.",
			&types.GuestProcessNotFound{Pid: req.Pid})
	default:
		body.Res = &types.TerminateProcessInGuestResponse{}
	}
	return body
}

// guestProcessInfo is the library's type, but an exit code of 0 is written.
type guestProcessInfo struct {
	Name      string     `xml:"name"`
	Pid       int64      `xml:"pid"`
	Owner     string     `xml:"owner"`
	CmdLine   string     `xml:"cmdLine"`
	StartTime time.Time  `xml:"startTime"`
	EndTime   *time.Time `xml:"endTime"`
	ExitCode  *int32     `xml:"exitCode"`
}

// ListProcessesInGuestResponse is named as it is on the wire.
type ListProcessesInGuestResponse struct {
	Returnval []guestProcessInfo `xml:"returnval,omitempty"`
}

type listProcessesInGuestBody struct {
	Res    *ListProcessesInGuestResponse
	Fault_ *soap.Fault
}

// Fault is nil if the call succeeded.
func (b *listProcessesInGuestBody) Fault() *soap.Fault { return b.Fault_ }

func processInfo(p guest.Program, owner string) guestProcessInfo {
	info := guestProcessInfo{
		Name: p.Name, Pid: p.PID, Owner: owner, CmdLine: p.CmdLine, StartTime: p.Started,
	}
	if p.Ended != nil {
		ended, code := *p.Ended, p.ExitCode
		info.EndTime, info.ExitCode = &ended, &code
	}
	return info
}
