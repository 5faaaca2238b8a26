"""Precision: how much of what is reported on the corpus is right, by the labels.

``python -m bench.precision [--rules CODE,...] [--unlabelled]``
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.corpus import corpus
from bench.labels import Judged, Label, judge, read
from bench.packages import FetchError
from bench.sightings import Selection, look, warn
from bench.tables import share, table

FIXTURES = Path(__file__).parent.parent / "tests" / "fixtures"
HEADS = ("rule", "findings", "labelled", "true", "benign", "false", "is true", "true or benign")


def rows(judged: Judged) -> list[tuple[object, ...]]:
    """Return a line for each rule and one for all: counts and shares of the labelled ones."""
    found = Counter(sighting.code for sighting in judged.unlabelled)
    verdicts: Counter[tuple[str, str]] = Counter()
    for sighting, label in judged.labelled:
        found[sighting.code] += 1
        verdicts[sighting.code, label.verdict] += 1
        verdicts["all", label.verdict] += 1
    counts = [*sorted(found.items()), ("all", found.total())]
    return [_row(code, count, verdicts) for code, count in counts]


def known_wrong(fixtures: Path = FIXTURES) -> dict[str, tuple[int, int]]:
    """Return how many known false positives and negatives each rule has as fixtures."""
    known = {}
    for folder in sorted(path for path in fixtures.glob("MLH*") if path.is_dir()):
        counts = len(list(folder.glob("fp_*"))), len(list(folder.glob("fn_*")))
        if any(counts):
            known[folder.name] = counts
    return known


def show(selection: Selection, codes: Iterable[str], labels: Sequence[Label]) -> Judged:
    """Run the selection over the corpus, print its table, and return what was judged."""
    wanted = tuple(codes)
    seen = [look(package, folder, selection) for package, folder in corpus().items()]
    sightings = (sighting for one in seen for sighting in one.sightings)
    kept = [sighting for sighting in sightings if sighting.code.startswith(wanted or "MLH")]
    chosen = [label for label in labels if label.code.startswith(wanted or "MLH")]
    judged = judge(kept, chosen)
    print(f"\nPrecision on the small corpus, {_NAMES[selection]}")
    print(table(HEADS, rows(judged)))
    warn([failure for one in seen for failure in one.failures])
    return judged


def report(codes: Iterable[str] = (), *, unlabelled: bool = False) -> None:
    """Print the tables of the default set and of all rules, and what needs attention.

    Raises:
        FetchError: the corpus is not there.

    """
    codes, labels = tuple(codes), read()
    show("default", codes, labels)
    judged = show("all", codes, labels)
    for code, (positives, negatives) in known_wrong().items():
        print(f"{code}: fixtures known to be wrong: {positives} reported, {negatives} missed")
    print(f"{len(judged.unlabelled)} findings without a label", end="")
    print(f", {len(judged.lost)} labels without a finding")
    for label in judged.lost:
        print(f"  lost ({label.verdict}): {label.package} {label.path}:{label.line} {label.code}")
    for sighting in judged.unlabelled if unlabelled else ():
        print(f"  {sighting.text}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.precision", description=__doc__)
    parser.add_argument("--rules", default="", help="codes or prefixes, separated by commas")
    parser.add_argument("--unlabelled", action="store_true", help="list findings without a label")
    options = parser.parse_args(arguments)
    codes = [code for code in options.rules.split(",") if code]
    try:
        report(codes, unlabelled=options.unlabelled)
    except FetchError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


_NAMES: dict[Selection, str] = {"default": "default set", "all": "--select MLH"}


def _row(code: str, found: int, verdicts: Counter[tuple[str, str]]) -> tuple[object, ...]:
    true, benign, false = (verdicts[code, verdict] for verdict in ("true", "benign", "false"))
    labelled = true + benign + false
    right = share(true, labelled), share(true + benign, labelled)
    return code, found, labelled, true, benign, false, *right


if __name__ == "__main__":
    sys.exit(main())
