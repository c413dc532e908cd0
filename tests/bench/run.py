"""Runs the benchmarks and writes what they found to a JSON file. See README.md."""

import argparse
import json
import pathlib
import platform
import shutil
import sys

import adaptive
import failing
import labs
import measure
import poll
import store
import sweep

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SIZES = [1_000, 5_000, 10_000, 20_000, 40_000]
# Mbit/s of the way to the server; 0: loopback as it is. Faster than 2.5 Gbit/s the server is at its
# own limit on a machine with two cores.
RATES = [1_000, 2_500, 0]


class Bench:
    """Where things are, and how thorough to be."""

    def __init__(self, options):
        self.build = options.build.resolve()
        self.out = options.out.resolve()
        self.quick = options.quick
        self.ballast = self.build / "cli" / "ballast"
        self.lab = self.build / "lab" / "lab-vcenter"
        self.captures = ROOT / "tests" / "data" / "captures"
        self.sizes = SIZES[:2] if self.quick else SIZES
        self.repeats = 1 if self.quick else 5

    def recording(self, vms):
        return labs.record(self.lab, self.ballast, self.captures, vms, self.out / f"fleet-{vms}")

    def folder(self, name):
        """A new, empty folder."""
        path = self.out / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path


def poll_at_rates(bench):
    """The listing by fleet size over the fastest wire, and of the largest two over others."""
    results = []
    for vms in bench.sizes:
        recording = bench.recording(vms)
        for rate in RATES if vms in bench.sizes[-2:] else [0]:
            folder = bench.folder("poll")
            with labs.replay(bench.lab, recording, folder, "-rate", str(rate)) as lab:
                found = poll.compare(bench.build, folder, lab, recording, vms, bench.repeats)
            results.append({"vms": vms, "rate_mbit": rate, "clients": found})
            say(f"poll: {vms} VMs at {rate or 'any'} Mbit/s: ballast "
                f"{found['ballast']['wall_ms']:.0f} ms, curl {found['curl']['wall_ms']:.0f} ms")
    return results


def whole_scans(bench):
    """`ballast scan` with the store, no guests: time, CPU, peak memory."""
    results = []
    for vms in bench.sizes:
        folder = bench.folder("scan")
        with labs.replay(bench.lab, bench.recording(vms), folder) as lab:
            config = labs.configuration(folder, lab)
            runs = []
            for _ in range(bench.repeats):
                labs.forget_store(folder)
                lab.reset()
                runs.append(measure.run([bench.ballast, "--config", config, "scan"]))
            stats = lab.stats()
        results.append({"vms": vms, "wall_ms": measure.median([run.wall_ms for run in runs]),
                        "cpu_ms": measure.median([run.cpu_ms for run in runs]),
                        "peak_kib": max(run.peak_kib for run in runs),
                        "requests": stats["methods"], "sent_bytes": stats["sent_bytes"]})
        say(f"scan: {vms} VMs: {results[-1]['wall_ms']:.0f} ms, {results[-1]['peak_kib']} KiB")
    return results


def guest_sweep(bench):
    """Probes in flight."""
    points = sweep.sweep(bench, 5_000)
    for point in points:
        say(f"sweep: {point['in_flight']} in flight: {point['ratio']:.2f} × the ideal, "
            f"{point['cpu_ms_per_guest']:.2f} ms CPU a guest")
    return points


def adaptive_day(bench):
    """Policies compared."""
    found = adaptive.compare(bench)
    say(f"adaptive: {found['adaptive']['guest_calls']} calls to guests in place of "
        f"{found['all']['guest_calls']}")
    return found


def failing_guests(bench):
    """The service on a fleet of which a quarter fails."""
    found = failing.collect(bench)
    for scan in found["scans"]:
        say(f"failing: {scan['guests_read']} read, {scan['guests_failed']} failed in "
            f"{scan['seconds']:.0f} s, {scan['peak_kib']} KiB")
    return found


PARTS = {"poll": poll_at_rates, "scan": whole_scans, "sweep": guest_sweep, "adaptive": adaptive_day,
         "failing": failing_guests, "store": store.measure_store}


def machine():
    """What the figures are from, without naming it."""
    cpuinfo = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    models = [line.split(":", 1)[1].strip() for line in cpuinfo.splitlines()
              if line.startswith("model name")]
    return {"cores": len(models), "processor": models[0] if models else platform.machine(),
            "kernel": platform.release().split("-")[0]}


def say(text):
    """For who waits."""
    print(text, file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="the release build")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="for everything made here")
    parser.add_argument("--quick", action="store_true", help="small fleets, one run each")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all")
    bench = Bench(options := parser.parse_args())
    results_file = bench.out / "results.json"
    bench.out.mkdir(parents=True, exist_ok=True)
    results = json.loads(results_file.read_text(encoding="utf-8")) if results_file.exists() else {}
    results["machine"] = machine()
    for name in options.parts or PARTS:
        results[name] = PARTS[name](bench)
        results_file.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
