"""What people and programs read of a run. Rendering only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from mlhazards.findings import Report
from mlhazards.report.terminal import Palette

Format = Literal["text", "concise", "json"]
FORMATS: tuple[Format, ...] = ("text", "concise", "json")


def render(
    report: Report,
    form: Format,
    *,
    names: Mapping[str, str],
    palette: Palette | None = None,
    root: str = "",
) -> str:
    """Return the report in a form; "" when there is nothing to say in it.

    ``names`` maps codes to the names of rules, ``root`` is the project's folder (both for JSON);
    ``palette`` gives the colours of text.
    """
    if form == "json":
        from mlhazards.report import json  # hashlib and json cost a hook 10 ms

        return json.render(report, names, root)
    colours = palette or Palette()
    if form == "concise":
        from mlhazards.report.concise import finding_line

        return "".join(f"{finding_line(each, colours)}\n" for each in report.findings)
    from mlhazards.report import text

    return text.render(report, colours)
