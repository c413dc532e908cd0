package main

// Stats is the answer to GET /stats.
type Stats struct {
	Methods         map[string]int64    `json:"methods"`
	Sessions        int                 `json:"sessions"`
	OpenViews       int                 `json:"open_views"`
	OpenCollections int                 `json:"open_collections"`
	Cancelled       int64               `json:"cancelled"`
	ProgramsStarted int64               `json:"programs_started"`
	RunningPrograms int                 `json:"running_programs"`
	Downloads       int64               `json:"downloads"`
	LeftoverFiles   map[string][]string `json:"leftover_files"`

	// By VM and by the user name that was tried.
	GuestLoginsRefused map[string]map[string]int64 `json:"guest_logins_refused"`
}

func (c *control) readStats() Stats {
	stats := Stats{
		Methods:         c.calls.counts(),
		Cancelled:       c.server.collectionsCancelled(),
		ProgramsStarted: c.operations.programsStarted(),
		RunningPrograms: c.fleet.runningPrograms(),
		Downloads:       c.operations.downloaded(),
		LeftoverFiles:   map[string][]string{},

		GuestLoginsRefused: map[string]map[string]int64{},
	}
	stats.Sessions, stats.OpenViews, stats.OpenCollections = c.server.sessions.counts()
	for _, g := range c.fleet.guests {
		g.addRefusedLogins(stats.GuestLoginsRefused)
		if g.current().deleted {
			continue
		}
		if left := g.tree.leftovers(); len(left) > 0 {
			stats.LeftoverFiles[g.name] = append(stats.LeftoverFiles[g.name], left...)
		}
	}
	return stats
}
