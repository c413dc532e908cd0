"""Writes docs/PERFORMANCE.md and its curves from what run.py found."""

import argparse
import json
import pathlib

import adaptive
import failing
import labs
import plots
import sweep
from verdicts import at_least, at_most, table

WIRE_MBIT = 1_000  # of the limit on the wall time: a wire that a vCenter has
OTHERS = ["govmomi", "pyvmomi", "curl"]


def of(points, **wanted):
    """The one result with these settings."""
    return next(p for p in points if all(p[key] == value for key, value in wanted.items()))


def poll_rows(results):
    rows = []
    largest = sorted({point["vms"] for point in results["poll"]})[-2:]
    for vms in largest:
        clients = of(results["poll"], vms=vms, rate_mbit=WIRE_MBIT)["clients"]
        ours = clients["ballast"]
        rows.append(at_most(f"listing of {vms:,} VMs over 1 Gbit/s: wall time ÷ curl's",
                            ours["wall_ms"] / clients["curl"]["wall_ms"], 1.15))
        for other, limit in (("govmomi", 4), ("pyvmomi", 6)):
            rows.append(at_least(f"… CPU time of {other} ÷ ballast's",
                                 clients[other]["cpu_ms"] / ours["cpu_ms"], limit))
    return rows


def scan_rows(results):
    scans = results["scan"]
    most, fewer = scans[-1], of(scans, vms=10_000) if len(scans) > 2 else scans[0]
    return [at_most(f"peak memory of a scan of {most['vms']:,} VMs, stored", most["peak_kib"] / 1024,
                    96, " MiB", 1),
            at_most(f"… ÷ that of {fewer['vms']:,} VMs", most["peak_kib"] / fewer["peak_kib"], 1.2)]


def poll_section(results, folder):
    points = [p for p in results["poll"] if p["rate_mbit"] == 0]
    names = ["ballast", *OTHERS]
    cpu = [(name, [(p["vms"], p["clients"][name]["cpu_ms"]) for p in points]) for name in names]
    plots.draw(folder / "listing-cpu.svg", "Listing all VMs: CPU time of the client", "VMs", "ms",
               cpu)
    rows = []
    for point in results["poll"]:
        rate = f"{point['rate_mbit'] / 1000:g} Gbit/s" if point["rate_mbit"] else "loopback"
        ours = point["clients"]["ballast"]
        curl = point["clients"]["curl"]
        rows.append([f"{point['vms']:,}", rate, f"{ours['wall_ms']:.0f}", f"{curl['wall_ms']:.0f}",
                     f"{ours['wall_ms'] / curl['wall_ms']:.2f}",
                     *(f"{point['clients'][name]['cpu_ms'] / ours['cpu_ms']:.1f}"
                       for name in ("govmomi", "pyvmomi")), f"{ours['cpu_ms']:.0f}"])
    growth = ", ".join(f"{name} {plots.exponent(curve):.2f}" for name, curve in cpu)
    largest = results["poll"][-1]
    wire = [[name, figures["requests"], figures["logins"], figures["connections"],
             f"{figures['bytes_per_vm']:.0f}"] for name, figures in largest["clients"].items()]
    return f"""## Listing the fleet

The properties of a scan, of every VM in pages of {labs.PAGE}, from recorded pages that a lab server sends again, over TLS. Each client asks for the same
properties; curl sends the recorded requests and throws the answers away. Wall time is that of the listing alone, after the login.

{table(["VMs", "way", "ballast ms", "curl ms", "÷ curl", "govmomi's CPU ÷ ballast's", "pyVmomi's ÷ ballast's",
        "ballast CPU ms"], rows)}
On loopback the bytes arrive faster than on any wire (over 6 Gbit/s), client and server share the processor, and what is measured is the CPU time of
both: there ballast takes longer than curl, which looks at nothing.

![CPU time by fleet size](performance/listing-cpu.svg)

CPU time grows with the number of VMs to the power of: {growth}.

What the server sees of a listing of {largest["vms"]:,} VMs, from login to logout:

{table(["client", "requests", "logins", "connections", "bytes a VM"], wire)}"""


