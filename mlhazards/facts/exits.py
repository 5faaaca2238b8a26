"""Exits: how many loops are surely left after a statement, on every path.

``for k in d: del d[k]; break`` is sound, since the iterator is never asked again. What counts is
the path that loops on, so the answer is a minimum over all paths.
"""

from __future__ import annotations

import ast
from typing import NamedTuple

#: The function is left, and with it every loop.
FUNCTION_LEFT = 99


class Frame(NamedTuple):
    """Where the walk stands inside a loop: a statement of a block, the frame of the block's owner.

    ``owner`` is the statement that holds the block; ``outer`` is None for the body of a loop that
    stands in no other loop.
    """

    outer: Frame | None
    block: list[ast.stmt]
    index: int
    owner: ast.stmt


class _Ways(NamedTuple):
    """Loops left when control falls off the block, breaks, or raises."""

    falls: int
    breaks: int
    raises: int


_Loops = (ast.For, ast.AsyncFor, ast.While)
_Try = (ast.Try, ast.TryStar) if hasattr(ast, "TryStar") else (ast.Try,)


def loops_left(frame: Frame | None) -> int:
    """Return how many of the enclosing loops are surely left once the statement is done."""
    if frame is None:
        return 0
    return _after(frame.block, frame.index, _ways(frame))


def _ways(frame: Frame) -> _Ways:
    owner, outer = frame.owner, frame.outer
    if outer is None:  # the outermost loop of the function
        return _Ways(0, 1, FUNCTION_LEFT)
    ways = _ways(outer)
    rest = _after(outer.block, outer.index + 1, ways)
    if isinstance(owner, _Loops):
        if frame.block is owner.orelse:
            return ways._replace(falls=rest)
        return _Ways(0, min(rest + 1, FUNCTION_LEFT), ways.raises)
    if isinstance(owner, _Try):
        return _ways_in_try(owner, frame.block, rest, ways)
    return ways._replace(falls=rest)


def _ways_in_try(
    owner: ast.Try, block: list[ast.stmt], rest: int, ways: _Ways
) -> _Ways:
    rest = _after(owner.finalbody, 0, ways._replace(falls=rest))
    inner = ways._replace(falls=rest)
    if block is owner.body:
        if owner.orelse:
            inner = inner._replace(falls=_after(owner.orelse, 0, inner))
        if owner.handlers:
            caught = min(_after(handler.body, 0, ways._replace(falls=rest)) for handler in owner.handlers)
            inner = inner._replace(raises=min(caught, ways.raises))
    return inner


def _after(block: list[ast.stmt], start: int, ways: _Ways) -> int:
    """Return the loops left when control stands before statement ``start`` of ``block``."""
    for index in range(start, len(block)):
        statement = block[index]
        kind = type(statement)
        if kind is ast.Return:
            return FUNCTION_LEFT
        if kind is ast.Raise:
            return ways.raises
        if kind is ast.Break:
            return ways.breaks
        if kind is ast.Continue:
            return 0
        if kind in _BRANCHING:
            rest = ways._replace(falls=_after(block, index + 1, ways))
            return _through(statement, rest)
    return ways.falls


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
        after = inner._replace(falls=_after(statement.finalbody, 0, ways), raises=ways.raises)
        ends += [_after(handler.body, 0, after) for handler in statement.handlers]
        return min(ends)
    return ways.falls


_BRANCHING = frozenset({ast.If, ast.With, ast.AsyncWith, ast.Match, *_Try})
