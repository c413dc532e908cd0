"""Writes what a built ballast is made of, as a CycloneDX bill of materials (JSON).

    sbom.py BUILD VERSION OUTPUT

BUILD is a Ninja build folder in which the program was built with GCC or clang and linked by GNU ld, which notes
what it reads. Each package of the distribution is a component with the property ballast:linkage:
    shared   a library that is loaded: the distribution's updates reach the program
    static   a library that is part of it, and
    headers  code of headers that is part of it: after an update the program has to be built again
"""

import json
import os
import platform
import re
import subprocess
import sys
import uuid
from urllib.parse import quote

DISTRIBUTION = platform.freedesktop_os_release()["ID"]
# Of a package that is used in several ways the last one counts: updates do not reach that part.
LINKAGES = ("shared", "headers", "static")
OWN_FOLDERS = re.compile(r"(base|model|offline|vsphere|storage|collector|fleet|output|cli)/")


def output_of(*command):
    return subprocess.run(command, check=True, text=True, capture_output=True,
                          env={**os.environ, "LC_ALL": "C"}).stdout


def headers_of(build):
    """Returns every file outside the project that an object of the program was compiled from."""
    files, is_own = set(), False
    for line in output_of("ninja", "-C", build, "-t", "deps").splitlines():
        if line and not line.startswith(" "):
            is_own = OWN_FOLDERS.match(line) is not None
        elif is_own and line.strip().startswith("/usr/"):
            files.add(os.path.realpath(line.strip()))
    return sorted(files)


def libraries_of(build):
    """Returns every file that was linked, by linkage."""
    with open(os.path.join(build, "cli", "ballast.inputs"), encoding="utf-8") as file:
        rule = file.read().replace("\\\n", " ").split("\n")[0]
    paths = {os.path.realpath(path) for path in rule.split(":", 1)[1].split()
             if path.startswith("/") and not path.startswith(os.path.realpath(build) + "/")}
    return ([path for path in paths if path.endswith((".a", ".o"))],
            [path for path in paths if ".so" in os.path.basename(path)])


def owners_of(paths):
    """Returns the packages that have these files, by file; without files that no package has."""
    found = subprocess.run(["dpkg-query", "--search", *paths], text=True, capture_output=True, check=False)
    lines = [line.rsplit(": ", 1) for line in found.stdout.splitlines() if not line.startswith("diversion ")]
    return {path: packages.split(", ")[0] for packages, path in lines}


def packages_of(files):
    """Returns the names of the packages that have these files. A file below /usr may be known by its old name."""
    owners = owners_of(files)
    others = [path for path in files if path not in owners]
    old_names = owners_of([path.removeprefix("/usr") for path in others]) if others else {}
    unknown = [path for path in others if path.removeprefix("/usr") not in old_names]
    if unknown:
        sys.exit(f"no package has {', '.join(unknown)}")
    return {*owners.values(), *old_names.values()}


def component(package, linkage):
    name, version, source = output_of(
        "dpkg-query", "--show", "--showformat=${Package}\t${Version}\t${source:Package}", package).split("\t")
    purl = "/".join(["pkg:deb", DISTRIBUTION, quote(name, safe=".-_~") + "@" + quote(version, safe=".-_~")])
    return {"type": "library", "name": name, "version": version, "purl": purl,
            "properties": [{"name": "ballast:linkage", "value": linkage},
                           {"name": "ballast:source-package", "value": source}]}


def bill(build, version):
    static, shared = libraries_of(build)
    files = dict(zip(LINKAGES, (shared, headers_of(build), static)))
    linkage = {package: how for how in LINKAGES for package in packages_of(files[how])}
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
            "serialNumber": f"urn:uuid:{uuid.uuid4()}",
            "metadata": {"component": {"type": "application", "name": "ballast", "version": version,
                                       "licenses": [{"license": {"id": "GPL-3.0-or-later"}}]}},
            "components": [component(package, linkage[package]) for package in sorted(linkage)]}


def main(build, version, output):
    text = json.dumps(bill(build, version), indent=1)
    with open(output, "w", encoding="utf-8") as file:
        file.write(text + "\n")


main(*sys.argv[1:])
