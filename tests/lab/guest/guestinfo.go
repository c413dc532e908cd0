package guest

import (
	"os"
	"path/filepath"
	"time"
)

// The tool as VMware's, for what guests tell the hypervisor. It finds its place by its own path, so
// that it works outside the guest's chroot, too.
const rpctool = `#!/bin/sh
dir=${0%/*}/../run/guestinfo
[ "$1" ] && [ ! -e "$dir/.refused" ] && [ ${#1} -le 65536 ] || exit 1
told=${1#info-set }
printf "%s" "${told#* }" >"$dir/.$$" && mv "$dir/.$$" "$dir/${told%% *}"
`

func (t *Tree) guestinfoPath(key string) string {
	return filepath.Join(t.Root, "run", "guestinfo", key)
}

// AddTools puts VMware's tool for guestinfo into the guest; one that refuses, if so.
func (t *Tree) AddTools(refuses bool) error {
	if err := t.makeGuestinfo(); err != nil {
		return err
	}
	if refuses {
		return os.WriteFile(t.guestinfoPath(".refused"), nil, 0o444)
	}
	return nil
}

func (t *Tree) makeGuestinfo() error {
	dir := t.guestinfoPath("")
	if err := makeDirs(dir, t.Path("/bin")); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		return err
	}
	return os.WriteFile(t.Path("/bin/vmware-rpctool"), []byte(rpctool), 0o755)
}

// Tell sets what the hypervisor knows of the guest under a key.
func (t *Tree) Tell(key, text string) error {
	if err := makeDirs(t.guestinfoPath("")); err != nil {
		return err
	}
	return os.WriteFile(t.guestinfoPath(filepath.Base(key)), []byte(text), 0o666)
}

// Told is what the guest has told under a key, at least so long ago; "" if nothing.
func (t *Tree) Told(key string, ago time.Duration) string {
	path := t.guestinfoPath(filepath.Base(key))
	info, err := os.Stat(path)
	if err != nil || time.Since(info.ModTime()) < ago {
		return ""
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(text)
}
