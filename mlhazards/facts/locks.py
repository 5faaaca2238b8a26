"""Locks: which are surely held at a place, by identity (their own access path).

Whether a place really is a lock, and of which kind, is for the link to say; here every context
manager counts, since one that is no lock protects nothing and is dropped there.
"""

from __future__ import annotations

import ast

from mlhazards.facts.walk import Walk

#: Before a lock that is held on some ways to a place and not on others.
_MAYBE = "maybe "


#: Tests that may take a lock: `if lock.acquire(...)`, `if not ...`, `if (got := ...)`.
TRIES_A_LOCK = frozenset({ast.Call, ast.UnaryOp, ast.NamedExpr})


#: Methods that say which locks are held from here on.
LOCKING = frozenset({"acquire", "enter_context", "locked", "release"})


def enter_context(walk: Walk, node: ast.expr, *, is_async: bool) -> None:
    """Note what a ``with`` item holds until the end of its block."""
    places = walk.resolver.places(node)
    if len(places) != 1:
        return
    place = f"async {places[0]}" if is_async else places[0]
    walk.hold((*walk.locks, place))


def take_or_release(walk: Walk, call: ast.Call) -> None:
    """Follow ``lock.acquire()`` and ``lock.release()`` written as statements.

    ``assert lock.locked()`` counts as taken: the author states that a caller holds it.
    """
    function = call.func
    if not isinstance(function, ast.Attribute):
        return
    name = function.attr
    if (name == "acquire" and not _may_fail(call)) or name == "locked":
        _take(walk, function.value)
    elif name == "release":
        released = walk.resolver.places(function.value)
        walk.hold(tuple([k for k in walk.locks if k.removeprefix(_MAYBE) not in released]))
    elif name == "enter_context" and call.args:
        enter_context(walk, call.args[0], is_async=False)


def _take(walk: Walk, lock: ast.expr) -> None:
    places = walk.resolver.places(lock)
    if len(places) == 1:
        maybe = _maybe(places[0])
        walk.hold((*(held for held in walk.locks if held != maybe), places[0]))


def _may_fail(call: ast.Call) -> bool:
    """Whether an acquire, its result unused, may come back without the lock."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(not (isinstance(value, ast.Constant) and value.value is True) for value in given)


def held_on_some(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is held after two ways; what only one of them holds is marked ``maybe``."""
    found = {lock if lock in other else _maybe(lock): None for lock in one}
    found.update((_maybe(lock), None) for lock in other if lock not in one)
    return tuple(found)


def _maybe(lock: str) -> str:
    return lock if lock.startswith(_MAYBE) else f"{_MAYBE}{lock}"


def held_when(
    walk: Walk, test: ast.expr, locks: tuple[str, ...], *, truth: bool
) -> tuple[str, ...]:
    """Return the locks held where ``test`` came out as ``truth``: ``if lock.acquire(...)``."""
    wanted = truth
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, wanted = test.operand, not truth
    if isinstance(test, ast.NamedExpr):
        test = test.value
    if (
        wanted
        and isinstance(test, ast.Call)
        and isinstance(test.func, ast.Attribute)
        and test.func.attr == "acquire"
    ):
        places = walk.resolver.places(test.func.value)
        if len(places) == 1:
            return (*locks, places[0])
    return locks
