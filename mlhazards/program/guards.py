"""Guards: which lock all code of a class holds when it changes the size of a container.

That is the program's own word that the container is shared, and what protects it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mlhazards.facts.model import Op
from mlhazards.program import Program, places
from mlhazards.program.class_code import ClassCode, CodeReader
from mlhazards.program.class_text import ClassText
from mlhazards.program.guard_candidates import ENOUGH, Candidates
from mlhazards.program.locations import Frame, Location, Locator, Shared
from mlhazards.program.locks import Held, Locks
from mlhazards.program.names import ClassRef, Global
from mlhazards.program.owned_locks import lock_kind, lock_owners
from mlhazards.program.resizes import Resizes
from mlhazards.program.sides import Sides, Touch


class Touches(NamedTuple):
    """What the code of a class does to one of its containers."""

    changes: list[Touch]
    iterations: list[Touch]
    snapshots: list[Touch]


class Guarded(NamedTuple):
    """A container of the objects of ``code.cls`` and the ``locks`` under which it is changed.

    ``proof`` are the places that hold a lock: those that change the size or, with ``siblings``,
    those that walk or copy it, while the changes are made by whom the container is given to.
    """

    code: ClassCode
    location: Location
    kind: str
    locks: Held
    proof: tuple[Touch, ...]
    siblings: bool
    iterations: tuple[Touch, ...]

    @property
    def attribute(self) -> str:
        """The name of the attribute that holds the container."""
        return _last_name(self.location)

    @property
    def lock_names(self) -> list[str]:
        """The names of the attributes that hold the locks, sorted."""
        return sorted(_last_name(lock) for lock in self.locks if isinstance(lock, Location))


class Guards:
    """Finds the guarded containers of a program."""

    def __init__(self, program: Program) -> None:
        """Analyse ``program``."""
        self._program = program
        self.locator = Locator(program)
        self._resizes = Resizes(self.locator)
        self.locks = Locks(program, self.locator)
        text = ClassText(program)
        self.reader = CodeReader(
            program, text, Sides(program, self.locator, self.locks), self.locks
        )
        self.candidates = Candidates(program, self.locator, text)

    def all(self) -> Iterator[Guarded]:
        """Yield the guarded containers of all classes that own a lock."""
        for cls in lock_owners(self._program):
            if self.candidates.may_guard(cls):
                code = self.reader.code(cls)
                for location, touches in self._touches(code).items():
                    guarded = self._guarded(code, location, touches)
                    if guarded is not None:
                        yield guarded

    def lock_kind(self, lock: Location | str) -> str:
        """Return the constructor of an exclusive threading lock, "" for anything else."""
        return "" if isinstance(lock, str) else lock_kind(self.locator, lock)

    def resizes(self, touch: Touch, kind: str) -> bool:
        """Return whether a touch may change the size of a container of that kind."""
        return self._resizes.resizes(touch, kind)

    def _touches(self, code: ClassCode) -> dict[Location, Touches]:
        found: dict[Location, Touches] = {}
        for frame, reached in code.frames.items():
            for access in self.candidates.accesses(frame.function):
                location = self._locate(frame, access.place)
                if location is None or not self._is_own(location, code.cls):
                    continue
                held = reached | self.locks.held(frame, access.lockset)
                entry = found.setdefault(location, Touches([], [], []))
                if access.op == Op.ITERATE:
                    group = entry.iterations
                else:
                    group = entry.snapshots if access.op == Op.SNAPSHOT else entry.changes
                group.append(Touch(location, access, frame, held))
        return found

    def _locate(self, frame: Frame, place: str) -> Location | None:
        """Return the location of a place, also of what a method of the object gives out."""
        if place[0] in "%@":
            return None
        if not place.endswith("()"):
            return self.locator.locate(frame, place)
        on, cls = frame.look_up("self"), frame.self_class
        receiver, _, name = place[:-2].rpartition(".")
        if receiver != "self" or on is None or cls is None:
            return None
        method = self._program.method(cls, name)
        return None if method is None else self.locator.accessor(method, cls, on)

    def _is_own(self, location: Location, cls: ClassRef) -> bool:
        """Whether a location is an attribute of the object, or a variable of its class."""
        root = location.root
        if isinstance(root, Shared):
            return root.cls == cls and len(location.path) == 1 and location.path[0].isidentifier()
        if not isinstance(root, Global) or location.path or "." not in root.name:
            return False
        owner = self._program.resolve(root.module, root.name.rpartition(".")[0])
        return isinstance(owner, ClassRef) and owner in self._program.mro(cls)

    def _guarded(self, code: ClassCode, location: Location, touches: Touches) -> Guarded | None:
        if not touches.changes and not touches.snapshots:
            return None
        kind = self.candidates.kind(location)
        if kind is None:
            return None
        changes = [touch for touch in touches.changes if self.resizes(touch, kind)]
        iterations = tuple(touches.iterations)
        if _sites(changes) >= ENOUGH:
            locks = self._common(code.cls, changes)
            siblings = False
        else:
            reads = [*touches.iterations, *touches.snapshots]
            locks = self._by_siblings(code, location, changes, reads)
            changes += [touch for touch in reads if touch.held & locks]
            siblings = True
        if not locks:
            return None
        return Guarded(code, location, kind, locks, tuple(changes), siblings, iterations)

    def _common(self, cls: ClassRef, touches: Iterable[Touch]) -> Held:
        """Return the locks of the class that are held at every one of the touches."""
        held = [touch.held for touch in touches]
        return frozenset(lock for lock in held[0].intersection(*held) if self._is_guard(cls, lock))

    def _is_guard(self, cls: ClassRef, lock: Location | str) -> bool:
        return not isinstance(lock, str) and self._is_own(lock, cls) and bool(self.lock_kind(lock))

    def _by_siblings(
        self, code: ClassCode, location: Location, changes: list[Touch], reads: list[Touch]
    ) -> Held:
        """Return the lock under which a container is read, and together with which it is given out.

        All reads but one have to hold it, and so do the changes, if there are any.
        """
        for lock in sorted({lock for touch in reads for lock in touch.held}, key=str):
            bare = [touch for touch in reads if lock not in touch.held]
            if (
                _sites(touch for touch in reads if lock in touch.held) >= ENOUGH
                and _sites(bare) == 1
                and all(lock in touch.held for touch in changes)
                and isinstance(lock, Location)
                and self._is_guard(code.cls, lock)
                and self._go_together(code, location, lock)
            ):
                return frozenset({lock})
        return frozenset()

    def _go_together(self, code: ClassCode, location: Location, lock: Location) -> bool:
        """Whether a container and its lock are given away in one call, or are named alike."""
        if _last_name(lock) == f"{_last_name(location)}_lock":
            return True
        for frame in code.frames:
            for call in self._program.detail(frame.function).calls:
                given = {a.place for a in call.arguments if places.split(a.place).root == "self"}
                if len(given) > 1:
                    located = {self.locator.locate(frame, place) for place in given}
                    if location in located and lock in located:
                        return True
        return False


def _last_name(location: Location) -> str:
    if location.path:
        return location.path[-1]
    root = location.root
    return root.name.rpartition(".")[2] if isinstance(root, Global) else ""


def _sites(touches: Iterable[Touch]) -> int:
    """Return at how many places of the source the touches stand."""
    return len({(touch.frame.function.module, touch.access.at) for touch in touches})
