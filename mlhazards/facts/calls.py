"""Calls: what is called, with which arguments, and what the call does to its receiver."""

from __future__ import annotations

import ast
from sys import intern

from mlhazards.facts.iterations import Source, alias_bits, alias_origin, iterate
from mlhazards.facts.model import Access, Argument, Binding, Bit, Call, Op, Use
from mlhazards.facts.places import split_view
from mlhazards.facts.results import tested_places
from mlhazards.facts.steps import Places
from mlhazards.facts.stack import OF_VIEWS, Stack, push, queue_lambda
from mlhazards.facts.stored_views import note_stored
from mlhazards.facts.walk import Walk
from mlhazards.knowledge.containers import (
    ADDERS,
    INERT,
    KEYED,
    LAZY,
    RESIZERS,
    SERIALIZERS,
    SNAPSHOTS,
    VIEWS,
)

_SERIALIZING = frozenset(name.rpartition(".")[2] for name in SERIALIZERS)
#: Uses of a result that tell what the caller takes it for, whole or by their first letters.
_LOOKED_AT = frozenset({"tested", "indexed"})
_UNPACKING = frozenset({"looped", "unpack"})
_NAME, _ATTRIBUTE, _CONSTANT = ast.Name, ast.Attribute, ast.Constant
_CONSUMING = SNAPSHOTS - {"len", "bool"}
#: Positions of arguments; calls with more are tables of data.
_POSITIONS = tuple(str(index) for index in range(255))
#: A record of the arguments of an argument: enough for `f(Task(name=key))`.
_MADE_OF = 4


def read_call(walk: Walk, node: ast.Call, stack: Stack, use: str, assigned: str) -> None:
    """Record a call and put its parts on the stack."""
    function = node.func
    kind = type(function)
    if kind is _NAME:
        callees = walk.scope.look_up(function.id)
        if function.id in INERT and callees == (function.id,):
            _read_builtin(walk, node, function.id, stack, use)
            return
    elif kind is _ATTRIBUTE:
        callees = _read_method(walk, node, function, stack)
        if callees is None:
            return
    else:
        callees = ()
        push(walk, stack, function)
    arguments = _read_arguments(walk, node, stack)
    for callee in callees:
        _record(walk, node, callee, use, assigned, arguments)


def _record(
    walk: Walk, node: ast.Call, callee: str, use: str, assigned: str, arguments: tuple[Argument, ...]
) -> None:
    record = walk.record
    calls = record.calls
    last = callee.rpartition(".")[2]
    if last in walk.start_names or (node.keywords and _has_target(node.keywords)):
        walk.starts.append((record.number, len(calls)))
    elif last in _SERIALIZING:
        canonical = walk.resolver.dotted(callee)
        if canonical in SERIALIZERS:
            _serialize(walk, node, canonical)
    if use in _LOOKED_AT or use[:6] in _UNPACKING:
        walk.results_used.append((record.number, len(calls)))
        conditions = () if walk.conditions is None else tested_places(walk)
    else:
        conditions = ()
    exits = 0 if walk.frame is None else walk.exits()
    calls.append(
        Call(
            callee, walk.at(node), walk.lockset, walk.loop, walk.bits, use, assigned, arguments,
            exits, walk.members, conditions,
        )  # fmt: skip
    )


def _has_target(keywords: list[ast.keyword]) -> bool:
    """Whether a call may start what it is given: a subclass of Thread, whatever it is called."""
    return any([keyword.arg == "target" for keyword in keywords])


def _read_method(
    walk: Walk, node: ast.Call, function: ast.Attribute, stack: Stack
) -> Places | None:
    """Read a method call's receiver; return its callees, or None when nothing more is to be read."""
    receiver, name = function.value, function.attr
    push(walk, stack, receiver, "set algebra" if name in OF_VIEWS else "attribute")
    if name in VIEWS and not node.args and not node.keywords:
        return None
    callees = walk.resolver.places(function)
    if name in RESIZERS:
        receivers = walk.resolver.places(receiver)
        if receivers:
            _resize(walk, node, receiver, receivers, name)
    elif name == "__setattr__":
        _store_by_name(walk, node, receiver)
    return callees


def _store_by_name(walk: Walk, node: ast.Call, receiver: ast.expr) -> None:
    """Read ``object.__setattr__(self, "name", value)``, or the same called on ``super()``."""
    if len(node.args) == len(("owner", "name", "value")):
        walk.opaque = True
        receiver = node.args[0]
    if len(node.args) < len(("name", "value")):
        return
    for owner in walk.resolver.places(receiver):
        place = f"{'self' if owner == 'super()' else owner}.{_text(node.args[-2])}"
        note_stored(walk, place, node.args[-1], node)


