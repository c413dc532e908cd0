package main

// ready is the line that says that the lab can be used, and how.
type ready struct {
	URL           string `json:"url"`
	CAFile        string `json:"ca_file"`
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
