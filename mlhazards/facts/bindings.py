"""Bindings: what a name or an attribute stands for after an assignment."""

from __future__ import annotations

import ast
from sys import intern

from msgspec import Struct

from mlhazards.facts.calls import key_of
from mlhazards.facts.iterations import alias_bits, alias_origin
from mlhazards.facts.model import Access, Binding, Bit, Op, Shape, Use
from mlhazards.facts.places import UNKNOWN, shape_of, split_view
from mlhazards.facts.steps import OWN, Places
from mlhazards.facts.stored_views import MAY_BE_VIEWS, note_stored
from mlhazards.facts.walk import Walk
from mlhazards.knowledge.containers import RELIED_ON

_NAME, _ATTRIBUTE, _CALL = ast.Name, ast.Attribute, ast.Call
_CONDITIONAL, _REBIND = Bit.CONDITIONAL, Op.REBIND
_CHOICES = frozenset({ast.IfExp, ast.BoolOp})
#: What may stand for an object that has another name already.
_NAMING = frozenset({ast.Subscript, ast.IfExp, ast.BoolOp, ast.NamedExpr})
_MAX_KEYS = 64
#: Shapes whose expression no fix rewrites, so nobody asks where it stands.
_NEVER_WRAPPED = frozenset({"bool", "bytes", "none", "number", "str"})


class Value(Struct, frozen=True, gc=False):
    """The right side of an assignment, judged before any target is bound (swaps need that)."""

    node: ast.expr | None
    places: Places
    shape: Shape
    keys: tuple[str, ...] = ()


NO_VALUE = Value(None, (), UNKNOWN)


def judge(walk: Walk, node: ast.expr) -> Value:
    """Return what the expression ``node`` would bind a target to."""
    kind = type(node)
    if kind is _CALL:
        shape = walk.resolver.shape_of_call(node)  # type: ignore[arg-type]
        return Value(node, () if shape.kind == "call" else _named_by_call(shape), shape)
    if kind is _NAME or kind is _ATTRIBUTE:
        places = walk.resolver.places(node)
        return Value(node, places, shape_of(places))
    shape = walk.resolver.shape(node)
    if kind in _NAMING:
        places = tuple([p for p in walk.resolver.places(node) if not _is_call(p)])
        return Value(node, places, shape)
    if isinstance(node, ast.Dict):
        keys = [key.value for key in node.keys[:_MAX_KEYS] if isinstance(key, ast.Constant)]
        return Value(node, (), shape, tuple([repr(key) for key in keys]))
    return Value(node, (), shape)


def _named_by_call(shape: Shape) -> Places:
    """Return the places of what a call yields, where it yields no object of its own."""
    if shape.kind == "view":
        return (intern(f"{shape.of}.{shape.form}()"),)
    if shape.kind == "attributes":
        return (intern(f"{shape.of}.__dict__"),)
    return (shape.of,) if shape.kind == "place" else ()


def _is_call(place: str) -> bool:
    return place.endswith("()") and not split_view(place)[1]


def bind(
    walk: Walk, target: ast.expr, value: Value, statement: ast.stmt, annotation: str = ""
) -> None:
    """Bind ``target`` to ``value``."""
    if isinstance(target, ast.Name):
        bind_name(walk, target.id, value, statement, annotation)
    elif isinstance(target, ast.Attribute):
        bind_attribute(walk, walk.resolver.attribute(target), value, statement, annotation)
    elif isinstance(target, ast.Subscript):
        _bind_item(walk, target, value, statement)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for item, part in zip(target.elts, _parts(walk, target, value), strict=True):
            bind(walk, item, part, statement)
    elif isinstance(target, ast.Starred):
        bind(walk, target.value, Value(None, (), Shape("list")), statement)


def _parts(walk: Walk, target: ast.Tuple | ast.List, value: Value) -> list[Value]:
    node = value.node
    if (
        isinstance(node, (ast.Tuple, ast.List))
        and len(node.elts) == len(target.elts)
        and not any(isinstance(item, ast.Starred) for item in (*node.elts, *target.elts))
    ):
        return [judge(walk, item) for item in node.elts]
    of = value.shape.of if value.shape.kind in ("call", "place", "awaited") else ""
    return [Value(None, (), Shape("element", of, str(i))) for i in range(len(target.elts))]


