package labtest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

const counted = `{"clock": "2024-03-01T00:00:07Z", "clusters": 2, "max_query_metrics": 4, "balloon_target": true,
	"host_memory_state": {"esx-02.lab.example": 3},
	"pools": [
		{"name": "gold", "parent": "cluster-02", "limit_mib": 8192, "reservation_mib": 1024},
		{"name": "web", "parent": "gold"},
		{"name": "shop", "parent": "web", "vapp": true, "limit_mib": 2048}],
	"guests": [
		{"name": "moving", "schedule": [
			{"at_s": 0, "capture": "a_idle_2048/0"}, {"at_s": 7200, "capture": "a_idle_2048/256"}]},
		{"name": "still", "balloon_mib": 100, "pool": "shop"},
		{"name": "gold-%d", "count": 2, "pool": "gold"},
		{"name": "off", "power": "off"}]}`

// counterIDs resolves counters as clients must: by their words.
func counterIDs(t *testing.T, client *vim25.Client) map[string]int32 {
	t.Helper()
	var manager mo.PerformanceManager
	check(t, property.DefaultCollector(client).RetrieveOne(context.Background(),
		*client.ServiceContent.PerfManager, []string{"perfCounter"}, &manager))
	ids := map[string]int32{}
	for _, c := range manager.PerfCounter {
		ids[c.GroupInfo.GetElementDescription().Key+"."+c.NameInfo.GetElementDescription().Key+"."+string(c.RollupType)] = c.Key
	}
	return ids
}

func perfQuery(client *vim25.Client, specs ...types.PerfQuerySpec) (*types.QueryPerfResponse, error) {
	return methods.QueryPerf(context.Background(), client,
		&types.QueryPerf{This: *client.ServiceContent.PerfManager, QuerySpec: specs})
}

// described is a metric in one line: its times of day, then each counter's values.
func described(metric types.BasePerfEntityMetricBase) string {
	var text []string
	switch m := metric.(type) {
	case *types.PerfEntityMetric:
		for _, sample := range m.SampleInfo {
			text = append(text, sample.Timestamp.UTC().Format("15:04:05"))
		}
		for _, one := range m.Value {
			text = append(text, fmt.Sprint(one.(*types.PerfMetricIntSeries).Value))
		}
	case *types.PerfEntityMetricCSV:
		text = append(text, m.SampleInfoCSV)
		for _, one := range m.Value {
			text = append(text, one.Value)
		}
	}
	return strings.Join(text, " ")
}

// Samples are those of the last hour's steps of 20 s, of the schedule and of changes by hand.
func TestQueryPerf(t *testing.T) {
	lab := startLab(t, counted)
	lab.mustPost("/clock", `{"now": "2024-03-01T02:00:30Z"}`)
	client := lab.login()
	ids := counterIDs(t, client)
	balloon := types.PerfMetricId{CounterId: ids["mem.vmmemctl.average"]}
	target := types.PerfMetricId{CounterId: ids["mem.vmmemctltarget.average"]}
	vms := vmsByName(t, client)
	at := func(clock string) *time.Time {
		parsed, err := time.Parse(time.RFC3339, "2024-03-01T"+clock+"Z")
		check(t, err)
		return &parsed
	}
	moving := vms["moving"].Self
	for _, c := range []struct {
		spec types.PerfQuerySpec
		want string
	}{
		{types.PerfQuerySpec{Entity: moving, StartTime: at("01:59:20"), MaxSample: 10, IntervalId: 20, MetricId: []types.PerfMetricId{balloon, target}},
			"01:59:40 02:00:00 02:00:20 [0 0 262144] [262144 262144 262144]"},
		{types.PerfQuerySpec{Entity: moving, StartTime: at("01:59:20"), MaxSample: 2, IntervalId: 20, MetricId: []types.PerfMetricId{balloon}, Format: "csv"},
			"20,2024-03-01T02:00:00Z,20,2024-03-01T02:00:20Z 0,262144"},
		{types.PerfQuerySpec{Entity: moving, StartTime: at("01:59:20"), EndTime: at("01:59:50"), IntervalId: 20, MetricId: []types.PerfMetricId{balloon}},
			"01:59:40 [0]"},
		{types.PerfQuerySpec{Entity: moving, IntervalId: 20, MetricId: []types.PerfMetricId{balloon}}, "02:00:20 [262144]"},
		{types.PerfQuerySpec{Entity: moving, IntervalId: 300, MaxSample: 5, MetricId: []types.PerfMetricId{balloon}}, ""},
		{types.PerfQuerySpec{Entity: moving, IntervalId: 20, MetricId: []types.PerfMetricId{{CounterId: ids["cpu.usage.average"]}}}, ""},
		{types.PerfQuerySpec{Entity: vms["still"].Self, IntervalId: 20, MaxSample: 1, MetricId: []types.PerfMetricId{balloon}}, "02:00:20 [102400]"},
		{types.PerfQuerySpec{Entity: vms["off"].Self, IntervalId: 20, MaxSample: 1, MetricId: []types.PerfMetricId{balloon}}, ""},
	} {
		answer, err := perfQuery(client, c.spec)
		check(t, err)
		if got := described(answer.Returnval[0]); got != c.want {
			t.Errorf("%+v: %q instead of %q", c.spec, got, c.want)
		}
	}
	answer, err := perfQuery(client, types.PerfQuerySpec{
		Entity: moving, StartTime: at("00:00:00"), MaxSample: 1000, IntervalId: 20, MetricId: []types.PerfMetricId{balloon}})
	check(t, err)
	if n := len(answer.Returnval[0].(*types.PerfEntityMetric).SampleInfo); n != 180 {
		t.Errorf("%d samples in the hour that is kept", n)
	}
	lab.mustPost("/guest?name=still", `{"balloon_mib": 50}`)
	lab.mustPost("/clock", `{"advance_s": 20}`)
	answer, err = perfQuery(client, types.PerfQuerySpec{
		Entity: vms["still"].Self, MaxSample: 2, StartTime: at("02:00:00"), IntervalId: 20, MetricId: []types.PerfMetricId{balloon}})
	check(t, err)
	if got := described(answer.Returnval[0]); got != "02:00:20 02:00:40 [102400 51200]" {
		t.Errorf("after a change by hand: %q", got)
	}
}

