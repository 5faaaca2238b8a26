"""The one entry to libcst: fixes of one file are looked up, carried out together, and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mlhazards.findings import Fix
from mlhazards.fixes import with_lock, wrap_in_list, yield_then_return
from mlhazards.fixes.edits import Edit, Edited, NotApplicable, splice
from mlhazards.fixes.passage import Passage, Passages
from mlhazards.fixes.shadowing import Shadowing
from mlhazards.source.file import SourceFile
from mlhazards.syntax.parse import ParseError, parse

Kind = Callable[[Fix, Passage, Shadowing], list[Edit]]

#: Every kind of fix and what carries it out.
KINDS: Mapping[str, Kind] = {
    "snapshot": wrap_in_list.edits,
    "with-lock": with_lock.edits,
    "yield-then-return": yield_then_return.edits,
}


def rewrite(source: SourceFile, fixes: Sequence[Fix]) -> Edited:
    """Return the file with the fixes carried out; see `mlhazards.fixes.apply`."""
    try:
        passages = Passages(source.text, parse(source))
    except ParseError as error:
        return _nothing(source, fixes, f"the file does not parse: {error.message}")
    shadowing = Shadowing(source)
    edits: list[Edit] = []
    taken: dict[Fix, tuple[int, int]] = {}
    dropped: list[tuple[Fix, str]] = []
    for fix in fixes:
        if fix in taken:
            continue
        try:
            wanted = _edits_of(fix, passages, shadowing)
            taken[fix] = _reserve(wanted, taken)
            edits += wanted
        except NotApplicable as reason:
            dropped.append((fix, str(reason)))
    if not taken:
        return Edited(source.data, (), tuple(dropped))
    return _checked(source, splice(source.text, edits), tuple(taken), tuple(dropped))


def _edits_of(fix: Fix, passages: Passages, shadowing: Shadowing) -> list[Edit]:
    kind = KINDS.get(fix.kind)
    if kind is None:
        message = f"unknown kind of fix `{fix.kind}`"
        raise NotApplicable(message)
    try:
        return kind(fix, passages.at(fix.span), shadowing)
    except RecursionError:
        message = "nested too deeply for libcst"
        raise NotApplicable(message) from None


def _reserve(edits: Sequence[Edit], taken: Mapping[Fix, tuple[int, int]]) -> tuple[int, int]:
    """Return the stretch that the edits claim, when nobody has claimed any of it."""
    first = min(edit.start for edit in edits)
    last = max(edit.end for edit in edits)
    for fix, (start, end) in taken.items():
        if first <= end and start <= last:
            message = f"overlaps with the fix at {fix.span.line}:{fix.span.column}"
            raise NotApplicable(message)
    return first, last


def _checked(
    source: SourceFile,
    text: str,
    applied: tuple[Fix, ...],
    dropped: tuple[tuple[Fix, str], ...],
) -> Edited:
    data = text.encode(source.encoding, "replace")
    # Not every codec writes what it reads: there is more than one way to say a thing in UTF-7.
    old = source.text.encode(source.encoding, "replace")
    if old != source.data or data.decode(source.encoding) != text:
        return _nothing(source, applied, f"cannot be written as {source.encoding}", dropped)
    try:
        parse(SourceFile(source.path, source.absolute, data, text, source.encoding))
    except ParseError as error:
        return _nothing(source, applied, f"the result does not parse: {error.message}", dropped)
    return Edited(data, applied, dropped)


def _nothing(
    source: SourceFile,
    fixes: Sequence[Fix],
    reason: str,
    dropped: tuple[tuple[Fix, str], ...] = (),
) -> Edited:
    return Edited(source.data, (), (*dropped, *((fix, reason) for fix in fixes)))