def bind_name(
    walk: Walk, name: str, value: Value, statement: ast.stmt | ast.expr, annotation: str = ""
) -> None:
    """Bind a plain name in the scope that it belongs to."""
    scope = walk.scope
    if name in RELIED_ON:
        scope.shadowed |= {name}
    if not scope.is_local or name in scope.declared:
        _bind_elsewhere(walk, name, value, statement, annotation)
        return
    own = OWN[name]
    places = value.places
    if places and places != own:
        _bind_alias(walk, name, value, statement, annotation)
        return
    if name in scope.via:
        _forget_alias(walk, name)
    scope.bound[name] = own
    # As Walk.bind_local and Walk.at do it: two calls less for every other statement.
    if statement is walk.last_node:
        at = walk.last_at
    else:
        walk.last_node = statement
        at = walk.last_at = len(walk.nodes)
        walk.nodes.append(statement)
    record = walk.record
    bits = walk.bits
    made = Binding(value.shape, at, record.number, annotation, value.keys, bits & _CONDITIONAL != 0)
    if name in record.locals:
        record.locals[name].append(made)
    else:
        record.locals[name] = [made]


def _bind_elsewhere(
    walk: Walk, name: str, value: Value, statement: ast.stmt | ast.expr, annotation: str
) -> None:
    """Bind a name of a class body or the module, or one declared to be another scope's."""
    scope = walk.scope
    if type(value.node) is _ATTRIBUTE:
        walk.use(value.node.attr, Use.OTHER)
    if name in scope.declared:
        _bind_outer(walk, name, value, statement, annotation)
    elif scope.is_class:
        place = scope.own(name)
        scope.bound[name] = (place,)
        made = _binding(walk, value, statement, annotation, -1)
        walk.classes[scope.class_index].attributes.setdefault(name, []).append(made)
        if name[:2] != "__" and type(value.node) in MAY_BE_VIEWS:
            note_stored(walk, place, value.node, statement, annotation)
    else:
        made = _binding(walk, value, statement, annotation, walk.record.number)
        walk.names.setdefault(name, []).append(made)


def _forget_alias(walk: Walk, name: str) -> None:
    del walk.scope.via[name]
    # Bound anew on one way only, the name still stands for the attribute on the other.
    if not walk.bits & _CONDITIONAL:
        walk.aliases.pop(name, None)


def _bind_alias(
    walk: Walk, name: str, value: Value, statement: ast.stmt | ast.expr, annotation: str
) -> None:
    """Make a local another name for the places of ``value``."""
    scope, places, node = walk.scope, value.places, value.node
    made = _made_at(walk, value, statement)
    if name in scope.via:
        _forget_alias(walk, name)
    fresh = type(node) in _CHOICES and _part_is_fresh(walk, node)  # type: ignore[arg-type]
    scope.bound[name] = places + OWN[name] if fresh else places
    scope.via[name] = made
    last = places[0].rpartition(".")[2]
    if len(places) == 1 and last.isidentifier() and "." in places[0]:
        if walk.aliases.get(name, last) != last:
            walk.use(walk.aliases[name], Use.OTHER)
        walk.aliases[name] = last
    elif type(node) is _ATTRIBUTE:
        walk.use(node.attr, Use.OTHER)
    if fresh:
        walk.bind_local(name, value.shape, walk.at(statement), annotation, value.keys)


def _made_at(walk: Walk, value: Value, statement: ast.stmt | ast.expr) -> int:
    """Return where an alias was made: another name for an old object is as old."""
    node, scope = value.node, walk.scope
    if isinstance(node, ast.Name) and node.id in scope.via and scope.is_old(node.id, value.places):
        return scope.via[node.id]
    return walk.at(statement)


def _part_is_fresh(walk: Walk, node: ast.IfExp | ast.BoolOp) -> bool:
    parts = node.values if isinstance(node, ast.BoolOp) else (node.body, node.orelse)
    return any(not walk.resolver.places(part) or isinstance(part, ast.Call) for part in parts)


