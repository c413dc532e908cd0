"""Reads the program with readelf: is it built so that a fault in memory is hard to use?

    binary_test.py PROGRAM [ARCHIVE]

ARCHIVE, a library of ballast's own, is there for an optimised build without sanitizers: then also for what
only such a build can have. The program would not tell, as it holds libraries of others.
"""

import os
import subprocess
import sys


def readelf(program, *options):
    return subprocess.run(["readelf", "--wide", *options, program], check=True, text=True,
                          capture_output=True, env={**os.environ, "LC_ALL": "C"}).stdout


def of_every_build(program):
    """What is missing."""
    segments = readelf(program, "--program-headers").splitlines()
    stack = [line.split() for line in segments if line.lstrip().startswith("GNU_STACK")]
    if not any(line.lstrip().startswith("GNU_RELRO") for line in segments):
        yield "what the linker writes stays writable (GNU_RELRO)"
    if "BIND_NOW" not in readelf(program, "--dynamic"):
        yield "functions are bound late, so their table stays writable (BIND_NOW)"
    if len(stack) != 1 or "E" in stack[0][6]:
        yield "the stack is executable (GNU_STACK)"


def of_a_release(program, archive):
    symbols = [line.split()[-1] for line in readelf(archive, "--syms").splitlines() if " UND " in line]
    if "DYN (Position-Independent Executable" not in readelf(program, "--file-header"):
        yield "its address is always the same (PIE)"
    if "__stack_chk_fail" not in symbols:
        yield "no stack protector (__stack_chk_fail)"
    if not any(name.endswith("_chk") for name in symbols):
        yield "no _FORTIFY_SOURCE (*_chk)"
    if "glibcxx_assert_fail" not in readelf(program, "--dyn-syms"):
        yield "no _GLIBCXX_ASSERTIONS (std::__glibcxx_assert_fail)"
    # The program has the mark only if the libraries of others have it as well.
    if "X86-64" in readelf(program, "--file-header") and "IBT, SHSTK" not in readelf(archive, "--notes"):
        yield "no -fcf-protection (IBT, SHSTK)"


def main(program, *archives):
    missing = list(of_every_build(program))
    for archive in archives:
        missing += of_a_release(program, archive)
    for what in missing:
        print(f"{program}: {what}")
    return 1 if missing else 0


sys.exit(main(*sys.argv[1:]))
