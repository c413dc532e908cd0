"""Holds the folders to the table in docs/ARCHITECTURE.md: which may include which.

includes_test.py SOURCE_DIR COMPILE_COMMANDS checks three things, and prints what breaks the rule:
- every quoted include of a library names its own folder or one that the table allows;
- the compiler agrees: with the include directories that the library is built with, the headers of
  the allowed folders are found, and a header of any other folder is not;
- no folder is so large that its name cannot say what is inside, or holds one file.
"""

import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

# Written by soapcpp2 into the build tree.
GENERATED = {"vim25H.h", "vim25.nsmap"}
MOST_FILES = 28


def read_table(document):
    """Returns {folder: folders it may include} from rows "| `folder/` | holds | may use |"."""
    rows = re.findall(r"^\| `([a-z0-9_/]+)/` \|.*\| ([^|]*) \|$", document, re.MULTILINE)
    folders = {folder: may_use for folder, may_use in rows}
    table = {}
    for folder, may_use in folders.items():
        if may_use == "all":
            table[folder] = set(folders) - {folder, "tests"}
        elif may_use.startswith("nothing"):
            table[folder] = set()
        else:
            table[folder] = set(re.findall(r"[a-z0-9_/]+", may_use))
    return table


def compilers(commands):
    """Returns {folder: the command that compiles its library, up to the file}, as a list."""
    found = {}
    for entry in commands:
        library = re.search(r"CMakeFiles/ballast_(\w+)\.dir/", entry["command"])
        if library:
            words = shlex.split(entry["command"])
            found.setdefault(library[1], words[: words.index("-o")])
    return found


def is_in(path, folders):
    return any(path.startswith(folder + "/") for folder in folders)


def wrong_includes(source, folder, allowed):
    """Yields what is wrong with each include of a folder's files."""
    for path in sorted((source / folder).rglob("*")):
        if path.suffix not in (".h", ".cc"):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            include = re.match(r'\s*#\s*include "([^"]*)"', line)
            if not include or include[1] in GENERATED:
                continue
            name = include[1]
            if ".." in name.split("/") or not is_in(name, {folder} | allowed):
                may_use = ", ".join(sorted(allowed)) or "nothing of the project"
                yield f'{path}:{number}: "{name}": {folder}/ may use {may_use}'


def some_header(source, folder, outside):
    """Returns a header of a folder itself, "" if it has none but those of folders in `outside`."""
    headers = sorted(path.relative_to(source).as_posix() for path in (source / folder).rglob("*.h"))
    return next((name for name in headers if not is_in(name, outside)), "")


def can_include(compiler, name):
    with tempfile.NamedTemporaryFile("w", suffix=".cc") as probe:
        probe.write(f'#include "{name}"\n')
        probe.flush()
        # -E: only whether it is found matters, here and in what it includes.
        command = compiler + ["-E", "-o", "/dev/null", probe.name]
        return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0


def wrong_rooms(source, table, folder, compiler):
    """Yields where the compiler finds what the table forbids, or misses what it allows."""
    for other in sorted(set(table) - {folder}):
        allowed = other in table[folder]
        header = some_header(source, other, set() if allowed else {folder} | table[folder])
        if header and can_include(compiler, header) != allowed:
            is_found = "is not found" if allowed else "is found"
            yield f'{folder}/CMakeLists.txt: "{header}" {is_found} from {folder}/, against the table'


def wrong_sizes(source, folder):
    """Yields the folders that are too large to say what is in them, or too small to be one."""
    for path in [source / folder, *sorted((source / folder).rglob("*/"))]:
        files = sum(1 for child in path.iterdir() if child.is_file())
        if not 2 <= files <= MOST_FILES:
            yield f"{path.relative_to(source)}/: {files} files; a folder has 2 to {MOST_FILES}"


def main(source, compile_commands):
    source = pathlib.Path(source).resolve()
    table = read_table((source / "docs/ARCHITECTURE.md").read_text())
    compiler_of = compilers(json.loads(pathlib.Path(compile_commands).read_text()))
    # The others are libraries of the tests.
    folders = [folder for folder in compiler_of if (source / folder / "CMakeLists.txt").exists()]
    problems = [] if folders else [f"{compile_commands}: no library of the project"]
    for folder in folders:
        if folder not in table:
            problems.append(f"docs/ARCHITECTURE.md: no row for {folder}/")
            continue
        problems += wrong_includes(source, folder, table[folder])
        problems += wrong_rooms(source, table, folder, compiler_of[folder])
        problems += wrong_sizes(source, folder)
    print("\n".join(problems) or f"{len(folders)} folders include what they may.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
