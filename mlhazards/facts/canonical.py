"""Canonical names: what a place is called outside of the module, seen through its own variables."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mlhazards.facts.model import Binding, ModuleFacts, Shape
from mlhazards.facts.places import Resolver
from mlhazards.facts.scope import Scope

_MAX_STEPS = 4
#: The variable, or the attribute of self, that a place starts with.
_ROOT = re.compile(r"self\.[^.(\[]+|.[^.(\[]*")
#: Shapes of expressions that name something which has another name already.
_NAMING = frozenset({"attributes", "call", "place", "view"})


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
            match = _ROOT.match(place)
            root = match[0] if match else place
            bindings = self._bindings(function, root)
            if bindings is None:
                return self._resolver.dotted(place)
            if not bindings or bindings[0].shape.kind not in _NAMING:
                return place
            named = {_named(binding.shape) for binding in bindings}
            if len(named) != 1 or not (found := named.pop()):
                return place
            place = found + place[len(root) :]
        return place

    def of_default(self, function: int, place: str) -> str:
        """Return the name of the default of the parameter that ``place`` is, "" for none."""
        for parameter in self._facts.functions[function].parameters:
            if place == f"${parameter.name}" and parameter.default is not None:
                named = _named(parameter.default)
                return self.of(0, named) if named else ""
        return ""

    def _bindings(self, function: int, root: str) -> Sequence[Binding] | None:
        """Return all that is bound to a variable; None for what is no variable of the module."""
        facts = self._facts
        if root[0] == "^":
            number, _, name = root[1:].partition(":")
            return self._bindings(int(number), f"%{name}")
        if root[0] in "%$":
            bindings = facts.details[function].locals.get(root[1:], ())
            named = any(item.name == root[1:] for item in facts.functions[function].parameters)
            return () if named else bindings
        if root.startswith("self."):
            index = facts.functions[function].class_index
            attributes = facts.classes[index].attributes if index >= 0 else {}
            return attributes.get(root[len("self.") :], ())
        if root in facts.names:
            return () if root in facts.imports else facts.names[root]
        return None


def _named(shape: Shape) -> str:
    """Return the place that a shape is another name for, the views of a mapping included."""
    if shape.kind in ("place", "view"):
        return shape.of
    if shape.kind == "call":
        return f"{shape.of}()"
    return f"{shape.of}.__dict__" if shape.kind == "attributes" else ""