def scan_section(results, folder):
    scans = results["scan"]
    memory = [(s["vms"], s["peak_kib"] / 1024) for s in scans]
    time = [(s["vms"], s["cpu_ms"]) for s in scans]
    plots.draw(folder / "scan.svg", "ballast scan without guests", "VMs", "ms, MiB",
               [("CPU time, ms", time), ("peak memory, MiB", memory)])
    rows = [[f"{s['vms']:,}", f"{s['wall_ms']:.0f}", f"{s['cpu_ms']:.0f}",
             f"{s['peak_kib'] / 1024:.1f}", sum(s["requests"].values()),
             f"{s['sent_bytes'] / s['vms']:.0f}"] for s in scans]
    return f"""## A whole scan of the hypervisor's side

`ballast scan` from start to end: connect, hosts, pools, folders, memory states, every VM, and all of it in the database.

{table(["VMs", "wall ms", "CPU ms", "peak MiB", "requests", "bytes a VM"], rows)}
![Scan by fleet size](performance/scan.svg)

CPU time grows with the number of VMs to the power of {plots.exponent(time):.2f}, memory of {plots.exponent(memory):.2f}: pages are read, stored and
forgotten.
"""


def sweep_rows(results):
    point = of(results["sweep"], in_flight=512, channel="auto")
    shared = of(results["sweep"], in_flight=512, channel="guestinfo")
    what = f"sweep of {point['guests']:,} guests, 512 in flight"
    return [at_most(f"{what}: wall time ÷ (operations × latency ÷ in flight)", point["ratio"], 1.25),
            at_most("… CPU time a guest", point["cpu_ms_per_guest"], 1.5, " ms"),
            at_most("… memory a probe in flight", point["kib_per_probe"], 64, " KiB", 0),
            at_most("… calls a guest by guestinfo", shared["calls_per_guest"], 2)]


def sweep_section(results, folder):
    points = [p for p in results["sweep"] if p["channel"] == "auto"]
    plots.draw(folder / "sweep.svg", "Guest sweep", "probes in flight", "guests a second",
               [("ballast", [(p["in_flight"], p["guests"] / p["wall_ms"] * 1e3) for p in points]),
                ("ideal", [(p["in_flight"], p["guests"] / p["ideal_ms"] * 1e3) for p in points])])
    rows = [["file" if p["channel"] == "auto" else p["channel"], p["in_flight"],
             f"{p['guests']:,}", f"{p['wall_ms'] / 1e3:.2f}",
             f"{p['ideal_ms'] / 1e3:.2f}", f"{p['ratio']:.2f}", f"{p['cpu_ms_per_guest']:.2f}",
             f"{p['peak_kib'] / 1024:.1f}",
             f"{p['kib_per_probe']:.0f}" if "kib_per_probe" in p else "",
             f"{p['calls_per_guest']:.2f}", p["connections"],
             p["peak_in_guests"]] for p in results["sweep"]]
    growth = plots.exponent([(p["in_flight"], p["guests"] / p["wall_ms"]) for p in points])
    return f"""## Probing guests

`ballast scan` on a server on which every operation in a guest takes {sweep.LATENCY_MS} ms, the download of the probe's output included; the files come from {sweep.HOSTS} hosts,
each guest's from its own, with at most the default of 8 probes on a host at once.
The ideal is operations × {sweep.LATENCY_MS} ms ÷ probes in flight. Wall time is that of the whole
scan, listing and storing included; the CPU time of the same scan without guests is taken off. Memory a probe is what more of them in flight add, with the same guests. From {sweep.MANY} in flight on it is the middle one of three runs.

{table(["channel", "in flight", "guests", "wall s", "ideal s", "÷ ideal", "CPU ms a guest", "peak MiB", "KiB a probe", "calls a guest", "connections",
        "most operations at once"], rows)}
![Guests a second by probes in flight](performance/sweep.svg)

The rate grows with the number in flight to the power of {growth:.2f}. What is lost beside the ideal is above all the beginning, when every probe wants a
connection to vCenter and one to its host, and thousands in flight are bounded by the one thread that does all of it, on a processor that it shares with
the server. The calls a guest are what any client of these operations needs: govmomi's `toolbox` client makes the same six, and asks
again every half second until the program has ended. By `guestinfo` there is one operation in the guest, and what it told is read of all that wait, each
half second: the ideal counts the operations alone, so that the half second is what such a sweep takes longer.
"""


