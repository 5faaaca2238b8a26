"""The table of all rules."""

from __future__ import annotations

from collections.abc import Sequence

from mlhazards.report.explain import fixable
from mlhazards.report.terminal import Palette
from mlhazards.rule import Rule

_HEADINGS = ("code", "name", "default", "fix", "title")


def table(rules: Sequence[Rule], palette: Palette) -> str:
    """Return one line a rule, in columns: code, name, default, fix, title."""
    rows = [
        (rule.code, rule.name, rule.default, "yes" if fixable(rule) else "-", rule.title)
        for rule in rules
    ]
    widths = [max(map(len, column)) for column in zip(_HEADINGS, *rows, strict=True)]
    lines = [palette.dim(_line(_HEADINGS, widths)), *(_line(row, widths) for row in rows)]
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()


def as_json(rules: Sequence[Rule]) -> str:
    """Return the same as JSON, for programs."""
    import json

    rows = [
        {
            "code": rule.code,
            "name": rule.name,
            "default": rule.default,
            "fixable": fixable(rule),
            "title": rule.title,
            "over": rule.over,
            "since": rule.since,
            "errors": list(rule.errors),
        }
        for rule in rules
    ]
    return json.dumps(rows, indent=2) + "\n"
