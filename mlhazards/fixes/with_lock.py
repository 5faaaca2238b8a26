"""Kind ``with-lock``: the statement that walks an expression runs under a lock.

The form is the lock as the code there writes it, ``self._lock`` say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst
from libcst import matchers

from mlhazards.findings import Fix
from mlhazards.fixes.edits import Edit, NotApplicable
from mlhazards.fixes.passage import Passage
from mlhazards.fixes.shadowing import Shadowing
from mlhazards.source.file import LINE_END

_EMPTY = re.compile(r"[ \t\f]*[\r\n]")
_LOCK = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")

_SUSPENDS = matchers.Await() | matchers.Yield() | matchers.Asynchronous()

_Statement = cst.For | cst.SimpleStatementLine


def edits(fix: Fix, passage: Passage, _shadowing: Shadowing) -> list[Edit]:
    """Return what puts the loop, or the statement of the comprehension, under the lock.

    Raises:
        NotApplicable: there is no such statement, or it could be left and entered again.

    """
    if not _LOCK.fullmatch(fix.form):
        message = f"`{fix.form}` is no name of a lock"
        raise NotApplicable(message)
    statement = _statement(fix, passage)
    if matchers.findall(statement, _SUSPENDS):
        message = "a lock must not be held where others run in between"
        raise NotApplicable(message)
    start, end = passage.extent(statement)
    before = passage.line_prefix(start).rpartition("\f")[2]
    newline = LINE_END.search(passage.text)
    opening = f"with {fix.form}:{newline[0] if newline else chr(10)}{before}{passage.indent}"
    deeper = [Edit(at, at, passage.indent) for at in _lines(statement, passage, start, end)]
    return [Edit(start, start, opening), *deeper]


def _statement(fix: Fix, passage: Passage) -> _Statement:
    """Return the statement around the expression of ``fix``: all that has to be under the lock."""
    for found in passage.nodes_at(fix.span):
        if not isinstance(found, cst.BaseExpression):
            continue
        outer = passage.parent(found)
        while outer is not None:
            if isinstance(outer, cst.For):
                return outer
            if isinstance(outer, cst.SimpleStatementLine) and len(outer.body) == 1:
                return outer
            if isinstance(outer, (cst.BaseStatement, cst.BaseSuite, cst.Lambda)):
                break
            outer = passage.parent(outer)
    message = "no statement of its own at the place of the finding"
    raise NotApplicable(message)


def _lines(statement: _Statement, passage: Passage, start: int, end: int) -> Iterator[int]:
    """Yield where the lines after the first begin, but for empty ones and those in a string."""
    inside = [
        passage.extent(node)
        for node in matchers.findall(
            statement, matchers.SimpleString() | matchers.FormattedString()
        )
    ]
    for found in LINE_END.finditer(passage.text, start, end):
        at = found.end()
        if _EMPTY.match(passage.text, at):
            continue
        if not any(first < at < last for first, last in inside):
            yield at
