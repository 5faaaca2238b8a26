"""Entry points: code that runs at the same time as its creator, because something started it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlhazards.facts.model import Access, Argument, Call, Kind, Op
from mlhazards.knowledge.schema import Start, Subclass
from mlhazards.knowledge.tables import STARTS, SUBCLASSES
from mlhazards.program import Program, places
from mlhazards.program.locations import Frame, Location, Locator, Shared
from mlhazards.program.names import ClassRef, External, FunctionRef
from mlhazards.program.sides import Sides

#: A class with more subclasses than this is analysed as itself only.
MAX_SUBCLASSES = 24
#: Ways to wait for what was started, on whatever the start gave back.
_WAITS = frozenset({"exception", "join", "result", "shutdown", "wait"})


class EntryPoint(NamedTuple):
    """One start of one callable, on one class of shared object.

    ``entry`` is the frame that runs concurrently; ``starter`` the function that starts it, by
    ``call``; ``handle`` the place in the starter that stands for what was started ("" for none).
    ``joined`` says that the starter waits for its end before it returns; ``certain`` that the
    callable that starts it is known and not judged by its name.
    """

    entry: Frame
    starter: FunctionRef
    call: Call
    domain: str
    description: str
    joins: tuple[str, ...]
    handle: str = ""
    joined: bool = False
    certain: bool = True
    on: ClassRef | None = None


class EntryPoints:
    """Finds the entry points of a program by the knowledge tables."""

    def __init__(self, program: Program, locator: Locator, sides: Sides) -> None:
        """Ask ``program`` and ``locator``; bind arguments as ``sides`` does."""
        self._program = program
        self._locator = locator
        self._sides = sides
        self._starts: dict[str, list[Start]] = {}
        for start in STARTS:
            self._starts.setdefault(start.call.rpartition(".")[2], []).append(start)
        self._bases = {subclass.base: subclass for subclass in SUBCLASSES}

    def all(self) -> Iterator[EntryPoint]:
        """Yield every entry point whose callable is known, in the order of the modules."""
        for name, module in self._program.modules.items():
            for number, index in module.starts:
                starter = FunctionRef(name, number)
                call = module.details[number].calls[index]
                yield from self._started(starter, call)
        yield from self._subclasses()

    def _started(self, starter: FunctionRef, call: Call) -> Iterator[EntryPoint]:
        for self_class in self._dynamic_classes(starter):
            start = self._meaning(starter, call, self_class)
            if start is None:
                continue
            owner = Frame(starter, self_class, _receiver(self_class))
            for argument in call.arguments:
                if argument.slot in start.target:
                    entry = self._target(owner, argument, start, call)
                    if entry is not None:
                        yield self._entry_point(entry, starter, call, start, self_class)

    def _dynamic_classes(self, function: FunctionRef) -> tuple[ClassRef | None, ...]:
        own = self._program.defining_class(function)
        if own is None:
            return (None,)
        below = self._program.subclasses(own)
        return (own, *below) if len(below) <= MAX_SUBCLASSES else (own,)

    def _meaning(
        self, starter: FunctionRef, call: Call, self_class: ClassRef | None
    ) -> Start | None:
        """Return what the tables say of a call, None when it starts nothing known."""
        callee = call.callee
        symbol = self._program.resolve(starter.module, callee) if _is_plain(callee) else None
        name = symbol.name if isinstance(symbol, External) else ""
        last = places.last(callee)
        for start in self._starts.get(last, ()):
            if name == start.call or (start.any_receiver and "." in callee):
                return start
            owner = start.call.rpartition(".")[0]
            if "." in callee and owner[:1].islower() and owner.rpartition(".")[2][:1].isupper():
                receiver = callee.rpartition(".")[0]
                found = self._program.type_of(starter.module, starter.index, receiver, self_class)
                if isinstance(found, External) and found.name == owner:
                    return start
        return self._thread_like(starter, callee, name, symbol, self_class)

    def _thread_like(
        self,
        starter: FunctionRef,
        callee: str,
        name: str,
        symbol: object,
        self_class: ClassRef | None,
    ) -> Start | None:
        """Take a subclass of Thread, or a class called so that cannot be seen, for a Thread."""
        base = self._starts["Thread"][0]
        if callee == "super().__init__" and self_class is not None:
            symbol = self_class
        if isinstance(symbol, ClassRef):
            if self._thread_base(symbol) is not None:
                return base._replace(call=self._program.class_facts(symbol).name)
            return None
        unseen = name or (callee if symbol is None and _is_plain(callee) else "")
        last = unseen.rpartition(".")[2]
        if last.endswith("Thread") and last != "Thread" and not unseen.startswith("builtins."):
            return base._replace(call=last)
        return None

    def _thread_base(self, cls: ClassRef) -> Subclass | None:
        for base in self._program.mro(cls):
            if isinstance(base, External) and base.name in self._bases:
                return self._bases[base.name]
        return None

    def _target(self, owner: Frame, argument: Argument, start: Start, call: Call) -> Frame | None:
        function = owner.function
        place = argument.place
        callee = self._program.callee(function.module, function.index, place, owner.self_class)
        if callee is None:
            return None
        header = self._program.function(callee)
        if header.kind & (Kind.COROUTINE | Kind.GENERATOR):
            return None
        run = Call(place, call.at, arguments=tuple(self._arguments(call, start)))
        frame = self._sides.enter(owner, callee, header, run)
        if frame.look_up("self") is None and frame.self_class is not None and "." in place:
            # Started on an object that has no path from a known root: it is a root itself.
            bound = (*frame.bound, ("self", Location(Shared(frame.self_class))))
            frame = frame._replace(bound=tuple(sorted(bound, key=lambda item: item[0])))
        return frame

    def _arguments(self, call: Call, start: Start) -> Iterator[Argument]:
        """Yield the arguments of a start as those of the call that the new side begins with."""
        for slot in start.arguments:
            for argument in call.arguments:
                if slot.endswith("+") and argument.slot.isdigit():
                    first = int(slot[:-1])
                    if int(argument.slot) >= first:
                        yield argument.__class__(
                            str(int(argument.slot) - first), argument.place, argument.partial
                        )
                elif argument.slot.startswith(f"{slot}."):
                    yield argument.__class__(argument.slot.partition(".")[2], argument.place)

    def _entry_point(
        self,
        entry: Frame,
        starter: FunctionRef,
        call: Call,
        start: Start,
        self_class: ClassRef | None,
    ) -> EntryPoint:
        handle = call.assigned or (call.callee.rpartition(".")[0] if start.domain == "pool" else "")
        certain = start.call in {known.call for known in STARTS}
        joined = bool(start.joins) and self._joined(starter, call, handle)
        return EntryPoint(
            entry, starter, call, start.domain, start.description, start.joins, handle, joined,
            certain, self_class,
        )  # fmt: skip

    def _joined(self, starter: FunctionRef, call: Call, handle: str) -> bool:
        """Whether the starter waits for the end of what it starts (fork-join)."""
        if call.use == "awaited":
            return False
        detail = self._program.detail(starter)
        names = {handle, call.assigned} - {""}
        receiver = call.callee.rpartition(".")[0]
        for other in detail.calls:
            base, _, method = other.callee.rpartition(".")
            if other.use == "with" and other.assigned and other.assigned == receiver:
                return True
            if method in ("append", "add") and any(a.place in names for a in other.arguments):
                names.add(base)
            if (
                method in _WAITS
                and other.at > call.at
                and base.replace("[]", "") in names | {receiver}
            ):
                return True
            if other.at > call.at and places.last(other.callee) in (
                "as_completed",
                "wait",
                "gather",
            ):
                return True
        # `[t.join() for t in threads]` where the threads were made in a comprehension.
        return not handle and any(
            other.callee.endswith("[].join") and other.callee[0] == "%" for other in detail.calls
        )

    def _subclasses(self) -> Iterator[EntryPoint]:
        """Yield the entry points of classes that derive from Thread and define ``run``."""
        for name, module in self._program.modules.items():
            for index, facts in enumerate(module.classes):
                if not facts.bases:
                    continue
                cls = ClassRef(name, index)
                base = self._thread_base(cls)
                if base is None:
                    continue
                run = self._program.method(cls, base.method)
                if run is None or self._program.function(run).kind & Kind.COROUTINE:
                    continue
                entry = Frame(run, cls, _receiver(cls))
                starter, call = self._begin(cls, base, run)
                yield EntryPoint(
                    entry, starter, call, base.domain, base.description, base.joins, "self",
                    on=cls,
                )  # fmt: skip

    def _begin(self, cls: ClassRef, base: Subclass, run: FunctionRef) -> tuple[FunctionRef, Call]:
        """Return where a Thread subclass starts itself, else the head of its ``run``."""
        for method in self._program.class_facts(cls).methods.values():
            for call in self._program.modules[cls.module].details[method].calls:
                if call.callee in (f"self.{base.begins}", f"super().{base.begins}"):
                    return FunctionRef(cls.module, method), call
        return run, Call("", self._program.function(run).at)


def _receiver(cls: ClassRef | None) -> tuple[tuple[str, Location], ...]:
    return () if cls is None else (("self", Location(Shared(cls))),)


def _is_plain(callee: str) -> bool:
    return not any(mark in callee for mark in "%$^([") and not callee.startswith(("self", "super"))


def rebinds(program: Program, function: FunctionRef, place: str) -> list[Access]:
    """Return the accesses of ``function`` that bind ``place`` anew."""
    return [a for a in program.detail(function).accesses if a.op == Op.REBIND and a.place == place]
