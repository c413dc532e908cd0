package main

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// fileManager works on files in guests.
type fileManager struct {
	mo.GuestFileManager
	parallel
	lab *lab
}

func putFileManager(l *lab, ref types.ManagedObjectReference) {
	m := &fileManager{lab: l}
	m.Self = ref
	simulator.Map.Put(m)
}

// CreateTemporaryFileInGuest makes an empty file with a name of its own, by default in /tmp.
func (m *fileManager) CreateTemporaryFileInGuest(req *types.CreateTemporaryFileInGuest) soap.HasFault {
	body := &methods.CreateTemporaryFileInGuestBody{}
	g, fault := m.lab.enter(req.Vm, req.Auth, privilegeModify)
	if fault == nil {
		var made string
		if made, fault = g.tree.createTemporary(req.DirectoryPath, req.Prefix, req.Suffix); fault == nil {
			body.Res = &types.CreateTemporaryFileInGuestResponse{Returnval: made}
		}
	}
	body.Fault_ = fault
	return body
}

func (t *guestTree) createTemporary(dir, prefix, suffix string) (string, *soap.Fault) {
	if dir == "" {
		dir = "/tmp"
	}
	if strings.ContainsAny(prefix+suffix, "/*\x00") {
		return "", invalidArgument("prefix")
	}
	folder, fault := t.resolve(dir)
	if fault != nil {
		return "", fault
	}
	if !t.writable(folder) {
		return "", guestPermissionDenied()
	}
	file, err := os.CreateTemp(folder, prefix+"*"+suffix)
	if err != nil {
		return "", fileNotFound(dir)
	}
	defer file.Close()
	if err := file.Chown(int(t.owner), int(t.owner)); err != nil {
		return "", systemError(err.Error())
	}
	return path.Join(dir, filepath.Base(file.Name())), nil
}

// DeleteFileInGuest removes a file, not a folder.
func (m *fileManager) DeleteFileInGuest(req *types.DeleteFileInGuest) soap.HasFault {
	body := &methods.DeleteFileInGuestBody{}
	g, fault := m.lab.enter(req.Vm, req.Auth, privilegeModify)
	if fault == nil {
		fault = g.tree.remove(req.FilePath)
	}
	if body.Fault_ = fault; fault == nil {
		body.Res = &types.DeleteFileInGuestResponse{}
	}
	return body
}

func (t *guestTree) remove(inside string) *soap.Fault {
	folder, fault := t.resolve(path.Dir(inside))
	if fault != nil {
		return fileNotFound(inside)
	}
	target := filepath.Join(folder, path.Base(inside))
	info, err := os.Lstat(target)
	switch {
	case err != nil:
		return fileNotFound(inside)
	case info.IsDir():
		return notAFile(inside)
	case !t.writable(folder):
		return guestPermissionDenied()
	}
	if err := os.Remove(target); err != nil {
		return fileNotFound(inside)
	}
	return nil
}

// resolve gives the place of a guest's folder on this machine. One that leads out of the tree, over
// a link that a program in the guest has made, is not found.
func (t *guestTree) resolve(dir string) (string, *soap.Fault) {
	if !path.IsAbs(dir) {
		return "", invalidArgument("filePath")
	}
	root, err := filepath.EvalSymlinks(t.root)
	if err != nil {
		return "", fileNotFound(dir)
	}
	real, err := filepath.EvalSymlinks(t.path(dir))
	if err != nil || (real != root && !strings.HasPrefix(real, root+"/")) {
		return "", fileNotFound(dir)
	}
	return real, nil
}

// writable says whether the guest's account may make and remove files in a folder.
func (t *guestTree) writable(folder string) bool {
	info, err := os.Stat(folder)
	if err != nil || !info.IsDir() {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return info.Mode().Perm()&0o002 != 0 || (ok && stat.Uid == t.owner && t.owner >= firstOwner)
}

// open opens a regular file of the guest for reading; links are refused, as by VMware Tools.
func (t *guestTree) open(inside string) (*os.File, fs.FileInfo, *soap.Fault) {
	folder, fault := t.resolve(path.Dir(inside))
	if fault != nil {
		return nil, nil, fileNotFound(inside)
	}
	target := filepath.Join(folder, path.Base(inside))
	file, err := os.OpenFile(target, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	switch {
	case errors.Is(err, syscall.ELOOP):
		return nil, nil, notAFile(inside)
	case errors.Is(err, fs.ErrPermission):
		return nil, nil, guestPermissionDenied()
	case err != nil:
		return nil, nil, fileNotFound(inside)
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		file.Close()
		return nil, nil, notAFile(inside)
	}
	return file, info, nil
}
