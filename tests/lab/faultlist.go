package main

import "sync"

// faultList decides call by call which rule applies.
type faultList struct {
	mu     sync.Mutex
	rules  []FaultRule
	passed []int // calls that each rule has matched
}

func newFaultList(rules []FaultRule) *faultList {
	list := &faultList{}
	list.replace(rules)
	return list
}

// replace starts the counting afresh.
func (l *faultList) replace(rules []FaultRule) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rules = append([]FaultRule(nil), rules...)
	l.passed = make([]int, len(rules))
}

// take gives the first rule that applies to a call, and counts the call for every rule it matches.
func (l *faultList) take(label string) *FaultRule {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found *FaultRule
	for i := range l.rules {
		rule := l.rules[i]
		if !rule.matches(label) {
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
