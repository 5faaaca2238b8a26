"""Spans: the one place where ast's columns (UTF-8 bytes) become ours (code points from 1)."""

from __future__ import annotations

import ast
import struct
from itertools import chain
from operator import attrgetter
from typing import TypeAlias

from msgspec import Struct

from mlhazards.findings import Span

#: What has a place in the source.
Placed: TypeAlias = "ast.expr | ast.stmt | ast.excepthandler | ast.arg | ast.keyword | _Name"

_ENTRY = struct.Struct("<4i")
_NUMBERS = 4  # line, column, end line, end column
_PLACE_OF = attrgetter("lineno", "col_offset", "end_lineno", "end_col_offset")
#: How far behind the start of a definition its name begins.
_KEYWORDS = {ast.FunctionDef: 4, ast.AsyncFunctionDef: 10, ast.ClassDef: 6}


class _Name(Struct, frozen=True, gc=False):
    """The place of a name that ast keeps as a string; columns are code points."""

    lineno: int
    col_offset: int
    end_lineno: int
    end_col_offset: int


class SpanTable:
    """A growing table of spans, four numbers each; what facts refer to by index.

    An entry is its node until the table is packed: a walk makes one for every other node, and all
    of them together are turned into numbers by a few calls of C code.
    """

    __slots__ = ("_text", "nodes")

    def __init__(self, text: str) -> None:
        """Make an empty table for the source ``text``."""
        self.nodes: list[Placed] = []
        self._text = text

    def add(self, node: Placed) -> int:
        """Return the index of a new entry, the span of ``node``."""
        nodes = self.nodes
        nodes.append(node)
        return len(nodes) - 1

    def add_name(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
        """Return the index of a new entry: the name in the definition ``node``.

        ast does not keep the place of the name; it follows the keyword after one space in all
        code that a formatter has seen, and the span is only used to point at the definition.
        Nothing but white space stands before it, so its column is one of code points.
        """
        line = node.lineno
        column = node.col_offset + _KEYWORDS[type(node)]
        return self.add(_Name(line, column, line, column + len(node.name)))

    def packed(self) -> bytes:
        """Return the table as bytes, for ``span`` to look into."""
        numbers = list(chain.from_iterable(map(_PLACE_OF, self.nodes)))
        if not self._text.isascii():
            self._count_code_points(numbers)
        return struct.pack(f"<{len(numbers)}i", *numbers)

    def _count_code_points(self, numbers: list[int]) -> None:
        """Make code points of the columns in lines that are not ASCII; there are few."""
        # Only these three end a line for CPython's tokenizer; form feeds and the like do not.
        lines = self._text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        lines[0] = lines[0].removeprefix("\ufeff")
        wide: dict[int, bytes] = {}
        for number, plain in enumerate(map(str.isascii, lines)):
            if not plain:
                wide[number + 1] = lines[number].encode("utf-8", "surrogatepass")
        for first in (0, 2):
            found = numbers[first::_NUMBERS]
            if wide.keys().isdisjoint(found):
                continue
            for index, number in enumerate(found):
                if number in wide and type(self.nodes[index]) is not _Name:
                    place = index * _NUMBERS + first + 1
                    before = wide[number][: numbers[place]]
                    numbers[place] = len(before.decode("utf-8", "ignore"))


def span(packed: bytes, index: int) -> Span:
    """Return the span at ``index`` of a packed table.

    A table holds ast's numbers, with columns from 0; ours count from 1.
    """
    line, column, end_line, end_column = _ENTRY.unpack_from(packed, index * _ENTRY.size)
    return Span(line, column + 1, end_line, end_column + 1)
