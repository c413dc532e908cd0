package vcenter

import (
	"strconv"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"ballast/lab/inventory"
	"ballast/lab/plan"
	"ballast/lab/wire"
)

const (
	realtimeSeconds = 20
	realtimeKept    = time.Hour
	// How long before the balloon moves the host has decided that it is to.
	targetLeadS = 60
)

// performanceManager answers for the few counters that the lab knows the truth of.
type performanceManager struct {
	simulator.PerformanceManager
	wire.Parallel
	fleet    *inventory.Fleet
	counters map[int32]string // "mem.vmmemctl.average" by its id
}

func putPerformanceManager(f *inventory.Fleet, ref types.ManagedObjectReference) {
	original := simulator.Map.Get(ref).(*simulator.PerformanceManager)
	m := &performanceManager{PerformanceManager: *original, fleet: f, counters: map[int32]string{}}
	for _, counter := range m.PerfCounter {
		m.counters[counter.Key] = counter.GroupInfo.GetElementDescription().Key + "." +
			counter.NameInfo.GetElementDescription().Key + "." + string(counter.RollupType)
	}
	simulator.Map.Put(m)
}

const queryLimit = "config.vpxd.stats.maxQueryMetrics"

func setOptions(scenario *plan.Scenario) {
	limit := scenario.MaxQueryMetrics
	if limit < 1 {
		limit = -1
	}
	manager := simulator.Map.OptionManager()
	manager.Setting = append(append([]types.BaseOptionValue{}, manager.Setting...),
		&types.OptionValue{Key: queryLimit, Value: strconv.Itoa(limit)})
}

// QueryPerf answers with samples of the last hour, or with a fault for all if one object is not there.
func (m *performanceManager) QueryPerf(req *types.QueryPerf) soap.HasFault {
	body := &methods.QueryPerfBody{}
	metrics := 0
	for _, spec := range req.QuerySpec {
		metrics += len(spec.MetricId)
	}
	if limit := m.fleet.Scenario.MaxQueryMetrics; limit > 0 && metrics > limit {
		body.Fault_ = wire.InvalidArgument("querySpec.size")
		return body
	}
	response := &types.QueryPerfResponse{}
	for i := range req.QuerySpec {
		answer, fault := m.answer(&req.QuerySpec[i])
		if fault != nil {
			body.Fault_ = fault
			return body
		}
		response.Returnval = append(response.Returnval, answer)
	}
	body.Res = response
	return body
}

// series is one counter's samples, all at the same times as those of the other counters.
type series struct {
	id     types.PerfMetricId
	values []int64
}

func (s *series) texts() []string {
	var texts []string
	for _, value := range s.values {
		texts = append(texts, strconv.FormatInt(value, 10))
	}
	return texts
}

func (m *performanceManager) answer(spec *types.PerfQuerySpec) (types.BasePerfEntityMetricBase, *soap.Fault) {
	measure, fault := m.measured(spec.Entity)
	if fault != nil {
		return nil, fault
	}
	times := sampleTimes(spec, m.fleet.Clock.Now())
	var all []series
	for _, id := range spec.MetricId {
		name, ok := m.counters[id.CounterId]
		if !ok {
			return nil, wire.InvalidArgument("querySpec.metricId")
		}
		one := series{id: types.PerfMetricId{CounterId: id.CounterId}}
		for _, at := range times {
			if value, known := measure(name, int64(at.Sub(m.fleet.Clock.Started)/time.Second)); known {
				one.values = append(one.values, value)
			}
		}
		if len(one.values) == len(times) && len(times) > 0 {
			all = append(all, one)
		}
	}
	if len(all) == 0 {
		times = nil
	}
	if spec.Format == string(types.PerfFormatCsv) {
		return asCSV(spec.Entity, times, all), nil
	}
	return asNumbers(spec.Entity, times, all), nil
}

// measured gives what is known of an object: a counter's value at a time since the scenario's start.
func (m *performanceManager) measured(entity types.ManagedObjectReference) (func(string, int64) (int64, bool), *soap.Fault) {
	if g, ok := m.fleet.GuestOf(entity); ok && !g.Current().Deleted {
		return func(counter string, at int64) (int64, bool) {
			on := g.Current().Power == "on"
			switch counter {
			case "mem.vmmemctl.average":
				return g.BalloonKB(at), on
			case "mem.vmmemctltarget.average":
				return g.BalloonKB(at + targetLeadS), on && m.fleet.Scenario.BalloonTarget
			}
			return 0, false
		}, nil
	}
	for _, h := range m.fleet.Hosts {
		if h.Ref() == entity {
			state := m.fleet.Scenario.HostMemoryState.Of(h.Name)
			return func(counter string, _ int64) (int64, bool) { return state, counter == "mem.state.latest" }, nil
		}
	}
	return nil, wire.ObjectNotFound(entity)
}

// sampleTimes are the ends of the intervals of 20 s that a query is about: after its start, up to
// its end, the newest maxSample of them. Without a time and a number it is the newest alone.
func sampleTimes(spec *types.PerfQuerySpec, now time.Time) []time.Time {
	if spec.IntervalId != realtimeSeconds {
		return nil
	}
	start, end := now.Add(-realtimeKept), now
	if spec.StartTime != nil && spec.StartTime.After(start) {
		start = *spec.StartTime
	}
	if spec.EndTime != nil && spec.EndTime.Before(end) {
		end = *spec.EndTime
	}
	most := int(spec.MaxSample)
	if most <= 0 && spec.StartTime == nil && spec.EndTime == nil {
		most = 1
	}
	const interval = realtimeSeconds * time.Second
	var times []time.Time
	for at := start.Truncate(interval).Add(interval); !at.After(end); at = at.Add(interval) {
		times = append(times, at.UTC())
	}
	if most > 0 && len(times) > most {
		times = times[len(times)-most:]
	}
	return times
}

// PerfMetricIntSeries is the type of the same name with its zeros, which the library leaves out.
type PerfMetricIntSeries struct {
	types.PerfMetricSeries

	Value []string `xml:"value"`
}

func asNumbers(entity types.ManagedObjectReference, times []time.Time, all []series) types.BasePerfEntityMetricBase {
	metric := &types.PerfEntityMetric{PerfEntityMetricBase: types.PerfEntityMetricBase{Entity: entity}}
	for _, at := range times {
		metric.SampleInfo = append(metric.SampleInfo, types.PerfSampleInfo{Timestamp: at, Interval: realtimeSeconds})
	}
	for _, one := range all {
		metric.Value = append(metric.Value, &PerfMetricIntSeries{
			PerfMetricSeries: types.PerfMetricSeries{Id: one.id}, Value: one.texts(),
		})
	}
	return metric
}

func asCSV(entity types.ManagedObjectReference, times []time.Time, all []series) types.BasePerfEntityMetricBase {
	metric := &types.PerfEntityMetricCSV{PerfEntityMetricBase: types.PerfEntityMetricBase{Entity: entity}}
	var info []string
	for _, at := range times {
		info = append(info, strconv.Itoa(realtimeSeconds), at.Format(time.RFC3339))
	}
	metric.SampleInfoCSV = strings.Join(info, ",")
	for _, one := range all {
		metric.Value = append(metric.Value, types.PerfMetricSeriesCSV{
			PerfMetricSeries: types.PerfMetricSeries{Id: one.id}, Value: strings.Join(one.texts(), ","),
		})
	}
	return metric
}
