"""Iterations: what a loop walks, through the wrappers it is written with."""

from __future__ import annotations

import ast

from msgspec import Struct

from mlhazards.facts.model import Access, Bit, Loop, Op, Shape
from mlhazards.facts.namespaces import is_namespace
from mlhazards.facts.places import split_view
from mlhazards.facts.steps import Places
from mlhazards.facts.walk import Walk
from mlhazards.knowledge.containers import LAZY, SNAPSHOTS, VIEWS, compatible_view

_WITH_FUNCTION = frozenset({"map", "filter"})
#: Snapshots that hold the very elements of what they were taken of.
_KEEPS_ELEMENTS = frozenset({"frozenset", "list", "set", "sorted", "tuple"})


class Source(Struct, frozen=True, gc=False):
    """One container that a loop walks: the expression, the places it names, how it is walked."""

    node: ast.expr
    places: Places
    form: str


class Element(Struct, frozen=True, gc=False):
    """What one turn of a loop yields: a value at one of ``places``, or a tuple of ``parts``."""

    places: Places
    parts: tuple[Element, ...] = ()


class Clause(Struct, frozen=True, gc=False):
    """A loop as opened: expressions that remain to be read, its target and its element."""

    parts: list[tuple[ast.expr, str]]
    target: ast.expr | None
    element: Element


NOTHING = Element(())


def is_view(node: ast.Call) -> bool:
    """Return whether a call is written like the view of a mapping: ``x.items()``."""
    function = node.func
    return type(function) is ast.Attribute and function.attr in VIEWS and not node.args


def open_loop(
    walk: Walk, node: ast.expr, target: ast.expr | None, *, comprehension: bool
) -> Clause:
    """Record a loop over ``node``; from here on it is the innermost loop.

    The caller reads ``Clause.parts``, binds the targets, reads the body, and restores
    ``walk.loop``. ``target`` is None for ``yield from``.
    """
    parts: list[tuple[ast.expr, str]] = []
    sources: list[Source] = []
    arity = len(target.elts) if isinstance(target, (ast.Tuple, ast.List)) else 0
    element = _unwrap(walk, node, "", arity, parts, sources)
    outer = walk.loop
    walk.loop = len(walk.record.loops)
    places: Places = sources[0].places if len(sources) == 1 else ()
    if len(sources) > 1 or len(places) > 1:
        places = tuple({place: None for source in sources for place in source.places})
    walk.record.loops.append(
        Loop(
            walk.spans.add(node),
            places,
            walk.lockset,
            outer,
            _names(target),
            arity,
            False,
            comprehension,
        )
    )
    for source in sources:
        iterate(walk, source)
    return Clause(parts, target, element)


def iterate(walk: Walk, source: Source) -> None:
    """Record that ``source`` is walked element by element."""
    if not source.places:
        return
    at = walk.spans.add(source.node)
    named = _viewed(source.node)
    bits = walk.bits | alias_bits(walk, named, source.places)
    if source.form == "reversed":
        bits |= Bit.REVERSED
    for place in source.places:
        own, via = alias_origin(walk, named, place)
        if is_namespace(walk, place, source.node):
            own |= Bit.MODULE_NAMESPACE
        walk.record.accesses.append(
            Access(
                place,
                Op.ITERATE,
                at,
                walk.lockset,
                walk.loop,
                bits | own,
                source.form,
                "",
                0,
                via,
            )
        )


def _viewed(node: ast.expr) -> ast.expr:
    """Return the mapping in ``mapping.items()``, any other expression as it is."""
    if type(node) is ast.Call and is_view(node):
        function = node.func
        return function.value if isinstance(function, ast.Attribute) else node
    return node


def alias_bits(walk: Walk, node: ast.expr, places: Places) -> int:
    """Return the bits that tell that ``node`` is a local alias, or one of several objects."""
    bits = 0
    if type(node) is ast.Name and node.id in walk.scope.via:
        bits |= Bit.ALIAS
    if len(places) > 1 or type(node) in (ast.IfExp, ast.BoolOp):
        bits |= Bit.EITHER
    return bits


def alias_origin(walk: Walk, node: ast.expr, place: str) -> tuple[int, int]:
    """Return (REBOUND bit, At where the alias was made) for an access to ``place`` by ``node``.

    An alias is the object at that moment: once the place is bound anew, it is a private old one.
    """
    if type(node) is not ast.Name:
        return 0, -1
    via = walk.scope.via.get(node.id, -1)
    if via < 0:
        return 0, -1
    # `old, self.x = self.x, {}` does both in one statement.
    return (Bit.REBOUND if walk.scope.rebound.get(place, -1) >= via else 0), via


