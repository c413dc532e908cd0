// Package guest is the inside of the guests: captured /proc and /sys as files on this machine, and
// real programs that run there and see nothing else. Here belongs what a process in a guest could
// see; of the vCenter this package knows the faults that tell why a file is not to be had.
package guest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
)

// What a guest can run: busybox under these names.
const applets = "[ ash awk base64 basename cat chmod cmp cp cut date dd diff dirname echo egrep env expr " +
	"false fgrep find grep gunzip gzip head hexdump id kill ln ls md5sum mkdir mktemp mv nproc od " +
	"printf ps pwd readlink realpath rm rmdir sed seq sh sha256sum sleep sort stat sync tail tee test timeout " +
	"touch tr true uname uniq wc which xargs"

// Files that only root may read in a real guest.
var rootOnly = map[string]bool{
	"proc/vmallocinfo":          true,
	"proc/slabinfo":             true,
	"sys/kernel/debug/vmmemctl": true,
}

// firstOwner is the id of the first guest's programs: ids that systemd sets aside for services
// without an account, so that nothing else on the machine has them.
const (
	firstOwner = 61184
	owners     = 4096
)

// TreeMaker makes the file trees of the guests, below one folder. Files that guests have in common
// are copied there once and then hard-linked.
type TreeMaker struct {
	dir         string
	busybox     string
	confinement confinement
	Ticking     bool // the guests' date follows a clock other than this machine's

	planned map[string]bool // folders that are some guest's

	mu     sync.Mutex
	copied map[string]bool // captures under common
}

// Tree is the root file system of one guest. It is made when it is first needed.
type Tree struct {
	maker     *TreeMaker
	Root      string // on this machine
	owner     uint32 // of what the guest's programs make
	seesAll   bool   // the login is root's
	mu        sync.Mutex
	populated Inside // what its proc and sys show
}

// Inside is what a guest's proc and sys are to show.
type Inside struct {
	Capture *Capture
	BootID  string
}

// NewTreeMaker copies busybox, which must be a static one, and finds out how to confine programs.
func NewTreeMaker(dir, busybox string) (*TreeMaker, error) {
	m := &TreeMaker{
		dir:     dir,
		busybox: filepath.Join(dir, "common", "busybox"),
		planned: map[string]bool{},
		copied:  map[string]bool{},
	}
	if err := makeDirs(filepath.Join(dir, "guests"), filepath.Dir(m.busybox)); err != nil {
		return nil, err
	}
	if err := copyFile(busybox, m.busybox, 0o755); err != nil {
		return nil, err
	}
	var err error
	m.confinement, err = findConfinement(m)
	return m, err
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// Plan says where a guest's tree will be: under the VM's name if that can be a folder's, else under
// its moref. Guests are counted by index from 0.
func (m *TreeMaker) Plan(name, moref string, index int, seesAll bool) *Tree {
	folder := moref
	if plainName.MatchString(name) && !m.planned[name] {
		folder = name
	}
	m.planned[folder] = true
	return m.tree(filepath.Join(m.dir, "guests", folder), index, seesAll)
}

func (m *TreeMaker) tree(root string, index int, seesAll bool) *Tree {
	owner := uint32(os.Getuid())
	if owner == 0 {
		owner = firstOwner + uint32(index%owners)
	}
	return &Tree{maker: m, Root: root, owner: owner, seesAll: seesAll}
}

// trial is a tree without a capture, to see whether programs run.
func (m *TreeMaker) trial() (*Tree, error) {
	t := m.tree(filepath.Join(m.dir, "trial"), 0, true)
	return t, t.makeFrame()
}

// Path is where a guest's absolute path is on this machine. Links are not followed here.
func (t *Tree) Path(inside string) string {
	return filepath.Join(t.Root, filepath.Clean("/"+inside))
}

// IsProgram says whether there is a file that can be executed.
func (t *Tree) IsProgram(path string) bool {
	info, err := os.Stat(t.Path(path))
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// Build makes the tree show what it is to; it does nothing if it does so already.
func (t *Tree) Build(wanted Inside) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.populated == wanted {
		return nil
	}
	if t.populated.Capture == nil {
		if err := t.makeFrame(); err != nil {
			return err
		}
	}
	if err := t.showInside(wanted); err != nil {
		return err
	}
	t.populated = wanted
	return nil
}

// makeFrame makes everything but proc and sys.
func (t *Tree) makeFrame() error {
	if err := makeDirs(t.Path("/bin"), t.Path("/usr"), t.Path("/dev"), t.Path("/tmp")); err != nil {
		return err
	}
	if err := os.Chmod(t.Path("/tmp"), 0o777|os.ModeSticky); err != nil {
		return err
	}
	if err := os.Link(t.maker.busybox, t.Path("/bin/busybox")); err != nil {
		return err
	}
	for _, name := range strings.Fields(applets) {
		if err := os.Symlink("busybox", t.Path("/bin/"+name)); err != nil {
			return err
		}
	}
	if err := os.Symlink("../bin", t.Path("/usr/bin")); err != nil {
		return err
	}
	if t.maker.Ticking {
		if err := t.makeTickingShell(); err != nil {
			return err
		}
	}
	return makeNull(t.Path("/dev/null"))
}

// makeNull makes the null device, or where that is not allowed a file that anybody may write: for
// bubblewrap to mount the real one on, and good enough in a chroot.
func makeNull(path string) error {
	const nullDevice = 1<<8 | 3
	if syscall.Mknod(path, syscall.S_IFCHR|0o666, nullDevice) == nil {
		if f, err := os.OpenFile(path, os.O_RDWR, 0); err == nil {
			f.Close()
			return os.Chmod(path, 0o666)
		}
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	if err := os.WriteFile(path, nil, 0o666); err != nil {
		return err
	}
	return os.Chmod(path, 0o666)
}

// showInside exchanges proc and sys.
func (t *Tree) showInside(wanted Inside) error {
	common, err := t.maker.common(wanted.Capture, t.seesAll)
	if err != nil {
		return err
	}
	next := t.Path("/.next")
	defer os.RemoveAll(next)
	if err := linkTree(common, next); err != nil {
		return fmt.Errorf("capture %s: %w", wanted.Capture.Name, err)
	}
	if err := addProcFiles(next, wanted.BootID); err != nil {
		return err
	}
	for _, top := range []string{"proc", "sys"} {
		if err := os.RemoveAll(t.Path(top)); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(next, top), t.Path(top)); err != nil {
			return err
		}
	}
	return nil
}

// addProcFiles adds what every guest has but not every capture.
func addProcFiles(dir, bootID string) error {
	for name, content := range map[string]string{
		"proc/sys/kernel/random/boot_id": bootID + "\n",
		"proc/loadavg":                   "0.08 0.03 0.01 1/94 1342\n",
	} {
		path := filepath.Join(dir, name)
		if _, err := os.Lstat(path); err == nil {
			continue
		}
		if err := makeDirs(filepath.Dir(path)); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(content), 0o444); err != nil {
			return err
		}
	}
	return nil
}
