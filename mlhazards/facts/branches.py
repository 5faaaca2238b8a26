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
_Ways = list[tuple[dict[str, Places], tuple[str, ...]]]


def read_if(walk: Walk, node: ast.If, read_block: ReadBlock) -> bool:
    """Read an ``if`` and its ``elif`` chain; a chain of thousands is no recursion."""
    bits, conditions, locks = walk.bits, walk.conditions, walk.locks
    frame, members, present = walk.frame, walk.members, walk.present
    ways: _Ways = []
    current: ast.If = node
    while True:
        read(walk, current.test, "tested")
        certain = _constant_truth(walk, current.test)
        start = walk.scope.bound
        walk.bits = bits | Bit.CONDITIONAL
        walk.conditions = (conditions, current.test)
        tested = tested_containers(walk, current.test)
        walk.members = members + tested
        if tested:
            walk.present = present + keys_found(walk, current.test, truth=True)
        walk.scope.bound = dict(start)
        held = locks
        if type(current.test) in TRIES_A_LOCK:
            held = held_when(walk, current.test, locks, truth=True)
        if walk.locks is not held:
            walk.hold(held)
        if certain is not False and read_block(walk, current.body, current):
            ways.append((walk.scope.bound, walk.locks))
        walk.scope.bound = start
        walk.present = present
        held = locks
        if type(current.test) in TRIES_A_LOCK:
            held = held_when(walk, current.test, locks, truth=False)
        if walk.locks is not held:
            walk.hold(held)
        if len(current.orelse) == 1 and type(current.orelse[0]) is ast.If and certain is None:
            current = current.orelse[0]
            continue
        if tested and current.orelse:
            walk.present = present + keys_found(walk, current.test, truth=False)
        if certain is not True and read_block(walk, current.orelse, current):
            ways.append((walk.scope.bound, walk.locks))
        break
    walk.bits, walk.conditions, walk.frame = bits, conditions, frame
    walk.members, walk.present = members, present
    return _join(walk, ways, start, locks)


def _constant_truth(walk: Walk, test: ast.expr) -> bool | None:
    """Return the truth of a test that never changes at run time, None for the others."""
    kind = type(test)
    if kind is ast.Constant:
        return bool(test.value)  # type: ignore[attr-defined]
    if kind is ast.Name or kind is ast.Attribute:
        for place in walk.resolver.places(test):
            if walk.resolver.dotted(place) in ("typing.TYPE_CHECKING", "TYPE_CHECKING"):
                return False
    return None


def _join(
    walk: Walk, ways: _Ways, start: dict[str, Places], locks: tuple[str, ...]
) -> bool:
    """Continue with what every completed way left behind; return whether there is one."""
    if not ways:
        walk.scope.bound = start
        walk.hold(locks)
        return False
    bound, held = ways[0]
    for other, other_held in ways[1:]:
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
    retried = any(_catches_runtime_error(handler.type) for handler in node.handlers)
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