def _unwrap(
    walk: Walk,
    node: ast.expr,
    form: str,
    arity: int,
    parts: list[tuple[ast.expr, str]],
    sources: list[Source],
) -> Element:
    """Find the containers that walking ``node`` walks, and what one turn yields."""
    if isinstance(node, ast.Call):
        function = node.func
        if isinstance(function, ast.Name) and walk.scope.look_up(function.id) == (function.id,):
            if function.id in LAZY and node.args:
                return _unwrap_lazy(walk, node, function.id, parts, sources)
            if function.id in SNAPSHOTS:
                parts.append((node, "snapshot"))
                return _copied_element(walk, node, function.id)
        view = _compatible_view(walk, node)
        if view:
            parts.append((node.args[0], "attribute"))
            return _live_view(walk, node, node.args[0], view, sources)
        if isinstance(function, ast.Attribute) and is_view(node):
            parts.append((function.value, "attribute"))
            return _live_view(walk, node, function.value, function.attr, sources)
        parts.append((node, f"looped:{arity}" if arity else "looped"))
    else:
        parts.append((node, "iterated"))
    return _plain_source(walk, node, form, sources)


def _copied_element(walk: Walk, node: ast.Call, name: str) -> Element:
    """Return what one turn over ``list(d)`` yields: an element of ``d``, as over ``d`` itself."""
    if name not in _KEEPS_ELEMENTS or len(node.args) != 1:
        return NOTHING
    found = [split_view(place) for place in walk.resolver.places(node.args[0])]
    views = {view for _, view in found}
    if len(views) != 1:
        return NOTHING
    return _element(tuple([mapping for mapping, _ in found]), views.pop())


def _plain_source(walk: Walk, node: ast.expr, form: str, sources: list[Source]) -> Element:
    found: list[str] = []
    views = set()
    for place in walk.resolver.places(node):
        mapping, view = split_view(place)
        found.append(mapping)
        views.add(view)
    if not found:
        return NOTHING
    view = views.pop() if len(views) == 1 else ""
    sources.append(Source(node, tuple(found), view or form))
    return _element(tuple(found), view)


def _compatible_view(walk: Walk, node: ast.Call) -> str:
    """Return the view that a helper such as ``six.iteritems(d)`` gives, "" for none."""
    if len(node.args) != 1 or node.keywords or type(node.args[0]) is ast.Starred:
        return ""
    callees = walk.resolver.places(node.func)
    return compatible_view(walk.resolver.dotted(callees[0])) if len(callees) == 1 else ""


def _live_view(
    walk: Walk, node: ast.Call, mapping: ast.expr, view: str, sources: list[Source]
) -> Element:
    places = walk.resolver.places(mapping)
    if not places:
        return NOTHING
    sources.append(Source(node, places, view))
    return _element(places, view)


def _element(places: Places, view: str) -> Element:
    item = Element(tuple([f"{place}[]" for place in places]))
    return Element((), (item, item)) if view == "items" else item


def _unwrap_lazy(
    walk: Walk,
    node: ast.Call,
    name: str,
    parts: list[tuple[ast.expr, str]],
    sources: list[Source],
) -> Element:
    arguments = node.args
    parts.extend((keyword.value, "argument") for keyword in node.keywords)
    if name in _WITH_FUNCTION:
        parts.append((arguments[0], "argument"))
        arguments = arguments[1:]
    elements = [_unwrap(walk, argument, name, 0, parts, sources) for argument in arguments]
    if name == "enumerate" and elements:
        return Element((), (NOTHING, elements[0]))
    if name == "zip":
        return Element((), tuple(elements))
    if name in ("reversed", "iter", "filter") and len(elements) == 1:
        return elements[0]
    return NOTHING


def _names(target: ast.expr | None) -> tuple[str, ...]:
    if isinstance(target, ast.Name):
        return (target.id,)
    if isinstance(target, (ast.Tuple, ast.List)):
        return tuple(name for item in target.elts for name in _names(item))
    return _names(target.value) if isinstance(target, ast.Starred) else ()


def bind_targets(walk: Walk, clause: Clause) -> None:
    """Bind the names of the loop's target to what one turn yields."""
    if clause.target is not None:
        _bind(walk, clause.target, clause.element)


def _bind(walk: Walk, target: ast.expr, element: Element) -> None:
    if isinstance(target, ast.Name):
        scope = walk.scope
        if target.id in scope.declared or (scope.number == 0 and not scope.is_class):
            scope.bound.pop(target.id, None)
            if scope.number == 0:
                return
        scope.via.pop(target.id, None)
        walk.aliases.pop(target.id, None)
        if element.places:
            scope.bound[target.id] = element.places
        else:
            scope.bound[target.id] = (scope.own(target.id),)
            if scope.number:
                walk.bind_local(target.id, Shape("element"), walk.spans.add(target))
    elif isinstance(target, (ast.Tuple, ast.List)):
        parts = element.parts
        for index, item in enumerate(target.elts):
            _bind(walk, item, parts[index] if len(parts) == len(target.elts) else NOTHING)
    elif isinstance(target, ast.Starred):
        _bind(walk, target.value, NOTHING)
