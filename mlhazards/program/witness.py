"""Witnesses: the steps by which each side gets to its access, told in order."""

from __future__ import annotations

from itertools import pairwise

from mlhazards.facts.model import Access, Call, Kind, Op
from mlhazards.findings import SideName, Step
from mlhazards.program import Program, places
from mlhazards.program.classes import Origin
from mlhazards.program.entry_points import EntryPoint
from mlhazards.program.locations import Location, Locator
from mlhazards.program.locks import Held
from mlhazards.program.names import FunctionRef
from mlhazards.program.sides import Side, Touch


class Narrator:
    """Tells what the program proves, step by step."""

    def __init__(self, program: Program, locator: Locator) -> None:
        """Ask ``program`` and ``locator`` for names and spans."""
        self._program = program
        self._locator = locator

    def name(self, location: Location) -> str:
        """Return a location as a reader of the source would call it."""
        return self._locator.name(location)

    def written(self, access: Access) -> str:
        """Return the accessed place as the function that accesses it writes it."""
        return places.written(access.place)

    def step(
        self,
        function: FunctionRef,
        at: int,
        message: str,
        side: SideName | None,
        held: Held = frozenset(),
    ) -> Step:
        """Return a step at a place of a function."""
        module = self._program.modules[function.module]
        return Step(module.path, module.span(at), message, side, self.locks(held))

    def locks(self, held: Held) -> tuple[str, ...]:
        """Return the names of locks, sorted."""
        names = {lock if isinstance(lock, str) else self._lock_name(lock) for lock in held}
        return tuple(sorted(names))

    def _lock_name(self, lock: Location) -> str:
        return lock.path[-1] if lock.path else self._locator.name(lock)

    def bound_here(self, location: Location, kind: str, origin: Origin | None) -> list[Step]:
        """Return the step that shows where the shared object comes from."""
        if origin is None:
            return []
        module = self._program.modules[origin.module]
        message = f"`{self.name(location)}` ({kind}) is bound here"
        return [Step(module.path, module.span(origin.binding.at), message)]

    def opening(self, side: Side, point: EntryPoint | None, name: SideName) -> list[Step]:
        """Return the steps that tell who runs a side."""
        header = self._program.function(side.entry.function)
        if point is None:
            called = _called(header.name, header.kind)
            message = f"any thread that {called}"
            return [self.step(side.entry.function, header.at, message, name)]
        if not point.call.callee:
            return [
                self.step(
                    point.starter, point.call.at, f"{point.description} runs {header.name}()", name
                )
            ]
        what = _target(header.name) if point.touch is None else f"`{point.touch.access.how}`"
        message = f"{point.description} is made here: it runs {what}"
        steps = [self.step(point.starter, point.call.at, message, name)]
        begun = self._begun(point)
        if begun is not None:
            steps.append(self.step(point.starter, begun.at, "and started here", name))
        return steps

    def _begun(self, point: EntryPoint) -> Call | None:
        begins = {f"{handle}.{point.begins}" for handle in point.handles if point.begins}
        for call in self._program.detail(point.starter).calls:
            if call.callee in begins and call.at > point.call.at:
                return call
        return None

    def way(self, side: Side, touch: Touch, what: str, name: SideName) -> list[Step]:
        """Return the calls from the entry of a side to a touch, and the touch itself."""
        steps = []
        chain = side.chain(touch.frame)
        for (caller, _), (callee, call) in pairwise(chain):
            if call is not None:
                names = [self._program.function(f.function).name for f in (caller, callee)]
                message = f"{names[0]} → {names[1]}"
                steps.append(self.step(caller.function, call.at, message, name))
        access = touch.access
        if access.via >= 0:
            message = f"another name for `{places.written(access.place)}`, not a copy"
            steps.append(self.step(touch.frame.function, access.via, message, name))
        steps.append(self.step(touch.frame.function, access.at, what, name, touch.held))
        return steps

    def resizing(self, touch: Touch) -> str:
        """Return what a touch does to the size of its container."""
        access = touch.access
        if access.op == Op.SET_ITEM:
            return "may add a key: changes the size"
        return f"`{access.how}` changes the size"


def _called(name: str, kind: int) -> str:
    if name in ("__init__", "__new__"):
        return "made the object and goes on here"
    if kind & Kind.PROPERTY:
        return f"reads {name}"
    return f"calls {name}()"


def _target(name: str) -> str:
    return "a lambda" if name == "<lambda>" else f"{name}()"