def adaptive_rows(results):
    found = results["adaptive"]
    saved = 1 - found["adaptive"]["guest_calls"] / found["all"]["guest_calls"]
    return [at_least("calls to guests that adaptive probing saves", saved * 100, 80, " %", 0,
                     f"{labs.BALLOONED_PERCENT} % ballooned, hourly")]


def adaptive_section(results, _folder):
    everything = results["adaptive"]["all"]
    rows = [[policy, f"{found['guests_read']:,}", f"{found['guest_calls']:,}",
             f"{found['guest_calls'] / everything['guest_calls']:.1%}",
             f"{found['cpu_ms'] / everything['cpu_ms']:.0%}"]
            for policy, found in results["adaptive"].items()]
    return f"""## Adaptive probing

A day of hourly scans of {adaptive.VMS:,} guests of which {labs.BALLOONED_PERCENT} % balloon, after the {adaptive.LEARNING} scans in which `adaptive` learns every guest's baseline:

{table(["probe", "guests read", "calls to guests", "of all", "CPU time, of all"], rows)}"""


def failing_rows(results):
    found = results["failing"]
    scans = found["scans"]
    what = f"`collect`, {found['vms']:,} VMs, {scans[0]['guests_failed']:,} of them fail"
    return [at_most(f"{what}: peak memory ÷ MemoryMax of the unit",
                    max(s["peak_kib"] for s in scans) / 1024 / found["limit_mib"], 0.25),
            at_most("… a scan ÷ its interval", max(s["seconds"] for s in scans) / found["interval_s"],
                    1)]


def failing_section(results, _folder):
    found = results["failing"]
    rows = [[number, scan["status"], f"{scan['guests_read']:,}", f"{scan['guests_failed']:,}",
             f"{scan['seconds']:.0f}", f"{scan['peak_kib'] / 1024:.0f}",
             f"{scan['rss_kib'] / 1024:.0f}", scan["threads"], scan["descriptors"]]
            for number, scan in enumerate(found["scans"], 1)]
    return f"""## A fleet of which a quarter fails

`ballast collect` with the default of 64 probes at once and a scan every {found["interval_s"] / 60:.0f} minutes, on the server of the sweep, on which every fourth guest of {found["vms"]:,} cannot be
read: no guest operations, a refused login, a start that fails, a probe that exits with 1, half an output; one of forty of them hangs, and holds a probe until its deadline of a
minute. The second scan leaves alone those who refused the login. Memory, threads and descriptors are those at the end of a scan.

{table(["scan", "status", "guests read", "failed", "s", "peak MiB", "MiB", "threads", "descriptors"], rows)}"""


def read_of(results, name, **wanted):
    """The one benchmark of reads with that name."""
    return next(r for r in results["store"]["reads"] if r["benchmark"] == name and
                all(r[key] == value for key, value in wanted.items()))


def store_rows(results):
    found = results["store"]
    deepest, shallow = found["commit"][-1], found["commit"][0]
    bare = found["commit_without_guests"][-1]
    exports = [r for r in found["reads"] if r["benchmark"] == "store_export"]
    what = f"commit of {deepest['vms']:,} VMs, history {deepest['history_days']} days deep"
    return [
        at_most(f"{what}: ÷ bare loop, every guest read", deepest["ratio"], 2),
        at_most("… no guest read", bare["ratio"], 2),
        at_most(f"… ÷ that at {shallow['history_days']} day",
                deepest["ballast_ms"] / shallow["ballast_ms"], 1.2),
        *(at_most(f"bytes a raw sample {which} guest data", point["bytes_a_sample"], limit, "", 1)
          for which, point, limit in (("with", deepest, 170), ("without", bare, 60))
          if point["bytes_a_sample"]),  # told by two depths
        at_most(f"`report`, {found['year']['vms']:,} VMs, a year of history",
                read_of(results, "store_report")["wall_ms"], 100, " ms", 0),
        at_most("`vm`, a year", read_of(results, "store_vm_year")["wall_ms"], 50, " ms", 0),
        at_most("`--version`", read_of(results, "version")["wall_ms"], 10, " ms", 1),
        *(at_least(f"`export daily`, {e['rows']:,} rows: sqlite3's time ÷ ballast's", e["ratio"], 2)
          for e in exports),
        *(at_most(f"… peak memory of {e['span']} ÷ that of {exports[0]['span']}",
                  e["ballast"]["peak_kib"] / exports[0]["ballast"]["peak_kib"], 1.1)
          for e in exports[1:])]


