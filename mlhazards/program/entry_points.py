"""Entry points: code that runs at the same time as its creator, because something started it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlhazards.facts.model import Access, Argument, Call, Kind, Op
from mlhazards.knowledge.containers import ADDERS, RESIZERS
from mlhazards.knowledge.schema import Start, Subclass
from mlhazards.program import Program
from mlhazards.program.binding import bound_arguments, is_bound_method
from mlhazards.program.locations import Frame, Location, Locator, Shared
from mlhazards.program.locks import NOTHING_HELD
from mlhazards.program.names import ClassRef, FunctionRef
from mlhazards.program.sides import Side, Sides, Touch
from mlhazards.program.starts import Starts, arguments_passed

#: A class with more subclasses than this is analysed as itself only.
MAX_SUBCLASSES = 64


class EntryPoint(NamedTuple):
    """One start of one callable, on one class of shared object.

    ``entry`` is the frame that runs concurrently; where the callable is a method of a container
    itself (``Timer(5, self.jobs.clear)``) it is the starter's, and ``touch`` is all it does.
    ``starter`` is the function that starts it, by ``call``; ``handles`` are the places in the
    starter that stand for what was started. ``certain`` says that the callable that starts it is
    known and not judged by its name; ``on`` is the class of the starter's ``self``.
    """

    entry: Frame
    starter: FunctionRef
    call: Call
    domain: str
    description: str
    begins: str
    joins: tuple[str, ...]
    handles: tuple[str, ...] = ()
    certain: bool = True
    on: ClassRef | None = None
    touch: Touch | None = None


class EntryPoints:
    """Finds the entry points of a program by the knowledge tables."""

    def __init__(self, program: Program, locator: Locator, sides: Sides) -> None:
        """Ask ``program`` and ``locator``; bind arguments as ``sides`` does."""
        self._program = program
        self._locator = locator
        self._sides = sides
        self._starts = Starts(program)

    def all(self) -> Iterator[EntryPoint]:
        """Yield every entry point whose callable is known, in the order of the modules."""
        for name, module in self._program.modules.items():
            for number, index in module.starts:
                starter = FunctionRef(name, number)
                yield from self._started(starter, module.details[number].calls[index])
        any_class = self._starts.of_any_class()
        candidates = self._starts.named_like_threads()
        for name, module in self._program.modules.items():
            for index, facts in enumerate(module.classes):
                if facts.name in candidates:
                    yield from self._subclass(ClassRef(name, index))
                if any_class is not None and any_class.method in facts.methods:
                    run = FunctionRef(name, facts.methods[any_class.method])
                    yield self._run_by(ClassRef(name, index), any_class, run)

    def side(self, point: EntryPoint) -> Side:
        """Return what runs from an entry point."""
        if point.touch is not None:
            return Side(point.entry, {}, {point.touch.location: [point.touch]})
        return self._sides.side(point.entry)

    def _started(self, starter: FunctionRef, call: Call) -> Iterator[EntryPoint]:
        for self_class in self._dynamic_classes(starter):
            meaning = self._starts.meaning(starter, call, self_class)
            if meaning is None:
                continue
            start, certain = meaning
            owner = Frame(starter, self_class, self_bound(self_class))
            for argument in call.arguments:
                if argument.slot not in start.target:
                    continue
                if argument.place[0] == "$" and argument.place[1:].isidentifier():
                    yield from self._through_helper(starter, argument.place[1:], start)
                point = self._point(owner, argument, start, call)
                if point is not None:
                    yield point._replace(certain=certain)

    def _through_helper(
        self, helper: FunctionRef, parameter: str, start: Start
    ) -> Iterator[EntryPoint]:
        """Yield what callers of a function have it start: ``start_thread(self._run)``."""
        header = self._program.function(helper)
        begun = start._replace(begins="", arguments=())
        for mention in self._program.mentions(helper):
            if mention.handed_on:
                continue
            skip_first = is_bound_method(header) and "." in mention.call.callee
            for name, argument in bound_arguments(header, mention.call, skip_first=skip_first):
                if name != parameter:
                    continue
                for self_class in self._dynamic_classes(mention.caller):
                    owner = Frame(mention.caller, self_class, self_bound(self_class))
                    point = self._point(owner, argument, begun, mention.call)
                    if point is not None:
                        yield point

    def _point(
        self, owner: Frame, argument: Argument, start: Start, call: Call
    ) -> EntryPoint | None:
        """Return the entry point that ``call`` in the frame ``owner`` makes of an argument."""
        entry = self._target(owner, argument, start, call)
        touch = None if entry is not None else self._method_of_container(owner, argument, call)
        if entry is None and touch is None:
            return None
        return EntryPoint(
            entry or owner, owner.function, call, start.domain, start.description, start.begins,
            start.joins, _handles(call, start), on=owner.self_class, touch=touch,
        )  # fmt: skip

    def _dynamic_classes(self, function: FunctionRef) -> tuple[ClassRef | None, ...]:
        own = self._program.defining_class(function)
        if own is None:
            return (None,)
        below = self._program.subclasses(own)
        return (own, *below) if len(below) <= MAX_SUBCLASSES else (own,)

    def _target(self, owner: Frame, argument: Argument, start: Start, call: Call) -> Frame | None:
        function = owner.function
        place = argument.place
        callee = self._program.callee(function.module, function.index, place, owner.self_class)
        if callee is None:
            return None
        header = self._program.function(callee)
        if header.kind & (Kind.COROUTINE | Kind.GENERATOR):
            return None
        run = Call(place, call.at, arguments=tuple(arguments_passed(call, start)))
        frame = self._sides.enter(owner, callee, header, run, with_locals=True)
        if frame.look_up("self") is None and frame.self_class is not None and "." in place:
            # Started on an object that has no path from a known root: it is a root itself.
            bound = (*frame.bound, ("self", Location(Shared(frame.self_class))))
            frame = frame._replace(bound=tuple(sorted(bound, key=lambda item: item[0])))
        return frame

    def _method_of_container(self, owner: Frame, argument: Argument, call: Call) -> Touch | None:
        """Return what starting a bound method of a container does: ``target=self.jobs.clear``."""
        place, _, method = argument.place.rpartition(".")
        if method not in RESIZERS or not place:
            return None
        location = self._locator.locate(owner, place)
        if location is None or self._locator.kind(location) is None:
            return None
        op = Op.ADD if method in ADDERS else Op.REMOVE
        return Touch(location, Access(place, op, call.at, how=method), owner, NOTHING_HELD)

    def _subclass(self, cls: ClassRef) -> Iterator[EntryPoint]:
        """Yield the entry point of a class that derives from Thread and defines ``run``."""
        base = self._starts.thread_base(cls)
        if base is None:
            return
        run = self._program.method(cls, base.method)
        if run is not None and not self._program.function(run).kind & Kind.COROUTINE:
            yield self._run_by(cls, base, run)

    def _run_by(self, cls: ClassRef, base: Subclass, run: FunctionRef) -> EntryPoint:
        starter, call = self._begin(cls, base, run)
        return EntryPoint(
            Frame(run, cls, self_bound(cls)), starter, call, base.domain, base.description,
            base.begins, base.joins, ("self",), on=cls,
        )  # fmt: skip

    def _begin(self, cls: ClassRef, base: Subclass, run: FunctionRef) -> tuple[FunctionRef, Call]:
        """Return where a Thread subclass starts itself, else the head of its ``run``."""
        own = (f"self.{base.begins}", f"super().{base.begins}")
        for method in self._program.class_facts(cls).methods.values():
            for call in self._program.modules[cls.module].details[method].calls:
                if base.begins and call.callee in own:
                    return FunctionRef(cls.module, method), call
        return run, Call("", self._program.function(run).at)


def self_bound(cls: ClassRef | None) -> tuple[tuple[str, Location], ...]:
    """Return what a method called on a shared object of class ``cls`` knows of it."""
    return () if cls is None else (("self", Location(Shared(cls))),)


def _handles(call: Call, start: Start) -> tuple[str, ...]:
    """Return the places that stand for what a call starts: its result, and the pool it runs in."""
    pool = call.callee.rpartition(".")[0] if start.domain == "pool" else ""
    found = tuple(place for place in (call.assigned, pool) if place)
    made = f"{call.callee}()" if not call.assigned and start.domain != "pool" else ""
    return (*found, made) if made else found
