"""`ballast collect` on a fleet of which a quarter cannot be read: its memory, and whether a scan is
done before the next one is due."""

import contextlib
import pathlib
import re
import signal
import sqlite3
import subprocess
import time

import labs
import processes
from sweep import HOSTS, LATENCY_MS

VMS = 40_000
FAILING_EVERY = 4
INTERVAL_S = 600
QUICK = (5_000, 120)  # VMs, interval
SCANS = 2  # the second one knows which guests failed
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
UNIT = ROOT / "packaging" / "systemd" / "ballast-collect.service.in"


def memory_limit_mib():
    """MemoryMax of the service's unit."""
    number, unit = re.search(r"^MemoryMax=(\d+)([MG])$", UNIT.read_text(encoding="utf-8"),
                             re.MULTILINE).groups()
    return int(number) * (1024 if unit == "G" else 1)


@contextlib.contextmanager
def collecting(ballast, config, folder):
    """The service, until the end of the block; stopped by its pid."""
    with open(folder / "collect.log", "w", encoding="utf-8") as log:
        service = subprocess.Popen([ballast, "--config", config, "collect"], stderr=log)
        try:
            yield service
        finally:
            service.send_signal(signal.SIGTERM)
            service.wait(timeout=30)


def ended_scans(folder):
    """The scans so far: their rows, and how long they took."""
    query = ("SELECT status, vms, guests_read, guests_failed, (finished_ms - started_ms) / 1e3 "
             "FROM scan WHERE status <> 'running' ORDER BY id")
    keys = ("status", "vms", "guests_read", "guests_failed", "seconds")
    file = folder / "ballast.db"
    if not file.exists():
        return []
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return [dict(zip(keys, row)) for row in database.execute(query)]


def wait_for_scans(service, folder, count, limit_s):
    """Until so many have ended; of each, what the service held at most until then."""
    scans = []
    deadline = time.monotonic() + limit_s
    while len(scans) < count:
        if time.monotonic() > deadline or service.poll() is not None:
            raise RuntimeError(f"{len(scans)} of {count} scans ended: see {folder}/collect.log")
        time.sleep(1)
        now = processes.Sample(service.pid)
        with contextlib.suppress(sqlite3.OperationalError):  # it is being made
            for scan in ended_scans(folder)[len(scans):]:
                scans.append(scan | {"peak_kib": now.peak_kib, "rss_kib": now.rss_kib,
                                     "threads": now.threads, "descriptors": now.descriptors})
    return scans


def collect(bench):
    """The scans of a service with the default settings."""
    vms, interval_s = QUICK if bench.quick else (VMS, INTERVAL_S)
    folder = bench.folder("failing")
    arguments = ["-latency", f"{LATENCY_MS}ms", "-hosts", str(HOSTS), "-failing",
                 str(FAILING_EVERY)]
    with labs.replay(bench.lab, bench.recording(vms), folder, *arguments) as lab:
        config = labs.configuration(folder, lab, guests="*", concurrency=64,
                                    vcenter=f'schedule = "{interval_s}s"\njitter = "0s"')
        with collecting(bench.ballast, config, folder) as service:
            scans = wait_for_scans(service, folder, SCANS, 2 * SCANS * interval_s)
    return {"vms": vms, "interval_s": interval_s, "limit_mib": memory_limit_mib(), "scans": scans}
