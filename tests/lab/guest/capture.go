package guest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Capture is one captured guest: its files and what is known to be true of it.
type Capture struct {
	Name       string // below the captures folder: "w_vmw_balloon_shim_2m/512"
	dir        string
	RAMMiB     int32
	BalloonKiB int64
	HiddenMiB  int64 // what something other than the balloon hides, in captures made for that
}

// Captures finds captures by name and reads each one's truth once.
type Captures struct {
	dir  string
	read map[string]*Capture
}

// NewCaptures finds captures below a folder.
func NewCaptures(dir string) *Captures {
	return &Captures{dir: dir, read: map[string]*Capture{}}
}

// Find is not safe for concurrent use; the lab guards it.
func (s *Captures) Find(name string) (*Capture, error) {
	if c, ok := s.read[name]; ok {
		return c, nil
	}
	if name == "" || filepath.Clean("/"+name) != "/"+name {
		return nil, fmt.Errorf("%q is no capture's name", name)
	}
	c := &Capture{Name: name, dir: filepath.Join(s.dir, name)}
	if err := c.readTruth(); err != nil {
		return nil, fmt.Errorf("capture %q: %w", name, err)
	}
	s.read[name] = c
	return c, nil
}

func (c *Capture) readTruth() error {
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
	c.RAMMiB, c.BalloonKiB, c.HiddenMiB = truth.RAMMiB, truth.BalloonKiB, truth.HiddenMiB
	return nil
}
