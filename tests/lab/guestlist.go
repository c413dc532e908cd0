package main

import (
	"io/fs"
	"os"
	"path"
	"regexp"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

const defaultListing = 50 // files in an answer if the client does not say

// ListFilesInGuest lists a folder, or one file.
func (m *fileManager) ListFilesInGuest(req *types.ListFilesInGuest) soap.HasFault {
	body := &methods.ListFilesInGuestBody{}
	g, fault := m.lab.enter(req.Vm, req.Auth, privilegeQuery)
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	pattern, err := regexp.Compile("^(?:" + req.MatchPattern + ")$")
	if err != nil {
		body.Fault_ = invalidArgument("matchPattern")
		return body
	}
	if req.MatchPattern == "" {
		pattern = regexp.MustCompile("")
	}
	found, fault := g.tree.list(req.FilePath, pattern)
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	body.Res = &types.ListFilesInGuestResponse{Returnval: cutListing(found, req.Index, req.MaxResults)}
	return body
}

func cutListing(found []types.GuestFileInfo, index, most int32) types.GuestListFileInfo {
	if most <= 0 {
		most = defaultListing
	}
	if index < 0 || int(index) > len(found) {
		index = int32(len(found))
	}
	found = found[index:]
	if int(most) > len(found) {
		most = int32(len(found))
	}
	return types.GuestListFileInfo{Files: found[:most], Remaining: int32(len(found)) - most}
}

func (t *guestTree) list(inside string, pattern *regexp.Regexp) ([]types.GuestFileInfo, *soap.Fault) {
	folder, fault := t.resolve(inside)
	if fault != nil {
		return nil, fault
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		info, err := os.Lstat(folder)
		if err != nil {
			return nil, fileNotFound(inside)
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
		Size:       shownSize(inside, info),
		Attributes: attributes(info),
	}
}

func attributes(info fs.FileInfo) types.BaseGuestFileAttributes {
	changed := info.ModTime().UTC()
	return &types.GuestPosixFileAttributes{
		GuestFileAttributes: types.GuestFileAttributes{ModificationTime: &changed, AccessTime: &changed},
		Permissions:         int64(info.Mode().Perm()),
	}
}
