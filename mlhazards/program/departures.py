"""Departures: where objects of the program take themselves out of somebody else's container."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from mlhazards.facts.model import Kind, Op
from mlhazards.program import ClassRef, FunctionRef, Program, places
from mlhazards.program.registries import Offer, Registries, Registry, last_name

_SELVES = frozenset({"self", "super()"})
#: Calls from an element's method to the removal of the element.
MAX_CALLS = 2


class Departure(NamedTuple):
    """Where an object passes itself to a method ``remover``, or removes itself from ``attribute``.

    ``owner`` is the place of the object that it leaves.
    """

    function: FunctionRef
    at: int
    owner: str
    remover: str = ""
    attribute: str = ""


class Departures:
    """The departures of a program, by the method that leads to them."""

    def __init__(self, program: Program, registries: Registries) -> None:
        """Ask ``program`` and ``registries``."""
        self._program = program
        self._registries = registries
        self._known: dict[str, tuple[Departure, ...]] = {}

    def possible(self, method: str) -> bool:
        """Return whether any class has a method of that name in which an object leaves another."""
        return bool(self._by(method))

    def seen(self, method: str, registry: Registry, offer: Offer) -> tuple[FunctionRef, int] | None:
        """Return where an object leaves ``registry`` in a method of that name."""
        remover = self._program.function(offer.remover.function).name
        attribute = registry.attribute.rpartition(".")[2]
        for departure in self._by(method):
            named = departure.remover == remover or departure.attribute == attribute
            if named and self._leaves(departure, registry):
                return departure.function, departure.at
        return None

    def _leaves(self, departure: Departure, registry: Registry) -> bool:
        """Whether what is left is an object of the class that holds the registry.

        Where its class is unknown, nothing else in the program may be meant, or it is called after
        that class.
        """
        function, holder = departure.function, registry.holder
        if not isinstance(holder, ClassRef):
            return False
        own = self._program.defining_class(function)
        cls = self._program.type_of(function.module, function.index, departure.owner, own)
        if cls is not None:
            return isinstance(cls, ClassRef) and self._registries.related(cls, holder)
        called = places.last(departure.owner).strip("_").lower()
        if called and called in self._program.class_facts(holder).name.lower():
            return True
        others = self._registries.classes_with(departure.remover or departure.attribute)
        return all(self._registries.related(other, holder) for other in others)

    def _by(self, method: str) -> tuple[Departure, ...]:
        known = self._known.get(method)
        if known is None:
            found: list[Departure] = []
            for module, index in self._methods.get(method, ()):
                start = FunctionRef(module, index)
                reached, waiting = {start}, [(start, 0)]
                while waiting:
                    function, calls = waiting.pop()
                    found += self._own(function)
                    for callee in self._called_on_self(function) if calls < MAX_CALLS else ():
                        if callee not in reached:
                            reached.add(callee)
                            waiting.append((callee, calls + 1))
            known = self._known[method] = tuple(found)
        return known

    def _own(self, function: FunctionRef) -> Iterator[Departure]:
        detail = self._program.detail(function)
        for call in detail.calls:
            owner, _, called = call.callee.rpartition(".")
            given = any(argument.place == "self" for argument in call.arguments)
            if given and owner and owner not in _SELVES:
                yield Departure(function, call.at, owner, remover=called)
        for access in detail.accesses:
            if access.op == Op.REMOVE and access.key.partition(".")[0] == "self":
                owner = access.place.rpartition(".")[0]
                if owner and owner not in _SELVES:
                    name = last_name(access.place)
                    yield Departure(function, access.at, owner, attribute=name)

    def _called_on_self(self, function: FunctionRef) -> Iterator[FunctionRef]:
        cls = ClassRef(function.module, self._program.function(function).class_index)
        for call in self._program.detail(function).calls:
            receiver, _, name = call.callee.rpartition(".")
            if receiver == "self":
                callee = self._program.method(cls, name)
                if callee is not None and not self._program.function(callee).kind & Kind.COROUTINE:
                    yield callee

    @cached_property
    def _methods(self) -> dict[str, list[tuple[str, int]]]:
        found: dict[str, list[tuple[str, int]]] = {}
        for module, facts in self._program.modules.items():
            for entry in facts.classes:
                for name, index in entry.methods.items():
                    found.setdefault(name, []).append((module, index))
        return found
