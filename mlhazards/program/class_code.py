"""Code of a class: all that runs on one object of it, with the locks held on every way there.

The ways begin at what anybody may call at any time: public methods, properties, and whatever is
handed on to somebody else. They are followed over calls on ``self``, to nested functions, and where
``self`` or an attribute of it is given as an argument.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from mlhazards.facts.model import Call, Kind
from mlhazards.program import Program
from mlhazards.program.class_text import ClassText
from mlhazards.program.locations import Frame, Location, Shared
from mlhazards.program.locks import NOTHING_HELD, Held, Locks
from mlhazards.program.names import ClassRef, FunctionRef
from mlhazards.program.public import is_public
from mlhazards.program.sides import MAX_FRAMES, Sides

#: How often an object may be given on as an argument before it is lost from sight.
MAX_HANDS = 2
#: What runs before anybody else can see the object, or when nobody should use it any more.
APART = frozenset({
    "__aexit__", "__del__", "__exit__", "__init__", "__new__", "__post_init__", "__setstate__",
    "aclose", "close", "shutdown", "stop", "terminate",
})  # fmt: skip
#: Uses of a call of a coroutine function that run it there and then.
_RUN_AT_ONCE = frozenset({"awaited", "from", "looped", "with"})

#: The frames from the one that anybody may call to some other, each with the call that leads to it.
Chain = list[tuple[Frame, Call | None]]


class Way(NamedTuple):
    """A call that leads to a frame, and the locks held by it beyond those of its caller.

    Without a ``call`` the frame is a function that stands in ``caller`` and runs some time.
    """

    caller: Frame
    call: Call | None
    held: Held


class ClassCode(NamedTuple):
    """The frames that run on an object of ``cls``, each with the locks held on every way to it.

    ``ways`` leads back from a frame, in the end to one of ``entries``, where anybody may begin.
    Methods that nobody is seen to call are no entries; they and what they lead to are frames all
    the same. ``unsure`` are functions that may or may not run where locks are held.
    """

    cls: ClassRef
    frames: dict[Frame, Held]
    ways: dict[Frame, list[Way]]
    entries: frozenset[Frame]
    unsure: frozenset[FunctionRef]

    def way_to(self, frame: Frame, passable: Callable[[FunctionRef, Held], bool]) -> Chain | None:
        """Return the shortest way to ``frame``, if any.

        ``passable`` tells whether a call by a function that holds some locks may be on it.
        """
        following: dict[Frame, tuple[Frame, Call | None] | None] = {frame: None}
        waiting = deque([frame])
        while waiting:
            current = waiting.popleft()
            if current in self.entries:
                return _forward(current, following)
            for way in self.ways.get(current, ()):
                if way.caller not in following and passable(way.caller.function, way.held):
                    following[way.caller] = (current, way.call)
                    waiting.append(way.caller)
        return None


class CodeReader:
    """Reads the code of classes, each once."""

    def __init__(self, program: Program, text: ClassText, sides: Sides, locks: Locks) -> None:
        """Find functions in ``text``, bind arguments as ``sides`` does."""
        self._text = text
        self._reach = (program, text, sides, locks)
        self._read: dict[ClassRef, ClassCode] = {}

    def code(self, cls: ClassRef) -> ClassCode:
        """Return the code that runs on an object of ``cls``."""
        found = self._read.get(cls)
        if found is None:
            found = self._read[cls] = self._code(cls)
        return found

    def _code(self, cls: ClassRef) -> ClassCode:
        apart, reach = _Reach(*self._reach, cls), _Reach(*self._reach, cls)
        for function, header in self._text.methods(cls):
            if header.name in APART:
                apart.start(function)
            elif is_public(header.name) or header.kind & Kind.PROPERTY:
                reach.start(function)
        begun = set(apart.entries)
        apart.run()
        for frame in apart.entries - begun:  # a thread's target, say
            reach.enter(frame)
        reach.run()
        entries = frozenset(reach.entries)
        seen = {frame.function for frame in (*reach.frames, *apart.frames)}
        for function, _ in self._text.methods(cls):
            if function not in seen:
                reach.start(function)
        reach.run()
        return ClassCode(cls, reach.frames, reach.ways, entries, frozenset(reach.unsure))


class _Reach:
    """A fixed point over the calls on one object: the locks that every way to a frame holds."""

    def __init__(
        self, program: Program, text: ClassText, sides: Sides, locks: Locks, cls: ClassRef
    ) -> None:
        self._program = program
        self._text = text
        self._sides = sides
        self._locks = locks
        self._cls = cls
        self._root = Location(Shared(cls))
        self._hands: dict[Frame, int] = {}
        self._waiting: deque[Frame] = deque()
        self.frames: dict[Frame, Held] = {}
        self.ways: dict[Frame, list[Way]] = {}
        self.entries: set[Frame] = set()
        self.unsure: set[FunctionRef] = set()

    def start(self, function: FunctionRef) -> None:
        """Let a way begin at a method of the object, holding nothing."""
        self.enter(Frame(function, self._cls, (("self", self._root),)))

    def enter(self, frame: Frame) -> None:
        """Let a way begin at a frame, holding nothing."""
        self.entries.add(frame)
        self._reach(frame, NOTHING_HELD, 0)

    def run(self) -> None:
        """Follow all calls until nothing changes."""
        while self._waiting:
            self._follow(self._waiting.popleft())

    def _reach(self, frame: Frame, held: Held, hands: int, way: Way | None = None) -> None:
        known = self.frames.get(frame)
        if known is None:
            if len(self.frames) >= MAX_FRAMES:
                return
            self._hands[frame] = hands
        else:
            held &= known
        if way is not None:
            ways = self.ways.setdefault(frame, [])
            if way not in ways:
                ways.append(way)
        if held != known:
            self.frames[frame] = held
            self._waiting.append(frame)

    def _follow(self, frame: Frame) -> None:
        function = frame.function
        spoken_of: set[int] = set()
        for call in self._program.detail(function).calls:
            for argument in call.arguments:
                if argument.place.startswith(("self.", "function:", "lambda:")):
                    spoken_of |= self._hand_on(frame, call, argument.place)
            if not self._keeps_object(frame, call):
                continue
            callee = self._program.callee(
                function.module, function.index, call.callee, frame.self_class
            )
            if callee is not None:
                spoken_of.add(callee.index)
                self._call(frame, call, callee)
        self._leave_nested(frame, spoken_of)

    def _keeps_object(self, frame: Frame, call: Call) -> bool:
        """Whether the callee of a call can get at the object."""
        callee = call.callee
        if callee.startswith(("function:", "lambda:")):
            return True
        if callee.startswith(("self.", "super().")) and callee.count(".") == 1:
            return True
        return any(
            argument.place.startswith("self")
            or (argument.place[0] == "$" and frame.look_up(argument.place) is not None)
            for argument in call.arguments
        )

    def _call(self, frame: Frame, call: Call, callee: FunctionRef) -> None:
        header = self._program.function(callee)
        following = self._sides.enter(frame, callee, header, call)
        if not any(self._is_near(location) for _, location in following.bound):
            return
        own = following.look_up("self") == self._root
        hands = self._hands[frame] + (not own)
        if hands > MAX_HANDS or (own and header.name in APART):
            return
        way = Way(frame, call, self._locks.held(frame, call.lockset))
        if header.kind & Kind.COROUTINE and call.use not in _RUN_AT_ONCE:
            # Made here, run by the loop.
            self._reach(following, NOTHING_HELD, hands, way._replace(held=NOTHING_HELD))
        else:
            self._reach(following, self.frames[frame] | way.held, hands, way)

    def _is_near(self, location: Location) -> bool:
        return location.root == self._root.root and len(location.path) <= 1

    def _hand_on(self, frame: Frame, call: Call, place: str) -> set[int]:
        """Follow a method or nested function that is given to somebody who may call it later."""
        function = frame.function
        if place.startswith("self.") and place.count(".") > 1:
            return set()
        callee = self._program.callee(function.module, function.index, place, frame.self_class)
        if callee is None:
            return set()
        header = self._program.function(callee)
        if header.kind & Kind.PROPERTY or header.name in APART:
            return set()
        if self.frames[frame] | self._locks.held(frame, call.lockset):
            self.unsure.add(callee)
        self.enter(self._sides.enter(frame, callee, header, Call(place, call.at)))
        return {callee.index}

    def _leave_nested(self, frame: Frame, spoken_of: set[int]) -> None:
        """Reach the functions in a function that no call of it speaks of.

        A lambda given to a builtin runs with the locks held around it, which the facts do not keep.
        """
        function = frame.function
        for number in self._text.nested_in(function):
            if number in spoken_of:
                continue
            nested = FunctionRef(function.module, number)
            if self._takes_locks(function):
                self.unsure.add(nested)
            bound = tuple(sorted(self._sides.captured(frame, function.index).items()))
            self._reach(
                Frame(nested, frame.self_class, bound),
                NOTHING_HELD,
                self._hands[frame],
                Way(frame, None, NOTHING_HELD),
            )

    def _takes_locks(self, function: FunctionRef) -> bool:
        detail = self._program.detail(function)
        return any(call.lockset for call in detail.calls) or any(
            access.lockset for access in detail.accesses
        )


def _forward(
    entry: Frame, following: dict[Frame, tuple[Frame, Call | None] | None]
) -> list[tuple[Frame, Call | None]]:
    found: Chain = [(entry, None)]
    step = following[entry]
    while step is not None:
        found.append(step)
        step = following[step[0]]
    return found
