package recording

import "testing"

// A guest's file comes from the host that the guest is on.
func TestReplayHostOfAFile(t *testing.T) {
	hosts := hosts{numbers: map[string]int{}, hostOf: map[string]int{}}
	page := ""
	for _, on := range [][2]string{{"vm-1", "host-9"}, {"vm-2", "host-7"}, {"vm-3", "host-9"}, {"vm-4", "host-5"}} {
		page += `<objects><obj type="VirtualMachine">` + on[0] + `</obj><propSet><name>runtime.host</name><val ` +
			`xsi:type="ManagedObjectReference" type="HostSystem">` + on[1] + `</val></propSet></objects>`
	}
	hosts.learn([]byte(page))
	hosts.transfers = [][]byte{[]byte("first"), []byte("second")}
	for vm, want := range map[string]string{"vm-1": "first", "vm-2": "second", "vm-3": "first", "vm-4": "first"} {
		if got := string(hosts.transferOf([]byte("<vm>" + vm + "</vm>"))); got != want {
			t.Errorf("%s: from the %s", vm, got)
		}
	}
}
