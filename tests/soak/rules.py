"""What a soak has to show: nothing grows, and what the database says of each scan is as promised.
"""

import collections
import contextlib
import sqlite3
import statistics

# How much more of it the last quarter may have, in the middle, than the second one: by a part, and
# by a few, for what comes and goes.
FLAT = {"rss_kib": (0.05, 4_096), "threads": (0, 4), "descriptors": (0.05, 8),
        "wal_kib": (0.1, 8_192)}
# A scan's rows are what the database grows by; it must not need more for each of them.
BYTES_A_SCAN = 1.25


def middle(samples, key):
    return statistics.median(sample[key] for sample in samples)


def growth(samples):
    """Complaints about what is not flat. The first quarter is for warming up."""
    quarter = len(samples) // 4
    second, last = samples[quarter:2 * quarter], samples[3 * quarter:]
    for key, (part, few) in FLAT.items():
        before, after = middle(second, key), middle(last, key)
        if after > before * (1 + part) + few:
            yield f"{key} grew from {before:.0f} to {after:.0f}"
    halves = [samples[quarter], samples[len(samples) * 5 // 8], samples[-1]]
    grown = [(b["database_kib"] - a["database_kib"]) / max(1, b["scans"] - a["scans"])
             for a, b in zip(halves, halves[1:])]
    if grown[1] > grown[0] * BYTES_A_SCAN + 4:
        yield f"a scan takes {grown[1]:.1f} KiB of the database, and took {grown[0]:.1f} before"


def connect(file):
    """Opens the store for reading."""
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)


def read_scans(file):
    """Each scan with the number of its rows, in the order in which they began."""
    query = ("SELECT vcenter_name AS name, status, vms, guests_read, error, started_ms,"
             " finished_ms, (SELECT count(*) FROM sample WHERE sample.id >= scan.id << 32"
             "  AND sample.id < (scan.id + 1) << 32) AS rows FROM scan ORDER BY id")
    with contextlib.closing(connect(file)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(query)]


def wrong_with(scan, vcenter):
    """What is not as promised about one scan."""
    status, rows = scan["status"], scan["rows"]
    if status not in vcenter.scans and not scan["is_last"] and status != "running":
        yield f"is {status}: {scan['error']}"
    if status == "running":
        yield "was never ended"
    if rows != scan["vms"] and status in ("complete", "partial"):
        yield f"says {scan['vms']} VMs and has {rows} rows"
    if status == "complete" and rows != vcenter.vms:
        yield f"is complete with {rows} of {vcenter.vms} VMs"
    is_sure = status == "complete" and vcenter.scans == {"complete"}
    if is_sure and scan["guests_read"] != vcenter.read:
        yield f"is complete and has read {scan['guests_read']} of {vcenter.read} guests"
    if status == "failed" and rows > 0:
        yield f"is failed and has {rows} rows"
    if status != "complete" and not scan["error"]:
        yield f"is {status} and does not say why"


def wrong_scans(scans, vcenters, fewest):
    """Complaints about scans. `fewest`: so many a vCenter that is not refused must have."""
    for vcenter in vcenters:
        own = [scan for scan in scans if scan["name"] == vcenter.name]
        for number, scan in enumerate(own, 1):
            # The end of the soak cuts short what is under way.
            scan["is_last"] = scan is own[-1]
            for what in wrong_with(scan, vcenter):
                yield f"{vcenter.name}: scan {number} {what}"
        if len(own) < fewest and vcenter.password is None:
            yield f"{vcenter.name}: {len(own)} scans, and should have had {fewest}"


def told(samples, scans):
    """What it came to, in a few lines."""
    quarter = len(samples) // 4
    lines = []
    for key in (*FLAT, "database_kib"):
        values = [f"{middle(samples[i * quarter:(i + 1) * quarter], key):.0f}" for i in range(4)]
        lines.append(f"{key}: {', '.join(values)} in the middle of each quarter; "
                     f"at most {max(sample[key] for sample in samples)}")
    by_name = collections.Counter((scan["name"], scan["status"]) for scan in scans)
    for name in dict.fromkeys(scan["name"] for scan in scans):
        counts = [f"{count} {status}" for (whose, status), count in by_name.items()
                  if whose == name]
        lines.append(f"{name}: {', '.join(counts)}")
    return "\n".join(lines)
