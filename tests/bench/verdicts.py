"""What a figure has to be, and whether it is."""


class Row:
    """One line of the table: what was measured, the limit, and whether it holds."""

    def __init__(self, what, value, limit, holds, note=""):
        self.what = what
        self.value = value
        self.limit = limit
        self.holds = holds
        self.note = note

    def cells(self):
        return [self.what, self.value, self.limit, "yes" if self.holds else "**no**", self.note]


def at_most(what, value, limit, unit="", digits=2, note=""):
    """A figure that must not be larger."""
    return Row(what, f"{value:.{digits}f}{unit}", f"≤ {limit:g}{unit}", value <= limit, note)


def at_least(what, value, limit, unit="", digits=1, note=""):
    """A figure that must not be smaller."""
    return Row(what, f"{value:.{digits}f}{unit}", f"≥ {limit:g}{unit}", value >= limit, note)


def table(head, rows):
    """A table in Markdown."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"
