"""Listing every VM: ballast, govmomi, pyVmomi, and curl fetching the same bytes."""

import pathlib
import re

import labs
import measure

HERE = pathlib.Path(__file__).parent


def wanted_paths(recording):
    """The properties that ballast asked for, of VMs."""
    for request in sorted(recording.glob("*.request")):
        text = request.read_text(encoding="utf-8")
        if text.startswith("RetrievePropertiesEx\n") and "summary.quickStats<" in text:
            return re.findall(r"pathSet>([^<]+)<", text)
    raise RuntimeError(f"{recording} holds no listing of VMs")


def listing_requests(recording):
    """The envelopes of the listing of VMs, page by page."""
    chain = []
    for request in sorted(recording.glob("*.request")):
        method, _, envelope = request.read_text(encoding="utf-8").partition("\n")
        if method == "RetrievePropertiesEx":
            chain = [envelope] if "summary.quickStats<" in envelope else []
        elif method == "ContinueRetrievePropertiesEx" and chain:
            chain.append(envelope)
        elif method == "DestroyView" and chain:
            return chain
    return chain


def curl_command(folder, lab, recording):
    """curl with all requests of the listing, one after the other on one connection."""
    lines = []
    for number, envelope in enumerate(listing_requests(recording)):
        body = folder / f"page-{number}.xml"
        body.write_text(envelope, encoding="utf-8")
        if number:
            lines.append("next")
        lines += ["silent", "fail", f'url = "{lab.ready["url"]}"', f'cacert = "{lab.ready["ca_file"]}"',
                  f'data-binary = "@{body}"', 'output = "/dev/null"', 'header = "Expect:"',
                  'header = "Content-Type: text/xml"', 'header = "SOAPAction: urn:vim25/7.0.3.0"',
                  r'write-out = "%{time_pretransfer} %{time_total}\n"']
    file = folder / "curl.cfg"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return ["curl", "-K", str(file)]


def curl_wall_ms(text):
    """The time of all requests, without connecting: the others are logged in before the clock runs."""
    times = [line.split() for line in text.splitlines()]
    connecting = float(times[0][0])
    return (sum(float(total) for _, total in times) - connecting) * 1e3


class Clients:
    """The commands of all who list, for one lab."""

    def __init__(self, build, folder, lab, recording):
        password = labs.private_file(folder / "password", lab.ready["password"])
        paths = folder / "paths"
        paths.write_text("\n".join(wanted_paths(recording)) + "\n", encoding="utf-8")
        common = [lab.ready["url"], lab.ready["ca_file"], lab.ready["username"], str(password)]
        bench = build / "tests" / "bench"
        self.commands = {
            "ballast": [str(bench / "poll"), *common],
            "govmomi": [str(bench / "govmomi-poll"), *common, str(paths)],
            "pyvmomi": ["/usr/bin/python3", str(HERE / "peers" / "pyvmomi_poll.py"), *common,
                        str(paths)],
            "curl": curl_command(folder, lab, recording),
        }

    def measure(self, name, vms, lab):
        """One run: what it cost here and on the server's side."""
        lab.reset()
        run = measure.run(self.commands[name])
        stats = lab.stats()
        figures = {"wall_ms": run.wall_ms, "cpu_ms": run.cpu_ms, "peak_kib": run.peak_kib}
        if name == "curl":
            figures["wall_ms"] = curl_wall_ms(run.text)
        else:
            said = run.figures()
            if said["vms"] != vms:
                raise RuntimeError(f"{name} found {said['vms']} of {vms} VMs")
            figures["wall_ms"] = said["wall_ms"]
        figures |= {"requests": sum(stats["methods"].values()),
                    "logins": stats["methods"].get("Login", 0),
                    "connections": stats["connections"],
                    "bytes_per_vm": stats["page_bytes"] / vms}
        return figures


def compare(build, folder, lab, recording, vms, repeats):
    """Everybody in turn, `repeats` times; the medians."""
    clients = Clients(build, folder, lab, recording)
    runs = {name: [] for name in clients.commands}
    for _ in range(repeats):
        for name in clients.commands:
            if name == "pyvmomi" and len(runs[name]) >= 1 and vms > 10_000:
                continue  # takes longer than all others together, and does not vary
            runs[name].append(clients.measure(name, vms, lab))
    return {name: {key: measure.median([run[key] for run in all_runs]) for key in all_runs[0]}
            for name, all_runs in runs.items()}
