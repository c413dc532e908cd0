package guestops

import (
	"regexp"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"ballast/lab/wire"
)

// fileManager works on files in guests.
type fileManager struct {
	mo.GuestFileManager
	wire.Parallel
	ops *Operations
}

func putFileManager(o *Operations, ref types.ManagedObjectReference) {
	m := &fileManager{ops: o}
	m.Self = ref
	simulator.Map.Put(m)
}

// CreateTemporaryFileInGuest makes an empty file with a name of its own, by default in /tmp.
func (m *fileManager) CreateTemporaryFileInGuest(req *types.CreateTemporaryFileInGuest) soap.HasFault {
	body := &methods.CreateTemporaryFileInGuestBody{}
	g, fault := m.ops.enter(req.Vm, req.Auth, privilegeModify)
	if fault == nil {
		var made string
		if made, fault = g.Tree.CreateTemporary(req.DirectoryPath, req.Prefix, req.Suffix); fault == nil {
			body.Res = &types.CreateTemporaryFileInGuestResponse{Returnval: made}
		}
	}
	body.Fault_ = fault
	return body
}

// DeleteFileInGuest removes a file, not a folder.
func (m *fileManager) DeleteFileInGuest(req *types.DeleteFileInGuest) soap.HasFault {
	body := &methods.DeleteFileInGuestBody{}
	g, fault := m.ops.enter(req.Vm, req.Auth, privilegeModify)
	if fault == nil {
		fault = g.Tree.Remove(req.FilePath)
	}
	if body.Fault_ = fault; fault == nil {
		body.Res = &types.DeleteFileInGuestResponse{}
	}
	return body
}

const defaultListing = 50 // files in an answer if the client does not say

// ListFilesInGuest lists a folder, or one file.
func (m *fileManager) ListFilesInGuest(req *types.ListFilesInGuest) soap.HasFault {
	body := &methods.ListFilesInGuestBody{}
	g, fault := m.ops.enter(req.Vm, req.Auth, privilegeQuery)
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	pattern, err := regexp.Compile("^(?:" + req.MatchPattern + ")$")
	if err != nil {
		body.Fault_ = wire.InvalidArgument("matchPattern")
		return body
	}
	if req.MatchPattern == "" {
		pattern = regexp.MustCompile("")
	}
	found, fault := g.Tree.List(req.FilePath, pattern)
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
