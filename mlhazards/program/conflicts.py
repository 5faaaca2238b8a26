"""Conflicts: a container is walked on one side while the other side can change its size.

Two touches conflict when they lie on different sides, reach the same location, and no lock is held
at both. What happens before the start, or after the join of the only other side, does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mlhazards.facts.model import Bit, Op
from mlhazards.program import Program
from mlhazards.program.classes import Origin
from mlhazards.program.entry_points import EntryPoint, EntryPoints
from mlhazards.program.locations import Captured, Location, Locator, Shared
from mlhazards.program.locks import Locks
from mlhazards.program.meanwhile import Meanwhile
from mlhazards.program.ordering import Ordering
from mlhazards.program.resizes import DICTS, RAISING, Resizes, Surety, believability
from mlhazards.program.sides import Side, Sides, Touch

#: From this Python on `list(d.items())` takes all items in one step, also for the collector.
ITEMS_IN_ONE_STEP = (3, 12)
#: So many threads that touch one container are compared with each other.
_MAX_COMPARED = 12


class Conflict(NamedTuple):
    """A proven conflict: the iteration, the resize, and how each side gets there.

    ``entry_point`` started one of the sides (``starts_iterating``: the iterating one); ``other``
    the other one, None where that is anybody who calls it. ``surety`` tells how surely the resize
    is one. Of several conflicts of one iteration the one with the least ``rank`` is the clearest.
    """

    location: Location
    kind: str
    iteration: Touch
    iterating: Side
    resize: Touch
    resizing: Side
    entry_point: EntryPoint
    starts_iterating: bool
    other: EntryPoint | None
    bound: Origin | None
    surety: int
    rank: tuple[object, ...]


class _Started(NamedTuple):
    point: EntryPoint
    side: Side


class Conflicts:
    """Finds the conflicts of a program."""

    def __init__(self, program: Program) -> None:
        """Analyse ``program``."""
        self._program = program
        self.locator = Locator(program)
        self._resizes = Resizes(self.locator)
        self._sides = Sides(program, self.locator, Locks(program, self.locator))
        self._entry_points = EntryPoints(program, self.locator, self._sides)
        self._ordering = Ordering(program)
        self._meanwhile = Meanwhile(program, self._sides)
        self._kinds: dict[Location, str | None] = {}

    def all(self) -> Iterator[Conflict]:
        """Yield every conflict: for one iteration there may be several, ``rank`` compares them."""
        by_location: dict[Location, list[_Started]] = {}
        for point in self._entry_points.all():
            if self._ordering.joined(point):
                continue
            started = _Started(point, self._entry_points.side(point))
            roots: dict[object, set[Location]] = {}
            for location in self._wanted(started):
                roots.setdefault(location.root, set()).add(location)
                by_location.setdefault(location, []).append(started)
            for wanted in roots.values():
                yield from self._against_callers(started, frozenset(wanted))
        for location, group in by_location.items():
            yield from self._against_each_other(location, group[:_MAX_COMPARED])

    def kind(self, location: Location) -> str | None:
        """Return the kind of container at a location if walking it is a hazard."""
        if location not in self._kinds:
            kind = self.locator.kind(location)
            self._kinds[location] = kind if kind in RAISING or kind == "list" else None
        return self._kinds[location]

    def resizes(self, touch: Touch, kind: str) -> bool:
        """Return whether a touch is known to change the size of a container of that kind."""
        return self._resizes.resizes(touch, kind)

    def _wanted(self, started: _Started) -> Iterator[Location]:
        """Yield the containers that a started side walks or resizes."""
        point, side = started
        # The object of a `__del__` is nobody else's any more.
        dead = point.domain == "collection" and not point.call.callee
        for location, touches in side.touches.items():
            root = location.root
            if dead and isinstance(root, Shared):
                continue
            if isinstance(root, Captured) and root.function != point.starter:
                continue  # a variable of a call that the side makes itself
            kind = self.kind(location)
            if kind is not None and any(
                touch.access.op == Op.ITERATE or self._resizes.surety(touch, kind) < Surety.NEVER
                for touch in touches
            ):
                yield location

    def _against_callers(
        self, started: _Started, wanted: frozenset[Location]
    ) -> Iterator[Conflict]:
        """Compare a started side with everybody who may use the shared object meanwhile."""
        root = next(iter(wanted)).root
        for caller in self._meanwhile.others(root, started.point, started.side, wanted):
            for location in wanted:
                if location in caller.touches:
                    yield from self._pairs(location, started, caller, None)

    def _against_each_other(self, location: Location, group: list[_Started]) -> Iterator[Conflict]:
        for index, started in enumerate(group):
            for other in group[index + 1 :]:
                if not _itself(started, other) and not _same_pool(started, other):
                    yield from self._pairs(location, started, other.side, other.point)

    def _pairs(
        self, location: Location, started: _Started, opposite: Side, other: EntryPoint | None
    ) -> Iterator[Conflict]:
        kind = self.kind(location)
        if kind is None:
            return
        collected = "collection" in (started.point.domain, other.domain if other else "")
        origins = self.locator.origins(location)
        for first in (True, False):
            iterating, resizing = started.side, opposite
            if not first:
                iterating, resizing = opposite, started.side
            for touch in iterating.touches[location]:
                if not self._walks(touch, kind, collected=collected):
                    continue
                found = self._resize_against(touch, resizing, location, kind)
                if found is not None:
                    resize, surety, rank = found
                    certain = started.point.certain and (other is None or other.certain)
                    chain = len(iterating.chain(touch.frame))
                    yield Conflict(
                        location, kind, touch, iterating, resize, resizing, started.point, first,
                        other, _first_container(origins), surety,
                        (not certain, rank[0], other is not None, *rank[1:], chain),
                    )  # fmt: skip

    def _walks(self, touch: Touch, kind: str, *, collected: bool) -> bool:
        """Whether a touch takes a container apart with other code in between."""
        access = touch.access
        if access.bits & Bit.RETRIED:
            return False
        if access.op == Op.ITERATE:
            return True
        # Making the pairs of `list(d.items())` may start the collector, and that a finaliser.
        return (
            access.op == Op.SNAPSHOT
            and access.how == "items"
            and collected
            and kind in DICTS
            and self._program.target_python < ITEMS_IN_ONE_STEP
        )

    def _resize_against(
        self, iteration: Touch, side: Side, location: Location, kind: str
    ) -> tuple[Touch, int, tuple[object, ...]] | None:
        """Return the clearest resize that no lock keeps apart from ``iteration``."""
        found = []
        for touch in side.touches[location]:
            surety = self._resizes.surety(touch, kind, side)
            if surety < Surety.NEVER and not touch.held & iteration.held:
                found.append((touch, surety, believability(touch, surety, side, iteration)))
        return min(found, key=lambda each: each[2], default=None)


def clearest(conflicts: Iterable[Conflict]) -> Iterator[Conflict]:
    """Yield for each iteration the conflict that a reader believes at once."""
    best: dict[tuple[str, int], Conflict] = {}
    for conflict in conflicts:
        key = (conflict.iteration.frame.function.module, conflict.iteration.access.at)
        if key not in best or conflict.rank < best[key].rank:
            best[key] = conflict
    yield from best.values()


def _itself(one: _Started, other: _Started) -> bool:
    """Whether both run the same code: the instances of one entry are not compared."""
    if one.point.touch is not None or other.point.touch is not None:
        return one.point.touch == other.point.touch
    return one.side.entry.function == other.side.entry.function


def _same_pool(one: _Started, other: _Started) -> bool:
    """Whether both are tasks of one pool, which may have a single thread."""
    if one.point.domain != "pool" or other.point.domain != "pool":
        return False
    pools = [started.point.call.callee.rpartition(".")[0] for started in (one, other)]
    return pools[0] == pools[1]


def _first_container(origins: tuple[Origin, ...]) -> Origin | None:
    for origin in origins:
        if origin.binding.shape.kind != "none":
            return origin
    return origins[0] if origins else None
