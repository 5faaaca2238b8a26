"""Who speaks when several rules match: one finding for one cause at one span.

The first code of a row that matches speaks; the others fold into its witness. Pairs that are told
apart by *where* they report (203 and 409, 204 and 209) never meet at one span and need no row;
301 and 307 both speak.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from mlhazards.findings import CONFIDENCES, Finding, Span

SPEAKING_ORDER: tuple[tuple[str, ...], ...] = (
    ("MLH104", "MLH101", "MLH103", "MLH106", "MLH105", "MLH107", "MLH102"),
    ("MLH115", "MLH114"),
    ("MLH116", "MLH112"),
    ("MLH117", "MLH114"),
    ("MLH118", "MLH124", "MLH122", "MLH125", "MLH120"),
    ("MLH201", "MLH202", "MLH204"),
    ("MLH205", "MLH211", "MLH212"),
    ("MLH206", "MLH207"),
    ("MLH302", "MLH311"),
    ("MLH301", "MLH303"),
    ("MLH309", "MLH408"),
    ("MLH310", "MLH312"),
    ("MLH401", "MLH403"),
    ("MLH406", "MLH410"),
    ("MLH501", "MLH505"),
    ("MLH503", "MLH502"),
)


def speaking(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that speak, each with what it speaks for folded in.

    Findings of one code at one span are one finding, too: the most trusted is kept.
    """
    groups: dict[tuple[str, Span], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.path, finding.span), []).append(finding)
    return [finding for group in groups.values() for finding in _spoken(group)]


def _spoken(group: list[Finding]) -> list[Finding]:
    if len(group) == 1:
        return group
    best: dict[str, Finding] = {}
    for finding in sorted(group, key=lambda f: (f.code, CONFIDENCES.index(f.confidence))):
        best.setdefault(finding.code, finding)
    for row in SPEAKING_ORDER:
        present = [best[code] for code in row if code in best]
        if len(present) > 1:
            best[present[0].code] = _folded(present[0], present[1:])
            for loser in present[1:]:
                del best[loser.code]
    return list(best.values())


def _folded(winner: Finding, losers: list[Finding]) -> Finding:
    """Return ``winner`` with the codes of the losers and what their witnesses say on top."""
    steps, notes, codes = list(winner.witness), list(winner.notes), list(winner.folded)
    places = {(step.path, step.span) for step in steps}
    for loser in losers:
        codes += [code for code in (loser.code, *loser.folded) if code not in codes]
        steps += [step for step in loser.witness if (step.path, step.span) not in places]
        places |= {(step.path, step.span) for step in loser.witness}
        notes += [note for note in loser.notes if note not in notes]
    return replace(winner, witness=tuple(steps), notes=tuple(notes), folded=tuple(codes))
