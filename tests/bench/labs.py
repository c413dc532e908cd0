"""Lab vCenters for benchmarks: fleets of any size, recorded once, and replayed at wire speed."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import urllib.request

VMS_PER_HOST = 16
HOSTS_PER_CLUSTER = 32
BALLOONED_PERCENT = 3
PAGE = 100  # objects: what a vCenter was seen to send when a client leaves it the choice


def fleet(vms):
    """The scenario of a fleet: 16 VMs a host, 3 % of them ballooned."""
    hosts = max(1, vms // VMS_PER_HOST)
    clusters = max(1, hosts // HOSTS_PER_CLUSTER)
    ballooned = vms * BALLOONED_PERCENT // 100
    return {
        "seed": 7, "clusters": clusters, "hosts_per_cluster": -(-hosts // clusters),
        "host_memory_gib": 512, "page_limit": PAGE,
        "guests": [
            {"name": "app-%05d", "count": vms - ballooned,
             "capture": ["a_idle_2048/0", "b_cache_2048/0", "c_anon400_2048/0"]},
            {"name": "db-%05d", "count": ballooned, "capture": "a_idle_2048/512"},
        ],
    }


class Server:
    """A lab that runs: its ready line, and its control."""

    def __init__(self, ready, state):
        self.ready = ready
        self.state = state

    def stats(self):
        with urllib.request.urlopen(self.ready["control_url"] + "/stats") as answer:
            return json.load(answer)

    def reset(self):
        """Begins to count anew."""
        url = self.ready["control_url"] + "/reset"
        with urllib.request.urlopen(urllib.request.Request(url, method="POST")):
            pass


@contextlib.contextmanager
def server(program, folder, arguments, lifetime="30m"):
    """Starts a lab and stops it, by its pid."""
    state = pathlib.Path(folder) / "state"
    state.mkdir(parents=True, exist_ok=True)
    log = open(pathlib.Path(folder) / "lab.log", "w", encoding="utf-8")
    process = subprocess.Popen(
        [program, "-state", state, "-lifetime", lifetime, *arguments],
        stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"the lab did not start: see {log.name}")
        yield Server(json.loads(line), state)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        log.close()


def record(lab_program, ballast, captures, vms, folder):
    """Has a lab of so many VMs scanned, once with a guest, and keeps what it answered."""
    folder = pathlib.Path(folder)
    recording = folder / "recording"
    if (folder / "complete").exists():
        return recording
    folder.mkdir(parents=True)
    scenario = folder / "scenario.json"
    scenario.write_text(json.dumps(fleet(vms)), encoding="utf-8")
    arguments = ["-scenario", scenario, "-captures", captures, "-record", recording]
    with server(lab_program, folder, arguments) as lab:
        config = configuration(folder, lab, guests="app-00001")
        subprocess.run([ballast, "--config", config, "scan"], check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    (folder / "complete").touch()
    return recording


@contextlib.contextmanager
def replay(lab_program, recording, folder, *arguments):
    """Serves what was recorded."""
    with server(lab_program, folder, ["-replay", recording, *arguments]) as lab:
        yield lab


def private_file(path, text):
    """Secrets in files that others can read are refused."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
              encoding="utf-8") as file:
        file.write(text)
    return path


def configuration(folder, lab, guests="", concurrency=512, probe="all", channel="auto", vcenter=""):
    """Writes a configuration of ballast for this lab; `guests` is the pattern of those to probe,
    `vcenter` are more lines of its section."""
    folder = pathlib.Path(folder).resolve()
    ready = lab.ready
    password = private_file(folder / "vcenter.password", ready["password"])
    login = private_file(folder / "guest.password", ready["guest_password"])
    text = f'''[[vcenter]]
name = "bench"
url = "{ready["url"]}"
username = "{ready["username"]}"
password_file = "{password}"
ca_file = "{ready["ca_file"]}"
{vcenter}

[guest]
concurrency = {concurrency}
probe = "{probe}"
channel = "{channel}"

[storage]
path = "{folder}/ballast.db"
'''
    if guests:
        text += f'''
[[guest.override]]
vm = "{guests}"
username = "{ready["guest_username"]}"
password_file = "{login}"
'''
    file = folder / "ballast.toml"
    file.write_text(text, encoding="utf-8")
    return file


def forget_store(folder):
    """Removes the database of earlier runs."""
    for file in pathlib.Path(folder).glob("ballast.db*"):
        file.unlink()
