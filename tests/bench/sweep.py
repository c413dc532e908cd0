"""Probing guests: `ballast scan` against a server on which every guest operation takes its time."""

import labs
import measure

LATENCY_MS = 50
HOSTS = 312
# In flight → the guests to probe: few in flight need few guests to tell.
GUESTS = {1: "app-0000?", 8: "app-000??", 64: "*", 256: "*", 512: "*", 1024: "*"}
MANY = 256  # in flight: from here on a run is short, and the middle one of three counts
FEW = 64  # in flight: what more of them add in memory, with the same guests, is theirs
OPERATIONS = ("CreateTemporaryFileInGuest", "StartProgramInGuest", "ListProcessesInGuest",
              "InitiateFileTransferFromGuest", "GET /guestFile", "DeleteFileInGuest",
              "TerminateProcessInGuest")
READINGS = ("RetrievePropertiesEx", "ContinueRetrievePropertiesEx")
GUESTINFO = (64, 512)  # in flight, for the channel without files


def listing_only(bench, lab, folder):
    """The same scan without guests, whose CPU time is taken off."""
    labs.forget_store(folder)
    config = labs.configuration(folder, lab)
    lab.reset()
    run = measure.run([bench.ballast, "--config", config, "scan"])
    methods = lab.stats()["methods"]
    run.readings = sum(methods.get(name, 0) for name in READINGS)
    return run


def one(bench, lab, folder, in_flight, base, channel="auto"):
    """A sweep with so many probes at once."""
    labs.forget_store(folder)
    config = labs.configuration(folder, lab, guests=GUESTS[in_flight], concurrency=in_flight,
                                channel=channel)
    lab.reset()
    run = measure.run([bench.ballast, "--config", config, "scan"])
    stats = lab.stats()
    calls = {name: stats["methods"].get(name, 0) for name in OPERATIONS}
    guests = calls["StartProgramInGuest"]
    operations = sum(calls.values())
    # What they cost beside the calls that every scan makes: the shared readings of guestinfo.
    shared = sum(stats["methods"].get(name, 0) for name in READINGS) - base.readings
    ideal_ms = operations * LATENCY_MS / min(in_flight, guests)
    return {"in_flight": in_flight, "guests": guests, "wall_ms": run.wall_ms, "ideal_ms": ideal_ms,
            "ratio": run.wall_ms / ideal_ms, "cpu_ms_per_guest": (run.cpu_ms - base.cpu_ms) / guests,
            "peak_kib": run.peak_kib, "calls_per_guest": (operations + max(shared, 0)) / guests, "channel": channel,
            "connections": stats["connections"], "peak_in_guests": stats["peak_in_guests"]}


def middle_of(bench, lab, folder, in_flight, base):
    """The run that took the middle of the times."""
    repeats = 3 if in_flight >= MANY and not bench.quick else 1
    runs = [one(bench, lab, folder, in_flight, base) for _ in range(repeats)]
    return sorted(runs, key=lambda run: run["wall_ms"])[repeats // 2]


def sweep(bench, vms):
    """All of them, with the memory of a probe in flight."""
    folder = bench.folder("sweep")
    arguments = ["-latency", f"{LATENCY_MS}ms", "-hosts", str(HOSTS)]
    with labs.replay(bench.lab, bench.recording(vms), folder, *arguments) as lab:
        base = listing_only(bench, lab, folder)
        points = [middle_of(bench, lab, folder, in_flight, base) for in_flight in GUESTS]
        by_guestinfo = [one(bench, lab, folder, in_flight, base, "guestinfo")
                        for in_flight in GUESTINFO]
    few = next(point for point in points if point["in_flight"] == FEW)
    for point in points:
        more = point["in_flight"] - FEW
        if more > 0:
            point["kib_per_probe"] = (point["peak_kib"] - few["peak_kib"]) / more
    return points + by_guestinfo
