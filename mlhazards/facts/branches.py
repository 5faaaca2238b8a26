"""Branches: if, while, match, try. What holds afterwards is what holds on every way through."""

from __future__ import annotations

import ast
from collections.abc import Callable

from mlhazards.facts.bindings import NO_VALUE, bind_name
from mlhazards.facts.calls import keys_found
from mlhazards.facts.delegation import note_stop_value
from mlhazards.facts.expressions import read
from mlhazards.facts.locks import TRIES_A_LOCK, held_on_some, held_when
from mlhazards.facts.model import Bit, Loop
from mlhazards.facts.results import tested_containers
from mlhazards.facts.scope import merge
from mlhazards.facts.steps import Places
from mlhazards.facts.walk import Walk

ReadBlock = Callable[[Walk, list[ast.stmt], "ast.stmt | None"], bool]
_NAME, _IF, _EXPR = ast.Name, ast.If, ast.Expr
_CONDITIONAL = Bit.CONDITIONAL
_LEAVING = frozenset({ast.Break, ast.Continue, ast.Raise, ast.Return})
_MAY_BE_CONSTANT = frozenset({ast.Attribute, ast.Constant, ast.Name})
#: Tests that may ask whether a container holds a key.
_MAY_TEST = frozenset({ast.BoolOp, ast.Compare, ast.UnaryOp})
_Ways = list[tuple[dict[str, Places], tuple[str, ...]]]


def read_if(walk: Walk, node: ast.If, read_block: ReadBlock) -> bool:
    """Read an ``if`` and its ``elif`` chain; a chain of thousands is no recursion."""
    scope = walk.scope
    bits, conditions, locks = walk.bits, walk.conditions, walk.locks
    members, present = walk.members, walk.present
    ways: _Ways = []
    while True:
        test, body, orelse = node.test, node.body, node.orelse
        kind = type(test)
        if kind is not _NAME or walk.aliases:
            read(walk, test, "tested")
        certain = _constant_truth(walk, test) if kind in _MAY_BE_CONSTANT else None
        start = scope.bound
        walk.bits = bits | _CONDITIONAL
        walk.conditions = (conditions, test)
        tested = tested_containers(walk, test) if kind in _MAY_TEST else ()
        walk.members = members + tested
        if tested:
            walk.present = present + keys_found(walk, test, truth=True)
        tries = kind in TRIES_A_LOCK
        if tries:
            walk.hold(held_when(walk, test, locks, truth=True))
        elif walk.locks is not locks:
            walk.hold(locks)
        if not _binds_nothing(body, orelse):
            scope.bound = start.copy()
        if certain is not False and read_block(walk, body, node):
            ways.append((scope.bound, walk.locks))
        scope.bound = start
        walk.present = present
        if tries:
            walk.hold(held_when(walk, test, locks, truth=False))
        elif walk.locks is not locks:
            walk.hold(locks)
        if not orelse:
            if certain is not True:
                ways.append((start, walk.locks))
            break
        if len(orelse) == 1 and type(orelse[0]) is _IF and certain is None:
            node = orelse[0]
            continue
        if tested:
            walk.present = present + keys_found(walk, test, truth=False)
        if certain is not True and read_block(walk, orelse, node):
            ways.append((scope.bound, walk.locks))
        break
    walk.bits, walk.conditions = bits, conditions
    walk.members, walk.present = members, present
    return _join(walk, ways, start, locks)


def _binds_nothing(body: list[ast.stmt], orelse: list[ast.stmt]) -> bool:
    """Tell the branches that need no environment of their own: most are one statement.

    What leaves at once is never joined with anything; a lone expression leaves the environment as
    it is, but an ``else`` would change it afterwards.
    """
    kind = type(body[0])
    return kind in _LEAVING or (kind is _EXPR and not orelse and len(body) == 1)


