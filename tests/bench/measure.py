"""Runs programs and says what they cost."""

import json
import os
import statistics
import subprocess
import time


class Run:
    """One run of a program: wall_ms, cpu_ms (user + system), peak_kib, and what it wrote."""

    def __init__(self, wall_ms, cpu_ms, peak_kib, text):
        self.wall_ms = wall_ms
        self.cpu_ms = cpu_ms
        self.peak_kib = peak_kib
        self.text = text

    def figures(self):
        """The last line of what it wrote, which is JSON."""
        return json.loads(self.text.strip().splitlines()[-1])


def run(command, accepted=(0,), **options):
    """Runs `command` to its end. Raises if its exit status is none of those accepted."""
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          **options) as process:
        text, errors = _read_both(process)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall_ms = (time.monotonic() - began) * 1e3
    if process.returncode not in accepted:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {errors.strip()}")
    cpu_ms = (usage.ru_utime + usage.ru_stime) * 1e3
    return Run(wall_ms, cpu_ms, usage.ru_maxrss, text)


def _read_both(process):
    """What the program writes; its errors wait in the pipe, which holds more than it says."""
    text = process.stdout.read()
    return text, process.stderr.read()


def median(values):
    """The one in the middle."""
    return statistics.median(values)