// The server refuses what is too large as a whole, and says what it allows.
func TestQueryLimits(t *testing.T) {
	lab := startLab(t, counted)
	client := lab.login()
	ids := counterIDs(t, client)
	metric := types.PerfMetricId{CounterId: ids["mem.vmmemctl.average"]}
	spec := types.PerfQuerySpec{Entity: vmsByName(t, client)["still"].Self, IntervalId: 20, MaxSample: 1,
		MetricId: []types.PerfMetricId{metric, metric}}
	_, err := perfQuery(client, spec, spec)
	expectFault(t, "4 metrics", err, "")
	_, err = perfQuery(client, spec, spec, spec)
	expectFault(t, "6 metrics", err, "InvalidArgument")
	if err == nil || !strings.Contains(err.Error(), "querySpec.size") {
		t.Errorf("6 metrics: %v", err)
	}
	gone := spec
	gone.Entity.Value = "vm-99"
	_, err = perfQuery(client, spec, gone)
	expectFault(t, "a VM that is not there", err, "ManagedObjectNotFound")
	gone = spec
	gone.MetricId = []types.PerfMetricId{{CounterId: 999999}}
	_, err = perfQuery(client, gone)
	expectFault(t, "a counter that is not there", err, "InvalidArgument")
	options, err := object.NewOptionManager(client, *client.ServiceContent.Setting).Query(context.Background(), "config.vpxd.stats.maxQueryMetrics")
	check(t, err)
	if value := options[0].GetOptionValue().Value; len(options) != 1 || value != "4" {
		t.Errorf("the server says %v", value)
	}
}

func TestHostMemoryStates(t *testing.T) {
	lab := startLab(t, counted)
	client := lab.login()
	state := types.PerfMetricId{CounterId: counterIDs(t, client)["mem.state.latest"]}
	var hosts []mo.HostSystem
	fetch(t, client, "HostSystem", &hosts, "name")
	for _, host := range hosts {
		answer, err := perfQuery(client, types.PerfQuerySpec{Entity: host.Self, IntervalId: 20, MaxSample: 1,
			MetricId: []types.PerfMetricId{state}})
		check(t, err)
		want := " [0]"
		if host.Name == "esx-02.lab.example" {
			want = " [3]"
		}
		if got := described(answer.Returnval[0]); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %q instead of %q", host.Name, got, want)
		}
	}
}

// Pools hang below each other, VMs are where the scenario puts them, and usage adds up.
func TestPools(t *testing.T) {
	lab := startLab(t, counted)
	client := lab.login()
	pools := map[string]mo.ResourcePool{}
	for _, kind := range []string{"ResourcePool", "VirtualApp"} {
		var found []mo.ResourcePool
		fetch(t, client, kind, &found, "name", "parent", "vm", "config.memoryAllocation", "runtime.memory.overallUsage")
		for _, p := range found {
			pools[p.Name+" "+p.Parent.Type] = p
		}
	}
	shop, web, gold := pools["shop ResourcePool"], pools["web ResourcePool"], pools["gold ResourcePool"]
	if shop.Self.Type != "VirtualApp" || *shop.Parent != web.Self || *web.Parent != gold.Self {
		t.Fatalf("pools: %+v", pools)
	}
	if *gold.Config.MemoryAllocation.Limit != 8192 || *gold.Config.MemoryAllocation.Reservation != 1024 ||
		*web.Config.MemoryAllocation.Limit != -1 || *shop.Config.MemoryAllocation.Limit != 2048 {
		t.Errorf("limits: %+v %+v", gold.Config.MemoryAllocation, web.Config.MemoryAllocation)
	}
	truth := lab.truthByName()
	bytes := func(names ...string) (sum int64) {
		for _, name := range names {
			sum += truth[name].ConsumedKiB * 1024
		}
		return sum
	}
	if used := shop.Runtime.Memory.OverallUsage; used != bytes("still") || used == 0 || web.Runtime.Memory.OverallUsage != used {
		t.Errorf("shop uses %d, web %d", used, web.Runtime.Memory.OverallUsage)
	}
	if used := gold.Runtime.Memory.OverallUsage; used != bytes("still", "gold-1", "gold-2") {
		t.Errorf("gold uses %d", used)
	}
	for name, where := range map[string]string{"still": "shop", "gold-1": "gold", "gold-2": "gold", "moving": "Resources"} {
		vm := truth[name]
		if vm.Pool != where || (where != "Resources" && vm.Host < "esx-03") {
			t.Errorf("%s is in %s on %s", name, vm.Pool, vm.Host)
		}
	}
	vms := vmsByName(t, client, "resourcePool")
	if got := vms["still"].ResourcePool; got == nil || *got != shop.Self || fmt.Sprint(shop.Vm) != fmt.Sprint([]types.ManagedObjectReference{vms["still"].Self}) {
		t.Errorf("still is in %v; shop holds %v", got, shop.Vm)
	}
}
