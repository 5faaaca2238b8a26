"""What comes from outside: what a function is given by those who call it, and who may call it."""

from __future__ import annotations

from mlhazards.facts.model import FunctionFacts, Kind
from mlhazards.program import FunctionRef, Program, places
from mlhazards.program.public import is_public


class Given:
    """Tells what the functions of a program get from their callers."""

    def __init__(self, program: Program) -> None:
        """Ask ``program``."""
        self._program = program

    def parameters(self, function: FunctionRef) -> list[str]:
        """Return the names of what the callers of a function pass by themselves."""
        header = self._program.function(function)
        names = [p.name for p in header.parameters if p.kind != "**"]
        bound = self._is_method(function.module, header)
        return names[1:] if bound and not header.kind & Kind.STATIC_METHOD else names

    def takes_something(self, function: FunctionRef) -> bool:
        """Return whether callers pass anything to a function, or to one that it is nested in."""
        while not self.parameters(function):
            header = self._program.function(function)
            if header.parent <= 0 or self._is_method(function.module, header):
                return False
            function = FunctionRef(function.module, header.parent)
        return True

    def from_outside(self, function: FunctionRef, place: str) -> bool:
        """Return whether a place of a function is, or is made from, what its callers pass."""
        root = places.split(place).root
        if root[0] == "$":
            return root[1:] in self.parameters(function)
        if root[0] == "^":
            number, _, name = root[1:].partition(":")
            return name in self.parameters(FunctionRef(function.module, int(number)))
        if root[0] == "%":
            return self._made_from_parameters(function, root)
        return place.endswith(places.CALL) and self.takes_something(function)

    def _made_from_parameters(self, function: FunctionRef, local: str) -> bool:
        detail = self._program.detail(function)
        for call in detail.calls:
            if call.assigned == local:
                for argument in call.arguments:
                    for place in (argument.place, *argument.made_of):
                        if place[0] == "$" and self.from_outside(function, place):
                            return True
        # Calls of builtins, `id(listener)`, leave no record of their arguments.
        builtin = any(
            binding.shape.kind == "call" and "." not in binding.shape.of
            for binding in detail.locals.get(local[1:], ())
        )
        return builtin and self.takes_something(function)

    def open_to_all(self, function: FunctionRef) -> bool:
        """Return whether anybody can make a function run.

        It is public, or handed out or called with what it was given by one that is.
        """
        module = function.module
        header = self._program.function(function)
        while header.parent > 0 and not self._is_method(module, header):
            header = self._program.modules[module].functions[header.parent]
        return is_public(header.name) or self._called_for_others(module, header.name)

    def _called_for_others(self, module: str, name: str) -> bool:
        facts = self._program.modules[module]
        return any(
            places.last(call.callee) == name
            and any(argument.place[0] == "$" for argument in call.arguments)
            for header, detail in zip(facts.functions, facts.details, strict=True)
            if is_public(header.name)
            for call in detail.calls
        )

    def _is_method(self, module: str, header: FunctionFacts) -> bool:
        if header.class_index < 0:
            return False
        return self._program.modules[module].classes[header.class_index].parent == header.parent
