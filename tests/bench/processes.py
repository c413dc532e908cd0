"""What a running process holds, from /proc."""

import pathlib


class Sample:
    """At one moment: memory and its peak so far, threads, open descriptors."""

    def __init__(self, pid):
        status = dict(line.split(":", 1) for line in
                      pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines())
        self.rss_kib = int(status["VmRSS"].split()[0])
        self.peak_kib = int(status["VmHWM"].split()[0])
        self.threads = int(status["Threads"])
        # Of a process that cannot be debugged the folder is root's.
        self.descriptors = len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))
