"""Views of mappings that are bound to attributes, and so outlive the call that makes them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from mlhazards.facts.model import Shape, StoredView
from mlhazards.facts.places import UNKNOWN, split_view
from mlhazards.facts.walk import Walk
from mlhazards.knowledge.containers import VIEWS

_FIELDS = frozenset({"attr.attrib", "attr.field", "attr.ib", "attrs.field", "dataclasses.field"})
_FACTORIES = frozenset({"default_factory", "factory"})
_MAX_DEPTH = 4
#: Objects whose attributes are those of the enclosing class.
_OWN = frozenset({"cls", "self", "self.__class__"})
#: Expressions that can be a view, or hold one.
MAY_BE_VIEWS = frozenset({
    ast.Attribute, ast.BoolOp, ast.Call, ast.Dict, ast.IfExp, ast.List, ast.Name, ast.NamedExpr,
    ast.Tuple,
})  # fmt: skip


class _View(NamedTuple):
    """An expression that yields a view of ``mapping``; ``held`` and ``via`` as in the facts."""

    node: ast.expr
    mapping: Shape
    method: str
    held: str = ""
    via: int = -1


def note_stored(
    walk: Walk,
    place: str,
    node: ast.expr | None,
    statement: ast.stmt | ast.expr,
    annotation: str = "",
) -> None:
    """Record the views that ``place``, an attribute, is bound to by the value ``node``."""
    if node is None or type(node) not in MAY_BE_VIEWS or _surely_none(walk, node):
        return
    in_class = walk.scope.is_class
    own = in_class or place.rpartition(".")[0] in _OWN
    for view in _views(walk, node, "", 0):
        shared = isinstance(statement, ast.Assign) and any(
            isinstance(target, ast.Name) for target in statement.targets
        )
        walk.views.append(
            StoredView(
                place=place,
                mapping=view.mapping,
                method=view.method,
                function=walk.record.number,
                owner=walk.scope.class_index if own else -1,
                at=walk.spans.add(view.node),
                statement=walk.at(statement),
                via=view.via,
                held=view.held or ("shared" if shared and not in_class else ""),
                annotation=annotation,
            )
        )


def _surely_none(walk: Walk, node: ast.expr) -> bool:
    """Tell the most common values from views at a glance: parameters and calls of anything else."""
    if isinstance(node, ast.Name):
        places = walk.scope.look_up(node.id)
        return len(places) == 1 and places[0][-1] != ")" and places[0][0] != "%"
    if isinstance(node, ast.Call) and not node.keywords:
        function = node.func
        return not isinstance(function, ast.Attribute) or function.attr not in VIEWS
    return False


def _views(walk: Walk, node: ast.expr, held: str, depth: int) -> Iterator[_View]:
    if depth > _MAX_DEPTH:
        return
    parts: list[ast.expr | None] = []
    if isinstance(node, ast.Call):
        yield from _call(walk, node, held)
    elif isinstance(node, (ast.Name, ast.Attribute)):
        yield from _alias(walk, node, held)
    elif isinstance(node, ast.IfExp):
        parts = [node.body, node.orelse]
    elif isinstance(node, ast.BoolOp):
        parts = [*node.values]
    elif isinstance(node, ast.NamedExpr):
        parts, held = [node.value], held or "shared"
    elif isinstance(node, (ast.Dict, ast.List, ast.Tuple)):
        parts = [*(node.values if isinstance(node, ast.Dict) else node.elts)]
        held = "inside"
    for part in parts:
        if part is not None and type(part) in MAY_BE_VIEWS:
            yield from _views(walk, part, held, depth + 1)


def _call(walk: Walk, node: ast.Call, held: str) -> Iterator[_View]:
    function = node.func
    if isinstance(function, ast.Attribute) and function.attr in VIEWS:
        if not node.args and not node.keywords:
            yield _View(node, _mapping(walk, function.value), function.attr, held)
    elif node.keywords and not held:
        callees = walk.resolver.places(function)
        if len(callees) == 1 and walk.resolver.dotted(callees[0]) in _FIELDS:
            yield from _field(walk, node)


def _field(walk: Walk, node: ast.Call) -> Iterator[_View]:
    """Yield what a field of a dataclass starts as, or is made of for each instance."""
    for keyword in node.keywords:
        value = keyword.value
        if keyword.arg == "default":
            yield from _views(walk, value, "", 1)
        elif keyword.arg in _FACTORIES:
            match value:
                case ast.Lambda(body=made):
                    yield from _views(walk, made, "", 1)
                case ast.Attribute(value=mapping, attr=method) if method in VIEWS:
                    yield _View(value, _mapping(walk, mapping), method, "factory")


def _mapping(walk: Walk, node: ast.expr) -> Shape:
    places = walk.resolver.places(node)
    if len(places) > 1:
        return Shape("either", items=tuple(Shape("place", place) for place in places))
    shape = walk.resolver.shape(node)
    return Shape("place", places[0]) if shape.kind == "unknown" and places else shape


def _alias(walk: Walk, node: ast.Name | ast.Attribute, held: str) -> Iterator[_View]:
    """Yield the view that a name stands for; one is enough, since the name is what is wrapped."""
    places = walk.resolver.places(node)
    name = node.id if isinstance(node, ast.Name) else ""
    for place in places:
        mapping, method = split_view(place)
        if method:
            shape = Shape("place", mapping) if mapping else UNKNOWN
            yield _View(node, shape, method, held, walk.scope.via.get(name, -1))
            return
    for binding in walk.record.locals.get(name, ()) if places == (f"%{name}",) else ():
        for shape in (binding.shape, *binding.shape.items):
            if shape.kind == "view":
                mapping_shape = Shape("place", shape.of)
                yield _View(node, mapping_shape, shape.form, held, binding.at)
                return