def _text(node: ast.expr) -> str:
    """Return the string that ``node`` is, "?" when it is none or unknown."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return "?"


def _resize(
    walk: Walk, node: ast.Call, receiver: ast.expr, receivers: Places, name: str
) -> None:
    op = Op.ADD if name in ADDERS else Op.REMOVE
    key = ""
    if node.args and name not in ("append", "appendleft", "extend", "extendleft", "update"):
        key = key_of(walk, node.args[0])
    bits = walk.bits | alias_bits(walk, receiver, receivers)
    exits = walk.exits()
    tests = walk.members
    at = walk.at(node)
    for place in receivers:
        mapping = split_view(place)[0]
        rebound, via = alias_origin(walk, receiver, place)
        member = Bit.MEMBERSHIP if mapping in tests else 0
        walk.record.accesses.append(
            Access(
                mapping, op, at, walk.lockset, walk.loop, bits | rebound | member, name, key,
                exits, via,
            )  # fmt: skip
        )


def key_of(walk: Walk, node: ast.expr) -> str:
    """Return the description of a key: a constant's repr, a place, or "" for unknown."""
    if type(node) is ast.Constant:
        return repr(node.value)[:80]
    places = walk.resolver.places(node)
    return places[0] if len(places) == 1 else ""


def keys_found(walk: Walk, test: ast.expr, *, truth: bool) -> tuple[tuple[str, str], ...]:
    """Return the (container, key) pairs that are surely there where ``test`` came out so."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return keys_found(walk, test.operand, truth=not truth)
    if isinstance(test, ast.BoolOp):
        if isinstance(test.op, ast.And) != truth:
            return ()
        return tuple(pair for part in test.values for pair in keys_found(walk, part, truth=truth))
    if isinstance(test, ast.Compare) and type(test.ops[0]) is (ast.In if truth else ast.NotIn):
        key = key_of(walk, test.left)
        if key and len(test.ops) == 1:
            places = walk.resolver.places(test.comparators[0])
            return tuple((split_view(place)[0], key) for place in places)
    return ()


def _serialize(walk: Walk, node: ast.Call, canonical: str) -> None:
    if not node.args:
        return
    for place in walk.resolver.places(node.args[0]):
        walk.access(place, Op.SERIALIZE, node.args[0], canonical)


def _read_arguments(walk: Walk, node: ast.Call, stack: Stack) -> tuple[Argument, ...]:
    if not node.args and not node.keywords:
        return ()
    found: list[Argument] = []
    resolver, aliases = walk.resolver, walk.aliases
    given = [(keyword.arg or "**", keyword.value) for keyword in node.keywords]
    for slot, value in (*zip(_POSITIONS, node.args, strict=False), *given):
        kind = type(value)
        if kind is _CONSTANT:
            continue
        if kind is _NAME or kind is _ATTRIBUTE:
            if aliases or kind is _ATTRIBUTE:
                push(walk, stack, value, "argument")
            for place in resolver.places(value):
                found.append(Argument(slot, place))  # noqa: PERF401 (a generator costs more)
        else:
            _read_argument(walk, slot, value, stack, found)
    return tuple(found)


def _read_argument(
    walk: Walk, slot: str, value: ast.expr, stack: Stack, found: list[Argument]
) -> None:
    kind = type(value)
    if kind is ast.Lambda:
        number = queue_lambda(walk, value, stack)  # type: ignore[arg-type]
        found.append(Argument(slot, f"lambda:{number}"))
    elif kind is ast.Call:
        push(walk, stack, value, "argument")
        _read_made_argument(walk, slot, value, found)  # type: ignore[arg-type]
    elif kind is ast.Tuple or kind is ast.List:
        push(walk, stack, value)
        for index, item in enumerate(value.elts):  # type: ignore[attr-defined]
            if type(item) is ast.Name or type(item) is ast.Attribute:
                places = walk.resolver.places(item)
                found.extend([Argument(f"{slot}.{index}", place) for place in places])
    elif kind is ast.Starred:
        push(walk, stack, value)
        found.extend(Argument("*", place) for place in walk.resolver.places(value.value))  # type: ignore[attr-defined]
    else:
        push(walk, stack, value, "argument")
        found.extend(Argument(slot, place) for place in walk.resolver.places(value))


def _read_made_argument(
    walk: Walk, slot: str, value: ast.Call, found: list[Argument]
) -> None:
    """Describe an argument that is itself a call: a partial of a callable, or an object."""
    callees = walk.resolver.places(value.func)
    if len(callees) != 1:
        return
    if walk.resolver.dotted(callees[0]) == "functools.partial" and value.args:
        found.extend(
            Argument(slot, place, True)  # noqa: FBT003
            for place in walk.resolver.places(value.args[0])
        )
        return
    parts = [*value.args, *(keyword.value for keyword in value.keywords)][:_MADE_OF]
    made_of = [
        place
        for part in parts
        if type(part) is ast.Name
        for place in walk.resolver.places(part)
    ]
    found.append(Argument(slot, intern(f"{callees[0]}()"), made_of=tuple(made_of)))


#: Uses of an iterator that outlives the expression that makes it.
_KEPT = frozenset({"assigned", "returned", "other"})
_BUILTIN_USES = {
    **dict.fromkeys(LAZY, "iterated"),
    **dict.fromkeys(_CONSUMING, "consumed"),
    **dict.fromkeys(("all", "any", "max", "min", "sum"), "iterated"),
    "len": "sized",
    "bool": "sized",
    "next": "next",
}


def _read_builtin(walk: Walk, node: ast.Call, name: str, stack: Stack, outer: str) -> None:
    """Read the call of a builtin that neither starts nor keeps anything."""
    use = _BUILTIN_USES.get(name, "argument")
    arguments = node.args
    if name in ("map", "filter"):
        _walk_through(walk, arguments[1:], name)
    elif name == "iter" and len(arguments) == 1 and outer in _KEPT:
        _walk_through(walk, arguments, name)
    elif name in _CONSUMING and len(arguments) >= 1:
        _take_snapshot(walk, node, name)
    elif name in KEYED and len(arguments) == 1 and node.keywords:
        _walk_through(walk, arguments, name)
    elif name == "setattr" and len(arguments) == 3:
        _bind_by_name(walk, node)
        _touch_attribute(walk, node, Op.SET_ITEM, name)
    elif name == "getattr" and len(arguments) > 1:
        _note_looked_up(walk, arguments[1])
    elif name == "delattr" and len(arguments) == 2:
        _touch_attribute(walk, node, Op.REMOVE, name)
    for value in arguments:
        push(walk, stack, value, use)
    for keyword in node.keywords:
        push(walk, stack, keyword.value, "argument")


def _note_looked_up(walk: Walk, name: ast.expr) -> None:
    """Note that ``getattr`` takes an attribute, for who knows what."""
    if isinstance(name, ast.Constant) and isinstance(name.value, str):
        walk.use(name.value, Use.OTHER)


def _take_snapshot(walk: Walk, node: ast.Call, name: str) -> None:
    """Record that everything is taken out of a container in one step."""
    value = node.args[0]
    for place in walk.resolver.places(value):
        mapping, view = split_view(place)
        # Where the pairs are made one by one, it is the view that a fix has to replace.
        walk.access(mapping, Op.SNAPSHOT, value if view == "items" else node, view or name)


def _walk_through(walk: Walk, arguments: list[ast.expr], name: str) -> None:
    """Record that a builtin walks its arguments with Python code in between."""
    for value in arguments:
        places = walk.resolver.places(value)
        if places:
            split = [split_view(place) for place in places]
            iterate(walk, Source(value, tuple(place for place, _ in split), split[0][1] or name))


def _touch_attribute(walk: Walk, node: ast.Call, op: int, name: str) -> None:
    """Record what ``setattr`` and ``delattr`` do to the names in the ``__dict__`` of an object."""
    key = key_of(walk, node.args[1])
    for place in walk.resolver.places(node.args[0]):
        walk.access(intern(f"{place}.__dict__"), op, node, name, key)


def _bind_by_name(walk: Walk, node: ast.Call) -> None:
    """Read ``setattr(self, "name", value)`` as the assignment that it is."""
    receiver, attribute, value = node.args
    for place in walk.resolver.places(receiver):
        note_stored(walk, f"{place}.{_text(attribute)}", value, node)
    if not isinstance(attribute, ast.Constant) or not isinstance(attribute.value, str):
        walk.opaque = True
        return
    if walk.resolver.places(receiver) == ("self",) and walk.scope.class_index >= 0:
        bindings = walk.classes[walk.scope.class_index].attributes
        bindings.setdefault(attribute.value, []).append(
            Binding(
                walk.resolver.shape(value), walk.spans.add(node), walk.record.number,
                conditional=bool(walk.bits & Bit.CONDITIONAL), value=walk.spans.add(value),
            )  # fmt: skip
        )
    if isinstance(value, ast.Attribute):
        walk.use(value.attr, Use.OTHER)