def _constant_truth(walk: Walk, test: ast.expr) -> bool | None:
    """Return the truth of a test that never changes at run time, None for the others."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    for place in walk.resolver.places(test):
        if place[-13:] == "TYPE_CHECKING":
            dotted = walk.resolver.dotted(place)
            if dotted == "typing.TYPE_CHECKING" or dotted == "TYPE_CHECKING":  # noqa: PLR1714
                return False
    return None


def _join(walk: Walk, ways: _Ways, start: dict[str, Places], locks: tuple[str, ...]) -> bool:
    """Continue with what every completed way left behind; return whether there is one."""
    if not ways:
        walk.scope.bound = start
        walk.hold(locks)
        return False
    bound, held = ways[0]
    if len(ways) > 1:
        for other, other_held in ways[1:]:
            if bound is not other:
                bound = merge(bound, other)
            if held is not other_held:
                held = held_on_some(held, other_held)
    walk.scope.bound = bound
    if walk.locks is not held:
        walk.hold(held)
    return True


def read_while(walk: Walk, node: ast.While, read_block: ReadBlock) -> bool:
    """Read a ``while``; it is a loop of its own for the question what a ``break`` leaves."""
    bits, conditions, locks, loop = walk.bits, walk.conditions, walk.locks, walk.loop
    before = dict(walk.scope.bound)
    walk.loop = len(walk.record.loops)
    walk.record.loops.append(Loop(walk.spans.add(node.test), (), walk.lockset, loop))
    read(walk, node.test, "tested")
    walk.bits |= Bit.CONDITIONAL
    walk.conditions = (conditions, node.test)
    walk.hold(held_when(walk, node.test, locks, truth=True))
    read_block(walk, node.body, node)
    walk.loop = loop
    walk.scope.bound = merge(before, walk.scope.bound)
    walk.conditions = conditions
    walk.hold(held_when(walk, node.test, locks, truth=False))
    completes = read_block(walk, node.orelse, node)
    walk.bits = bits
    return completes


def read_match(walk: Walk, node: ast.Match, read_block: ReadBlock) -> bool:
    """Read a ``match``; one whose cases all leave is taken to cover every value."""
    read(walk, node.subject, "tested")
    bits, locks, start = walk.bits, walk.locks, walk.scope.bound
    conditions = walk.conditions
    ways: _Ways = []
    covers = False
    walk.conditions = (conditions, node.subject)
    for case in node.cases:
        walk.bits = bits | Bit.CONDITIONAL
        walk.scope.bound = dict(start)
        walk.hold(locks)
        for name in _captures(case.pattern):
            bind_name(walk, name, NO_VALUE, node)
        if case.guard is not None:
            read(walk, case.guard, "tested")
        elif isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None:
            covers = True
        if read_block(walk, case.body, node):
            ways.append((walk.scope.bound, walk.locks))
    walk.bits, walk.conditions = bits, conditions
    if ways and not covers:
        ways.append((start, locks))
    return _join(walk, ways, start, locks)


def _captures(pattern: ast.pattern) -> list[str]:
    return [
        node.name
        for node in ast.walk(pattern)
        if isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name is not None
    ]


def read_try(walk: Walk, node: ast.Try, read_block: ReadBlock) -> bool:
    """Read a ``try``: a handler may start anywhere in the body, the finally runs always."""
    bits, locks, start = walk.bits, walk.locks, dict(walk.scope.bound)
    retried = any([_catches_runtime_error(handler.type) for handler in node.handlers])
    if retried:
        walk.bits |= Bit.RETRIED
    ways: _Ways = []
    completes = read_block(walk, node.body, node)
    walk.bits = bits
    after_body, held = walk.scope.bound, walk.locks
    if completes and read_block(walk, node.orelse, node):
        ways.append((walk.scope.bound, walk.locks))
    in_handler = merge(start, after_body)
    kept = tuple(lock for lock in locks if lock in held)
    for handler in node.handlers:
        walk.bits = bits | Bit.CONDITIONAL | Bit.HANDLER
        walk.scope.bound = dict(in_handler)
        walk.hold(kept)
        read(walk, handler.type)
        note_stop_value(walk, node, handler)
        if handler.name:
            bind_name(walk, handler.name, NO_VALUE, node)
        if read_block(walk, handler.body, node):
            ways.append((walk.scope.bound, walk.locks))
    walk.bits = bits
    reached = _join(walk, ways, in_handler, kept if node.handlers else held)
    walk.bits = bits | Bit.FINALLY
    left = read_block(walk, node.finalbody, node)
    walk.bits = bits
    return reached and left


def _catches_runtime_error(caught: ast.expr | None) -> bool:
    if isinstance(caught, ast.Tuple):
        return any(_catches_runtime_error(item) for item in caught.elts)
    return isinstance(caught, ast.Name) and caught.id == "RuntimeError"
