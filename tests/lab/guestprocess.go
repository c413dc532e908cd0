package main

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
)

// processManager runs programs in guests.
type processManager struct {
	mo.GuestProcessManager
	parallel
	ops *operations
}

func putProcessManager(o *operations, ref types.ManagedObjectReference) {
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
		body.Fault_ = invalidArgument("spec.programPath")
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

func (o *operations) startProgram(g *guest, spec *types.GuestProgramSpec) (int64, *soap.Fault) {
	p := &program{
		name:    path.Base(spec.ProgramPath),
		cmdLine: strings.TrimSpace(spec.ProgramPath + " " + spec.Arguments),
		started: time.Now().UTC(),
	}
	switch g.current().behaviour {
	case "program_fails":
		p.end(1)
		return g.programs.add(p), nil
	case "endless":
		return g.programs.add(p), nil
	}
	run, fault := command(g, spec)
	if fault != nil {
		return 0, fault
	}
	pid, err := g.programs.start(p, o.fleet.trees.command(g.tree, run))
	if err != nil {
		return 0, systemError("starting " + run.argv[0] + ": " + err.Error())
	}
	return pid, nil
}

// command is what is executed for a program's specification.
func command(g *guest, spec *types.GuestProgramSpec) (execution, *soap.Fault) {
	ahead := int64(math.Round(g.clock.offset().Seconds()))
	run := execution{dir: "/", env: append([]string{
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", "LANG=C",
		fmt.Sprintf("LAB_AHEAD_S=%d", ahead),
	}, spec.EnvVariables...)}
	if !g.tree.isProgram(spec.ProgramPath) {
		return run, fileNotFound(spec.ProgramPath)
	}
	if spec.WorkingDirectory != "" {
		if info, err := os.Stat(g.tree.path(spec.WorkingDirectory)); err != nil || !info.IsDir() {
			return run, fileNotFound(spec.WorkingDirectory)
		}
		run.dir = spec.WorkingDirectory
	}
	if g.group.Arguments == "shell" {
		run.argv = []string{"/bin/sh", "-c", spec.ProgramPath + " " + spec.Arguments}
		return run, nil
	}
	words, err := splitWords(spec.Arguments)
	if err != nil {
		return run, invalidArgument("spec.arguments")
	}
	run.argv = append([]string{spec.ProgramPath}, words...)
	return run, nil
}

// ListProcessesInGuest knows the programs that were started through it, for a while after their end.
func (m *processManager) ListProcessesInGuest(req *types.ListProcessesInGuest) soap.HasFault {
	g, fault := m.ops.enter(req.Vm, req.Auth, privilegeQuery)
	if fault != nil {
		return &listProcessesInGuestBody{Fault_: fault}
	}
	response := &ListProcessesInGuestResponse{}
	for _, p := range g.programs.list(req.Pids) {
		response.Returnval = append(response.Returnval, processInfo(p, g.login.Username))
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
	case !g.programs.kill(req.Pid):
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

func processInfo(p program, owner string) guestProcessInfo {
	info := guestProcessInfo{
		Name: p.name, Pid: p.pid, Owner: owner, CmdLine: p.cmdLine, StartTime: p.started,
	}
	if p.ended != nil {
		ended, code := *p.ended, p.exitCode
		info.EndTime, info.ExitCode = &ended, &code
	}
	return info
}
