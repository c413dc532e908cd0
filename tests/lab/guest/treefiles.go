package guest

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// common is the lab's copy of a capture, which guests hard-link: never the original, which a guest
// could otherwise change.
func (m *TreeMaker) common(c *Capture, seesAll bool) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	view := "user"
	if seesAll {
		view = "root"
	}
	copyDir := filepath.Join(m.dir, "common", view, c.Name)
	if m.copied[copyDir] {
		return copyDir, nil
	}
	for _, top := range []string{"proc", "sys"} {
		if err := copyTree(c.dir, copyDir, top, seesAll); err != nil {
			return "", err
		}
	}
	m.copied[copyDir] = true
	return copyDir, nil
}

// copyTree copies one folder of a capture; one that the capture lacks becomes an empty one.
func copyTree(from, to, top string, seesAll bool) error {
	if err := makeDirs(filepath.Join(to, top)); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(from, top)); os.IsNotExist(err) {
		return nil
	}
	return walkTree(filepath.Join(from, top), filepath.Join(to, top), func(source, target string) error {
		inside := strings.TrimPrefix(target, to+"/")
		mode := fs.FileMode(0o444)
		if rootOnly[inside] && !seesAll {
			mode = 0
		}
		return copyFile(source, target, mode)
	})
}

func linkTree(from, to string) error { return walkTree(from, to, os.Link) }

// walkTree makes the folders of one tree in another place and calls place for each of its files.
func walkTree(from, to string, place func(source, target string) error) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		if entry.IsDir() {
			return makeDirs(target)
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		return place(path, target)
	})
}

func makeDirs(paths ...string) error {
	for _, path := range paths {
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string, mode fs.FileMode) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(target, source); err != nil {
		target.Close()
		return err
	}
	return target.Close()
}
