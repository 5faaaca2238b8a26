"""Findings as text, with the code on both sides, as a compiler shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

from mlhazards.findings import Finding, Report, SideName, Span, Step
from mlhazards.report.concise import finding_line
from mlhazards.report.terminal import Palette, visible, width

Lines = Mapping[str, Mapping[int, str]]

_LABELS: dict[SideName | None, str] = {
    None: "shared object",
    "one": "one side",
    "other": "other side",
}
_LABEL_WIDTH = 16
_LONGEST = 100  # code points of one source line that are shown
_ALIGNED = 80  # cells up to which messages stand below each other
_CONTEXT = 30  # code points kept in front of a stretch that begins far to the right


class Row(NamedTuple):
    """A line of source in three pieces, the stretch in the middle, and what is said about it."""

    number: int
    before: str
    marked: str
    after: str
    message: str

    @property
    def width(self) -> int:
        """The terminal cells that the source takes."""
        return width(self.before + self.marked + self.after)


class Group(NamedTuple):
    """Consecutive steps on one side in one file."""

    label: str
    held: str
    path: str
    rows: list[Row]


def render(report: Report, palette: Palette) -> str:
    """Return every finding as a block, blocks parted by an empty line; "" without findings."""
    blocks = ["\n".join(_block(finding, report.lines, palette)) for finding in report.findings]
    return "".join(f"{block}\n\n" for block in blocks)


def _block(finding: Finding, lines: Lines, palette: Palette) -> Iterator[str]:
    yield finding_line(finding, palette)
    groups = _groups(finding, lines)
    rows = [row for group in groups for row in group.rows]
    gutter = max((len(str(row.number)) for row in rows), default=0)
    column = max((row.width for row in rows if row.width <= _ALIGNED), default=0)
    path = finding.path
    for group in groups:
        if group.label or group is groups[0]:
            yield ""
        if group.label:
            space = " " * (_LABEL_WIDTH - len(group.label))
            held = f"{space}holds {visible(group.held)}" if group.held else ""
            yield f"  {palette.label(group.label)}{held}"
        if group.path != path:
            yield f"    {palette.dim('in')} {visible(group.path)}"
            path = group.path
        for row in group.rows:
            yield _row(row, gutter, column, palette)
    remarks = list(_remarks(finding, palette))
    if remarks:
        yield ""
        yield from remarks


def _groups(finding: Finding, lines: Lines) -> list[Group]:
    """Return the witness in groups; the finding's own line stands first where no step shows it."""
    steps = finding.witness
    has_sides = any(step.side for step in steps)
    groups = []
    if not any((step.path, step.span.line) == (finding.path, finding.span.line) for step in steps):
        own = Step(finding.path, finding.span, "")
        groups.append(Group("", "", finding.path, _rows([own], lines)))
    previous: tuple[SideName | None] | None = None
    for (side, path), grouped in groupby(steps, key=lambda step: (step.side, step.path)):
        members = list(grouped)
        new_side = previous != (side,)
        label = _LABELS[side] if has_sides and new_side else ""
        held = _held(steps, members[0]) if label and side else ""
        groups.append(Group(label, held, path, _rows(members, lines)))
        previous = (side,)
    return groups


def _held(steps: tuple[Step, ...], first: Step) -> str:
    """Return the locks held at the last step of the run of steps on one side that begins here."""
    start = next(index for index, step in enumerate(steps) if step is first)
    last = first
    for step in steps[start:]:
        if step.side != first.side:
            break
        last = step
    return ", ".join(last.locks) or "nothing"


def _rows(steps: list[Step], lines: Lines) -> list[Row]:
    sources = [lines.get(step.path, {}).get(step.span.line, "").rstrip() for step in steps]
    common = min((len(text) - len(text.lstrip()) for text in sources if text), default=0)
    return [
        Row(step.span.line, *_pieces(text, step.span, common), visible(step.message))
        for step, text in zip(steps, sources, strict=True)
    ]


def _pieces(text: str, span: Span, indent: int) -> tuple[str, str, str]:
    """Cut a line at its span, leave out the indent and, of a very long line, what lies far off."""
    first = max(span.column - 1, indent)
    last = max(first, span.end_column - 1 if span.end_line == span.line else len(text))
    start, stop = indent, len(text)
    if stop - start > _LONGEST:
        if last - start > _LONGEST:
            start = max(start, first - _CONTEXT)
        stop = min(stop, start + _LONGEST)
    before, marked, after = text[start:first], text[first : min(last, stop)], text[last:stop]
    head = "…" if start > indent else ""
    tail = "…" if stop < len(text) else ""
    return head + _source(before), _source(marked), _source(after) + tail


def _source(text: str) -> str:
    return visible(text.replace("\t", "    "))


def _row(row: Row, gutter: int, column: int, palette: Palette) -> str:
    frame = palette.dim(f"{row.number:>{gutter}} {palette.bar}")
    source = f"{row.before}{palette.mark(row.marked)}{row.after}"
    space = " " * max(column - row.width, 0)
    return f"    {frame} {source}{space}    {row.message}".rstrip()


def _remarks(finding: Finding, palette: Palette) -> Iterator[str]:
    for note in finding.notes:
        yield f"  {visible(note)}"
    if finding.confidence != "proven":
        yield f"  confidence: {finding.confidence}"
    if finding.folded:
        yield f"  also, from the same cause: {', '.join(finding.folded)}"
    if finding.fix is not None:
        reason = f" ({finding.fix.reason})" if finding.fix.reason else ""
        title = f"{finding.fix.title}{reason}"
        yield "  " + palette.remedy(f"fix ({finding.fix.safety}): {visible(title)}")


def summary(report: Report) -> str:
    """Return the last line of a run for people: how much was found, in what, and what helps."""
    found = count(len(report.findings), "finding")
    line = f"{found} in {count(report.files, 'file')}"
    fixes = [finding.fix.safety for finding in report.findings if finding.fix is not None]
    safe, unsafe = fixes.count("safe"), fixes.count("unsafe")
    offers = [f"{safe} fixable with --fix"] if safe else []
    offers += [f"{unsafe} {'more ' if safe else ''}with --fix --unsafe-fixes"] if unsafe else []
    if offers:
        line += f" ({', '.join(offers)})"
    if report.failures:
        line += f", {count(len(report.failures), 'error')}"
    return line


def count(number: int, noun: str) -> str:
    """Return a number with its noun: "no files", "1 file", "2 files"."""
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
