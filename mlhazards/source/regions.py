"""Which lines of a text an edit changed, and where the others went."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from mlhazards.findings import Span

Block = tuple[str, int, int, int, int]

#: ("line", line, column): a place that was moved only; ("region", number, 0): changed lines.
Place = tuple[str, int, int]


class Regions:
    """Compares two versions of a file line by line."""

    def __init__(self, before: Sequence[str], after: Sequence[str]) -> None:
        """Take the lines of both versions."""
        blocks = SequenceMatcher(None, before, after).get_opcodes()
        self._blocks = [part for block in blocks for part in _by_line(block)]

    def of_old(self, span: Span) -> Place:
        """Return where a span of the old version is in the new one."""
        for number, (tag, start, end, new_start, _) in enumerate(self._blocks):
            if start < span.line <= end:
                if tag == "equal":
                    return ("line", span.line - start + new_start, span.column)
                return ("region", number, 0)
        return ("line", span.line, span.column)

    def of_new(self, span: Span) -> Place:
        """Return the same for a span of the new version."""
        for number, (tag, _, _, start, end) in enumerate(self._blocks):
            if tag != "equal" and start < span.line <= end:
                return ("region", number, 0)
        return ("line", span.line, span.column)

    def changed_by(self, span: Span) -> list[Place]:
        """Return the regions that an edit of the old lines of ``span`` may have changed."""
        return [
            ("region", number, 0)
            for number, (tag, start, end, _, _) in enumerate(self._blocks)
            # An insertion has no old lines: it stands right before or after those of the span.
            if tag != "equal"
            and start < span.end_line + (start == end)
            and end >= span.line - (start == end)
        ]


def _by_line(block: Block) -> list[Block]:
    """Return a block of as many old lines as new ones line by line: edits are mostly that small."""
    tag, start, end, new_start, new_end = block
    if tag != "replace" or end - start != new_end - new_start:
        return [block]
    moved = new_start - start
    return [(tag, n, n + 1, n + moved, n + moved + 1) for n in range(start, end)]
