package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// GuestGroup describes some VMs that are alike.
type GuestGroup struct {
	Name           string     `json:"name"`
	Group          string     `json:"group"`
	First          int        `json:"first"`
	Count          int        `json:"count"`
	Capture        StringList `json:"capture"`
	BalloonMiB     *int32     `json:"balloon_mib"`
	MemoryMiB      *int32     `json:"memory_mib"`
	CPUs           *int32     `json:"cpus"`
	LimitMiB       *int64     `json:"limit_mib"`
	ReservationMiB int64      `json:"reservation_mib"`
	Pool           string     `json:"pool"`
	GuestFamily    *string    `json:"guest_family"`
	GuestID        *string    `json:"guest_id"`
	ManagedBy      string     `json:"managed_by"`
	InstanceUUID   string     `json:"instance_uuid"`
	Power          string     `json:"power"`
	Connection     string     `json:"connection"`
	Tools          string     `json:"tools"`
	Behaviour      string     `json:"behaviour"`
	LatencyMS      *int       `json:"latency_ms"`
	Arguments      string     `json:"arguments"`
	Transfer       string     `json:"transfer"`
	TransferStatus int        `json:"transfer_status"`
	RootLogin      *bool      `json:"root_login"`
	Login          *Login     `json:"login"`
	Folder         string     `json:"folder"`
	Tags           StringList `json:"tags"`
	OutputMiB      int64      `json:"output_mib"`
	Guestinfo      string     `json:"guestinfo"`
	GuestinfoMS    int64      `json:"guestinfo_ms"` // how long the vCenter takes to show it

	Change []GuestChange `json:"change"`

	Schedule []Step `json:"schedule"`
	PeriodS  int64  `json:"period_s"` // 0: the schedule does not repeat
	OffsetS  int64  `json:"offset_s"` // how much later each VM's starts than that before it
}

// What the word-valued keys may say; the first is the default.
var (
	PowerWords      = []string{"on", "off", "suspended"}
	connectionWords = []string{"connected", "disconnected", "orphaned", "inaccessible", "invalid"}
	ToolsWords      = []string{"running", "not_running"}
	argumentWords   = []string{"shell", "argv"}
	transferWords   = []string{"chunked", "sized"}
	guestinfoWords  = []string{"absent", "shown", "refused", "hidden"}
	BehaviourWords  = []string{
		"ok", "wrong_password", "operations_disabled", "operations_unavailable", "permission_denied",
		"program_fails", "huge_output", "endless", "garbage_output", "transfer_fails", "other_output", "unset_ready",
		"unannounced_output",
	}
)

func (g *GuestGroup) check() error {
	if g.Name == "" {
		return errors.New("name is missing")
	}
	if g.Count == 0 {
		g.Count = 1
	}
	if g.First == 0 {
		g.First = 1
	}
	if g.Count < 0 || g.First < 0 {
		return errors.New("count and first cannot be negative")
	}
	if g.Count > 1 && !strings.Contains(g.Name, "%") {
		return errors.New(`name needs a number, such as "web-%03d", for more than one VM`)
	}
	if strings.Contains(g.VMName(0), "%!") {
		return errors.New("name is no format for one number")
	}
	if g.Group == "" {
		g.Group, _, _ = strings.Cut(g.Name, "-%")
	}
	if g.TransferStatus == 0 {
		g.TransferStatus = 500
	}
	if g.OutputMiB == 0 {
		g.OutputMiB = 64
	}
	if g.OutputMiB < 0 {
		return errors.New("output_mib cannot be negative")
	}
	for _, name := range g.FolderNames() {
		if name == "" {
			return errors.New("folder has an empty name in it")
		}
	}
	for _, tag := range g.Tags {
		if category, name, _ := strings.Cut(tag, "/"); category == "" || name == "" {
			return errors.New(`tags must be like "Category/Tag"`)
		}
	}
	if err := g.checkSchedule(); err != nil {
		return err
	}
	return g.checkWords()
}

func (g *GuestGroup) checkWords() error {
	for _, word := range []struct {
		key     string
		value   *string
		allowed []string
	}{
		{"power", &g.Power, PowerWords},
		{"connection", &g.Connection, connectionWords},
		{"tools", &g.Tools, ToolsWords},
		{"behaviour", &g.Behaviour, BehaviourWords},
		{"arguments", &g.Arguments, argumentWords},
		{"transfer", &g.Transfer, transferWords},
		{"guestinfo", &g.Guestinfo, guestinfoWords},
	} {
		if *word.value == "" {
			*word.value = word.allowed[0]
		}
		if err := OneOf(word.key, *word.value, word.allowed); err != nil {
			return err
		}
	}
	return nil
}

// VMName is the name of the i-th VM of the group, counted from 0.
func (g *GuestGroup) VMName(i int) string {
	if !strings.Contains(g.Name, "%") {
		return g.Name
	}
	return fmt.Sprintf(g.Name, g.First+i)
}

// FolderNames is the group's folder, from the outside in; none is the datacenter's own.
func (g *GuestGroup) FolderNames() []string {
	return FolderNames(g.Folder)
}

// FolderNames takes a path apart.
func FolderNames(path string) []string {
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// OneOf checks the value of a key that may say a few words only.
func OneOf(key, value string, allowed []string) error {
	for _, word := range allowed {
		if value == word {
			return nil
		}
	}
	return fmt.Errorf("%s is %q, but must be one of: %s", key, value, strings.Join(allowed, ", "))
}

// StringList is a list of strings that may be written as a single string.
type StringList []string

// UnmarshalJSON accepts "one" as well as ["one", "two"].
func (l *StringList) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*l = StringList{one}
		return nil
	}
	var many []string
	if err := json.Unmarshal(data, &many); err != nil {
		return errors.New("must be a string or a list of strings")
	}
	*l = many
	return nil
}
