package plan

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Pool is a resource pool that the scenario asks for.
type Pool struct {
	Name           string `json:"name"`
	Parent         string `json:"parent"` // another pool, or a cluster; "": the first cluster
	VApp           bool   `json:"vapp"`   // a vApp is a pool of another type
	Folder         string `json:"folder"` // of a vApp: the VM folder that shows it
	LimitMiB       *int64 `json:"limit_mib"`
	ReservationMiB int64  `json:"reservation_mib"`
}

// checkPools finds doubles and parents that come too late. Clusters are known later.
func (s *Scenario) checkPools() error {
	names := map[string]bool{}
	for c := 0; c < s.AllClusters(); c++ {
		names[ClusterName(c)] = true
	}
	for i, plan := range s.Pools {
		switch {
		case plan.Name == "" || names[plan.Name]:
			return fmt.Errorf("pools[%d]: name is missing or taken: %q", i, plan.Name)
		case plan.Parent != "" && !names[plan.Parent]:
			return fmt.Errorf("pools[%d]: no cluster and no pool before it has the name %q", i, plan.Parent)
		case plan.Folder != "" && !plan.VApp:
			return fmt.Errorf("pools[%d]: only a vApp is in a folder", i)
		case plan.ReservationMiB < 0:
			return fmt.Errorf("pools[%d]: reservation_mib cannot be negative", i)
		}
		names[plan.Name] = true
	}
	for _, group := range s.Guests {
		if group.Pool != "" && !names[group.Pool] {
			return fmt.Errorf("guests %q: no pool has the name %q", group.Name, group.Pool)
		}
	}
	return nil
}

// DatacenterName is the name of a datacenter, counted from 0.
func DatacenterName(index int) string {
	if index == 0 {
		return "lab-dc"
	}
	return fmt.Sprintf("lab-dc-%d", index+1)
}

// ClusterName is the name of a cluster, counted from 0 through all datacenters.
func ClusterName(index int) string { return fmt.Sprintf("cluster-%02d", index+1) }

// HostName is the name of a host, counted from 0 through all clusters.
func HostName(index int) string { return fmt.Sprintf("esx-%02d.lab.example", index+1) }

// HostStates is what mem.state.latest says: one number for all hosts, or some hosts' by name.
type HostStates struct {
	all    int64
	byName map[string]int64
}

// UnmarshalJSON accepts 2 as well as {"esx-01.lab.example": 2}.
func (s *HostStates) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &s.all) == nil {
		return nil
	}
	if err := json.Unmarshal(data, &s.byName); err != nil {
		return errors.New("host_memory_state must be a number or a map from hosts to numbers")
	}
	return nil
}

func (s *HostStates) check(hosts int) error {
	known := map[string]bool{}
	for i := 0; i < hosts; i++ {
		known[HostName(i)] = true
	}
	for name := range s.byName {
		if !known[name] {
			return fmt.Errorf("host_memory_state: no host has the name %q", name)
		}
	}
	return nil
}

// Of is what is said of one host.
func (s *HostStates) Of(name string) int64 {
	if state, ok := s.byName[name]; ok {
		return state
	}
	return s.all
}
