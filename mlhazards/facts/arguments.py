"""Arguments of calls: those that are places or functions of the module."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from sys import intern

from mlhazards.facts.model import Argument, Use
from mlhazards.facts.stack import Stack, push, queue_lambda
from mlhazards.facts.walk import Walk

_NAME, _ATTRIBUTE, _CONSTANT = ast.Name, ast.Attribute, ast.Constant
_CALL = ast.Call
#: Expressions that name nothing, whatever is in them.
_NAMELESS = frozenset({
    ast.BinOp, ast.Compare, ast.Dict, ast.DictComp, ast.GeneratorExp, ast.JoinedStr, ast.ListComp,
    ast.Set, ast.SetComp, ast.UnaryOp,
})  # fmt: skip
#: Positions of arguments; calls with more are tables of data.
_POSITIONS = tuple(str(index) for index in range(255))
#: A record of the arguments of an argument: enough for `f(Task(name=key))`.
_MADE_OF = 4


def read_arguments(
    walk: Walk, given: list[ast.expr], keywords: list[ast.keyword], stack: Stack
) -> tuple[Argument, ...]:
    """Return the arguments of a call and put what they hold on the stack."""
    found: list[Argument] = []
    aliases, scope = walk.aliases, walk.scope
    bound, unbound = scope.bound, scope.unbound
    slots: Iterable[tuple[str, ast.expr]]
    slots = zip(_POSITIONS, given)  # noqa: B905 (`strict` costs more than the pairs)
    if keywords:
        slots = [*slots, *[(keyword.arg or "**", keyword.value) for keyword in keywords]]
    for slot, value in slots:
        kind = type(value)
        if kind is _NAME:
            name: str = value.id  # type: ignore[attr-defined]
            if aliases and name in aliases:
                walk.use(aliases[name], Use.PASSED)
            for place in bound.get(name) or unbound[name]:
                found.append(Argument(slot, place))  # noqa: PERF401 (there is one)
        elif kind is _CONSTANT:
            continue
        elif kind is _ATTRIBUTE:
            push(walk, stack, value, "argument")
            for place in walk.resolver.attribute(value):  # type: ignore[arg-type]
                found.append(Argument(slot, place))  # noqa: PERF401 (there is one)
        elif kind in _NAMELESS:
            stack.append((value, "argument", ""))
        else:
            _read_argument(walk, slot, value, stack, found)
    return tuple(found)


def _read_argument(
    walk: Walk, slot: str, value: ast.expr, stack: Stack, found: list[Argument]
) -> None:
    if isinstance(value, ast.Call):
        stack.append((value, "argument", ""))
        _read_made_argument(walk, slot, value, found)
    elif isinstance(value, ast.Lambda):
        number = queue_lambda(walk, value, stack)
        found.append(Argument(slot, f"lambda:{number}"))
    elif isinstance(value, (ast.Tuple, ast.List)):
        stack.append((value, "other", ""))
        for index, item in enumerate(value.elts):
            kind = type(item)
            if kind is _NAME or kind is _ATTRIBUTE:
                places = walk.resolver.places(item)
                found.extend([Argument(f"{slot}.{index}", place) for place in places])
    elif isinstance(value, ast.Starred):
        stack.append((value, "other", ""))
        found.extend([Argument("*", place) for place in walk.resolver.places(value.value)])
    else:
        stack.append((value, "argument", ""))
        found.extend([Argument(slot, place) for place in walk.resolver.places(value)])


def _read_made_argument(walk: Walk, slot: str, value: ast.Call, found: list[Argument]) -> None:
    """Describe an argument that is itself a call: a partial of a callable, or an object."""
    resolver = walk.resolver
    callees = resolver.places(value.func)
    if len(callees) != 1:
        return
    arguments = value.args
    if arguments and resolver.dotted(callees[0]) == "functools.partial":
        places = resolver.places(arguments[0])
        found.extend([Argument(slot, place, True) for place in places])
        return
    made_of: tuple[str, ...] = ()
    parts = [*arguments, *[keyword.value for keyword in value.keywords]]
    for part in parts[:_MADE_OF]:
        if type(part) is _NAME:
            made_of += resolver.places(part)
    found.append(Argument(slot, intern(f"{callees[0]}()"), False, made_of))
