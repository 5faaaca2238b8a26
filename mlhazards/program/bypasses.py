"""Bypasses: iterations of a guarded container that hold none of its locks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import NamedTuple

from mlhazards.facts.model import Access, Bit, Kind, ModuleFacts, Op
from mlhazards.program import Program, places
from mlhazards.program.class_code import APART, Chain, ClassCode
from mlhazards.program.guard_candidates import CHANGES
from mlhazards.program.guards import Guarded, Guards
from mlhazards.program.locations import Frame, Location, Shared
from mlhazards.program.locks import Held
from mlhazards.program.names import ClassRef, External, FunctionRef
from mlhazards.program.public import is_public
from mlhazards.program.sides import Touch

#: Calls that wait until another thread is done.
_WAITS = frozenset({"join", "shutdown"})


class Bypass(NamedTuple):
    """An iteration without the lock.

    ``way`` leads from the frame that anybody may call to the iteration; ``lock`` is how the
    iterating function would write the lock, "" where it has no name for it.
    """

    guarded: Guarded
    touch: Touch
    way: Chain
    lock: str


class Elsewhere(NamedTuple):
    """A touch in the code of another class, or of none, by a typed way to the object.

    ``locks`` are those of the guard, on the object that ``holder`` stands for.
    """

    guarded: Guarded
    touch: Touch
    holder: str
    locks: Held


class Bypasses:
    """Finds the bypasses of a program."""

    def __init__(self, program: Program) -> None:
        """Analyse ``program``."""
        self._program = program
        self.guards = Guards(program)

    def all(self) -> Iterator[Bypass]:
        """Yield every iteration that bypasses a guard, once for each class it does it in."""
        guarded = list(self.guards.all())
        elsewhere = list(self._elsewhere(guarded)) if guarded else []
        broken = {
            id(each.guarded)
            for each in elsewhere
            if self.guards.resizes(each.touch, each.guarded.kind)
            and not each.touch.held & each.locks
        }
        for each in guarded:
            if id(each) not in broken:
                yield from self._inside(each)
        for other in elsewhere:
            if id(other.guarded) not in broken and not other.guarded.siblings:
                yield from self._outside(other)

    def _inside(self, guarded: Guarded) -> Iterator[Bypass]:
        code = guarded.code
        for touch in guarded.iterations:
            if touch.frame.function not in code.unsure and self._matters(touch, guarded.locks):
                way = self._way(code, touch.frame, guarded.locks)
                if way is not None and not self._settled(way, touch, guarded):
                    yield Bypass(guarded, touch, way, _in_words(touch.frame, guarded))

    def _matters(self, touch: Touch, locks: Held) -> bool:
        """Whether an iteration can fail where it stands, as far as the locks there tell."""
        frame, access = touch.frame, touch.access
        header = self._program.function(frame.function)
        if access.op != Op.ITERATE or access.bits & Bit.RETRIED or header.kind & Kind.GENERATOR:
            return False
        held = self.guards.locks.held(frame, access.lockset)
        return header.name not in APART and self._bare(frame.function, held, locks)

    def _way(self, code: ClassCode, frame: Frame, locks: Held) -> Chain | None:
        """Return a way through the code of a class on which none of the locks is held."""
        return code.way_to(frame, lambda function, held: self._bare(function, held, locks))

    def _bare(self, function: FunctionRef, held: Held, locks: Held) -> bool:
        """Whether what a function holds surely is none of the locks."""
        return not held & locks and all(self._is_another(function, lock) for lock in held)

    def _is_another(self, function: FunctionRef, lock: Location | str) -> bool:
        """Whether something held is known for what it is; else it may be the very lock."""
        if not isinstance(lock, str):
            return bool(self.guards.lock_kind(lock))
        symbol = self._program.resolve(function.module, lock.removesuffix("()"))
        if not isinstance(symbol, External) or "%" in lock:
            return False
        package = symbol.name.partition(".")[0]
        return package in sys.stdlib_module_names and package != "contextlib"

    def _settled(self, way: Chain, touch: Touch, guarded: Guarded) -> bool:
        """Whether the functions on the way make sure that nobody else changes the container.

        They wait for the others, or tell them by a flag that is set under the lock, or put another
        container in its place.
        """
        ends = [*(call.at if call else -1 for _, call in way[1:]), touch.access.at]
        return any(
            self._settles(frame, end, guarded) for (frame, _), end in zip(way, ends, strict=True)
        )

    def _settles(self, frame: Frame, end: int, guarded: Guarded) -> bool:
        detail = self._program.detail(frame.function)
        for access in detail.accesses:
            if access.op != Op.REBIND:
                continue
            location = self.guards.locator.locate(frame, access.place)
            if location is None:
                continue
            if location == guarded.location:
                return True
            if access.at < end and location.root == guarded.location.root:
                held = self.guards.locks.held(frame, access.lockset)
                if held & guarded.locks:
                    return True
        return any(
            call.at < end and call.use == "dropped" and places.last(call.callee) in _WAITS
            for call in detail.calls
        )

    def _elsewhere(self, guarded: list[Guarded]) -> Iterator[Elsewhere]:
        names: dict[str, list[Guarded]] = {}
        for each in guarded:
            if isinstance(each.location.root, Shared):
                for name in self.guards.candidates.names_of(each.code.cls, each.attribute):
                    names.setdefault(name, []).append(each)
        for module in self._program.modules.values():
            if not names.keys().isdisjoint(module.uses):
                yield from self._in_module(module, names)

    def _in_module(
        self, module: ModuleFacts, names: dict[str, list[Guarded]]
    ) -> Iterator[Elsewhere]:
        for index, detail in enumerate(module.details):
            for access in detail.accesses:
                if access.op != Op.ITERATE and access.op not in CHANGES:
                    continue
                holder, _, name = access.place.removesuffix("()").rpartition(".")
                if name in names and not access.bits & Bit.REBOUND:
                    function = FunctionRef(module.name, index)
                    found = self._touch(function, access, holder, names[name])
                    if found is not None:
                        yield found

    def _touch(
        self, function: FunctionRef, access: Access, holder: str, candidates: list[Guarded]
    ) -> Elsewhere | None:
        """Return the touch if ``holder`` surely is an object of a class with such a guard.

        Its own class is no matter of this, nor is what a local variable holds: it may be new.
        """
        if holder in {"", "self", "cls", "super()"} or holder[0] in "%@^":
            return None
        own = self._program.defining_class(function)
        cls = self._program.type_of(function.module, function.index, holder, own)
        if not isinstance(cls, ClassRef):
            return None
        bases = self._program.mro(cls)
        matching = [each for each in candidates if each.code.cls in bases]
        frame = Frame(function, own, (("self", Location(Shared(own))),) if own else ())
        base = self.guards.locator.locate(frame, holder)
        if not matching or base is None:
            return None
        guarded = min(matching, key=lambda each: bases.index(each.code.cls))
        located = [base / lock.path for lock in guarded.locks if isinstance(lock, Location)]
        locks = [self.guards.locks.canonical(lock) for lock in located if lock is not None]
        held = self.guards.locks.held(frame, access.lockset)
        wanted: Held = frozenset(lock for lock in locks if lock is not None)
        return Elsewhere(guarded, Touch(base, access, frame, held), holder, wanted)

    def _outside(self, other: Elsewhere) -> Iterator[Bypass]:
        touch, guarded = other.touch, other.guarded
        if other.locks and self._matters(touch, other.locks):
            way = self._way_outside(touch.frame, other.locks)
            if way is not None and not self._settled(way, touch, guarded):
                lock = f"{places.written(other.holder)}.{guarded.lock_names[0]}"
                yield Bypass(guarded, touch, way, lock)

    def _way_outside(self, frame: Frame, locks: Held) -> Chain | None:
        """Return a way on which the locks are not held; None where a caller may hold them."""
        if frame.self_class is not None:
            code = self.guards.reader.code(frame.self_class)
            return self._way(code, frame, locks)
        return [(frame, None)] if is_public(self._program.function(frame.function).name) else None


def _in_words(frame: Frame, guarded: Guarded) -> str:
    """Return the lock as a function of the class writes it."""
    own = frame.look_up("self") == Location(Shared(guarded.code.cls))
    return f"self.{guarded.lock_names[0]}" if own else ""
