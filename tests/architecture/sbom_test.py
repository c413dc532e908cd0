"""Reads the bill of materials that packaging/sbom.py wrote: does it say what updates do not reach?

    sbom_test.py BILL
"""

import json
import sys

# By how it gets into the program; its name without the number of a version.
EXPECTED = {"static": ["libgsoap", "libsqlitecpp"], "headers": ["libboost", "nlohmann-json", "libcli11"],
            "shared": ["libssl", "libsqlite3", "libarchive", "libpugixml", "libc6"]}


def main(bill):
    with open(bill, encoding="utf-8") as file:
        components = json.load(file)["components"]
    linkage = [(one["name"], one["properties"][0]["value"]) for one in components]
    missing = [f"{name}: no package of that name is {how}" for how, names in EXPECTED.items() for name in names
               if not any(package.startswith(name) and found == how for package, found in linkage)]
    strangers = [f"{one['name']}: it is of the tests" for one in components
                 if one["name"].startswith(("golang", "libgtest", "libgmock", "googletest"))]
    for line in missing + strangers:
        print(f"{bill}: {line}")
    return 1 if missing or strangers else 0


sys.exit(main(*sys.argv[1:]))
