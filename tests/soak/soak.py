"""Runs `ballast collect` against vCenters in which everything goes wrong that a lab can make go
wrong, and fails if anything grows or a scan is not as promised. See README.md."""

import argparse
import contextlib
import json
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "bench"))

import labs  # noqa: E402
import processes  # noqa: E402
import rules  # noqa: E402
import vcenters  # noqa: E402

SAMPLE_S = 2
MISBEHAVE_S = 5
REPORT_S = 20
RELOAD_S = 60
DESCRIPTORS = 256  # few, so that none may be lost
MOST_TOLD = 30
LONGEST_SCAN_S = 40  # with what goes wrong here, and all of them on one machine


def section(vcenter, folder):
    """Of the configuration."""
    name, ready = vcenter.name, vcenter.ready
    password = labs.private_file(folder / f"{name}.password", vcenter.password or ready["password"])
    login = labs.private_file(folder / f"{name}.guest", vcenter.login["password"])
    keys = vcenter.keys
    if "request_timeout" not in keys:
        keys += '\nrequest_timeout = "5s"'
    return f'''[[vcenter]]
name = "{name}"
url = "{vcenter.url or ready["url"]}"
username = "{ready["username"]}"
password_file = "{password}"
ca_file = "{ready["ca_file"]}"
schedule = "3s"
jitter = "0s"
retry = "1s"
connect_timeout = "2s"
{keys}

[[guest.override]]
vcenter = "{name}"
username = "{vcenter.login["username"]}"
password_file = "{login}"

'''


def configuration(all_vcenters, folder):
    text = f'''[guest]
concurrency = 16
deadline = "8s"

[storage]
path = "{folder}/ballast.db"

''' + "".join(section(vcenter, folder) for vcenter in all_vcenters)
    file = folder / "ballast.toml"
    file.write_text(text, encoding="utf-8")
    return file


def limit_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))


class Soak:
    """The service and its vCenters, for some minutes."""

    def __init__(self, options):
        self.ballast = options.build.resolve() / "cli" / "ballast"
        self.lab = options.build.resolve() / "lab" / "lab-vcenter"
        self.folder = options.out.resolve()
        self.seconds = options.minutes * 60
        self.chance = random.Random(options.seed)
        self.vcenters = vcenters.all_of_them()
        self.samples = []
        self.complaints = []

    def run(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        captures = ROOT / "tests" / "data" / "captures"
        with contextlib.ExitStack() as stack:
            for vcenter in self.vcenters:
                vcenter.start(self.lab, captures, self.folder, f"{self.seconds // 60 + 10}m")
                stack.callback(vcenter.stop)
            config = configuration(self.vcenters, self.folder)
            with open(self.folder / "collect.log", "w", encoding="utf-8") as log:
                service = subprocess.Popen([self.ballast, "--config", config, "collect"],
                                           stderr=log, preexec_fn=limit_descriptors)
            try:
                self.watch(service, config)
            finally:
                self.stop(service)
        self.judge()

    def watch(self, service, config):
        began = time.monotonic()
        due = {self.sample: [SAMPLE_S, 5], self.misbehave: [MISBEHAVE_S, 0],
               self.report: [REPORT_S, REPORT_S], self.reload: [RELOAD_S, RELOAD_S]}
        while (passed := time.monotonic() - began) < self.seconds:
            if service.poll() is not None:
                self.complaints.append(f"the service ended with {service.returncode}")
                return
            for act, entry in due.items():
                if passed >= entry[1]:
                    entry[1] = passed + entry[0]
                    act(service, config)
            time.sleep(0.2)

    def sample(self, service, _config):
        now = processes.Sample(service.pid)
        database, wal = (self.size_kib("ballast.db" + more) for more in ("", "-wal"))
        with contextlib.closing(rules.connect(self.folder / "ballast.db")) as store:
            scans = store.execute("SELECT count(*) FROM scan").fetchone()[0]
        self.samples.append(vars(now) | {"database_kib": database, "wal_kib": wal, "scans": scans})

    def size_kib(self, name):
        file = self.folder / name
        return file.stat().st_size // 1024 if file.exists() else 0

    def misbehave(self, _service, _config):
        for vcenter in self.vcenters:
            vcenter.misbehave(self.chance)

    def report(self, _service, config):
        """Whoever reads meanwhile is answered; exit code 3: some guests could not be read."""
        read = subprocess.run([self.ballast, "--config", config, "report", "--all", "--format",
                               "json"], capture_output=True, check=False, timeout=60)
        if read.returncode not in (0, 3):
            self.complaints.append(f"report ended with {read.returncode}: {read.stderr[-500:]!r}")

    def reload(self, service, _config):
        service.send_signal(signal.SIGHUP)

    def stop(self, service):
        if service.poll() is not None:
            return
        service.send_signal(signal.SIGTERM)
        began = time.monotonic()
        code = service.wait(timeout=60)
        if code != 0 or time.monotonic() - began > 15:
            self.complaints.append(f"it ended with {code} after {time.monotonic() - began:.0f} s")

    def judge(self):
        scans = rules.read_scans(self.folder / "ballast.db")
        fewest = int(self.seconds // LONGEST_SCAN_S) - 1
        self.complaints += rules.growth(self.samples)
        self.complaints += rules.wrong_scans(scans, self.vcenters, fewest)
        figures = {"samples": self.samples, "scans": scans, "complaints": self.complaints}
        (self.folder / "soak.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
        print(rules.told(self.samples, scans))
        for complaint in self.complaints[:MOST_TOLD]:
            print("not as promised:", complaint)
        if len(self.complaints) > MOST_TOLD:
            print(f"and {len(self.complaints) - MOST_TOLD} more, in soak.json")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="a build with the lab")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="a folder, made anew")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1, help="of what goes wrong when")
    soak = Soak(parser.parse_args())
    soak.run()
    return 1 if soak.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
