"""Canonical names: what a place is called outside of the module, seen through its own variables."""

from __future__ import annotations

from mlhazards.facts.model import ModuleFacts, Shape
from mlhazards.facts.places import Resolver
from mlhazards.facts.scope import Scope

_MAX_STEPS = 4


def canonical(facts: ModuleFacts, function: int, place: str) -> str:
    """Return ``place`` of function number ``function`` by its dotted name.

    Imports are replaced by what they import, and a variable or attribute of ``self`` that the
    module binds to one thing only by that thing. What cannot be told is returned as it is.
    """
    resolver = Resolver(Scope(0, None))
    resolver.imports = facts.imports
    for _ in range(_MAX_STEPS):
        root, rest = _root(place)
        shapes = _bound(facts, function, root)
        if shapes is None:
            return resolver.dotted(place)
        named = {_named(shape) for shape in shapes}
        if len(named) != 1 or not (found := named.pop()):
            return place
        place = found + rest
    return place


def parameter_default(facts: ModuleFacts, function: int, place: str) -> str:
    """Return the canonical name of the default of the parameter that ``place`` is, or ""."""
    for parameter in facts.functions[function].parameters:
        if place == f"${parameter.name}" and parameter.default is not None:
            named = _named(parameter.default)
            return canonical(facts, 0, named) if named else ""
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
    if root[0] in "%$":
        bindings = facts.details[function].locals.get(root[1:], [])
        declared = any(item.name == root[1:] for item in header.parameters)
        return [] if declared else [binding.shape for binding in bindings]
    if root[0] == "^":
        number, _, name = root[1:].partition(":")
        return _bound(facts, int(number), f"%{name}")
    if root.startswith("self."):
        if header.class_index < 0:
            return []
        bindings = facts.classes[header.class_index].attributes.get(root[len("self.") :], [])
        return [binding.shape for binding in bindings]
    if root in facts.names:
        if root in facts.imports:
            return []
        return [binding.shape for binding in facts.names[root]]
    return None


def _named(shape: Shape) -> str:
    """Return the place that a shape is another name for, the views of a mapping included."""
    if shape.kind in ("place", "view"):
        return shape.of
    if shape.kind == "call":
        return f"{shape.of}()"
    return f"{shape.of}.__dict__" if shape.kind == "attributes" else ""
