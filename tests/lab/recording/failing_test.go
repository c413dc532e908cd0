package recording

import (
	"fmt"
	"testing"
)

// page is one of the pages that failing learns from.
func page(vms int) []byte {
	var text string
	for i := 0; i < vms; i++ {
		text += fmt.Sprintf(`<obj type="VirtualMachine">vm-%d</obj><name>runtime.host</name><val>host-1</val>`, i)
	}
	return []byte(text)
}

// TestFailingGuests counts who fails in which way.
func TestFailingGuests(t *testing.T) {
	const vms, every = 1600, 4
	f := failing{every: every, order: map[string]int{}}
	f.learn(page(vms))
	ways := map[int]int{}
	for i := 0; i < vms; i++ {
		ways[f.wayOf([]byte(fmt.Sprintf("<vm>vm-%d</vm>", i)))]++
	}
	failed := vms / every
	if ways[0] != vms-failed || ways[hangs] != failed/hangingOneOf {
		t.Errorf("of %d guests: %v", vms, ways)
	}
	for way := hasNoTools; way < hangs; way++ {
		if ways[way] < failed/6 {
			t.Errorf("%d guests fail in way %d", ways[way], way)
		}
	}
	if f.wayOf([]byte("<vm>vm-unknown</vm>")) != 0 {
		t.Error("a VM that was never listed fails")
	}
}
