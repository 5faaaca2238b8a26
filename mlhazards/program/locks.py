"""Locks by identity: a lock is a location, and a Condition is the lock that it wraps."""

from __future__ import annotations

from collections.abc import Iterator

from mlhazards.facts.model import Kind, Shape
from mlhazards.program import Program
from mlhazards.program.locations import Frame, Location, Locator
from mlhazards.program.names import FunctionRef

#: What is held at a place. A str names a lock by its text, where no location is known.
Held = frozenset["Location | str"]
NOTHING_HELD: Held = frozenset()

#: Before a lock that is held on some ways only.
MAYBE = "maybe "
#: Context managers that hold context managers are followed so far.
MAX_CONTEXT_MANAGERS = 2

#: Shapes of objects that guard nothing, whatever ``with`` does with them.
_NO_LOCKS = frozenset({
    "bool", "bytes", "class", "defaultdict", "deque", "dict", "function", "lambda", "list",
    "number", "open", "OrderedDict", "set", "str", "tuple", "view",
})  # fmt: skip


class Locks:
    """Which locks the locksets of the facts stand for."""

    def __init__(self, program: Program, locator: Locator) -> None:
        """Ask ``program`` and ``locator``."""
        self._program = program
        self._locator = locator
        self._canonical: dict[Location, Location | None] = {}

    def held(self, frame: Frame, lockset: int) -> Held:
        """Return the locks of lockset number ``lockset`` of the frame's module.

        An ``async with`` lock protects from other coroutines only, never from a thread. A lock
        that may be held counts: nothing is claimed of what is unknown.
        """
        if lockset == 0:
            return NOTHING_HELD
        written = self._program.modules[frame.function.module].locksets[lockset]
        return frozenset(
            lock
            for place in written
            if not place.removeprefix(MAYBE).startswith("async ")
            for lock in self._lock(frame, place, 0)
        )

    def _lock(self, frame: Frame, place: str, depth: int) -> Iterator[Location | str]:
        place = place.removeprefix(MAYBE)
        if place.endswith("()"):
            yield from self._context_manager(frame, place, depth)
            return
        location = self._locator.locate(frame, place)
        if location is None:
            yield place
            return
        canonical = self.canonical(location)
        if canonical is not None:
            yield canonical

    def _context_manager(self, frame: Frame, place: str, depth: int) -> Iterator[Location | str]:
        """Yield what ``with self.m():`` holds: the locks under which ``m`` yields."""
        function = frame.function
        callee = self._program.callee(function.module, function.index, place[:-2], frame.self_class)
        if callee is None or depth > MAX_CONTEXT_MANAGERS:
            yield place
            return
        header = self._program.function(callee)
        receiver = self._locator.locate(frame, place[:-2].rpartition(".")[0] or "?")
        bound = (("self", receiver),) if receiver is not None else ()
        inner = Frame(callee, frame.self_class, bound)
        if header.kind & Kind.CONTEXT_MANAGER:
            for held in header.holds_at_yield:
                yield from self._lock(inner, held, depth + 1)
            return
        for result in header.results:
            if result.shape.kind == "place":
                yield from self._lock(inner, result.shape.of, depth + 1)
        if not header.results:
            yield place

    def canonical(self, location: Location) -> Location | None:
        """Return the lock behind a location; None when what lies there guards nothing."""
        if location not in self._canonical:
            self._canonical[location] = location  # for bindings that lead back to themselves
            self._canonical[location] = self._behind(location)
        return self._canonical[location]

    def _behind(self, location: Location) -> Location | None:
        origins = self._locator.origins(location)
        shapes = [origin.binding.shape for origin in origins if origin.binding.shape.kind != "none"]
        if shapes and all(shape.kind in _NO_LOCKS for shape in shapes):
            return None
        if len(shapes) != 1:
            return location
        other = _wrapped(shapes[0])
        if not other or origins[0].binding.function < 0:
            return location
        if not other.startswith("self."):
            return location
        # The place is relative to the function that binds it, on the same object.
        holder = Location(location.root, location.path[:-1])
        binder = FunctionRef(origins[0].module, origins[0].binding.function)
        frame = Frame(binder, self._locator.class_of(holder), (("self", holder),))
        found = self._locator.locate(frame, other)
        return location if found is None else self.canonical(found)


def _wrapped(shape: Shape) -> str:
    """Return the place of the lock that a binding is another name or a Condition for."""
    if shape.kind == "place":
        return shape.of
    if shape.kind == "lock" and shape.items and shape.items[0].kind == "place":
        return shape.items[0].of
    return ""
