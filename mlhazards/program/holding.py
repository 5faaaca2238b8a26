"""Holding: whether the lock that a loop bypasses could simply be held around it."""

from __future__ import annotations

from mlhazards.facts.model import Bit, Kind
from mlhazards.program import Program, places
from mlhazards.program.bypasses import Bypass
from mlhazards.program.guards import Guards
from mlhazards.program.locations import Frame
from mlhazards.program.names import ClassRef, External, FunctionRef
from mlhazards.program.owned_locks import REENTRANT

#: How deep into what the loop calls is looked for locks.
MAX_CALLS = 3


class Holding:
    """Judges bypasses by what would happen under the lock."""

    def __init__(self, program: Program, guards: Guards) -> None:
        """Ask ``program`` and ``guards``."""
        self._program = program
        self._guards = guards

    def possible(self, bypass: Bypass) -> bool:
        """Return whether the lock can be taken around the loop, as far as the program shows.

        It can not where the walk goes on after the statement or while others run, where a caller
        holds the lock already, or where the loop waits for a lock itself.
        """
        access, frame = bypass.touch.access, bypass.touch.frame
        if access.loop < 0 or access.bits & (Bit.ASYNC_FOR | Bit.GENERATOR_EXPRESSION):
            return False
        if self._program.function(frame.function).kind & Kind.LAMBDA:
            return False
        loops = self._with_inner(frame.function, access.loop)
        found = self._program.detail(frame.function).loops
        if any(found[index].awaits for index in loops):
            return False
        locks = bypass.guarded.locks
        again = all(self._guards.lock_kind(lock) in REENTRANT for lock in locks)
        if not again and self._held_on_some_way(bypass):
            return False
        return not self._taken(bypass, loops) - set(bypass.guarded.lock_names if again else ())

    def _with_inner(self, function: FunctionRef, loop: int) -> set[int]:
        found = {loop}
        for index, each in enumerate(self._program.detail(function).loops):
            if each.outer in found:
                found.add(index)
        return found

    def _held_on_some_way(self, bypass: Bypass) -> bool:
        """Whether a caller may hold the lock already, or any lock where its identity is lost."""
        frame, code = bypass.touch.frame, bypass.guarded.code
        if frame not in code.frames:
            return any(each.call.lockset for each in self._program.mentions(frame.function))
        seen: set[Frame] = {frame}
        waiting = [frame]
        while waiting:
            for way in code.ways.get(waiting.pop(), ()):
                if way.held:
                    return True
                if way.caller not in seen:
                    seen.add(way.caller)
                    waiting.append(way.caller)
        return False

    def _taken(self, bypass: Bypass, loops: set[int]) -> set[str]:
        """Return the last names of the locks that are taken in the loops."""
        frame, access = bypass.touch.frame, bypass.touch.access
        around = self._names(frame.function, {access.lockset})
        inside = {used for used, loop in self._locksets(frame.function) if loop in loops}
        taken = self._names(frame.function, inside) - around
        calls = self._program.detail(frame.function).calls
        written = [call.callee for call in calls if call.loop in loops]
        callees = self._callees(frame.function, frame.self_class, written)
        for _ in range(MAX_CALLS):
            following: set[FunctionRef] = set()
            for callee in callees:
                taken |= self._names(callee, {used for used, _ in self._locksets(callee)})
                owner = self._program.defining_class(callee)
                written = [call.callee for call in self._program.detail(callee).calls]
                following |= self._callees(callee, owner, written)
            callees = following
        return taken

    def _locksets(self, function: FunctionRef) -> set[tuple[int, int]]:
        """Return the locksets of a function, each with the loop that it stands in."""
        detail = self._program.detail(function)
        calls = {(call.lockset, call.loop) for call in detail.calls}
        return calls | {(access.lockset, access.loop) for access in detail.accesses}

    def _names(self, function: FunctionRef, used: set[int]) -> set[str]:
        """Return the last names of the locks in locksets; a library's ``open()`` is none."""
        locksets = self._program.modules[function.module].locksets
        return {
            places.last(lock)
            for index in used
            for lock in locksets[index]
            if not isinstance(
                self._program.resolve(function.module, lock.removesuffix("()")), External
            )
        }

    def _callees(
        self, function: FunctionRef, cls: ClassRef | None, written: list[str]
    ) -> set[FunctionRef]:
        found = {
            self._program.callee(function.module, function.index, callee, cls) for callee in written
        }
        return {callee for callee in found if callee is not None}