def _bind_outer(
    walk: Walk, name: str, value: Value, statement: ast.stmt | ast.expr, annotation: str
) -> None:
    """Bind a name declared ``global`` or ``nonlocal``."""
    for place in walk.scope.look_up(name):
        if place == name:
            made = _binding(walk, value, statement, annotation, walk.record.number)
            walk.names.setdefault(name, []).append(made)
        rebind(walk, place, statement, value)


def _binding(
    walk: Walk, value: Value, statement: ast.stmt | ast.expr, annotation: str, function: int
) -> Binding:
    node, shape = value.node, value.shape
    return Binding(
        shape,
        walk.at(statement),
        function,
        annotation,
        value.keys,
        walk.bits & _CONDITIONAL != 0,
        -1 if node is None or shape.kind in _NEVER_WRAPPED else walk.spans.add(node),
    )


def rebind(walk: Walk, place: str, node: ast.stmt | ast.expr, value: Value) -> None:
    """Record that ``place`` is another object from here on."""
    at = walk.at(node)
    walk.scope.rebound[place] = at
    places = value.places
    walk.record.accesses.append(
        Access(
            place,
            _REBIND,
            at,
            walk.lockset,
            walk.loop,
            walk.bits,
            value.shape.kind,
            places[0] if len(places) == 1 else "",
            0 if walk.frame is None else walk.exits(),
        )
    )


def bind_attribute(
    walk: Walk, places: Places, value: Value, statement: ast.stmt, annotation: str = ""
) -> None:
    """Bind the attribute that is at one of ``places``."""
    scope = walk.scope
    # Nothing shares the object yet while its constructor binds an attribute for good.
    constructing = not walk.bits and walk.record.name == "__init__"
    for place in places:
        if type(value.node) in MAY_BE_VIEWS:
            note_stored(walk, place, value.node, statement, annotation)
        base, _, name = place.rpartition(".")
        if (base == "self" or base == "cls") and scope.class_index >= 0:  # noqa: PLR1714 (a set is slower)
            made = _binding(walk, value, statement, annotation, walk.record.number)
            bindings = walk.classes[scope.class_index].attributes
            if name in bindings:
                bindings[name].append(made)
            else:
                bindings[name] = [made]
            if constructing:
                scope.rebound[place] = walk.at(statement)
                continue
        rebind(walk, place, statement, value)


def _bind_item(walk: Walk, target: ast.Subscript, value: Value, statement: ast.stmt) -> None:
    sliced = type(target.slice) is ast.Slice
    op, how = (Op.ADD, "[:]=") if sliced else (Op.SET_ITEM, "[]=")
    _touch_item(walk, target, op, statement, how)
    name = target.slice
    if isinstance(name, ast.Constant) and isinstance(name.value, str):
        for place in walk.resolver.places(target.value):
            if place.endswith(".__dict__"):
                owner = place.removesuffix("__dict__")
                note_stored(walk, f"{owner}{name.value}", value.node, statement)


def _touch_item(walk: Walk, target: ast.Subscript, op: int, statement: ast.stmt, how: str) -> None:
    """Record that an item is stored or deleted, also through a local alias of its container."""
    key = "" if type(target.slice) is ast.Slice else key_of(walk, target.slice)
    container = target.value
    found = walk.resolver.places(container)
    bits = alias_bits(walk, container, found)
    for place in found:
        rebound, via = alias_origin(walk, container, place)
        walk.access(split_view(place)[0], op, statement, how, key, bits | rebound, via)


def delete(walk: Walk, target: ast.expr, statement: ast.stmt) -> None:
    """Record a ``del``."""
    if isinstance(target, ast.Subscript):
        _touch_item(walk, target, Op.REMOVE, statement, "del")
    elif isinstance(target, ast.Attribute):
        for place in walk.resolver.places(target):
            walk.access(place, Op.DELETE, statement, "del")
    elif isinstance(target, (ast.Tuple, ast.List)):
        for item in target.elts:
            delete(walk, item, statement)
