package guest

import (
	"fmt"
	"math"
	"os"
)

const day = 24 * 60 * 60 // seconds

// WriteUptime is for guests with a schedule, in which time passes. One that was never rebooted runs
// for a day when the scenario starts.
func (t *Tree) WriteUptime(elapsed, bootedAt int64) error {
	if bootedAt == math.MinInt64 {
		bootedAt = -day
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	next := t.Path("/.uptime")
	text := fmt.Sprintf("%d.00 %d.00\n", elapsed-bootedAt, elapsed-bootedAt)
	if err := os.WriteFile(next, []byte(text), 0o444); err != nil {
		return err
	}
	return os.Rename(next, t.Path("/proc/uptime")) // what is there is shared with other guests
}

// tickingShell has date show the lab's time. Busybox runs date by itself, whatever is in /bin.
const tickingShell = `#!/bin/busybox sh
# Runs command lines in which date is as far ahead of this machine's clock as LAB_AHEAD_S says.
if [ "$1" = -c ]; then
  shift
  line=$1
  shift
  set -- -c 'date() { command date -d "@$(($(command date +%s) + ${LAB_AHEAD_S:-0}))" "$@"; }
'"$line" "$@"
fi
exec /bin/busybox sh "$@"
`

func (t *Tree) makeTickingShell() error {
	shell := t.Path("/bin/sh")
	if err := os.Remove(shell); err != nil {
		return err
	}
	return os.WriteFile(shell, []byte(tickingShell), 0o755)
}
