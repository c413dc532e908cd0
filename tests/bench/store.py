"""The store: committing scans, bytes a sample, and the commands that read it."""

import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
FLEET = 40_000
DEPTHS = "1,7,30"  # days of hourly scans


def lines_of(command):
    """The JSON objects that a program prints, one a line."""
    run = subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE,
                         text=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def commits(bench, folder, vms, read_percent, depths):
    """A scan's commit beside a bare loop, at each depth of history."""
    database = folder / "commit.db"
    found = lines_of([bench.build / "tests" / "bench" / "store_commit", database, "--vms", vms,
                      "--read", read_percent, "--days", depths])
    for file in folder.glob("commit.db*"):
        file.unlink()
    return found


def year(bench, folder):
    """A store with a year of history; it is made once."""
    database, told = folder / "year.db", folder / "year.json"
    if not told.exists() or not told.read_text(encoding="utf-8").strip():
        for file in folder.glob("year.db*"):
            file.unlink()
        made = lines_of([bench.build / "tests" / "bench" / "store_fleet", database, "--vms",
                         bench.sizes[-1], "--hourly-days", 14])
        told.write_text(json.dumps(made[-1]), encoding="utf-8")
    return database, json.loads(told.read_text(encoding="utf-8"))


def a_guest(bench, database):
    """The name of a VM that report shows."""
    report = subprocess.run([bench.ballast, "report", "--db", database, "--limit", "1", "--format",
                             "json"], check=False, stdout=subprocess.PIPE, text=True)
    return json.loads(report.stdout)["guests"][0]["name"]


def measure_store(bench):
    """Everything about the store."""
    folder = bench.out / "store"
    folder.mkdir(exist_ok=True)
    largest = bench.sizes[-1]
    depths = "1" if bench.quick else DEPTHS
    results = {"commit": commits(bench, folder, largest, 100, depths),
               "commit_without_guests": commits(bench, folder, largest, 0, depths),
               "commit_by_size": [commits(bench, folder, vms, 100, "1")[-1]
                                  for vms in bench.sizes]}
    database, results["year"] = year(bench, folder)
    spans = "7d" if bench.quick else "30d,366d"
    results["reads"] = lines_of([sys.executable, HERE / "store_reads.py", "--ballast", bench.ballast,
                                 "--db", database, "--vm", a_guest(bench, database), "--work", folder,
                                 "--export-runs", 1, "--spans", spans])
    return results
