"""Exits: how many loops are surely left after a statement, on every path.

``for k in d: del d[k]; break`` is sound, since the iterator is never asked again. What counts is
the path that loops on, so the answer is a minimum over all paths.
"""

from __future__ import annotations

import ast

from msgspec import Struct

#: The function is left, and with it every loop.
FUNCTION_LEFT = 99


class _Ways(Struct, frozen=True, gc=False):
    """Loops left when control falls off the block, breaks, or raises."""

    falls: int
    breaks: int
    raises: int

    def falling(self, falls: int) -> _Ways:
        """Return the same with another number for falling off."""
        return _Ways(falls, self.breaks, self.raises)


_Loops = (ast.For, ast.AsyncFor, ast.While)
_Try = (ast.Try, ast.TryStar) if hasattr(ast, "TryStar") else (ast.Try,)


class Frame:
    """Where the walk stands inside a loop: a block, the index in it, the frame around it.

    ``owner`` is the statement that holds the block; ``outer`` is None for the body of a loop that
    stands in no other loop. The answers for all statements of a block are found together, from its
    end backwards.
    """

    __slots__ = ("_left", "_ways", "block", "index", "outer", "owner")

    def __init__(self, outer: Frame | None, block: list[ast.stmt], owner: ast.stmt) -> None:
        """Stand at the head of ``block``."""
        self.outer = outer
        self.block = block
        self.owner = owner
        self.index = 0
        self._left: list[int] | None = None
        self._ways: _Ways | None = None

    def loops_left(self, index: int) -> int:
        """Return how many of the enclosing loops are surely left from statement ``index`` on."""
        if self._left is None:
            self._left = _all_after(self.block, self.ways())
        return self._left[index]

    def ways(self) -> _Ways:
        """Return where control goes from this block."""
        if self._ways is None:
            self._ways = self._find_ways()
        return self._ways

    def _find_ways(self) -> _Ways:
        owner, outer = self.owner, self.outer
        if outer is None:  # the outermost loop of the function
            return _Ways(0, 1, FUNCTION_LEFT)
        ways = outer.ways()
        rest = outer.loops_left(outer.index + 1)
        if isinstance(owner, _Loops):
            if self.block is owner.orelse:
                return ways.falling(rest)
            return _Ways(0, min(rest + 1, FUNCTION_LEFT), ways.raises)
        if isinstance(owner, _Try):
            return _ways_in_try(owner, self.block, rest, ways)
        return ways.falling(rest)


def _ways_in_try(owner: ast.Try, block: list[ast.stmt], rest: int, ways: _Ways) -> _Ways:
    rest = _after(owner.finalbody, 0, ways.falling(rest))
    inner = ways.falling(rest)
    if block is owner.body:
        if owner.orelse:
            inner = inner.falling(_after(owner.orelse, 0, inner))
        if owner.handlers:
            caught = min(_after(handler.body, 0, ways.falling(rest)) for handler in owner.handlers)
            inner = _Ways(inner.falls, inner.breaks, min(caught, ways.raises))
    return inner


def _after(block: list[ast.stmt], start: int, ways: _Ways) -> int:
    """Return the loops left when control stands before statement ``start`` of ``block``."""
    return _all_after(block, ways)[start] if block else ways.falls


def _all_after(block: list[ast.stmt], ways: _Ways) -> list[int]:
    """Return the loops left when control stands before each statement of ``block``, and behind."""
    left = ways.falls
    found = [left]
    for statement in reversed(block):
        kind = type(statement)
        if kind in _DECIDING:
            if kind is ast.Return:
                left = FUNCTION_LEFT
            elif kind is ast.Raise:
                left = ways.raises
            elif kind is ast.Break:
                left = ways.breaks
            elif kind is ast.Continue:
                left = 0
            else:
                left = _through(statement, ways.falling(left))
        found.append(left)
    found.reverse()
    return found


def _through(statement: ast.stmt, ways: _Ways) -> int:
    """Return the loops left when control goes through a compound statement."""
    if isinstance(statement, ast.If):
        return min(_after(statement.body, 0, ways), _after(statement.orelse, 0, ways))
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        return _after(statement.body, 0, ways)
    if isinstance(statement, ast.Match):
        return min(ways.falls, *(_after(case.body, 0, ways) for case in statement.cases))
    if isinstance(statement, _Try):
        inner = _ways_in_try(statement, statement.body, ways.falls, ways)
        ends = [_after(statement.body, 0, inner)]
        after = _Ways(_after(statement.finalbody, 0, ways), inner.breaks, ways.raises)
        ends += [_after(handler.body, 0, after) for handler in statement.handlers]
        return min(ends)
    return ways.falls


#: Statements after which control may not go on with the next one.
_DECIDING = frozenset({
    ast.AsyncWith, ast.Break, ast.Continue, ast.If, ast.Match, ast.Raise, ast.Return, ast.With,
    *_Try,
})  # fmt: skip
