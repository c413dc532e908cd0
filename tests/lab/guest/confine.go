package guest

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// Execution is a program as the guest sees it.
type Execution struct {
	Argv []string
	Env  []string
	Dir  string
}

// confinement runs programs so that all they see of this machine is one guest's tree: in a chroot
// under an id that nothing else has, when the lab is root; else in bubblewrap's namespaces.
type confinement struct {
	chroot bool
	bwrap  string
}

// findConfinement tries what there is with a real program in a tree made for the purpose.
func findConfinement(trees *TreeMaker) (confinement, error) {
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

func (c confinement) try(trees *TreeMaker) error {
	tree, err := trees.trial()
	if err != nil {
		return err
	}
	defer os.RemoveAll(tree.Root)
	run := Execution{Argv: []string{"/bin/sh", "-c", "echo ok </dev/null >/tmp/ok && cat /tmp/ok"}, Dir: "/"}
	out, err := c.command(tree, run).Output()
	if err != nil {
		return err
	}
	if string(out) != "ok\n" {
		return fmt.Errorf("unexpected output %q", out)
	}
	return nil
}

// Command confines a program in a guest's tree.
func (m *TreeMaker) Command(tree *Tree, run Execution) *exec.Cmd {
	return m.confinement.command(tree, run)
}

// command is ready to be started; its process leads a group of its own and dies with the lab.
func (c confinement) command(tree *Tree, run Execution) *exec.Cmd {
	if !c.chroot {
		return c.bubblewrapped(tree, run)
	}
	return &exec.Cmd{
		Path: run.Argv[0],
		Args: run.Argv,
		Env:  run.Env,
		Dir:  run.Dir,
		SysProcAttr: &syscall.SysProcAttr{
			Chroot:     tree.Root,
			Credential: &syscall.Credential{Uid: tree.owner, Gid: tree.owner},
			Setpgid:    true,
			Pdeathsig:  syscall.SIGKILL,
		},
	}
}

func (c confinement) bubblewrapped(tree *Tree, run Execution) *exec.Cmd {
	args := []string{
		"--unshare-all", "--die-with-parent", "--new-session", "--clearenv",
		"--ro-bind", tree.Root, "/", "--bind", tree.Path("/tmp"), "/tmp",
		"--dev-bind", "/dev/null", "/dev/null", "--chdir", run.Dir,
	}
	for _, pair := range run.Env {
		name, value, _ := strings.Cut(pair, "=")
		args = append(args, "--setenv", name, value)
	}
	cmd := exec.Command(c.bwrap, append(append(args, "--"), run.Argv...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	return cmd
}
