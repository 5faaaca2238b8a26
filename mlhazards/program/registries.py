"""Registries: containers that others put something into and take it out of, and who does so.

A registry is known by the class that holds it and the attribute, not as one object: whoever has an
object can call all of its methods, so what its class offers is offered for each of its containers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlhazards.facts.model import Access, Argument, Bit, Kind, Op
from mlhazards.program import ClassRef, FunctionRef, Global, Program, places
from mlhazards.program.given import Given
from mlhazards.program.locations import Frame, Location, Locator, Shared

#: Calls that hand out an item of a mapping and leave it where it is.
_ITEM_CALLS = (".get()", ".setdefault()")
#: Removals that say which element goes.
_TAKES_ONE = frozenset({"del", "discard", "pop", "remove"})
_ADDS = frozenset({Op.ADD, Op.SET_ITEM})
_OWN_ROOTS = frozenset({"self", "cls"})


class Registry(NamedTuple):
    """A container of an object (``holder`` is its class) or a variable (``holder`` itself).

    ``nested`` says that an item of it is meant: ``self.listeners[event]``.
    """

    holder: ClassRef | Global
    attribute: str
    nested: bool


class Change(NamedTuple):
    """A place that adds to or removes from a registry; ``certain`` when its object is known."""

    function: FunctionRef
    access: Access
    certain: bool = True


class Offer(NamedTuple):
    """How others register and unregister: what the program shows of it."""

    adder: Change
    remover: Change


def as_item(place: str) -> str:
    """Return ``place`` with ``.get(...)`` and ``.setdefault(...)`` written as ``[...]``."""
    if "et" in place:
        for call in _ITEM_CALLS:
            place = place.replace(call, places.ELEMENT)
    return place


def last_name(place: str) -> str:
    """Return the last attribute in ``place``, of whose items it may be one."""
    if place[-1] in "])":
        place = as_item(place)
        while place[-1] == "]":
            place = place[:-2]
    return place.rpartition(".")[2]


class Registries:
    """The registries of a program."""

    def __init__(self, program: Program, locator: Locator) -> None:
        """Note by the last name what adds to or removes from a container."""
        self._program = program
        self._locator = locator
        self._given = Given(program)
        self._changes: dict[str, list[tuple[FunctionRef, Access]]] = {}
        self._removed: set[str] = set()
        self._binders: dict[str, set[ClassRef]] | None = None
        for module, facts in program.modules.items():
            for index, detail in enumerate(facts.details):
                for access in detail.accesses:
                    op = access.op
                    if op == Op.REMOVE or op in _ADDS:
                        place = access.place
                        if place[0] in "%$" and "." not in place:
                            continue  # a local variable is no registry
                        name = last_name(place)
                        change = (FunctionRef(module, index), access)
                        self._changes.setdefault(name, []).append(change)
                        if op == Op.REMOVE:
                            self._removed.add(name)

    def may_be(self, place: str) -> bool:
        """Return whether something is ever removed from a container of that name."""
        return last_name(place) in self._removed

    def named(self, function: FunctionRef, place: str) -> Registry | None:
        """Return the registry at a place of a function; None where its holder is unknown."""
        frame = self.frame(function)
        location = self._locator.locate(frame, as_item(place))
        if location is None:
            return None
        path = location.path
        nested = path[-1:] == (places.ELEMENT,)
        if nested:
            path = path[:-1]
        if places.ELEMENT in path:
            return None
        for end in range(len(path) - 1, -1, -1):
            holder = self._locator.class_of(Location(location.root, path[:end]))
            if holder is not None:
                return Registry(holder, ".".join(path[end:]), nested)
        if isinstance(location.root, Global):
            return Registry(location.root, ".".join((location.root.name, *path)), nested)
        return None

    def frame(self, function: FunctionRef) -> Frame:
        """Return the frame of a function on any object of its class."""
        cls = self._program.defining_class(function)
        bound = () if cls is None else (("self", Location(Shared(cls))),)
        return Frame(function, cls, bound)

    def offer(self, registry: Registry, name: str, *, awaits: bool) -> Offer | None:
        """Return how others may put something into a registry and take that very thing out.

        ``name`` is the last name under which the loop knows it. ``awaits`` says whether a
        coroutine can take something out while the loop runs.
        """
        changes = list(self.changes(registry, name))
        adders = [c for c in changes if c.access.op in _ADDS and self._adds(c)]
        if not adders:
            return None
        within = {adder.function for adder in adders}
        removers = [
            c
            for c in changes
            if c.access.op == Op.REMOVE and self._removes(c, within, awaits=awaits)
        ]
        if not removers:
            return None
        return Offer(min(adders, key=_rank), min(removers, key=_rank))

    def used_as(self, registry: Registry, name: str) -> str:
        """Return the kind of container that a registry is by the methods used on it."""
        methods = {change.access.how for change in self.changes(registry, name) if change.certain}
        if methods & {"append", "insert"}:
            return "list"
        if registry.nested and methods & {"add", "discard"}:
            return "set"
        return "dict" if registry.nested and "[]=" in methods else ""

    def changes(self, registry: Registry, name: str) -> Iterator[Change]:
        """Yield what changes a registry, under its own name or under ``name``."""
        for known_as in dict.fromkeys((registry.attribute.rpartition(".")[2], name)):
            for function, access in self._changes.get(known_as, ()):
                found = self.named(function, access.place)
                if found is None:
                    if self._may_mean(registry, access.place):
                        yield Change(function, access, certain=False)
                elif found[1:] == registry[1:] and self.related(found.holder, registry.holder):
                    yield Change(function, access)

    def related(self, one: ClassRef | Global, other: ClassRef | Global) -> bool:
        """Return whether an object may be of both classes."""
        if isinstance(one, Global) or isinstance(other, Global):
            return one == other
        return one in self._program.mro(other) or other in self._program.mro(one)

    def _may_mean(self, registry: Registry, place: str) -> bool:
        """Whether an unknown receiver has no other public attribute of that name in the program."""
        name = registry.attribute
        if name[:1] == "_" or "." in name or isinstance(registry.holder, Global):
            return False
        place = as_item(place)
        path = places.split(place)
        own = path.root in _OWN_ROOTS and len(path.steps) == 1
        if own or place.endswith(places.ELEMENT) != registry.nested:
            return False
        return all(self.related(cls, registry.holder) for cls in self.classes_with(name))

    def classes_with(self, attribute: str) -> set[ClassRef]:
        """Return the classes that have an attribute or a method of that name."""
        if self._binders is None:
            self._binders = {}
            for module, facts in self._program.modules.items():
                for index, entry in enumerate(facts.classes):
                    for name in (*entry.attributes, *entry.methods):
                        self._binders.setdefault(name, set()).add(ClassRef(module, index))
        return self._binders.get(attribute, set())

    def given(self, adder: Change) -> tuple[Argument, ...]:
        """Return what is put in by a call; nothing is known of what an assignment stores."""
        return self._arguments(adder.function, adder.access)

    def _arguments(self, function: FunctionRef, access: Access) -> tuple[Argument, ...]:
        for call in self._program.detail(function).calls:
            if call.at == access.at and places.last(call.callee) == access.how:
                return call.arguments
        return ()

    def _adds(self, change: Change) -> bool:
        """Whether what is put in comes from outside."""
        if change.access.op == Op.SET_ITEM:
            fixed = _is_constant(change.access.key)
            return not fixed and self._given.takes_something(change.function)
        return any(
            self._from_outside(change, place)
            for argument in self.given(change)
            for place in (argument.place, *argument.made_of)
        )

    def _removes(self, change: Change, adders: set[FunctionRef], *, awaits: bool) -> bool:
        """Whether others may take out what they put in."""
        function, access, certain = change
        if access.how not in _TAKES_ONE or _is_constant(access.key):
            return False
        header = self._program.function(function)
        if header.kind & Kind.COROUTINE and not awaits:
            return False  # it can only be scheduled, and runs after the loop
        if FunctionRef(function.module, header.parent) in adders:
            return True  # made when something is added, and handed out
        return (
            self._takes_what_is_given(change)
            and not self._puts_off(change)
            and (not certain or self._given.open_to_all(function))
        )

    def _takes_what_is_given(self, change: Change) -> bool:
        function, access, _ = change
        if not access.key:
            return access.how != "pop" and self._given.takes_something(function)
        if access.key == f"{access.place}{places.ELEMENT}" and access.loop >= 0:
            return self._given.takes_something(function)  # looks for what it was given
        return self._from_outside(change, access.key)

    def _puts_off(self, change: Change) -> bool:
        """Whether the same function may note what to remove instead, to be done after a loop."""
        function, access, _ = change
        if not access.bits & Bit.CONDITIONAL:
            return False
        return any(
            other.op in _ADDS
            and other.place != access.place
            and any(argument.place == access.key for argument in self._arguments(function, other))
            for other in self._program.detail(function).accesses
        )

    def _from_outside(self, change: Change, place: str) -> bool:
        """Whether what is put in or taken out is somebody else's.

        Whoever reaches into the public attribute of an object that he was given, is somebody else.
        """
        return not change.certain or self._given.from_outside(change.function, place)


def _rank(change: Change) -> tuple[bool, bool]:
    return (not change.certain, bool(change.access.bits & Bit.CONDITIONAL))


def _is_constant(key: str) -> bool:
    return key[:1] in {"'", '"', "-"} or key[:1].isdigit() or key in {"None", "True", "False"}
