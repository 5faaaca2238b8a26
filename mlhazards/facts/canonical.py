"""Canonical names: what a place is called outside of the module, seen through its own variables."""

from __future__ import annotations

from mlhazards.facts.model import Binding, ModuleFacts, Shape
from mlhazards.facts.places import Resolver
from mlhazards.facts.scope import Scope

_MAX_STEPS = 4


class CanonicalNames:
    """The names that places of one module have outside of it."""

    __slots__ = ("_facts", "_resolver")

    def __init__(self, facts: ModuleFacts) -> None:
        """Answer for the module of ``facts``."""
        self._facts = facts
        self._resolver = Resolver(Scope(0, None))
        self._resolver.imports = facts.imports

    def of(self, function: int, place: str) -> str:
        """Return ``place`` of function number ``function`` by its dotted name.

        Imports are replaced by what they import, and a variable or attribute of ``self`` that the
        module binds to one thing only by that thing. What cannot be told is returned as it is.
        """
        for _ in range(_MAX_STEPS):
            root, rest = _root(place)
            shapes = _bound(self._facts, function, root)
            if shapes is None:
                return self._resolver.dotted(place)
            named = {_named(shape) for shape in shapes}
            if len(named) != 1 or not (found := named.pop()):
                return place
            place = found + rest
        return place

    def of_default(self, function: int, place: str) -> str:
        """Return the name of the default of the parameter that ``place`` is, "" for none."""
        for parameter in self._facts.functions[function].parameters:
            if place == f"${parameter.name}" and parameter.default is not None:
                named = _named(parameter.default)
                return self.of(0, named) if named else ""
        return ""


def _root(place: str) -> tuple[str, str]:
    """Split off the variable, or the attribute of self, that ``place`` starts with."""
    start = len("self.") if place.startswith("self.") else 1
    ends = [end for mark in ".([" if (end := place.find(mark, start)) > 0]
    end = min(ends, default=len(place))
    return place[:end], place[end:]


def _bound(facts: ModuleFacts, function: int, root: str) -> list[Shape] | None:
    """Return the shapes bound to a variable; None for what is no variable of the module."""
    header = facts.functions[function]
    bindings: list[Binding] = []
    if root[0] == "^":
        number, _, name = root[1:].partition(":")
        return _bound(facts, int(number), f"%{name}")
    if root[0] in "%$":
        if all(parameter.name != root[1:] for parameter in header.parameters):
            bindings = facts.details[function].locals.get(root[1:], [])
    elif root.startswith("self."):
        if header.class_index >= 0:
            attributes = facts.classes[header.class_index].attributes
            bindings = attributes.get(root[len("self.") :], [])
    elif root not in facts.names:
        return None
    elif root not in facts.imports:
        bindings = facts.names[root]
    return [binding.shape for binding in bindings]


def _named(shape: Shape) -> str:
    """Return the place that a shape is another name for, the views of a mapping included."""
    if shape.kind in ("place", "view"):
        return shape.of
    if shape.kind == "call":
        return f"{shape.of}()"
    return f"{shape.of}.__dict__" if shape.kind == "attributes" else ""
