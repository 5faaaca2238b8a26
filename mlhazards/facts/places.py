"""Places and shapes of expressions: which object an expression names, and what it yields.

This is the only alias analysis; rules over a Module use the same functions.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from sys import intern
from typing import Any

from mlhazards.facts.model import Shape
from mlhazards.facts.scope import Scope
from mlhazards.facts.steps import ATTRIBUTES, Places
from mlhazards.knowledge.containers import CONSTRUCTORS, LOCKS, VIEWS

_NAME, _ATTRIBUTE, _CONSTANT = ast.Name, ast.Attribute, ast.Constant

#: Longer access paths are unknown: nothing real is proven through them.
MAX_STEPS = 8
#: Nested conditional expressions deeper than this are unknown.
MAX_DEPTH = 12
#: Shapes inside of shapes inside of shapes are unknown.
_MAX_NESTED = 3
#: How many shapes of places are kept between modules.
_MAX_SHAPES = 1 << 14

UNKNOWN = Shape("unknown")
#: Builtins whose call names an object that has a place already.
_SPECIAL_CALLS = frozenset({"cast", "getattr", "super", "vars"})
_VIEW_ENDS = tuple(f".{view}()" for view in sorted(VIEWS))
_LITERALS: dict[type[ast.expr], Shape] = {
    ast.Dict: Shape("dict"),
    ast.DictComp: Shape("dict"),
    ast.Set: Shape("set"),
    ast.SetComp: Shape("set"),
    ast.List: Shape("list"),
    ast.ListComp: Shape("list"),
    ast.GeneratorExp: Shape("generator"),
    ast.JoinedStr: Shape("str"),
    ast.Compare: Shape("bool"),
}
_EMPTY: dict[type[ast.expr], Shape] = {
    ast.Dict: Shape("dict", form="empty"),
    ast.List: Shape("list", form="empty"),
}
NONE = Shape("none")
_CONSTANTS: dict[type, Shape] = {
    bool: Shape("bool"),
    int: Shape("number"),
    float: Shape("number"),
    complex: Shape("number"),
    str: Shape("str"),
    bytes: Shape("bytes"),
}
_FALSE_CONSTANTS: dict[type, Shape] = {
    **_CONSTANTS,
    type(None): NONE,
    str: Shape("str", form="empty"),
    bytes: Shape("bytes", form="empty"),
}


def split_view(place: str) -> tuple[str, str]:
    """Return (mapping, method) of a place that is a view of a mapping, else (place, "")."""
    if place[-1] == ")" and place.endswith(_VIEW_ENDS):
        mapping, _, method = place.rpartition(".")
        return mapping, method[:-2]
    return place, ""


class Resolver:
    """Names the objects that expressions stand for, in the current scope of a walk."""

    __slots__ = ("_called", "callees", "function", "imports", "scope")

    def __init__(self, scope: Scope) -> None:
        """Start in ``scope`` with no imports known."""
        self.scope = scope
        self.imports: dict[str, str] = {}
        #: What was called last and by which names: who reads that call need not ask again.
        self.function: ast.expr | None = None
        self.callees: Places = ()
        #: What calls without arguments that matter yield, by callee.
        self._called: dict[str, Shape] = {}

    def import_as(self, name: str, dotted: str) -> None:
        """Note that the module knows ``dotted`` as ``name``; the first import of a name counts."""
        self.imports.setdefault(name, intern(dotted))
        self._called.clear()

    def places(self, node: ast.expr, depth: int = 0) -> Places:
        """Return the places that ``node`` may name; () for a fresh or an unknown object."""
        kind = type(node)
        if kind is _NAME:
            scope = self.scope
            name: str = node.id  # type: ignore[attr-defined]
            return scope.bound.get(name) or scope.unbound[name]
        if kind is _ATTRIBUTE:
            return self.attribute(node, depth)  # type: ignore[arg-type]
        if depth > MAX_DEPTH:
            return ()
        handler = _PLACES.get(kind)
        return () if handler is None else handler(self, node, depth + 1)

    def attribute(self, node: ast.Attribute, depth: int = 0) -> Places:
        """Return the places that an attribute may name."""
        base = node.value
        kind = type(base)
        if kind is _NAME:
            scope = self.scope
            name: str = base.id  # type: ignore[attr-defined]
            places = scope.bound.get(name) or scope.unbound[name]
        elif kind is _ATTRIBUTE and type(base.value) is _NAME:  # type: ignore[attr-defined]
            places = self.attribute(base)  # type: ignore[arg-type]
        else:
            return self._chain(node, depth)
        name = node.attr
        if len(places) == 1:
            return ATTRIBUTES[places[0]][name] or self._followed(places, name)
        return self._followed(places, name)

    def _followed(self, places: Places, name: str) -> Places:
        """Return the attribute ``name`` of each of ``places``."""
        if name[:2] == "__":
            name = self.scope.mangle(name)
        return tuple([intern(f"{place}.{name}") for place in places])

    def _chain(self, node: ast.Attribute, depth: int) -> Places:
        names = []
        base: ast.expr = node
        while type(base) is _ATTRIBUTE:
            names.append(base.attr)
            base = base.value
        if len(names) > MAX_STEPS:
            return ()
        names.reverse()
        places = self.places(base, depth)
        if type(base) is _NAME and len(places) == 1:
            for name in names:
                places = ATTRIBUTES[places[0]][name] or self._followed(places, name)
            return places
        mangle = self.scope.mangle
        path = ".".join([mangle(name) if name[:2] == "__" else name for name in names])
        return tuple([intern(f"{place}.{path}") for place in places])

    def _call(self, node: ast.Call, depth: int) -> Places:
        function = node.func
        if type(function) is ast.Name:
            special = self._builtin_call(function.id, node, depth)
            if special is not None:
                return special
        elif type(function) is not ast.Attribute:
            return ()
        elif function.attr in VIEWS and (node.args or node.keywords):
            return ()  # no view of a mapping, but written like one without its arguments
        return tuple(
            [intern(f"{place}()") for place in self.places(function, depth) if len(place) < 200]
        )

    def _builtin_call(self, name: str, node: ast.Call, depth: int) -> Places | None:
        arguments = node.args
        if name == "super":
            return ("super()",)
        if name == "vars" and len(arguments) == 1:
            return tuple(f"{place}.__dict__" for place in self.places(arguments[0], depth))
        if name == "cast" and len(arguments) == 2:
            return self.places(arguments[1], depth)
        if name == "getattr" and len(arguments) >= 2:
            attribute = arguments[1]
            named = isinstance(attribute, ast.Constant) and isinstance(attribute.value, str)
            name = attribute.value if named else "?"  # type: ignore[attr-defined]
            return tuple(f"{place}.{name}" for place in self.places(arguments[0], depth))
        return None

    def _subscript(self, node: ast.Subscript, depth: int) -> Places:
        if type(node.slice) is ast.Slice:
            return ()
        return tuple(
            [intern(f"{place}[]") for place in self.places(node.value, depth) if len(place) < 200]
        )

    def _either(self, node: ast.IfExp | ast.BoolOp, depth: int) -> Places:
        parts = node.values if isinstance(node, ast.BoolOp) else (node.body, node.orelse)
        found: dict[str, None] = {}
        for part in parts:
            for place in self.places(part, depth):
                found[place] = None
        return tuple(found)

    def _walrus(self, node: ast.NamedExpr, depth: int) -> Places:
        return self.places(node.value, depth)

    def dotted(self, place: str) -> str:
        """Return ``place`` with its first name replaced by what this module imported for it."""
        start = place[0]
        if start == "@":
            return place[1:]
        if start in "%$^" or place[:5] == "self.":
            return place
        first, dot, rest = place.partition(".")
        imported = self.imports.get(first)
        return place if imported is None else f"{imported}{dot}{rest}"

    def shape(self, node: ast.expr | None, depth: int = 0) -> Shape:
        """Return what ``node`` yields, as far as its own text tells."""
        kind = type(node)
        if kind is _CONSTANT and depth <= _MAX_NESTED:
            value = node.value  # type: ignore[union-attr]
            return (_CONSTANTS if value else _FALSE_CONSTANTS).get(type(value), UNKNOWN)
        if kind is _NAME or kind is _ATTRIBUTE:
            return UNKNOWN if depth > _MAX_NESTED else shape_of(self.places(node))  # type: ignore[arg-type]
        handler = _SHAPES.get(kind)  # type: ignore[arg-type]
        if handler is not None:
            return UNKNOWN if depth > _MAX_NESTED else handler(self, node, depth + 1)
        if node is None:
            return NONE
        if kind in _EMPTY and _is_empty(node):
            return _EMPTY[kind]
        return _LITERALS.get(kind, UNKNOWN)  # type: ignore[arg-type]

    def _tuple(self, node: ast.Tuple, depth: int) -> Shape:
        if any([type(item) is ast.Starred for item in node.elts]):
            return Shape("tuple", form="starred")
        if not node.elts:
            return Shape("tuple", form="empty")
        return Shape("tuple", items=tuple([self.shape(item, depth) for item in node.elts[:16]]))

    def _named(self, node: ast.expr, _depth: int) -> Shape:
        return shape_of(self.places(node))

    def shape_of_call(self, node: ast.Call, depth: int = 1) -> Shape:
        """Return what a call yields; its callees are kept for who reads the call right after."""
        function = node.func
        kind = type(function)
        if kind is _NAME:
            name: str = function.id  # type: ignore[attr-defined]
            if name in _SPECIAL_CALLS:
                found = self.places(node)
                if len(found) == 1 and not found[0].endswith("()"):
                    return shape_of(found)
            scope = self.scope
            callees = scope.bound.get(name) or scope.unbound[name]
        elif kind is _ATTRIBUTE:
            callees = self.attribute(function)  # type: ignore[arg-type]
        else:
            callees = self.places(function)
        self.function, self.callees = function, callees
        if len(callees) != 1:
            return UNKNOWN
        callee = callees[0]
        known = self._called.get(callee)
        if known is not None and (known.kind == "call" or not node.keywords):
            return known
        return self._shape_of_new(node, callee, depth)

    def _shape_of_new(self, node: ast.Call, callee: str, depth: int) -> Shape:
        mapping, _, method = callee.rpartition(".")
        if method in VIEWS:
            if mapping and not node.args and not node.keywords:
                return Shape("view", mapping, method)
            return Shape("call", callee)
        canonical = self.dotted(callee)
        if canonical in LOCKS:
            made_of = tuple([self.shape(argument, depth) for argument in node.args[:1]])
            return Shape("lock", canonical, items=made_of)
        if canonical == "dataclasses.field":
            return self._field_shape(node)
        container = CONSTRUCTORS.get(canonical)
        if container is None:
            shape = Shape("call", callee)
        elif _has_keyword(node, "maxlen"):
            return Shape(container, form="bounded")
        else:
            shape = Shape(container)
        self._called[callee] = shape
        return shape

    def _field_shape(self, node: ast.Call) -> Shape:
        """Return what a dataclass field starts as."""
        for keyword in node.keywords:
            if keyword.arg == "default_factory":
                for place in self.places(keyword.value):
                    made = CONSTRUCTORS.get(self.dotted(place))
                    return Shape(made) if made else Shape("call", place)
            if keyword.arg == "default":
                return self.shape(keyword.value, 2)
        return UNKNOWN

    def _awaited(self, node: ast.Await, depth: int) -> Shape:
        inner = self.shape(node.value, depth)
        return Shape("awaited", inner.of) if inner.kind == "call" else UNKNOWN

    def _walrus_shape(self, node: ast.NamedExpr, depth: int) -> Shape:
        return self.shape(node.value, depth)

    def _choice(self, node: ast.IfExp | ast.BoolOp, depth: int) -> Shape:
        parts = node.values if isinstance(node, ast.BoolOp) else [node.body, node.orelse]
        shapes = tuple([self.shape(part, depth) for part in parts[:8]])
        return shapes[0] if len(set(shapes)) == 1 else Shape("either", items=shapes)

    def _unary(self, node: ast.UnaryOp, depth: int) -> Shape:
        if type(node.op) is ast.Not:
            return Shape("bool")
        return self.shape(node.operand, depth) if type(node.operand) is ast.Constant else UNKNOWN

    def _binary(self, node: ast.BinOp, depth: int) -> Shape:
        left = self.shape(node.left, depth)
        if left.kind == "str" and type(node.op) is ast.Mod:
            return left
        right = self.shape(node.right, depth)
        same = left.kind == right.kind and left.kind in ("number", "str", "list", "dict", "set")
        return Shape(left.kind) if same else UNKNOWN


def _is_empty(node: ast.expr) -> bool:
    return not (node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", None))


class _PlaceShapes(dict[str, Shape]):
    """The shape of an expression that only names a place, by that place."""

    def __missing__(self, place: str) -> Shape:
        mapping, view = split_view(place)
        if view:
            shape = Shape("view", mapping, view)
        elif place.endswith(".__dict__"):
            shape = Shape("attributes", place[: -len(".__dict__")])
        elif place.startswith("function:"):
            shape = Shape("function", place[len("function:") :])
        else:
            shape = Shape("place", place)
        if len(self) > _MAX_SHAPES:
            self.clear()
        self[place] = shape
        return shape


_OF_PLACE = _PlaceShapes()


def shape_of(places: Places) -> Shape:
    """Return the shape of an expression that only names ``places``."""
    return _OF_PLACE[places[0]] if len(places) == 1 else UNKNOWN


def _has_keyword(node: ast.Call, name: str) -> bool:
    return any(keyword.arg == name for keyword in node.keywords)


_PLACES: dict[type[ast.expr], Callable[[Resolver, Any, int], Places]] = {
    ast.Call: Resolver._call,
    ast.Subscript: Resolver._subscript,
    ast.IfExp: Resolver._either,
    ast.BoolOp: Resolver._either,
    ast.NamedExpr: Resolver._walrus,
}
_SHAPES: dict[type[ast.expr], Callable[[Resolver, Any, int], Shape]] = {
    ast.Tuple: Resolver._tuple,
    ast.Subscript: Resolver._named,
    ast.Call: Resolver.shape_of_call,
    ast.Await: Resolver._awaited,
    ast.NamedExpr: Resolver._walrus_shape,
    ast.IfExp: Resolver._choice,
    ast.BoolOp: Resolver._choice,
    ast.UnaryOp: Resolver._unary,
    ast.BinOp: Resolver._binary,
}
