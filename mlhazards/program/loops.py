"""Loops: which containers they walk, what stands in their bodies, and whether they go on.

A comprehension is a loop that nothing leaves early. A ``while`` is one that walks nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlhazards.facts.model import Access, Bit, Call, FunctionDetail, Kind, Loop, Op
from mlhazards.knowledge.classes import CONTAINER_ANNOTATIONS, CONTAINER_CLASSES
from mlhazards.knowledge.effects import COPIED_BY_ITER, MADE_BY, STANDARD_CONTAINERS
from mlhazards.program import External, FunctionRef, Program, places
from mlhazards.program.classes import Origin

#: Abstract classes of an annotation that tell as much as ``dict`` and the like for a loop.
_ABSTRACT = {
    "collections.abc.Mapping": "mapping", "collections.abc.MutableMapping": "mapping",
    "typing.Mapping": "mapping", "typing.MutableMapping": "mapping",
}  # fmt: skip
#: Annotations that leave the class open.
_OPEN = (
    "builtins.object", "collections.abc.Collection", "collections.abc.Iterable",
    "collections.abc.MutableSequence", "collections.abc.MutableSet", "collections.abc.Sequence",
    "typing.Any", "typing.Collection", "typing.Iterable", "typing.MutableSequence",
    "typing.MutableSet", "typing.Sequence",
)  # fmt: skip
_KINDS = (
    CONTAINER_CLASSES, CONTAINER_ANNOTATIONS, MADE_BY, _ABSTRACT, dict.fromkeys(_OPEN, ""),
)  # fmt: skip
_VIEWS = frozenset({"items", "keys", "values"})
#: The kind of what a function of another package made: unknown, and its views may be copies.
FOREIGN = "foreign"


class Walked(NamedTuple):
    """A container as one loop walks it; ``access`` is the iteration, ``loop`` its number."""

    function: FunctionRef
    detail: FunctionDetail
    access: Access

    @property
    def loop(self) -> Loop:
        """The loop itself."""
        return self.detail.loops[self.access.loop]

    @property
    def element(self) -> str:
        """The place of what one turn yields."""
        return f"{self.access.place}[]"

    def calls(self) -> Iterator[Call]:
        """Yield the calls that may stand in the body; an inner loop has a greater number."""
        start = self.access.loop
        return (call for call in self.detail.calls if call.loop >= start)

    def goes_on_after(self, fact: Access | Call) -> bool:
        """Return whether ``fact`` stands in the body, and the loop may take another turn after."""
        loops = self.detail.loops
        index = fact.loop
        count = 0
        while index >= 0:
            count += not loops[index].comprehension
            if index == self.access.loop:
                return loops[index].comprehension or fact.exits < count
            index = loops[index].outer
        return False

    def rebound_before(self, fact: Access | Call) -> bool:
        """Return whether the body gives the walked place another object before ``fact``."""
        place, start = self.access.place, self.access.at
        if place[0] == "%":
            name = places.split(place).root[1:]
            bindings = self.detail.locals.get(name, ())
            # An alias is the object at the moment when it was made: `old, d = d, {}`.
            since = start if self.access.via < 0 else self.access.via - 1
            if any(since < binding.at < fact.at for binding in bindings):
                return True
        return any(
            access.op == Op.REBIND
            and start < access.at < fact.at
            and (
                place == access.place or place.startswith((f"{access.place}.", f"{access.place}["))
            )
            for access in self.detail.accesses
        )

    def alternatives(self) -> frozenset[str]:
        """Return all places that the walked expression may stand for."""
        return same_expression(self.detail, self.access)


def same_expression(detail: FunctionDetail, access: Access) -> frozenset[str]:
    """Return the places of all accesses that the expression of ``access`` makes in one go."""
    return frozenset(
        other.place
        for other in detail.accesses
        if other.at == access.at and other.op == access.op and other.key == access.key
    )


def walks(program: Program) -> Iterator[Walked]:
    """Yield every container that a loop of the program walks."""
    for name in sorted(program.modules):
        for index, detail in enumerate(program.modules[name].details):
            if detail.loops:
                function = FunctionRef(name, index)
                for access in _iterations(detail):
                    yield Walked(function, detail, access)


def _iterations(detail: FunctionDetail) -> Iterator[Access]:
    """Yield the iterations that belong to a loop of their own, not to a call like ``max(d)``."""
    seen: set[tuple[int, str]] = set()
    loops = detail.loops
    for access in detail.accesses:
        if access.op == Op.ITERATE and access.loop >= 0:
            key = (access.loop, access.place)
            if key not in seen and access.place in loops[access.loop].places:
                seen.add(key)
                yield access


class Container(NamedTuple):
    """What is known of a walked container: its kind, "" for unknown, and where it is bound."""

    kind: str
    bound: Origin | None = None

    @property
    def is_known(self) -> bool:
        """Whether its kind is known from what is bound or declared."""
        return self.kind not in {"", FOREIGN}

    def may_hold(self, key: str) -> bool:
        """Return whether a constant key may be in it from the start."""
        if self.bound is None:
            return True
        binding = self.bound.binding
        if binding.shape.form == "empty":
            return False
        return not binding.keys or key in binding.keys


def container(program: Program, function: FunctionRef, place: str) -> Container:
    """Return what ``place`` holds in a function; kind "other" for what is no container."""
    namespace = _namespace(function, place)
    if namespace is not None:
        return namespace
    origins = program.bindings(function, place)
    kind = program.container_kind(origins) if origins else None
    if kind is not None:
        return Container(kind, _first(origins))
    if place[0] == "$":
        return Container(
            _variadic(program, function, place[1:]) or _typed(program, function, place)
        )
    if place[0] not in "%^":
        symbol = program.resolve(function.module, place)
        if isinstance(symbol, External):
            copied = symbol.name in COPIED_BY_ITER
            return Container("other" if copied else STANDARD_CONTAINERS.get(symbol.name, ""))
    return Container(_typed(program, function, place))


def _namespace(function: FunctionRef, place: str) -> Container | None:
    if place.endswith(".__dict__") or place == "globals()":
        return Container("dict")
    if place in {"locals()", "vars()"}:  # in a function these are copies
        return Container("other" if function.index else "dict")
    return None


def _typed(program: Program, function: FunctionRef, place: str) -> str:
    found = program.type_of(function.module, function.index, place)
    if not isinstance(found, External):
        return "" if found is None else "other"
    for table in _KINDS:
        if found.name in table:
            return table[found.name]
    # By the usual spelling, a function: what it makes is open.
    return FOREIGN if found.name.rpartition(".")[2][:1].islower() else "other"


def _variadic(program: Program, function: FunctionRef, name: str) -> str:
    for parameter in program.function(function).parameters:
        if parameter.name == name:
            return {"*": "tuple", "**": "dict"}.get(parameter.kind, "")
    return ""


def _first(origins: tuple[Origin, ...]) -> Origin | None:
    return next((origin for origin in origins if origin.binding.shape.kind != "none"), None)


def kind_as_walked(known: Container, access: Access) -> str:
    """Return the kind of a container, as far as the way it is walked tells as well.

    That is "mapping" where only a view tells, "" for unknown, and "other" for what does not mind.
    """
    viewed = access.how in _VIEWS
    if known.kind == FOREIGN:
        return "other" if viewed else ""
    return "mapping" if viewed and not known.kind else known.kind


def runs_when_called(kind: int, use: str) -> bool:
    """Return whether a call with that use of its result runs a body of that kind at once."""
    if kind & Kind.GENERATOR:
        return False
    return not kind & Kind.COROUTINE or use == "awaited"


def is_sure(bits: int) -> bool:
    """Return whether what carries these bits happens whenever its function is called."""
    return not bits & Bit.CONDITIONAL or bool(bits & Bit.MEMBERSHIP)
