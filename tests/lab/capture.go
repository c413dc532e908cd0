package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// capture is one captured guest: its files and what is known to be true of it.
type capture struct {
	name       string // below the captures folder: "w_vmw_balloon_shim_2m/512"
	dir        string
	ramMiB     int32
	balloonKiB int64
	hiddenMiB  int64 // what something other than the balloon hides, in captures made for that
}

// captureStore finds captures by name and reads each one's truth once.
type captureStore struct {
	dir  string
	read map[string]*capture
}

func newCaptureStore(dir string) *captureStore {
	return &captureStore{dir: dir, read: map[string]*capture{}}
}

// find is not safe for concurrent use; the lab guards it.
func (s *captureStore) find(name string) (*capture, error) {
	if c, ok := s.read[name]; ok {
		return c, nil
	}
	if name == "" || filepath.Clean("/"+name) != "/"+name {
		return nil, fmt.Errorf("%q is no capture's name", name)
	}
	c := &capture{name: name, dir: filepath.Join(s.dir, name)}
	if err := c.readTruth(); err != nil {
		return nil, fmt.Errorf("capture %q: %w", name, err)
	}
	s.read[name] = c
	return c, nil
}

func (c *capture) readTruth() error {
	data, err := os.ReadFile(filepath.Join(c.dir, "truth.json"))
	if err != nil {
		return err
	}
	var truth struct {
		RAMMiB     int32 `json:"guest_ram_mib"`
		BalloonKiB int64 `json:"balloon_kib"`
		HiddenMiB  int64 `json:"hidden_mb"`
	}
	if err := json.Unmarshal(data, &truth); err != nil {
		return err
	}
	c.ramMiB, c.balloonKiB, c.hiddenMiB = truth.RAMMiB, truth.BalloonKiB, truth.HiddenMiB
	return nil
}
