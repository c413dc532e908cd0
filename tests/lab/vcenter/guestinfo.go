package vcenter

import (
	"strings"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

// The library knows no keys in paths: they are taken out of what it is asked for, and what they stand
// for is added to its answer.
const (
	keyedBegin = `config.extraConfig["`
	keyedEnd   = `"]`
	inPlace    = "name" // asked for where nothing else is left
)

func keyOf(path string) (string, bool) {
	if !strings.HasPrefix(path, keyedBegin) || !strings.HasSuffix(path, keyedEnd) {
		return "", false
	}
	return path[len(keyedBegin) : len(path)-len(keyedEnd)], true
}

// takeKeys takes the keys out of a request. It says whether a name is asked for only in their place.
func takeKeys(specs []types.PropertyFilterSpec) (keys []string, named bool) {
	for i := range specs {
		for j := range specs[i].PropSet {
			var rest []string
			wanted := &specs[i].PropSet[j]
			for _, path := range wanted.PathSet {
				if key, ok := keyOf(path); ok {
					keys = append(keys, key)
				} else {
					rest = append(rest, path)
				}
			}
			if len(rest) == 0 && len(wanted.PathSet) > 0 {
				rest, named = []string{inPlace}, true
			}
			wanted.PathSet = rest
		}
	}
	return keys, named
}

// addOptions adds what the VMs have under the keys; of what is not set there is nothing.
func (s *Server) addOptions(objects []types.ObjectContent, keys []string, named bool) {
	for i := range objects {
		if named {
			objects[i].PropSet = nil
		}
		for _, key := range keys {
			if text := s.guestinfo(objects[i].Obj, key); text != "" {
				objects[i].PropSet = append(objects[i].PropSet, types.DynamicProperty{
					Name: keyedBegin + key + keyedEnd,
					Val:  types.OptionValue{Key: key, Value: text},
				})
			}
		}
	}
}

func (s *Server) guestinfo(ref types.ManagedObjectReference, key string) string {
	g, ok := s.fleet.GuestOf(ref)
	if !ok || g.Current().Power != "on" || g.Group.Guestinfo == "hidden" {
		return ""
	}
	return g.Tree.Told(key, time.Duration(g.Group.GuestinfoMS)*time.Millisecond)
}
