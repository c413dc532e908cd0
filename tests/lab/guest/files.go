package guest

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"ballast/lab/wire"
)

// What guest operations do with the files of a guest. Paths are the guest's own.

// CreateTemporary makes an empty file with a name of its own and gives its path.
func (t *Tree) CreateTemporary(dir, prefix, suffix string) (string, *soap.Fault) {
	if dir == "" {
		dir = "/tmp"
	}
	if strings.ContainsAny(prefix+suffix, "/*\x00") {
		return "", wire.InvalidArgument("prefix")
	}
	folder, fault := t.resolve(dir)
	if fault != nil {
		return "", fault
	}
	if !t.writable(folder) {
		return "", wire.GuestPermissionDenied()
	}
	file, err := os.CreateTemp(folder, prefix+"*"+suffix)
	if err != nil {
		return "", wire.FileNotFound(dir)
	}
	defer file.Close()
	if err := file.Chown(int(t.owner), int(t.owner)); err != nil {
		return "", wire.SystemError(err.Error())
	}
	return path.Join(dir, filepath.Base(file.Name())), nil
}

// Remove takes away a file, not a folder.
func (t *Tree) Remove(inside string) *soap.Fault {
	folder, fault := t.resolve(path.Dir(inside))
	if fault != nil {
		return wire.FileNotFound(inside)
	}
	target := filepath.Join(folder, path.Base(inside))
	info, err := os.Lstat(target)
	switch {
	case err != nil:
		return wire.FileNotFound(inside)
	case info.IsDir():
		return wire.NotAFile(inside)
	case !t.writable(folder):
		return wire.GuestPermissionDenied()
	}
	if err := os.Remove(target); err != nil {
		return wire.FileNotFound(inside)
	}
	return nil
}

// resolve gives the place of a guest's folder on this machine. One that leads out of the tree, over
// a link that a program in the guest has made, is not found.
func (t *Tree) resolve(dir string) (string, *soap.Fault) {
	if !path.IsAbs(dir) {
		return "", wire.InvalidArgument("filePath")
	}
	root, err := filepath.EvalSymlinks(t.Root)
	if err != nil {
		return "", wire.FileNotFound(dir)
	}
	real, err := filepath.EvalSymlinks(t.Path(dir))
	if err != nil || (real != root && !strings.HasPrefix(real, root+"/")) {
		return "", wire.FileNotFound(dir)
	}
	return real, nil
}

// writable says whether the guest's account may make and remove files in a folder.
func (t *Tree) writable(folder string) bool {
	info, err := os.Stat(folder)
	if err != nil || !info.IsDir() {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return info.Mode().Perm()&0o002 != 0 || (ok && stat.Uid == t.owner && t.owner >= firstOwner)
}

// Open opens a regular file of the guest for reading; links are refused, as by VMware Tools.
func (t *Tree) Open(inside string) (*os.File, fs.FileInfo, *soap.Fault) {
	folder, fault := t.resolve(path.Dir(inside))
	if fault != nil {
		return nil, nil, wire.FileNotFound(inside)
	}
	target := filepath.Join(folder, path.Base(inside))
	file, err := os.OpenFile(target, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	switch {
	case errors.Is(err, syscall.ELOOP):
		return nil, nil, wire.NotAFile(inside)
	case errors.Is(err, fs.ErrPermission):
		return nil, nil, wire.GuestPermissionDenied()
	case err != nil:
		return nil, nil, wire.FileNotFound(inside)
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		file.Close()
		return nil, nil, wire.NotAFile(inside)
	}
	return file, info, nil
}

// List gives what is in a folder and has such a name; of a file, the file.
func (t *Tree) List(inside string, pattern *regexp.Regexp) ([]types.GuestFileInfo, *soap.Fault) {
	folder, fault := t.resolve(inside)
	if fault != nil {
		return nil, fault
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		info, err := os.Lstat(folder)
		if err != nil {
			return nil, wire.FileNotFound(inside)
		}
		return []types.GuestFileInfo{fileInfo(inside, info)}, nil
	}
	var found []types.GuestFileInfo
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && pattern.MatchString(entry.Name()) {
			found = append(found, fileInfo(path.Join(inside, entry.Name()), info))
		}
	}
	return found, nil
}

func fileInfo(inside string, info fs.FileInfo) types.GuestFileInfo {
	kind := types.GuestFileTypeFile
	switch {
	case info.IsDir():
		kind = types.GuestFileTypeDirectory
	case info.Mode()&fs.ModeSymlink != 0:
		kind = types.GuestFileTypeSymlink
	}
	return types.GuestFileInfo{
		Path:       path.Base(inside),
		Type:       string(kind),
		Size:       ShownSize(inside, info),
		Attributes: Attributes(info),
	}
}

// Attributes are what a guest operation tells about a file besides its size.
func Attributes(info fs.FileInfo) types.BaseGuestFileAttributes {
	changed := info.ModTime().UTC()
	return &types.GuestPosixFileAttributes{
		GuestFileAttributes: types.GuestFileAttributes{ModificationTime: &changed, AccessTime: &changed},
		Permissions:         int64(info.Mode().Perm()),
	}
}

// ShownSize: files of the kernel have no size, so that VMware Tools send nothing of them.
func ShownSize(inside string, info fs.FileInfo) int64 {
	if strings.HasPrefix(inside, "/proc/") || strings.HasPrefix(inside, "/sys/") {
		return 0
	}
	return info.Size()
}

// Leftovers are the files in the guest's /tmp.
func (t *Tree) Leftovers() []string {
	var left []string
	_ = filepath.WalkDir(t.Path("/tmp"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() { // gone meanwhile, or a guest never used: nothing left
			left = append(left, strings.TrimPrefix(path, t.Root))
		}
		return nil
	})
	return left
}
