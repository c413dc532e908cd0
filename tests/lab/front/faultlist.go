package front

import (
	"sync"

	"ballast/lab/plan"
)

// FaultList decides call by call which rule applies.
type FaultList struct {
	mu     sync.Mutex
	rules  []plan.FaultRule
	passed []int // calls that each rule has matched
}

// NewFaultList takes rules that were checked.
func NewFaultList(rules []plan.FaultRule) *FaultList {
	list := &FaultList{}
	list.Replace(rules)
	return list
}

// Replace starts the counting afresh.
func (l *FaultList) Replace(rules []plan.FaultRule) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rules = append([]plan.FaultRule(nil), rules...)
	l.passed = make([]int, len(rules))
}

// take gives the first rule that applies to a call, and counts the call for every rule it matches.
func (l *FaultList) take(label string) *plan.FaultRule {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found *plan.FaultRule
	for i := range l.rules {
		rule := l.rules[i]
		if !rule.Matches(label) {
			continue
		}
		nth := l.passed[i]
		l.passed[i]++
		due := nth >= rule.Skip && (rule.Count == 0 || nth < rule.Skip+rule.Count)
		if due && found == nil {
			found = &rule
		}
	}
	return found
}
