// Command lab-vcenter is a vCenter with a fleet of guests on one machine, for tests and for trying
// things out: govmomi's simulator with what that lacks. README.md describes it.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

// options are the command line.
type options struct {
	scenario string
	captures string
	state    string
	listen   string
	plain    bool
	lifetime time.Duration
	busybox  string
	record   string

	replay    string
	pageDelay time.Duration
	latency   time.Duration
	hosts     int
	failing   int
	rateMbit  float64
}

func main() {
	var o options
	flag.StringVar(&o.scenario, "scenario", "", "scenario `file` (required)")
	flag.StringVar(&o.captures, "captures", "", "`folder` of captured guests (required)")
	flag.StringVar(&o.state, "state", "", "empty or new `folder` for everything the lab makes (required)")
	flag.StringVar(&o.listen, "listen", "127.0.0.1:0", "loopback `address` of the vCenter")
	flag.BoolVar(&o.plain, "plain", false, "HTTP instead of HTTPS")
	flag.DurationVar(&o.lifetime, "lifetime", 15*time.Minute, "end after this time at the latest")
	flag.StringVar(&o.busybox, "busybox", "/bin/busybox", "statically linked busybox for the guests")
	flag.StringVar(&o.record, "record", "", "new `folder` for every answer that is given")
	flag.StringVar(&o.replay, "replay", "", "`folder` of recorded answers, in place of a scenario and captures")
	flag.DurationVar(&o.pageDelay, "page-delay", 0, "replay: how long a page of properties takes")
	flag.DurationVar(&o.latency, "latency", 0, "replay: how long a guest operation takes")
	flag.IntVar(&o.hosts, "hosts", 0, "replay: `number` of hosts that guest files come from (0: the vCenter)")
	flag.IntVar(&o.failing, "failing", 0, "replay: every `n`-th guest cannot be read (0: none)")
	flag.Float64Var(&o.rateMbit, "rate", 0, "replay: what goes through the wire, in Mbit/s (0: no limit)")
	flag.Parse()
	isLab := o.scenario != "" && o.captures != ""
	if isLab == (o.replay != "") || o.state == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "lab-vcenter:", err)
		os.Exit(1)
	}
}
