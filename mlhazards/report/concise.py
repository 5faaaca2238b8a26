"""One line a finding, stable for scripts: ``path:line:column: CODE message``."""

from __future__ import annotations

from mlhazards.findings import Failure, Finding
from mlhazards.report.terminal import Palette, visible

_PLAIN = Palette()


def finding_place(finding: Finding) -> str:
    """Return where the finding is: ``path:line:column:``."""
    return f"{visible(finding.path)}:{finding.span.line}:{finding.span.column}:"


def finding_line(finding: Finding, palette: Palette = _PLAIN) -> str:
    """Return the line of a finding, which is also the first line of its text form."""
    place, code = palette.strong(finding_place(finding)), palette.code(finding.code)
    return f"{place} {code} {visible(finding.message)}"


def failure_line(failure: Failure) -> str:
    """Return the line of a failure; one without a place has only its path."""
    place = visible(failure.path)
    if failure.line is not None:
        place += f":{failure.line}:{failure.column or 1}"
    return f"{place}: {failure.code} {visible(failure.message)}"
