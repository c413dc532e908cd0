package inventory

import (
	"fmt"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// folderTree makes a datacenter's VM folders when they are first asked for.
type folderTree struct {
	index  int // of the datacenter
	root   *simulator.Folder
	byPath map[string]*simulator.Folder
}

func newFolderTree(index int, datacenter *simulator.Datacenter) *folderTree {
	root := simulator.Map.Get(datacenter.VmFolder).(*simulator.Folder)
	return &folderTree{index: index, root: root, byPath: map[string]*simulator.Folder{}}
}

func (t *folderTree) find(names []string) *simulator.Folder {
	if len(names) == 0 {
		return t.root
	}
	path := strings.Join(names, "/")
	if known, ok := t.byPath[path]; ok {
		return known
	}
	parent := t.find(names[:len(names)-1])
	made := &simulator.Folder{}
	made.Self = types.ManagedObjectReference{Type: "Folder", Value: fmt.Sprintf("group-v%d", 1000*t.index+3001+len(t.byPath))}
	made.Name = EscapedName(names[len(names)-1])
	made.ChildType = parent.ChildType
	simulator.Map.PutEntity(parent, made)
	parent.ChildEntity = append(parent.ChildEntity, made.Self)
	t.byPath[path] = made
	return made
}
