"""Judgements of findings on real code, made by reading it.

A label is ``true`` (it can fail in supported use, narrow windows included), ``benign``
(technically right, harmless or out of reach today) or ``false`` (the analyser is wrong). It
belongs to the finding of its package, path and code that is nearest to its line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from bench.sightings import Place, Sighting

LABELS = Path(__file__).with_name("labels.jsonl")

Verdict = Literal["true", "benign", "false"]

_TWO_NUMBERS = re.compile(r"\d+.*?\D\d+", re.DOTALL)


class Label(Struct, frozen=True, forbid_unknown_fields=True):
    """One judgement; ``why`` of a true one names what fails, in order, with both line numbers."""

    package: str
    path: str
    line: int
    code: str
    verdict: Verdict
    why: str

    @property
    def place(self) -> Place:
        """Where the finding was."""
        return Place(self.path, self.line)


class Judged(Struct):
    """Findings with their labels, findings without one, and labels that found no finding."""

    labelled: list[tuple[Sighting, Label]]
    unlabelled: list[Sighting]
    lost: list[Label]


def read(path: Path = LABELS) -> list[Label]:
    """Return the labels of a file with one JSON object a line."""
    decoder = msgspec.json.Decoder(Label)
    return [decoder.decode(line) for line in path.read_bytes().splitlines() if line.strip()]


def judge(sightings: Sequence[Sighting], labels: Sequence[Label]) -> Judged:
    """Give each label to the nearest finding that it fits; no finding gets two."""
    open_ = list(sightings)
    judged = Judged([], open_, [])
    pairs = [
        (abs(label.line - sighting.place.line), label, sighting)
        for label in labels
        for sighting in sightings
        if _fits(label, sighting)
    ]
    given: set[int] = set()
    for _, label, sighting in sorted(pairs, key=lambda pair: pair[0]):
        if id(label) not in given and any(sighting is other for other in open_):
            given.add(id(label))
            judged.labelled.append((sighting, label))
            open_[:] = [other for other in open_ if other is not sighting]
    judged.lost = [label for label in labels if id(label) not in given]
    return judged


def flaws(labels: Sequence[Label]) -> list[str]:
    """Return what is wrong with the labels themselves, in sentences."""
    found = []
    for label in labels:
        name = f"{label.package} {label.path}:{label.line} {label.code}"
        if not label.why.strip():
            found.append(f"{name} says nothing")
        elif label.verdict == "true" and not _TWO_NUMBERS.search(label.why):
            found.append(f"{name} is true, but its reason names no two lines")
    keys = [(label.package, label.path, label.line, label.code) for label in labels]
    if keys != sorted(keys):
        found.append("the labels are not sorted by package, path, line and code")
    if len(keys) != len(set(keys)):
        found.append("two labels are of one finding")
    return found


def _fits(label: Label, sighting: Sighting) -> bool:
    return (
        label.package == sighting.package
        and label.code == sighting.code
        and label.place.is_near(sighting.place)
    )
