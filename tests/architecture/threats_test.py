"""Each answer of docs/THREAT_MODEL.md names the code and the tests that keep it true: they exist."""

import pathlib
import re
import sys

# `folder/file.cc`, and *NameOfATest* of the file that was named last.
WORDS = re.compile(r"`([a-z0-9_]+(?:/[A-Za-z0-9_.-]+)+)`|(?<!\*)\*([A-Z][A-Za-z0-9]+)\*(?!\*)")
TESTS = re.compile(r"\b(?:TEST|TEST_F|TEST_P)\(\s*(\w+),\s*(\w+)\)|^class (\w+)", re.MULTILINE)


def names_in(path):
    """The tests and suites of a file."""
    names = set()
    for suite, test, fixture in TESTS.findall(path.read_text(encoding="utf-8")):
        names |= {suite, test, fixture}
    return names


def find(source, name):
    """A named file: of the code, or of the tests."""
    for folder in (source, source / "tests"):
        if (folder / name).exists():
            return folder / name
    return None


def problems_of(source, text):
    """What is named and does not exist, and answers that name nothing."""
    last = None
    for number, line in enumerate(text.splitlines(), 1):
        named = 0
        for file, test in WORDS.findall(line):
            named += 1
            if file:
                path = find(source, file)
                if path is None:
                    yield f"line {number}: there is no {file}"
                elif path.suffix == ".cc":
                    last = path
            elif last is None or test not in names_in(last):
                yield f"line {number}: {last and last.relative_to(source)} has no test {test}"
        is_answer = line.startswith("| ") and not line.startswith(("| threat", "| |"))
        if is_answer and "## Threats" in text[: text.index(line)] and not named:
            yield f"line {number}: an answer that names neither code nor test: {line[:60]}"


def main():
    source = pathlib.Path(sys.argv[1])
    text = (source / "docs" / "THREAT_MODEL.md").read_text(encoding="utf-8")
    problems = list(problems_of(source, text))
    print("\n".join(problems) or "every answer names what keeps it true")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
