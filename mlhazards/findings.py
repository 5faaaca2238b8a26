"""The frozen values that every stage speaks.

A finding is an argument: it names one hazard at one place and carries the witness that proves it.
All values here are plain data, so that they can be cached, sent to another process and rendered
by any report.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Confidence = Literal["proven", "likely", "possible"]
Safety = Literal["safe", "unsafe"]
SideName = Literal["one", "other"]
DefaultSet = Literal["on", "candidate", "extended"]
Stage = Literal["discover", "read", "parse", "facts", "link", "check", "fix"]

#: Order of trust; what stands first is shown first and survives a higher ``min-confidence``.
CONFIDENCES: tuple[Confidence, ...] = ("proven", "likely", "possible")


class Span(Struct, frozen=True, array_like=True, order=True, gc=False):
    """A stretch of source text.

    Lines and columns count from 1, columns in code points (not bytes, not UTF-16 units); the end
    is exclusive, as in SARIF regions.
    """

    line: int
    column: int
    end_line: int
    end_column: int


class Step(Struct, frozen=True, gc=False):
    """One step of a witness: what happens at a place, on which side, under which locks.

    ``side`` is None for steps that belong to no side (where the shared object is bound, say).
    ``locks`` are the names of the locks held there, as a reader of the source would write them.
    """

    path: str
    span: Span
    message: str
    side: SideName | None = None
    locks: tuple[str, ...] = ()


class Fix(Struct, frozen=True, gc=False):
    """A proposed edit as plain data; ``mlhazards.fixes`` knows how to carry out each kind.

    ``span`` is the expression or statement to rewrite. ``form`` chooses between the variants of
    one kind (see the module of that kind). ``reason`` says why an unsafe fix is unsafe.
    """

    kind: str
    span: Span
    title: str
    safety: Safety
    form: str = ""
    reason: str = ""


class Finding(Struct, frozen=True):
    """One hazard at one place.

    ``identity`` names the finding without any line number (function, object, sibling order); the
    fingerprint is made from it, so it survives moved lines. ``default`` is the set in which this
    shape of the rule is shown. ``folded`` are the codes of findings of the same cause that this
    one speaks for (RULES.md, *Who speaks*).
    """

    code: str
    path: str
    span: Span
    message: str
    identity: str
    confidence: Confidence = "proven"
    default: DefaultSet = "on"
    witness: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    fix: Fix | None = None
    folded: tuple[str, ...] = ()


class Failure(Struct, frozen=True):
    """Something the tool could not do: a code of an error, never a finding.

    ``MLH902`` is a syntax error, ``MLH903`` everything else. ``line`` and ``column`` count from 1
    and are None where the failure has no place.
    """

    code: Literal["MLH902", "MLH903"]
    path: str
    stage: Stage
    message: str
    line: int | None = None
    column: int | None = None


class Report(Struct, frozen=True):
    """What one run yields, sorted by path, place and code.

    ``lines`` holds the source lines that findings and their witnesses point at
    (``lines[path][line]``), so that a report can show them without opening a file. ``skipped`` are
    the files that discovery passed over, each with its reason.
    """

    findings: tuple[Finding, ...] = ()
    failures: tuple[Failure, ...] = ()
    files: int = 0
    lines: dict[str, dict[int, str]] = {}
    skipped: tuple[tuple[str, str], ...] = ()
