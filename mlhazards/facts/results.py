"""Results: under which conditions a function returns what it returns."""

from __future__ import annotations

import ast

from mlhazards.facts.model import Kind, Result
from mlhazards.facts.places import split_view
from mlhazards.facts.steps import Places
from mlhazards.facts.walk import Conditions, FunctionRecord, Walk
from mlhazards.syntax.fields import FIELDS

_MAX_TESTS = 24
_END_REACHABLE = Kind.END_REACHABLE
_NAME, _ATTRIBUTE, _COMPARE, _EXPR, _IF = ast.Name, ast.Attribute, ast.Compare, ast.Expr, ast.If
#: How the body of a function starts that refuses some of its callers.
MAY_REFUSE = frozenset({ast.Expr, ast.If})
#: What may stand before the refusals: a docstring, a call that logs.
_HEAD = frozenset({ast.Call, ast.Constant})
_MEMBERSHIP = frozenset({ast.In, ast.NotIn})


#: Results that give little or nothing to a caller who wants something.
_LITTLE = frozenset({"bool", "none", "number", "str"})


def note_tests(walk: Walk, record: FunctionRecord, body: list[ast.stmt]) -> None:
    """Note which conditions decide for each result and for the end, where one gives little.

    Elsewhere nobody asks, and most functions are elsewhere.
    """
    results = record.results
    known: dict[ast.expr, list[str]] = {}
    if record.kind & _END_REACHABLE:
        record.end_tests = _end_tests(walk, body, known)
    else:
        for result in results:
            if result.shape.kind in _LITTLE:
                break
        else:
            return
    for index, conditions in enumerate(record.conditions):
        if conditions is not None:
            result = results[index]
            results[index] = Result(
                result.shape, result.at, result.bare, result.bits,
                _places_under(walk, conditions, known),
            )  # fmt: skip


def tested_places(walk: Walk) -> Places:
    """Return the places that the conditions around this statement look at."""
    return _places_under(walk, walk.conditions, {})


def _places_under(
    walk: Walk, conditions: Conditions | None, known: dict[ast.expr, list[str]]
) -> Places:
    """Return the places that a chain of conditions looks at; ``known`` are those of each test."""
    found: dict[str, None] = {}
    while conditions is not None:
        conditions, test = conditions
        if test not in known:
            known[test] = places_in(walk, test)
        for place in known[test]:
            found[place] = None
    return tuple(found)


def places_in(walk: Walk, test: ast.expr) -> list[str]:
    """Return the places named anywhere in ``test``."""
    found: list[str] = []
    pending: list[ast.AST] = [test]
    places = walk.resolver.places
    while pending and len(found) < _MAX_TESTS:
        node = pending.pop()
        kind = type(node)
        if kind is _NAME:
            found += places(node)  # type: ignore[arg-type]
        elif kind is _ATTRIBUTE:
            found += places(node)  # type: ignore[arg-type]
            if type(node.value) is not _NAME:  # type: ignore[attr-defined]
                pending.append(node.value)  # type: ignore[attr-defined]
        else:
            for name, many in FIELDS[kind]:
                value = getattr(node, name)
                if many:
                    pending += [item for item in value if item is not None]
                elif value is not None:
                    pending.append(value)
    return found


def tested_containers(walk: Walk, test: ast.expr) -> Places:
    """Return the containers whose membership ``test`` looks at (``k in d``, ``k not in d``)."""
    kind = type(test)
    if kind is ast.UnaryOp:
        test = test.operand  # type: ignore[attr-defined]
        kind = type(test)
    if kind is ast.BoolOp:
        parts: list[ast.expr] = test.values  # type: ignore[attr-defined]
    elif kind is _COMPARE:
        parts = [test]
    else:
        return ()
    found: list[str] = []
    for part in parts:
        if type(part) is _COMPARE and type(part.ops[0]) in _MEMBERSHIP:
            places = walk.resolver.places(part.comparators[0])
            found += [split_view(place)[0] for place in places]
    return tuple(found)


def _end_tests(walk: Walk, body: list[ast.stmt], known: dict[ast.expr, list[str]]) -> Places:
    """Return the places that decide whether the end of ``body`` is reached without a return."""
    found: dict[str, None] = {}
    pending = body.copy()
    while pending:
        statement = pending.pop()
        kind = type(statement)
        if kind is _IF or kind is ast.While:
            test: ast.expr = statement.test  # type: ignore[attr-defined]
            pending += statement.orelse  # type: ignore[attr-defined]
        elif kind is ast.Match:
            test = statement.subject  # type: ignore[attr-defined]
        else:
            continue
        if test not in known:
            known[test] = places_in(walk, test)
        for place in known[test]:
            found[place] = None
    return tuple(found)


def refusal_tests(walk: Walk, body: list[ast.stmt]) -> Places:
    """Return the places tested by ``if ...: raise`` at the head of a function's body."""
    found: list[str] = []
    for statement in body[:6]:
        kind = type(statement)
        if kind is _EXPR and type(statement.value) in _HEAD:  # type: ignore[attr-defined]
            continue
        if kind is not _IF or type(statement.body[-1]) is not ast.Raise:  # type: ignore[attr-defined]
            break
        found.extend(places_in(walk, statement.test))  # type: ignore[attr-defined]
    return tuple(found)
