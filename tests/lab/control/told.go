package control

// Ready is the line that says that the lab can be used, and how.
type Ready struct {
	URL           string `json:"url"`
	CAFile        string `json:"ca_file"`
	ClientCert    string `json:"client_cert_file"` // "" unless the vCenter asks for one
	ClientKey     string `json:"client_key_file"`
	SHA256        string `json:"thumbprint_sha256"`
	SHA1          string `json:"thumbprint_sha1"`
	Username      string `json:"username"`
	Password      string `json:"password"`
	GuestUsername string `json:"guest_username"`
	GuestPassword string `json:"guest_password"`
	ControlURL    string `json:"control_url"`
	PID           int    `json:"pid"`
	VMs           int    `json:"vms"`
	Hosts         int    `json:"hosts"`
}

// Stats is the answer to GET /stats.
type Stats struct {
	Methods         map[string]int64    `json:"methods"`
	Sessions        int                 `json:"sessions"`
	UnusedSessions  int                 `json:"unused_sessions"`
	APISessions     int                 `json:"api_sessions"`
	APILogins       int64               `json:"api_logins"`
	OpenViews       int                 `json:"open_views"`
	OpenCollections int                 `json:"open_collections"`
	Cancelled       int64               `json:"cancelled"`
	ProgramsStarted int64               `json:"programs_started"`
	RunningPrograms int                 `json:"running_programs"`
	Downloads       int64               `json:"downloads"`
	LeftoverFiles   map[string][]string `json:"leftover_files"`

	// By the VM's moref and by the user name that came with an operation, good or not.
	GuestLogins map[string]map[string]int64 `json:"guest_logins"`
	// By VM and by the user name that was tried.
	GuestLoginsRefused map[string]map[string]int64 `json:"guest_logins_refused"`
}

func (c *Control) readStats() Stats {
	stats := Stats{
		Methods:         c.Calls.Counts(),
		Cancelled:       c.Server.CollectionsCancelled(),
		ProgramsStarted: c.Operations.ProgramsStarted(),
		RunningPrograms: c.Fleet.RunningPrograms(),
		Downloads:       c.Operations.Downloaded(),
		LeftoverFiles:   map[string][]string{},

		GuestLogins:        map[string]map[string]int64{},
		GuestLoginsRefused: map[string]map[string]int64{},
	}
	stats.Sessions, stats.OpenViews, stats.OpenCollections = c.Server.Sessions.Counts()
	stats.UnusedSessions = c.Server.Sessions.Unused()
	stats.APISessions, stats.APILogins = c.Server.Tagging.Counts()
	for _, g := range c.Fleet.Guests {
		g.AddRefusedLogins(stats.GuestLoginsRefused)
		if logins := g.Logins(); len(logins) > 0 {
			stats.GuestLogins[g.Ref.Value] = logins
		}
		if g.Current().Deleted {
			continue
		}
		if left := g.Tree.Leftovers(); len(left) > 0 {
			stats.LeftoverFiles[g.Name] = append(stats.LeftoverFiles[g.Name], left...)
		}
	}
	return stats
}
