"""Conflicts: a container is walked on one side while the other side can change its size.

Two touches conflict when they lie on different sides, reach the same location, and no lock is held
at both. What happens before the start, or after the join of the only other side, does not count.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlhazards.facts.model import Access, Bit, Kind, Op
from mlhazards.program import Program, places
from mlhazards.program.classes import Origin
from mlhazards.program.entry_points import EntryPoint, EntryPoints, rebinds
from mlhazards.program.locations import Captured, Frame, Location, Locator, Shared
from mlhazards.program.locks import Locks
from mlhazards.program.names import ClassRef, FunctionRef, Global
from mlhazards.program.sides import Outside, Side, Sides, Touch

DICTS = frozenset({"dict", "defaultdict", "OrderedDict", "Counter"})
SETS = frozenset({"set"})
WEAK = frozenset({"WeakSet", "WeakValueDictionary", "WeakKeyDictionary"})
#: Containers whose iterator raises when their size changes.
RAISING = DICTS | SETS | WEAK | {"deque"}
_SPECIAL = frozenset({"__init__", "__new__", "__del__", "__init_subclass__", "__set_name__"})


class Conflict(NamedTuple):
    """A proven conflict: the iteration, the resize, and how each side gets there."""

    location: Location
    kind: str
    iteration: Touch
    iterating: Side
    resize: Touch
    resizing: Side
    entry_point: EntryPoint
    other: EntryPoint | None
    bound: Origin | None
    certain: bool

    @property
    def threads_iterate(self) -> bool:
        """Whether the iteration is on the side that ``entry_point`` starts."""
        return self.iterating.entry == self.entry_point.entry


class Conflicts:
    """Finds the conflicts of a program."""

    def __init__(self, program: Program) -> None:
        """Analyse ``program``."""
        self._program = program
        self.locator = Locator(program)
        self._locks = Locks(program, self.locator)
        self._sides = Sides(program, self.locator, self._locks)
        self._entry_points = EntryPoints(program, self.locator, self._sides)

    def all(self) -> Iterator[Conflict]:
        """Yield every conflict, one for each iteration and entry point."""
        by_root: dict[object, list[tuple[EntryPoint, Side]]] = {}
        for point in self._entry_points.all():
            if point.joined:
                continue
            side = self._sides.side(point.entry)
            yield from self._against_callers(point, side)
            if point.on is not None:
                by_root.setdefault(point.on, []).append((point, side))
        for group in by_root.values():
            yield from self._against_each_other(group)

    def _against_callers(self, point: EntryPoint, side: Side) -> Iterator[Conflict]:
        """Compare a started side with everybody who may use the shared object meanwhile."""
        seen: set[Location] = set()
        for root in {location.root for location in side.touches}:
            wanted = [at for at in side.touches if at.root == root and self.kind(at) is not None]
            if not any(self._walked_or_resized(side.touches[at], self.kind(at)) for at in wanted):
                continue
            for caller in self._callers(root, point, side):
                for location in wanted:
                    if location in caller.touches and location not in seen:
                        yield from self._pairs(location, point, side, caller, None)

    def _against_each_other(self, group: list[tuple[EntryPoint, Side]]) -> Iterator[Conflict]:
        for index, (point, side) in enumerate(group):
            for other, opposite in group[index + 1 :]:
                if other.entry == point.entry or other.domain == "collection":
                    continue
                for location, touches in side.touches.items():
                    if location in opposite.touches and touches:
                        yield from self._pairs(location, point, side, opposite, other)

    def kind(self, location: Location) -> str | None:
        """Return the kind of container at a location if walking it is a hazard."""
        kind = self.locator.kind(location)
        return kind if kind in RAISING or kind == "list" else None

    def _walked_or_resized(self, touches: list[Touch], kind: str | None) -> bool:
        return any(
            touch.access.op == Op.ITERATE or self.resizes(touch, kind or "") for touch in touches
        )

    def _pairs(
        self,
        location: Location,
        point: EntryPoint,
        side: Side,
        caller: Side,
        other: EntryPoint | None,
    ) -> Iterator[Conflict]:
        kind = self.kind(location)
        if kind is None:
            return
        for iterating, resizing in ((side, caller), (caller, side)):
            for touch in iterating.touches[location]:
                if touch.access.op != Op.ITERATE or touch.access.bits & (Bit.RETRIED):
                    continue
                resize = self._resize_against(touch, resizing.touches[location], kind)
                if resize is not None:
                    origins = self.locator.origins(location)
                    yield Conflict(
                        location, kind, touch, iterating, resize, resizing, point, other,
                        _first_container(origins), point.certain,
                    )  # fmt: skip

    def _resize_against(self, iteration: Touch, touches: list[Touch], kind: str) -> Touch | None:
        """Return the surest resize that no lock keeps apart from ``iteration``."""
        found = [
            touch
            for touch in touches
            if self.resizes(touch, kind) and not touch.held & iteration.held
        ]
        return min(found, key=_certainty, default=None)

    def resizes(self, touch: Touch, kind: str) -> bool:
        """Whether a touch may change the size of a container of that kind."""
        access = touch.access
        if access.op == Op.REMOVE:
            return access.how not in ("sort", "rotate") or kind in ("list", "deque")
        if kind == "list":
            return False
        if access.op == Op.ADD:
            return access.how != "+=" or kind == "deque"
        if access.op == Op.SET_ITEM:
            return kind in DICTS | WEAK and not self._known_key(touch)
        return False

    def _known_key(self, touch: Touch) -> bool:
        """Whether an item assignment stores to a key that is there already."""
        key = touch.access.key
        if key == f"{touch.access.place}[]":
            return True
        if key[:1] not in "'\"-0123456789" or not key:
            return False
        return any(key in origin.binding.keys for origin in self.locator.origins(touch.location))

    def _callers(self, root: object, point: EntryPoint, side: Side) -> Iterator[Side]:
        """Yield the sides of everybody else who may touch ``root`` while ``point`` runs."""
        outside = self._outside(point)
        if isinstance(root, Shared):
            yield from self._public_methods(root.cls, point, side, outside)
        elif isinstance(root, Captured):
            if root.function == point.starter:
                frame = Frame(point.starter, point.on, _self_of(point.on))
                yield self._sides.side(frame, outside)
        elif isinstance(root, Global):
            yield from self._module_functions(root, side, outside)

    def _public_methods(
        self, cls: ClassRef, point: EntryPoint, side: Side, outside: Outside
    ) -> Iterator[Side]:
        inside = side.functions()
        names: dict[str, FunctionRef] = {}
        for base in self._program.mro(cls):
            if isinstance(base, ClassRef):
                for name in self._program.class_facts(base).methods:
                    method = self._program.method(cls, name)
                    if method is not None:
                        names.setdefault(name, method)
        for name, method in names.items():
            started_here = method == point.starter and name in ("__init__", "__new__")
            if not started_here and (not is_public(name) or method in inside):
                continue
            if self._refuses_when_started(method, point):
                continue
            frame = Frame(method, cls, _self_of(cls))
            yield self._sides.side(frame, outside)

    def _module_functions(self, variable: Global, side: Side, outside: Outside) -> Iterator[Side]:
        inside = side.functions()
        facts = self._program.modules[variable.module]
        for index, header in enumerate(facts.functions):
            function = FunctionRef(variable.module, index)
            if header.kind & (Kind.MODULE | Kind.LAMBDA) or header.parent > 0:
                continue
            if function in inside or not is_public(header.name):
                continue
            cls = ClassRef(variable.module, header.class_index) if header.class_index >= 0 else None
            yield self._sides.side(Frame(function, cls, _self_of(cls)), outside)

    def _refuses_when_started(self, method: FunctionRef, point: EntryPoint) -> bool:
        """Whether a method raises once the thread runs: a configuration phase."""
        tested = self._program.function(method).raises_if
        if not tested:
            return False
        if point.handle and any(place.startswith(point.handle) for place in tested):
            return True
        return any(rebinds(self._program, point.starter, place) for place in tested)

    def _outside(self, point: EntryPoint) -> Outside:
        """Return what tells the facts that happen before the start or after the join."""
        begins = self._ordered(point.starter, point.call.at)
        ends: dict[FunctionRef, int] = {}

        def outside(function: FunctionRef, at: int) -> bool:
            start = begins.get(function)
            if start is not None and at <= start:
                return True
            end = ends.get(function)
            if end is None:
                end = ends[function] = self._join_in(function, point, 0)
            return at > end

        return outside

    def _ordered(self, starter: FunctionRef, at: int) -> dict[FunctionRef, int]:
        """Return, for the starter and the methods that call it, where the start happens."""
        found = {starter: at}
        owner = self._program.defining_class(starter)
        if owner is None:
            return found
        name = self._program.function(starter).name
        for method in self._program.class_facts(owner).methods.values():
            function = FunctionRef(owner.module, method)
            for call in self._program.detail(function).calls:
                if call.callee == f"self.{name}" and function not in found:
                    found[function] = call.at
        return found

    def _join_in(self, function: FunctionRef, point: EntryPoint, depth: int) -> int:
        """Return the At after which ``function`` has waited for the end of ``point``."""
        never = 1 << 62
        if not point.joins or depth > 2:
            return never
        for call in self._program.detail(function).calls:
            base, _, method = call.callee.rpartition(".")
            if method in point.joins and self._same_handle(base, point):
                return call.at
            if base == "self" and depth < 2:
                owner = self._program.defining_class(function)
                callee = self._program.method(owner, method) if owner else None
                if callee is not None and callee != function:
                    inner = self._join_in(callee, point, depth + 1)
                    if inner != never:
                        return call.at
        return never

    def _same_handle(self, base: str, point: EntryPoint) -> bool:
        handle = point.handle
        base = base.replace("[]", "")
        if handle == base:
            return True
        # `self.threads.append(thread)`, or a local copy of the attribute.
        return bool(base) and any(
            call.callee in (f"{base}.append", f"{base}.add")
            and any(argument.place == handle for argument in call.arguments)
            for call in self._program.detail(point.starter).calls
        )


def is_public(name: str) -> bool:
    """Whether anybody who has the object may call a method of that name at any time."""
    if name.startswith("__") and name.endswith("__"):
        return name not in _SPECIAL
    return not name.startswith("_")


def _self_of(cls: ClassRef | None) -> tuple[tuple[str, Location], ...]:
    return () if cls is None else (("self", Location(Shared(cls))),)


def _first_container(origins: tuple[Origin, ...]) -> Origin | None:
    for origin in origins:
        if origin.binding.shape.kind != "none":
            return origin
    return origins[0] if origins else None


def _certainty(touch: Touch) -> tuple[int, int, int]:
    """Sort the surest resize first: removals, unconditional ones, in source order."""
    access: Access = touch.access
    return (access.op != Op.REMOVE, bool(access.bits & Bit.CONDITIONAL), access.at)


__all__ = ["Conflict", "Conflicts", "is_public", "places"]
