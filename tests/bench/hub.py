"""Sends scans of a fleet to a hub, and the same rows by psql's \\copy: rows a second of each.

    hub.py BUILD_FOLDER [VMS]

Its own PostgreSQL, in a temporary folder on a socket there, with what a server of that size would have
set; as the user postgres if this is root. psql reads a text file per table that it wrote before, into
tables of the same columns, key and parts, in one transaction.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

BIN = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
SETTINGS = ["shared_buffers=1GB", "max_wal_size=8GB", "checkpoint_timeout=15min", "listen_addresses="]
TABLES = ["sample", "guest_sample", "suspect", "trend", "host_sample", "pool_sample"]


def unprivileged(*command):
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command] if os.geteuid() == 0 else list(command)


class Server:
    def __init__(self, folder):
        self.folder = folder
        if os.geteuid() == 0:
            subprocess.run(["chown", "postgres", folder], check=True)
            os.chmod(folder, 0o711)
        subprocess.run(unprivileged(str(BIN / "initdb"), "-D", f"{folder}/data", "-U", "boss", "-A", "trust", "-E", "UTF8",
                                    "--locale=C.UTF-8", "--data-checksums"), check=True, stdout=subprocess.DEVNULL)
        options = [word for setting in SETTINGS for word in ("-c", setting)]
        self.process = subprocess.Popen(
            unprivileged(str(BIN / "postgres"), "-D", f"{folder}/data", "-k", folder, *options), stderr=subprocess.DEVNULL, cwd="/")
        while self.psql("SELECT 1", check=False).returncode:
            time.sleep(0.1)

    def psql(self, *commands, check=True):
        words = [word for command in commands for word in ("-c", command)]
        return subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-1", "-h", self.folder, "-U", "boss", "postgres",
                               *words], check=check, text=True, capture_output=True)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def copy_by_psql(server, folder, scan):
    """Writes the rows of a scan to files, and reads them into the tables of a second schema. Rows, seconds."""
    rows = 0
    for table in TABLES:
        server.psql(f"\\copy (SELECT * FROM ballast.{table} WHERE scan_id = {scan}) TO '{folder}/{table}.txt'")
        rows += sum(1 for _ in open(f"{folder}/{table}.txt", encoding="utf-8"))
        part = server.psql(f"SELECT tableoid::regclass FROM ballast.{table} WHERE scan_id = {scan} LIMIT 1").stdout.strip()
        server.psql("CREATE SCHEMA IF NOT EXISTS plain",
                    f"CREATE TABLE IF NOT EXISTS plain.{table} (LIKE ballast.{table} INCLUDING ALL) PARTITION BY RANGE (scan_id)",
                    f"CREATE TABLE IF NOT EXISTS plain.{table}_part PARTITION OF plain.{table} DEFAULT" if part else "SELECT 1")
    began = time.monotonic()
    server.psql(*[f"\\copy plain.{table} FROM '{folder}/{table}.txt'" for table in TABLES])
    return rows, time.monotonic() - began


def main(build, vms="40000"):
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        server = Server(folder)
        try:
            told = subprocess.run([f"{build}/tests/bench/hub_upload", f"{folder}/fleet.db", "--vms", vms, "--scans", "4", "--url",
                                   f"host={folder} user=boss dbname=postgres"], check=True, text=True, stdout=subprocess.PIPE)
            print(told.stdout, end="")
            sends = [json.loads(line) for line in told.stdout.splitlines()]
            scans = server.psql("SELECT id FROM ballast.scan ORDER BY id").stdout.split()
            for sent, scan in zip(sends, scans):
                rows, seconds = copy_by_psql(server, folder, scan)
                print(json.dumps({"benchmark": "psql_copy", "scan": sent["scan"], "rows": rows, "ms": round(seconds * 1000),
                                  "rows_per_s": round(rows / seconds), "ratio": round(sent["ms"] / seconds / 1000, 2)}))
            size = server.psql("SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits "
                               "WHERE inhparent IN ('ballast.sample'::regclass, 'ballast.guest_sample'::regclass)").stdout.strip()
            print(json.dumps({"benchmark": "hub_size", "bytes_per_vm_and_scan": round(int(size) / int(vms) / len(scans))}))
        finally:
            server.stop()


main(*sys.argv[1:])
