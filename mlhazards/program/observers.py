"""Observers: loops that call what others have registered, and how these may unregister meanwhile.

A loop over children that are told to close looks like a loop over listeners. What tells them apart
is evidence: the element itself is called, or a method of a computed name; or the element gets hold
of the owner: it is given it by the call, or the program shows an element that takes itself out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlhazards.facts.model import Access, Bit, Kind, Op
from mlhazards.program import ClassRef, External, FunctionRef, Program, places
from mlhazards.program.classes import Origin
from mlhazards.program.departures import Departures
from mlhazards.program.effects import DICTS, SETS
from mlhazards.program.locations import Location, Locator, Shared
from mlhazards.program.locks import Locks
from mlhazards.program.loops import Walked, walks
from mlhazards.program.notifications import (
    Notification,
    Weak,
    calls_of_elements,
    notifications,
)
from mlhazards.program.registries import Change, Offer, Registries, Registry, last_name

_HAZARDOUS = DICTS | SETS | {"deque", "list"}
_NOT_YET = frozenset({"__init__", "__new__", "__post_init__", "__del__"})
_REENTRANT = frozenset({"threading.RLock", "threading.Condition"})
_WEAK_REFERENCES = frozenset({
    External("_weakref.ref"), External("weakref.WeakMethod"), External("weakref.ref"),
})  # fmt: skip


class Observed(NamedTuple):
    """A loop over registered elements that one of them can disturb by unregistering.

    ``unregisters`` is the place where the program shows an element that does.
    """

    walked: Walked
    notification: Notification
    registry: Registry
    kind: str
    bound: Origin | None
    offer: Offer
    unregisters: tuple[FunctionRef, int] | None


class Observers:
    """Finds the observed loops of a program."""

    def __init__(self, program: Program) -> None:
        """Analyse ``program``."""
        self._program = program
        self._locator = Locator(program)
        self._locks = Locks(program, self._locator)
        self._registries = Registries(program, self._locator)
        self._departures = Departures(program, self._registries)

    def all(self) -> Iterator[Observed]:
        """Yield every observed loop, once for each place that it may walk."""
        for walked in walks(self._program):
            access = walked.access
            if access.bits & (Bit.REBOUND | Bit.ASYNC_FOR):
                continue
            if self._registries.may_be(access.place) and self._in_time(walked.function):
                observed = self._observed(walked)
                if observed is not None:
                    yield observed

    def _in_time(self, function: FunctionRef) -> bool:
        """Whether anybody can have registered when the function runs."""
        header = self._program.function(function)
        return header.name not in _NOT_YET and not header.kind & Kind.MODULE

    def _observed(self, walked: Walked) -> Observed | None:
        if not self._promising(walked):
            return None
        registry = self._registries.named(walked.function, walked.access.place)
        if registry is None:
            return None
        name = last_name(walked.access.place)
        offer = self._registries.offer(registry, name, awaits=walked.loop.awaits)
        if offer is None or self._prevented(walked, offer.remover):
            return None
        kind, bound = self._kind(registry, name)
        if not kind or _bears_removal(walked.access, kind):
            return None
        weak = self._keeps_weakly(offer.adder)
        for told in notifications(self._program, walked, weak):
            departure = self._departures.seen(told.method, registry, offer)
            if departure or told.of_anything or told.gives_owner:
                return Observed(walked, told, registry, kind, bound, offer, departure)
        return None

    def _promising(self, walked: Walked) -> bool:
        """Whether the loop calls something of an element that may lead to the owner."""
        return any(
            told.of_anything or told.gives_owner or self._departures.possible(told.method)
            for told in calls_of_elements(self._program, walked)
        )

    def _kind(self, registry: Registry, name: str) -> tuple[str, Origin | None]:
        """Return the kind of container, "" for one without a hazard, and where it is bound."""
        holder = registry.holder
        if isinstance(holder, ClassRef):
            location = Location(Shared(holder), tuple(registry.attribute.split(".")))
        else:
            steps = registry.attribute[len(holder.name) + 1 :]
            location = Location(holder, tuple(steps.split(".")) if steps else ())
        origins = self._locator.origins(location)
        kind = self._locator.kind(location)
        if registry.nested or kind is None:
            known = self._locator.class_of(location)
            kind = "" if known else self._registries.used_as(registry, name)
        bound = next((o for o in origins if o.binding.shape.kind != "none"), None)
        return (kind if kind in _HAZARDOUS else ""), bound

    def _keeps_weakly(self, adder: Change) -> Weak:
        """Whether the registry holds references that are called to get at the element."""
        function = adder.function
        local = self._program.detail(function).locals
        made: list[str] = []
        for argument in self._registries.given(adder):
            place = argument.place
            if place.endswith(places.CALL):
                made.append(place[:-2])
            elif place[0] == "%":
                bindings = local.get(place[1:], ())
                made += [b.shape.of for b in bindings if b.shape.kind == "call"]
            else:
                return "no"
        resolved = {self._program.resolve(function.module, callee) for callee in made}
        return "yes" if resolved & _WEAK_REFERENCES else "unknown"

    def _prevented(self, walked: Walked, remover: Change) -> bool:
        """Whether nobody can get as far as the removal while the loop runs.

        It raises by then, or one lock that cannot be taken twice is held at both (a deadlock).
        """
        refuses = self._program.function(remover.function).raises_if
        if any(a.op == Op.REBIND and a.place in refuses for a in walked.detail.accesses):
            return True
        return bool(
            self._plain_locks(walked.function, walked.access.lockset)
            & self._plain_locks(remover.function, remover.access.lockset)
        )

    def _plain_locks(self, function: FunctionRef, lockset: int) -> set[tuple[str, ...]]:
        if not lockset:
            return set()
        written = self._program.modules[function.module].locksets[lockset]
        found: set[tuple[str, ...]] = {(place,) for place in written if place.startswith("async ")}
        for lock in self._locks.held(self._registries.frame(function), lockset):
            if isinstance(lock, str):
                found.add((lock,))
            elif not self._reentrant(lock):
                found.add(lock.path or (self._locator.name(lock),))
        return found

    def _reentrant(self, lock: Location) -> bool:
        shapes = [origin.binding.shape for origin in self._locator.origins(lock)]
        return bool(shapes) and all(s.of in _REENTRANT and not s.items for s in shapes)


def _bears_removal(iteration: Access, kind: str) -> bool:
    """Whether walking it this way bears a removal: from the end of a list, or tried again."""
    return bool(iteration.bits & (Bit.REVERSED if kind == "list" else Bit.RETRIED))
