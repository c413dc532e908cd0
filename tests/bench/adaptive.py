"""What `probe = "adaptive"` saves: hourly scans of a day, on a fleet in which 3 % balloon."""

import os

import labs
import measure
from sweep import OPERATIONS

VMS = 1_000
LEARNING = 3  # scans until every guest's baseline is known
HOURS = 24


def scan(bench, config, hour):
    """A scan `hour` hours from now."""
    clock = os.environ | {"LD_PRELOAD": str(bench.build / "tests" / "bench" / "libshifted_clock.so"),
                          "BALLAST_TEST_CLOCK_AHEAD": str(hour * 3600)}
    return measure.run([bench.ballast, "--config", config, "scan"], env=clock)


def day(bench, lab, folder, policy):
    """Calls to guests in a day of hourly scans, and the CPU time of ballast."""
    labs.forget_store(folder)
    config = labs.configuration(folder, lab, guests="*", concurrency=64, probe=policy)
    for hour in range(LEARNING):
        scan(bench, config, hour)
    lab.reset()
    cpu_ms = sum(scan(bench, config, LEARNING + hour).cpu_ms for hour in range(HOURS))
    methods = lab.stats()["methods"]
    return {"guest_calls": sum(methods.get(name, 0) for name in OPERATIONS),
            "guests_read": methods.get("CreateTemporaryFileInGuest", 0), "cpu_ms": cpu_ms}


def compare(bench):
    """The three policies."""
    folder = bench.folder("adaptive")
    with labs.replay(bench.lab, bench.recording(VMS), folder) as lab:
        return {policy: day(bench, lab, folder, policy)
                for policy in ("all", "adaptive", "ballooned")}
