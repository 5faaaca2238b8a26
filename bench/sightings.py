"""What one run over one package reports, reduced to what can be compared with notes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct

import mlhazards
from mlhazards.findings import Finding

Selection = Literal["default", "all"]

#: Lines that a note (a label, a known bug) may be off.
NEAR = 3
_SHOWN = 10


class Place(Struct, frozen=True, order=True):
    """A line of a file of the package; the path has forward slashes."""

    path: str
    line: int

    def is_near(self, other: Place) -> bool:
        """Tell whether both mean the same place."""
        return self.path == other.path and abs(self.line - other.line) <= NEAR


class Sighting(Struct, frozen=True):
    """A finding: its place, its code with those it speaks for, and the places of its witness."""

    package: str
    place: Place
    code: str
    message: str = ""
    folded: tuple[str, ...] = ()
    witness: tuple[Place, ...] = ()

    @property
    def codes(self) -> frozenset[str]:
        """The code and those folded into it."""
        return frozenset((self.code, *self.folded))

    @property
    def text(self) -> str:
        """The one line to show."""
        return f"{self.package} {self.place.path}:{self.place.line}: {self.code} {self.message}"


class Look(Struct, frozen=True):
    """What was seen of a package, and what could not be analysed: without it, no figure is one."""

    sightings: list[Sighting]
    failures: list[str] = []


def look(package: str, folder: Path, selection: Selection) -> Look:
    """Return what mlhazards reports on the package, without pedantry."""
    select = () if selection == "default" else ("MLH",)
    settings = mlhazards.Settings(select=select, root=str(folder), cache=False, jobs=1)
    report = mlhazards.check([str(folder)], settings)
    failures = [
        f"{package} {_place(folder, failure.path, 0).path}: {failure.stage}: {failure.message}"
        for failure in report.failures
    ]
    return Look(sighted(package, folder, report.findings), failures)


def warn(failures: Sequence[str]) -> None:
    """Say what was not analysed; the first of them stand for all."""
    if failures:
        print(f"NOT ANALYSED: {len(failures)} files")
    for failure in failures[:_SHOWN]:
        print(f"  {failure}")


def sighted(package: str, folder: Path, findings: Sequence[Finding]) -> list[Sighting]:
    """Return the findings with paths relative to the package's folder."""
    return [
        Sighting(
            package,
            _place(folder, finding.path, finding.span.line),
            finding.code,
            finding.message,
            finding.folded,
            tuple(_place(folder, step.path, step.span.line) for step in finding.witness),
        )
        for finding in findings
    ]


def _place(folder: Path, path: str, line: int) -> Place:
    relative = os.path.relpath(os.path.abspath(path), os.path.abspath(folder))  # noqa: PTH100
    return Place(Path(relative).as_posix(), line)
