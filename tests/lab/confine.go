package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// execution is a program as the guest sees it.
type execution struct {
	argv []string
	env  []string
	dir  string
}

// confinement runs programs so that all they see of this machine is one guest's tree: in a chroot
// under an id that nothing else has, when the lab is root; else in bubblewrap's namespaces.
type confinement struct {
	chroot bool
	bwrap  string
}

// findConfinement tries what there is with a real program in a tree made for the purpose.
func findConfinement(trees *treeMaker) (confinement, error) {
	var tried []string
	for _, c := range []confinement{{chroot: true}, {bwrap: "bwrap"}} {
		if c.chroot && os.Geteuid() != 0 {
			continue
		}
		if err := c.try(trees); err != nil {
			tried = append(tried, fmt.Sprintf("%s: %v", c, err))
			continue
		}
		return c, nil
	}
	return confinement{}, fmt.Errorf("programs in guests cannot be confined on this machine (%s); "+
		"install bubblewrap and allow unprivileged user namespaces, or run as root",
		strings.Join(tried, "; "))
}

func (c confinement) String() string {
	if c.chroot {
		return "chroot"
	}
	return "bubblewrap"
}

func (c confinement) try(trees *treeMaker) error {
	tree, err := trees.trial()
	if err != nil {
		return err
	}
	defer os.RemoveAll(tree.root)
	run := execution{argv: []string{"/bin/sh", "-c", "echo ok </dev/null >/tmp/ok && cat /tmp/ok"}, dir: "/"}
	out, err := c.command(tree, run).Output()
	if err != nil {
		return err
	}
	if string(out) != "ok\n" {
		return fmt.Errorf("unexpected output %q", out)
	}
	return nil
}

// command confines a program in a guest's tree.
func (m *treeMaker) command(tree *guestTree, run execution) *exec.Cmd {
	return m.confinement.command(tree, run)
}

// command is ready to be started; its process leads a group of its own and dies with the lab.
func (c confinement) command(tree *guestTree, run execution) *exec.Cmd {
	if !c.chroot {
		return c.bubblewrapped(tree, run)
	}
	return &exec.Cmd{
		Path: run.argv[0],
		Args: run.argv,
		Env:  run.env,
		Dir:  run.dir,
		SysProcAttr: &syscall.SysProcAttr{
			Chroot:     tree.root,
			Credential: &syscall.Credential{Uid: tree.owner, Gid: tree.owner},
			Setpgid:    true,
			Pdeathsig:  syscall.SIGKILL,
		},
	}
}

func (c confinement) bubblewrapped(tree *guestTree, run execution) *exec.Cmd {
	args := []string{
		"--unshare-all", "--die-with-parent", "--new-session", "--clearenv",
		"--ro-bind", tree.root, "/", "--bind", tree.path("/tmp"), "/tmp",
		"--dev-bind", "/dev/null", "/dev/null", "--chdir", run.dir,
	}
	for _, pair := range run.env {
		name, value, _ := strings.Cut(pair, "=")
		args = append(args, "--setenv", name, value)
	}
	cmd := exec.Command(c.bwrap, append(append(args, "--"), run.argv...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	return cmd
}
