package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// marker is the file that says that a folder is a lab's; who holds its lock uses it.
const marker = ".lab-vcenter"

// stateDir is the folder below which the lab keeps everything that it makes.
type stateDir struct {
	path string
	lock *os.File
}

// openStateDir takes a folder, which must be new, empty, or left behind by a lab that was killed.
func openStateDir(path string) (*stateDir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	_, err = os.Lstat(filepath.Join(path, marker))
	if len(entries) > 0 && err != nil {
		return nil, fmt.Errorf("%s is not empty and was not made by a lab: give an empty folder", path)
	}
	lock, err := os.OpenFile(filepath.Join(path, marker), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		lock.Close()
		return nil, fmt.Errorf("%s is in use by another lab", path)
	}
	s := &stateDir{path: path, lock: lock}
	return s, s.clear(marker)
}

// clear removes everything but one entry.
func (s *stateDir) clear(except string) error {
	entries, err := os.ReadDir(s.path)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Name() == except {
			continue
		}
		if err := os.RemoveAll(filepath.Join(s.path, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// remove leaves the folder empty.
func (s *stateDir) remove() error {
	err := s.clear("")
	s.lock.Close()
	return err
}
