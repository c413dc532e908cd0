"""The vCenters of a soak: what is in them, what goes wrong, what their scans may come to."""

import contextlib
import json
import pathlib
import signal
import subprocess
import urllib.request
import zlib

GUEST = {"capture": ["a_idle_2048/0", "b_cache_2048/0", "a_idle_2048/512"]}
METHODS = ["*", "RetrieveServiceContent", "Login", "CreateContainerView", "RetrievePropertiesEx",
           "ContinueRetrievePropertiesEx", "DestroyView", "QueryPerf", "Logout",
           "GET /sdk/vimServiceVersions.xml", "CreateTemporaryFileInGuest", "StartProgramInGuest",
           "ListProcessesInGuest", "InitiateFileTransferFromGuest", "GET /guestFile",
           "DeleteFileInGuest", "TerminateProcessInGuest"]
KINDS = [{"kind": "status", "status": 503, "retry_after": 2}, {"kind": "status", "status": 404},
         {"kind": "garbage"}, {"kind": "truncate"}, {"kind": "reset"}, {"kind": "endless_body"},
         {"kind": "drip", "drip_ms": 1_500}, {"kind": "drip", "drip_ms": 60_000}, {"kind": "stall"},
         {"kind": "delay", "delay_ms": 700}, {"kind": "drop_session"},
         {"kind": "drop_session", "seen_as": "ManagedObjectNotFound"},
         {"kind": "fault", "fault": "NoPermission"}, {"kind": "fault", "fault": "TaskInProgress"},
         {"kind": "fault", "fault": "ManagedObjectNotFound"},
         {"kind": "fault", "fault": "SystemError"}]
CERTIFICATES = ["ordinary", "expired", "not_yet_valid", "wrong_name", "unknown_ca", "renewed"]
ANY = {"complete", "partial", "failed"}


def group(name, count, **more):
    return GUEST | {"name": name, "count": count} | more


def fat(name):
    """Texts that are far too long, of letters that are no letters."""
    return group(name + "-%d-" + "x" * 20_000, 8, folder="F" * 70_000) | {"guest_id": "g" * 50_000}


class Vcenter:
    """One of them. `scans`: what its scans may come to; `read`: how many guests a scan reads where
    nothing else is possible."""

    def __init__(self, name, guests, scans=frozenset({"complete"}), **scenario):
        self.name = name
        self.scans = scans
        self.keys = ""  # more lines of its section of the configuration
        self.misbehave = lambda chance: None  # called every few seconds
        self.vms = sum(one.get("count", 1) for one in guests)
        self.read = sum(one.get("count", 1) for one in guests if "behaviour" not in one)
        self.password = None  # the lab's own
        self.url = None
        self.login = {"username": f"probe-{name}", "password": f"secret-of-{name}"}
        # The vCenter's own id depends on the seed.
        self.scenario = {"seed": zlib.crc32(name.encode()), "clusters": 1, "hosts_per_cluster": 2,
                         "guests": guests, "page_limit": 5, "guest_login": self.login} | scenario
        self.address = "127.0.0.1:0"

    def start(self, program, captures, folder, lifetime):
        """Starts its lab."""
        self.folder = pathlib.Path(folder) / self.name
        self.folder.mkdir(exist_ok=True)
        self._command = [program, "-captures", captures, "-scenario",
                         self.folder / "scenario.json", "-state", self.folder / "state",
                         "-lifetime", lifetime]
        (self.folder / "scenario.json").write_text(json.dumps(self.scenario), encoding="utf-8")
        self._launch()

    def _launch(self):
        with open(self.folder / "lab.log", "a", encoding="utf-8") as log:
            self._process = subprocess.Popen([*self._command, "-listen", self.address],
                                             stdout=subprocess.PIPE, stderr=log, text=True)
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the lab {self.name} did not start: see {self.folder}/lab.log")
        self.ready = json.loads(line)
        self.address = self.ready["url"].split("/")[2]

    def restart(self):
        """Goes, and comes back in the same place with other certificates."""
        self.stop()
        self._launch()

    def stop(self):
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(timeout=60)

    def post(self, path, value):
        """Tells the lab what to do from now on."""
        request = urllib.request.Request(self.ready["control_url"] + path, method="POST",
                                         data=json.dumps(value).encode())
        with contextlib.closing(urllib.request.urlopen(request, timeout=10)):
            pass


def awkward_guests():
    behaviours = ["wrong_password", "operations_disabled", "operations_unavailable",
                  "permission_denied", "program_fails", "endless", "huge_output",
                  "unannounced_output", "garbage_output", "transfer_fails"]
    return [group("good-%d", 12)] + [group(f"{one}-%d", 2, behaviour=one) for one in behaviours]


def struck_now_and_then():
    vcenter = Vcenter("wire", [group("wire-%d", 12)], ANY)

    def misbehave(chance):
        rules = [{"method": chance.choice(METHODS), "skip": chance.randrange(3),
                  "count": chance.randrange(1, 4)} | chance.choice(KINDS)
                 for _ in range(chance.randrange(4))]
        vcenter.post("/faults", rules)
    vcenter.misbehave = misbehave
    return vcenter


def stuck():
    """Nothing but the watchdog of scans ends what this one does."""
    vcenter = Vcenter("stuck", [group("stuck-%d", 8)], ANY)
    vcenter.keys = 'stall_timeout = "4s"\nrequest_timeout = "10m"'

    def misbehave(chance):
        method = chance.choice(["RetrievePropertiesEx", "ContinueRetrievePropertiesEx"])
        vcenter.post("/faults", [{"method": method, "skip": chance.randrange(4), "count": 1,
                                  "kind": "stall"}] if chance.random() < 0.7 else [])
    vcenter.misbehave = misbehave
    return vcenter


def with_other_certificates():
    vcenter = Vcenter("tls", [group("tls-%d", 4)], ANY)
    vcenter.misbehave = lambda chance: vcenter.post("/tls",
                                                    {"certificate": chance.choice(CERTIFICATES)})
    return vcenter


def vanishing():
    vcenter = Vcenter("vanishing", [group("vanishing-%d", 8)], ANY, latency_ms=200)
    vcenter.misbehave = lambda chance: vcenter.restart() if chance.random() < 0.2 else None
    return vcenter


def behind_closed_hosts():
    """One of its two hosts does not hand over files; of the other one's guests each is read."""
    vcenter = Vcenter("hosts", [group("hosts-%d", 8)],
                      transfer={"from_hosts": True,
                                "authorities": {"esx-01.lab.example": "127.0.0.1:1"}})
    vcenter.read = 4
    return vcenter


def of_no_use():
    """Those whose scans all fail: nobody there, a login that is refused."""
    gone = Vcenter("gone", [group("gone-%d", 1)], {"failed"})
    gone.url = "https://127.0.0.1:1/sdk"
    refusing = Vcenter("refusing", [group("refusing-%d", 1)], {"failed"})
    refusing.password = "not the password"
    return [gone, refusing]


def all_of_them():
    """The calm one is what must not suffer from the others."""
    endless = Vcenter("endless", [group("endless-%d", 12)], {"partial", "failed"},
                      endless_listing=True)
    return [Vcenter("calm", [group("calm-%d", 20)]), Vcenter("guests", awkward_guests()),
            struck_now_and_then(), stuck(), with_other_certificates(), vanishing(),
            behind_closed_hosts(), endless, Vcenter("fat", [fat("fat")]), *of_no_use()]
