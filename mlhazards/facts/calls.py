"""Calls: what is called, with which arguments, and what the call does to its receiver."""

from __future__ import annotations

import ast
from sys import intern

from mlhazards.facts.arguments import read_arguments
from mlhazards.facts.iterations import Source, alias_bits, alias_origin, iterate
from mlhazards.facts.model import Access, Binding, Bit, Call, Op, Use
from mlhazards.facts.places import split_view
from mlhazards.facts.results import tested_places
from mlhazards.facts.stack import OF_VIEWS, Stack, push, push_all
from mlhazards.facts.steps import Places
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

#: Uses of a result that tell what the caller takes it for, by their first six letters.
_LOOKED_AT = frozenset({"tested", "indexe", "looped", "unpack"})
#: Methods that are more than a call.
_LOOKED_INTO = RESIZERS | VIEWS | OF_VIEWS | {"__setattr__"}
_NAME, _ATTRIBUTE = ast.Name, ast.Attribute
_CONSUMING = SNAPSHOTS - {"len", "bool"}


def read_call(walk: Walk, node: ast.Call, stack: Stack, use: str, assigned: str) -> None:
    """Record a call and put its parts on the stack."""
    function, given, keywords = node.func, node.args, node.keywords
    kind = type(function)
    last = ""
    if kind is _ATTRIBUTE:
        last = function.attr  # type: ignore[attr-defined]
        if last in _LOOKED_INTO:
            if _read_method(walk, node, function, stack):  # type: ignore[arg-type]
                return
        elif type(function.value) is not _NAME:  # type: ignore[attr-defined]
            push(walk, stack, function.value, "attribute")  # type: ignore[attr-defined]
        resolver = walk.resolver
        if function is resolver.function:
            callees = resolver.callees
        else:
            callees = resolver.attribute(function)  # type: ignore[arg-type]
    elif kind is _NAME:
        scope, name = walk.scope, function.id  # type: ignore[attr-defined]
        callees = scope.bound.get(name) or scope.unbound[name]
        if name in INERT and callees == (name,):
            _read_builtin(walk, node, name, stack, use)
            return
    else:
        callees = ()
        push(walk, stack, function)
    arguments = read_arguments(walk, given, keywords, stack) if given or keywords else ()
    targeted = keywords and _has_target(keywords)
    record = walk.record
    calls = record.calls
    looked_at = use[:6] in _LOOKED_AT
    for callee in callees:
        name = last or callee.rpartition(".")[2]
        if targeted or name in walk.noted:
            _note_role(walk, node, callee, started=targeted or name in walk.start_names)
        conditions: tuple[str, ...] = ()
        if looked_at:
            walk.results_used.append((record.number, len(calls)))
            if walk.conditions is not None:
                conditions = tested_places(walk)
        if node is walk.last_node:  # as Walk.at does it, without a call
            at = walk.last_at
        else:
            walk.last_node = node
            at = walk.last_at = len(walk.nodes)
            walk.nodes.append(node)
        calls.append(
            Call(
                callee,
                at,
                walk.lockset,
                walk.loop,
                walk.bits,
                use,
                assigned,
                arguments,
                0 if walk.frame is None else walk.exits(),
                walk.members,
                conditions,
            )
        )


def _note_role(walk: Walk, node: ast.Call, callee: str, *, started: bool) -> None:
    """Note a call that may start something, or walks a whole object."""
    record = walk.record
    if started:
        walk.starts.append((record.number, len(record.calls)))
        return
    canonical = walk.resolver.dotted(callee)
    if canonical in SERIALIZERS:
        _serialize(walk, node, canonical)


def _has_target(keywords: list[ast.keyword]) -> bool:
    """Whether a call may start what it is given: a subclass of Thread, whatever it is called."""
    for keyword in keywords:  # noqa: SIM110 (a generator for each call costs more)
        if keyword.arg == "target":
            return True
    return False


def _read_method(walk: Walk, node: ast.Call, function: ast.Attribute, stack: Stack) -> bool:
    """Read the receiver of a method of note; return whether nothing more is to be read."""
    receiver, name = function.value, function.attr
    push(walk, stack, receiver, "set algebra" if name in OF_VIEWS else "attribute")
    if name in RESIZERS:
        receivers = walk.resolver.places(receiver)
        if receivers:
            _resize(walk, node, receiver, receivers, name)
    elif name == "__setattr__":
        _store_by_name(walk, node, receiver)
    return name in VIEWS and not node.args and not node.keywords


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


def _resize(walk: Walk, node: ast.Call, receiver: ast.expr, receivers: Places, name: str) -> None:
    op = Op.ADD if name in ADDERS else Op.REMOVE
    key = ""
    if node.args and name not in ("append", "appendleft", "extend", "extendleft"):
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
                mapping,
                op,
                at,
                walk.lockset,
                walk.loop,
                bits | rebound | member,
                name,
                key,
                exits,
                via,
            )
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
    push_all(walk, stack, arguments, use)
    if node.keywords:
        push_all(walk, stack, [keyword.value for keyword in node.keywords], "argument")


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
                walk.resolver.shape(value),
                walk.spans.add(node),
                walk.record.number,
                conditional=bool(walk.bits & Bit.CONDITIONAL),
                value=walk.spans.add(value),
            )
        )
    if isinstance(value, ast.Attribute):
        walk.use(value.attr, Use.OTHER)