def store_section(results, folder):
    found = results["store"]
    year = found["year"]
    sizes = [(c["vms"], c["ballast_ms"]) for c in found["commit_by_size"]]
    plots.draw(folder / "commit.svg", "Committing a scan", "VMs", "ms",
               [("ballast", sizes), ("bare loop", [(c["vms"], c["bare_ms"])
                                                   for c in found["commit_by_size"]])])
    rows = [[guests, c["history_days"], f"{c['ballast_ms']:.0f}", f"{c['bare_ms']:.0f}",
             f"{c['ratio']:.2f}", f"{c['bytes_a_sample']:.1f}" if c["bytes_a_sample"] else ""]
            for guests, points in (("all", found["commit"]), ("none", found["commit_without_guests"]))
            for c in points]
    reads = [[r["benchmark"].removeprefix("store_").replace("_", " "), f"{r['wall_ms']:.0f}",
              f"{r['cpu_ms']:.0f}", f"{r['peak_kib'] / 1024:.0f}"]
             for r in found["reads"] if r["benchmark"] != "store_export"]
    exports = [[r["span"], f"{r['rows']:,}", f"{r['ballast']['wall_ms'] / 1e3:.2f}",
                f"{r['sqlite3']['wall_ms'] / 1e3:.2f}", f"{r['ratio']:.2f}",
                f"{r['ballast']['peak_kib'] / 1024:.0f}"]
               for r in found["reads"] if r["benchmark"] == "store_export"]
    return f"""## The store

A scan of {found['commit'][0]['vms']:,} VMs in an SQLite file with hourly scans, beside a bare loop of prepared statements that brings the same rows to the same tables. The loop is
given the bytes of each row; ballast has to make them, look for what changed of each VM and count verdicts. Bytes are the growth of the file.

{table(["guests read", "days of history", "ballast ms", "bare ms", "÷ bare", "bytes a sample"], rows)}
![Commit by fleet size](performance/commit.svg)

The time of a commit grows with the number of VMs to the power of {plots.exponent(sizes):.2f}.

Commands on a store with {year['daily_days']} days, {year['hourly_days']} days of hours and {year['scans']} raw scans of {year['vms']:,} VMs, as whole processes, the file in the page cache:

{table(["command", "wall ms", "CPU ms", "peak MiB"], reads)}
`export daily` into /dev/null, beside the sqlite3 program in CSV mode on one table of the same rows and columns, names and places in every row:

{table(["span", "rows", "ballast s", "sqlite3 s", "sqlite3 ÷ ballast", "peak MiB"], exports)}"""


PARTS = [("poll", poll_rows, poll_section), ("scan", scan_rows, scan_section),
         ("sweep", sweep_rows, sweep_section), ("adaptive", adaptive_rows, adaptive_section),
         ("failing", failing_rows, failing_section),
         ("store", store_rows, store_section)]


def document(results, folder):
    rows, sections = [], []
    for name, rows_of, section_of in PARTS:
        if name not in results:
            continue
        rows += rows_of(results)
        sections.append(section_of(results, folder))
    machine = results["machine"]
    summary = table(["what", "measured", "limit", "holds", ""], [row.cells() for row in rows])
    return f"""# Performance

Written by `scripts/bench` from runs on one machine ({machine["cores"]} cores, {machine["processor"]}, Linux {machine["kernel"]}), with the server on the
same machine. Ratios are of medians of runs that took turns. Absolute times are of this machine; ratios travel.

{summary}
""" + "\n".join(sections)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("docs", type=pathlib.Path)
    options = parser.parse_args()
    folder = options.docs / "performance"
    folder.mkdir(parents=True, exist_ok=True)
    results = json.loads(options.results.read_text(encoding="utf-8"))
    text = document(results, folder)
    (options.docs / "PERFORMANCE.md").write_text(text, encoding="utf-8")
    print(text.split("## ")[0])


if __name__ == "__main__":
    main()
