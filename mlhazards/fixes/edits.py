"""Edits: replacements of stretches of a text, as plain data."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from mlhazards.findings import Fix


class NotApplicable(Exception):  # noqa: N818 - an answer of a kind, not an error of the tool
    """A fix that cannot be carried out here; the message says why, for the user."""


class Edit(Struct, frozen=True, gc=False):
    """Replace ``text[start:end]`` by ``new``; offsets in code points, ``start == end`` inserts."""

    start: int
    end: int
    new: str


class Edited(Struct, frozen=True):
    """What became of one file.

    ``data`` is the whole new file; when nothing was applied, the very bytes that were read.
    ``dropped`` are the fixes left out, each with its reason.
    """

    data: bytes
    applied: tuple[Fix, ...] = ()
    dropped: tuple[tuple[Fix, str], ...] = ()


def splice(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` with the edits, which must not overlap, carried out.

    Insertions at the same place keep their order. Everything outside of the edits is untouched.
    """
    pieces: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        pieces += (text[position : edit.start], edit.new)
        position = edit.end
    pieces.append(text[position:])
    return "".join(pieces)
