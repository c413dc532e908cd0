"""Writes docs/PERFORMANCE.md and its curves from what run.py found."""

import argparse
import json
import pathlib

import plots
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

Sixteen properties of every VM in pages of 100, from recorded pages that a lab server sends again, over TLS. Each client asks for the same
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


PARTS = [("poll", poll_rows, poll_section), ("scan", scan_rows, scan_section)]


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

Written by `scripts/bench` from one run on one machine ({machine["cores"]} cores, {machine["processor"]}, Linux {machine["kernel"]}), with the server on the
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
