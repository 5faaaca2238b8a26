"""Sides: what runs from an entry, closed over the calls that keep a way to what is shared.

A side is a set of frames. Each frame knows how it was reached and which locks are held on every
way to it inside this side (Eraser, Savage et al. 1997), so no caller has to be guessed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

from mlhazards.facts.model import Access, Argument, Bit, Call, FunctionFacts, Kind
from mlhazards.program import Program, places
from mlhazards.program.binding import bound_arguments, is_bound_method
from mlhazards.program.locations import Captured, Frame, Location, Locator, Root
from mlhazards.program.locks import NOTHING_HELD, Held, Locks
from mlhazards.program.names import ClassRef, FunctionRef

#: A side that reaches more frames than this is cut: what lies further is unknown, not harmless.
MAX_FRAMES = 600
#: Calls between an entry and an access; real chains are three long at the median.
MAX_CALLS = 12

#: Tells whether a fact of a function (by its At) lies outside the time that a side covers.
Outside = Callable[[FunctionRef, int], bool]


class Reached(NamedTuple):
    """How a side gets to a frame: from which one, by which call, holding which locks."""

    parent: Frame | None
    call: Call | None
    held: Held
    calls: int


class Touch(NamedTuple):
    """An access of a side to a location, with all locks held there."""

    location: Location
    access: Access
    frame: Frame
    held: Held


class Side(NamedTuple):
    """Everything that runs from one entry."""

    entry: Frame
    frames: dict[Frame, Reached]
    touches: dict[Location, list[Touch]]

    def chain(self, frame: Frame) -> list[tuple[Frame, Call | None]]:
        """Return the frames from the entry to ``frame``, each with the call that leads to it."""
        if frame not in self.frames:
            return [(frame, None)]  # a method of a container, started as it is
        found: list[tuple[Frame, Call | None]] = []
        current: Frame | None = frame
        while current is not None:
            reached = self.frames[current]
            found.append((current, reached.call))
            current = reached.parent
        return found[::-1]

    def functions(self) -> set[FunctionRef]:
        """Return the functions that run on this side."""
        return {frame.function for frame in self.frames}


class Sides:
    """Builds the sides of one program, each once."""

    def __init__(self, program: Program, locator: Locator, locks: Locks) -> None:
        """Ask ``program``, ``locator`` and ``locks``."""
        self._program = program
        self._locator = locator
        self._locks = locks
        self._edges: dict[Frame, list[tuple[Frame, Call]]] = {}
        self._own_touches: dict[Frame, tuple[Touch, ...]] = {}

    def side(self, entry: Frame, outside: Outside | None = None, root: Root | None = None) -> Side:
        """Return the side that starts at ``entry``, without what ``outside`` excludes.

        With ``root`` only what may reach it by a path is followed; not for variables of modules
        and classes, which any code can name.
        """
        frames: dict[Frame, Reached] = {entry: Reached(None, None, NOTHING_HELD, 0)}
        waiting = deque([entry])
        while waiting:
            frame = waiting.popleft()
            reached = frames[frame]
            if reached.calls >= MAX_CALLS:
                continue
            for callee, call in self.edges(frame):
                if outside is not None and outside(frame.function, call.at):
                    continue
                if root is not None and all(at.root != root for _, at in callee.bound):
                    continue
                held = reached.held | self._locks.held(frame, call.lockset)
                known = frames.get(callee)
                if known is None:
                    if len(frames) >= MAX_FRAMES:
                        continue
                    frames[callee] = Reached(frame, call, held, reached.calls + 1)
                elif known.held <= held:
                    continue
                else:
                    frames[callee] = known._replace(held=known.held & held)
                waiting.append(callee)
        return Side(entry, frames, self._touches(frames, outside))

    def _touches(
        self, frames: dict[Frame, Reached], outside: Outside | None
    ) -> dict[Location, list[Touch]]:
        found: dict[Location, list[Touch]] = {}
        for frame, reached in frames.items():
            for touch in self.touches(frame):
                if outside is not None and outside(frame.function, touch.access.at):
                    continue
                if reached.held:
                    touch = touch._replace(held=touch.held | reached.held)  # noqa: PLW2901
                found.setdefault(touch.location, []).append(touch)
        return found

    def touches(self, frame: Frame) -> tuple[Touch, ...]:
        """Return what a frame itself touches, with the locks that it takes itself."""
        known = self._own_touches.get(frame)
        if known is None:
            known = self._own_touches[frame] = tuple(self._located(frame))
        return known

    def _located(self, frame: Frame) -> Iterator[Touch]:
        located: dict[str, Location | None] = {}
        for access in self._program.detail(frame.function).accesses:
            place = access.place
            if access.bits & Bit.REBOUND or _private(place):
                continue
            if place not in located:
                located[place] = self._locator.locate(frame, place)
            location = located[place]
            if location is not None:
                yield Touch(location, access, frame, self._locks.held(frame, access.lockset))

    def edges(self, frame: Frame) -> list[tuple[Frame, Call]]:
        """Return the frames that the calls of ``frame`` lead to on the same side."""
        edges = self._edges.get(frame)
        if edges is None:
            edges = self._edges[frame] = list(self._calls(frame))
        return edges

    def _calls(self, frame: Frame) -> Iterator[tuple[Frame, Call]]:
        function = frame.function
        for call in self._program.detail(function).calls:
            callee = self._program.callee(
                function.module, function.index, call.callee, frame.self_class
            )
            if callee is None:
                continue
            header = self._program.function(callee)
            if header.kind & Kind.COROUTINE and call.use not in ("awaited", "with", "looped"):
                continue  # made here, run by the loop
            yield self.enter(frame, callee, header, call), call

    def enter(
        self,
        frame: Frame,
        callee: FunctionRef,
        header: FunctionFacts,
        call: Call,
        *,
        with_locals: bool = False,
    ) -> Frame:
        """Return the frame of ``callee`` as the call in ``frame`` runs it.

        ``with_locals`` says that local variables of ``frame`` keep their identity in arguments:
        what is started sees those of the one call that starts it.
        """
        bound: dict[str, Location] = {}
        self_class: ClassRef | None = None
        receiver = call.callee.rpartition(".")[0]
        if header.parent > 0 and callee.module == frame.function.module:
            bound.update(self.captured(frame, header.parent))
            self_class = frame.self_class
        elif is_bound_method(header) and receiver:
            self_class = self._bind_receiver(frame, callee, receiver, bound)
        for parameter, argument in bound_arguments(
            header, call, skip_first=is_bound_method(header) and bool(receiver)
        ):
            location = self._argument(frame, argument, with_locals=with_locals)
            if location is not None:
                bound[f"${parameter}"] = location
        return Frame(callee, self_class, tuple(sorted(bound.items(), key=lambda item: item[0])))

    def _bind_receiver(
        self, frame: Frame, callee: FunctionRef, receiver: str, bound: dict[str, Location]
    ) -> ClassRef | None:
        if receiver in ("self", "super()", "cls"):
            own = frame.look_up("self")
            if own is not None:
                bound["self"] = own
            return frame.self_class
        location = self._locator.locate(frame, receiver)
        if location is not None and not _is_local(location, frame):
            bound["self"] = location
        found = self._program.type_of(
            frame.function.module, frame.function.index, receiver, frame.self_class
        )
        return found if isinstance(found, ClassRef) else self._program.defining_class(callee)

    def _argument(self, frame: Frame, argument: Argument, *, with_locals: bool) -> Location | None:
        if argument.partial or argument.place.startswith(("function:", "lambda:", "class:")):
            return None
        if places.CALL in places.split(argument.place).steps:
            return None
        location = self._locator.locate(frame, argument.place)
        if location is None or (_is_local(location, frame) and not with_locals):
            return None
        return location

    def captured(self, frame: Frame, parent: int) -> dict[str, Location]:
        """Return what a function nested in function ``parent`` sees of the frame around it."""
        found: dict[str, Location] = {}
        for name, location in frame.bound:
            if name[0] == "$":
                if frame.function.index == parent:
                    found[f"^{parent}:{name[1:]}"] = location
            else:
                found[name] = location
        return found


def _is_local(location: Location, frame: Frame) -> bool:
    """Whether a location belongs to this very call of a function, which no other side can see."""
    root = location.root
    return isinstance(root, Captured) and root.function == frame.function


def _private(place: str) -> bool:
    return place[0] == "%" and "." in place
