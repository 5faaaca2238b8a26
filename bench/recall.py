"""Recall: which of the bugs that maintainers fixed are found in the release that had them.

``python -m bench.recall [--rules CODE,...] [--ids ID,...]``
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from bench.packages import FetchError, folder_of
from bench.sightings import Place, Selection, Sighting, look, warn
from bench.tables import share, table

BUGS = Path(__file__).with_name("devbugs.jsonl")


class Bug(Struct, frozen=True):
    """A fixed bug of a public repository.

    ``rule`` are the codes that should find it (none: no rule claims it). ``pypi`` is a release
    whose wheel has it, at ``pypi_path``:``pypi_line``. A ``lookalike`` must stay silent.
    """

    id: str
    repo: str
    family: str
    kind: str
    rule: tuple[str, ...] | None = None
    pypi: str | None = None
    pypi_path: str | None = None
    pypi_line: int | None = None
    lookalike: bool = False
    parses: bool = True

    @property
    def place(self) -> Place:
        """Where the bug is in the release."""
        return Place(self.pypi_path or "", self.pypi_line or 0)


class Outcome(Struct, frozen=True):
    """How a bug fared: was it reported with all rules selected, and in the default set?"""

    bug: Bug
    selected: bool
    default: bool


def read(path: Path = BUGS) -> list[Bug]:
    """Return the bugs of a file with one JSON object a line."""
    decoder = msgspec.json.Decoder(Bug)
    return [decoder.decode(line) for line in path.read_bytes().splitlines() if line.strip()]


def is_hit(bug: Bug, sightings: Iterable[Sighting]) -> bool:
    """Tell whether a finding, or a step of its witness, is this bug.

    Any code counts for a look-alike that no rule claims.
    """
    return any(
        (not bug.rule or not sighting.codes.isdisjoint(bug.rule))
        and any(bug.place.is_near(place) for place in (sighting.place, *sighting.witness))
        for sighting in sightings
    )


def chosen(bugs: Iterable[Bug], codes: Sequence[str], ids: Sequence[str] = ()) -> list[Bug]:
    """Return the bugs with a release that a rule of ``codes`` claims, and the look-alikes."""
    return [
        bug
        for bug in bugs
        if bug.pypi and (not ids or bug.id in ids) and (_claimed(bug, codes) or bug.lookalike)
    ]


def outcomes(
    bugs: Sequence[Bug], looking: Callable[[str, Selection], list[Sighting]]
) -> list[Outcome]:
    """Return how each bug fared; each release is looked at once a selection."""
    found = []
    for package in dict.fromkeys(bug.pypi for bug in bugs if bug.pypi):
        everything, default = looking(package, "all"), looking(package, "default")
        found += [
            Outcome(bug, is_hit(bug, everything), is_hit(bug, default))
            for bug in bugs
            if bug.pypi == package
        ]
    return sorted(found, key=lambda outcome: outcome.bug.id)


def rows(results: Sequence[Outcome], key: Callable[[Bug], Iterable[str]]) -> list[tuple[str, ...]]:
    """Return a line for each value of ``key``: bugs, hits, and their share."""
    bugs = [outcome for outcome in results if not outcome.bug.lookalike]
    names = sorted({name for outcome in bugs for name in key(outcome.bug)})
    return [_row(name, [o for o in bugs if name in key(o.bug)]) for name in names]


def report(codes: Sequence[str] = (), ids: Sequence[str] = ()) -> None:
    """Print what became of each bug, then the shares.

    Raises:
        FetchError: a release cannot be had.

    """
    failures: list[str] = []

    def looking(package: str, selection: Selection) -> list[Sighting]:
        seen = look(package, folder_of(package), selection)
        failures.extend(seen.failures if selection == "all" else ())
        return seen.sightings

    results = outcomes(chosen(read(), codes, ids), looking)
    heads = ("bug", "package", "place", "rule", "outcome")
    print("\nRecall on fixed bugs, in the release that had them (--select MLH, not pedantic)")
    print(table(heads, [_described(outcome) for outcome in results]))
    warn(failures)
    counts = ("bugs", "found", "share", "in the default set", "share")
    print("\n" + table(("by rule", *counts), rows(results, lambda bug: bug.rule or ())))
    print("\n" + table(("by kind", *counts), rows(results, _kind)))
    print("\n" + table(("in all", *counts), rows(results, lambda _: ("all",))))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.recall", description=__doc__)
    parser.add_argument("--rules", default="", help="codes or prefixes, separated by commas")
    parser.add_argument("--ids", default="", help="identifiers of bugs, separated by commas")
    options = parser.parse_args(arguments)
    try:
        report(_split(options.rules), _split(options.ids))
    except FetchError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _split(text: str) -> list[str]:
    return [part for part in text.split(",") if part]


def _claimed(bug: Bug, codes: Sequence[str]) -> bool:
    return any(code.startswith(tuple(codes) or "MLH") for code in bug.rule or ())


def _kind(bug: Bug) -> tuple[str]:
    return (f"{bug.family} {bug.kind}",)


def _described(outcome: Outcome) -> tuple[str, ...]:
    bug = outcome.bug
    place = f"{bug.pypi_path}:{bug.pypi_line}"
    return bug.id, bug.pypi or "", place, " ".join(bug.rule or ("-",)), _word(outcome)


def _word(outcome: Outcome) -> str:
    if outcome.bug.lookalike:
        return "FALSE ALARM" if outcome.selected else "silent, rightly"
    if outcome.selected:
        return "found" if outcome.default else "found, not in the default set"
    return "missed" if outcome.bug.parses else "missed, does not parse"


def _row(name: str, results: Sequence[Outcome]) -> tuple[str, ...]:
    hits = [sum(o.selected for o in results), sum(o.default for o in results)]
    shares = [str(cell) for hit in hits for cell in (hit, share(hit, len(results)))]
    return name, str(len(results)), *shares


if __name__ == "__main__":
    sys.exit(main())
