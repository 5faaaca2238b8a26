"""Spans: the one place where ast's columns (UTF-8 bytes from 0) become ours (code points from 1)."""

from __future__ import annotations

import ast
import re
import sys
from array import array

#: What CPython's tokenizer takes for the end of a line; form feeds and the like are none.
_LINE_END = re.compile(r"\r\n|\r|\n")


class SpanTable:
    """A growing table of spans, four numbers each; what facts refer to by index."""

    __slots__ = ("_lines", "numbers")

    def __init__(self, text: str) -> None:
        """Make an empty table for the source ``text``."""
        self.numbers: list[int] = []
        self._lines = None if text.isascii() else _LINE_END.split(text)

    def add(self, node: ast.expr | ast.stmt | ast.excepthandler | ast.arg | ast.keyword) -> int:
        """Return the index of a new entry, the span of ``node``."""
        numbers = self.numbers
        index = len(numbers) >> 2
        line, last = node.lineno, node.end_lineno or node.lineno
        start, end = node.col_offset + 1, (node.end_col_offset or 0) + 1
        if self._lines is not None:
            start, end = self._column(line, start - 1), self._column(last, end - 1)
        numbers += (line, start, last, end)
        return index

    def add_name(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
        """Return the index of a new entry: the name in the definition ``node``.

        ast does not keep the place of the name; it follows the keyword after one space in all
        code that a formatter has seen, and the span is only used to point at the definition.
        """
        index = len(self.numbers) >> 2
        keyword = {ast.FunctionDef: 4, ast.AsyncFunctionDef: 10, ast.ClassDef: 6}[type(node)]
        column = self.column(node.lineno, node.col_offset) + keyword
        self.numbers += (node.lineno, column, node.lineno, column + len(node.name))
        return index

    def packed(self) -> bytes:
        """Return the table as bytes: four 32-bit little-endian numbers for each span."""
        packed = array("i", self.numbers)
        if sys.byteorder == "big":
            packed.byteswap()
        return packed.tobytes()

    def column(self, line: int, byte_offset: int) -> int:
        """Return the column in code points, from 1, of a UTF-8 byte offset, from 0."""
        if self._lines is None:
            return byte_offset + 1
        return self._column(line, byte_offset)

    def _column(self, line: int, byte_offset: int) -> int:
        lines = self._lines
        if lines is None or line > len(lines):
            return byte_offset + 1
        text = lines[line - 1]
        if line == 1:
            text = text.removeprefix("\ufeff")
        if text.isascii():
            return byte_offset + 1
        return len(text.encode("utf-8", "surrogatepass")[:byte_offset].decode("utf-8", "ignore")) + 1
