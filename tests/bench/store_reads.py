"""Times the commands that read a store, as whole processes, on a store that store_fleet made.

The peer of `export daily` is the sqlite3 program with .mode csv, on one table of the same rows and
columns, names and places in every row, filled from what ballast exports. What it has to do is less
than to look them up. Both write to /dev/null. Prints one JSON object a benchmark.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import measure

TEXT_COLUMNS = {"start_utc", "vcenter", "datacenter", "cluster", "host", "name", "moref",
                "instance_uuid"}


def say(name, **figures):
    """One JSON object."""
    print(json.dumps({"benchmark": name, **figures}), flush=True)


def timed(command, runs):
    """The median wall and CPU time and the largest peak memory of some runs after one more."""
    results = [measure.run(command, accepted=(0, 3)) for _ in range(runs + 1)][1:]
    return {"wall_ms": round(measure.median([run.wall_ms for run in results]), 1),
            "cpu_ms": round(measure.median([run.cpu_ms for run in results]), 1),
            "peak_kib": max(run.peak_kib for run in results)}


def export(ballast, database, target, *flags):
    """The command that exports days."""
    return ["sh", "-c", 'exec "$0" "$@" >' + target, ballast, "export", "daily", "--quiet", "--db",
            database, *flags]


def plain_table(csv, database):
    """An SQLite file with a table of what the CSV file holds."""
    with csv.open(encoding="utf-8") as lines:
        names = lines.readline().strip().split(",")
    columns = ", ".join(f"{name} {'TEXT' if name in TEXT_COLUMNS else 'INTEGER'}" for name in names)
    script = f"CREATE TABLE day ({columns});\n.import --csv --skip 1 {csv} day\n"
    subprocess.run(["sqlite3", database], input=script, text=True, check=True)


def compare_exports(options, since, label):
    """One span of days by ballast and by sqlite3."""
    ours = timed(export(options.ballast, options.db, "/dev/null", *since), options.export_runs)
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        csv, database = pathlib.Path(folder, "day.csv"), pathlib.Path(folder, "day.db")
        subprocess.run(export(options.ballast, options.db, str(csv), *since), check=True)
        plain_table(csv, database)
        csv.unlink()
        query = ["sh", "-c", 'exec sqlite3 -readonly -csv -header "$0" "$1" >/dev/null', database,
                 "SELECT * FROM day"]
        theirs = timed(query, options.export_runs)
        count = subprocess.run(["sqlite3", database, "SELECT count(*) FROM day"],
                               capture_output=True, text=True, check=True)
    say("store_export", span=label, rows=int(count.stdout), ballast=ours, sqlite3=theirs,
        ratio=round(theirs["wall_ms"] / ours["wall_ms"], 2))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ballast", required=True, help="the program")
    parser.add_argument("--db", required=True, help="the store")
    parser.add_argument("--vm", required=True, help="a VM of it, by name")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--export-runs", type=int, default=3)
    parser.add_argument("--work", default="/tmp", help="where there is room for a plain table")
    parser.add_argument("--spans", default="30d,366d", help="of exports; empty: none")
    options = parser.parse_args()
    store = ["--db", options.db]
    say("store_report", **timed([options.ballast, "report", *store], options.runs))
    say("store_vm", **timed([options.ballast, "vm", options.vm, *store], options.runs))
    say("store_vm_year",
        **timed([options.ballast, "vm", options.vm, "--since", "365d", *store], options.runs))
    say("version", **timed([options.ballast, "--version"], options.runs))
    for span in filter(None, options.spans.split(",")):
        compare_exports(options, ["--since", span], span)


if __name__ == "__main__":
    sys.exit(main())
