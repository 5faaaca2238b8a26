"""Spans: the one place where ast's columns (UTF-8 bytes) become ours (code points from 1)."""

from __future__ import annotations

import ast
import struct
from itertools import chain
from operator import attrgetter
from typing import TypeAlias

#: What has a place in the source.
Placed: TypeAlias = "ast.expr | ast.stmt | ast.excepthandler | ast.arg | ast.keyword"
Named: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef"

_NUMBERS = 4  # line, column, end line, end column
_PLACE_OF = attrgetter("lineno", "col_offset", "end_lineno", "end_col_offset")
#: How far behind the start of a definition its name begins.
_KEYWORDS = {ast.FunctionDef: 4, ast.AsyncFunctionDef: 10, ast.ClassDef: 6}
#: From bytes counted from 0 to bytes counted from 1.
_NEXT = (1).__add__


class SpanTable:
    """A growing table of spans, four numbers each; what facts refer to by index.

    An entry is its node until the table is packed: a walk makes one for every other node, and all
    of them together are turned into numbers by a few calls of C code.
    """

    __slots__ = ("_names", "_text", "nodes")

    def __init__(self, text: str) -> None:
        """Make an empty table for the source ``text``."""
        self.nodes: list[Placed] = []
        self._names: list[tuple[int, Named]] = []
        self._text = text

    def add(self, node: Placed) -> int:
        """Return the index of a new entry, the span of ``node``."""
        nodes = self.nodes
        nodes.append(node)
        return len(nodes) - 1

    def add_name(self, node: Named) -> int:
        """Return the index of a new entry: the name in the definition ``node``.

        ast does not keep the place of the name; it follows the keyword after one space in all
        code that a formatter has seen, and the span is only used to point at the definition.
        """
        nodes = self.nodes
        index = len(nodes)
        nodes.append(node)
        self._names.append((index, node))
        return index

    def numbers(self) -> list[int]:
        """Return line, column, end line and end column of each entry, one after the other."""
        numbers: list[int] = list(chain.from_iterable(map(_PLACE_OF, self.nodes)))
        numbers[1::_NUMBERS] = map(_NEXT, numbers[1::_NUMBERS])
        numbers[3::_NUMBERS] = map(_NEXT, numbers[3::_NUMBERS])
        if not self._text.isascii():
            _count_code_points(numbers, self._text)
        for index, node in self._names:
            start = index * _NUMBERS
            column = numbers[start + 1] + _KEYWORDS[type(node)]
            numbers[start + 1 : start + _NUMBERS] = column, node.lineno, column + len(node.name)
        return numbers

    def packed(self) -> bytes:
        """Return the table as bytes: four 32-bit little-endian numbers for each span."""
        numbers = self.numbers()
        return struct.pack(f"<{len(numbers)}i", *numbers)


def _count_code_points(numbers: list[int], text: str) -> None:
    """Make code points of the columns in lines that are not ASCII; there are few."""
    # Only these three end a line for CPython's tokenizer; form feeds and the like do not.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines[0] = lines[0].removeprefix("\ufeff")
    wide = {
        number: line.encode("utf-8", "surrogatepass")
        for number, line in enumerate(lines, 1)
        if not line.isascii()
    }
    for first in (0, 2):
        for index, number in enumerate(numbers[first::_NUMBERS]):
            if number in wide:
                place = index * _NUMBERS + first + 1
                before = wide[number][: numbers[place] - 1]
                numbers[place] = len(before.decode("utf-8", "ignore")) + 1
