"""Ordering: what happens before something is started, or after its end was waited for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlhazards.facts.model import Bit, Call, Op
from mlhazards.program import Program
from mlhazards.program.entry_points import EntryPoint
from mlhazards.program.names import ClassRef, External, FunctionRef
from mlhazards.program.sides import Outside

#: Later than every At.
NEVER = 1 << 62
#: Ways to wait for what was started, on whatever the start gave back.
_WAITS = frozenset({"exception", "join", "result", "shutdown"})
_WAIT_FUNCTIONS = frozenset({"concurrent.futures.as_completed", "concurrent.futures.wait"})
_CONSTRUCTORS = frozenset({"__init__", "__new__", "__post_init__"})
#: A join reached through more calls of the object's own methods than this is not seen.
_MAX_HELPERS = 2
_OWN = ("self", "super()")


class Period(NamedTuple):
    """The facts of a function with ``after`` < At <= ``until``."""

    after: int
    until: int


class Ordering:
    """Orders the facts of one program against its entry points."""

    def __init__(self, program: Program) -> None:
        """Ask ``program`` for functions and classes."""
        self._program = program
        self._handles: dict[tuple[FunctionRef, int], frozenset[str]] = {}

    def joined(self, point: EntryPoint) -> bool:
        """Return whether the starter waits for the end of what it starts (fork-join)."""
        call = point.call
        if not point.joins or call.use == "awaited" or not call.callee:
            return False
        handles = self._all_handles(point)
        for other in self._program.detail(point.starter).calls:
            if other.use == "with" and other.assigned and other.assigned in handles:
                return True
            if other.at <= call.at or (other.bits & Bit.CONDITIONAL and other.loop < 0):
                continue
            if self._waits(point.starter, other, point, handles, 0):
                return True
        return False

    def outside(self, point: EntryPoint) -> Outside | None:
        """Return what tells the facts that happen before the start or after the join."""
        if point.domain == "collection":
            return None  # earlier objects may be collected at any time
        begins = self._before_start(point)
        ends: dict[FunctionRef, int] = {}

        def outside(function: FunctionRef, at: int) -> bool:
            period = begins.get(function)
            if period is not None and period.after < at <= period.until:
                return True
            end = ends.get(function)
            if end is None:
                end = ends[function] = self._join_in(function, point, 0)
            return at > end

        return outside

    def refuses_when_started(self, method: FunctionRef, point: EntryPoint) -> bool:
        """Return whether a method raises once the entry point runs: a configuration phase."""
        tested = self._program.function(method).raises_if
        if not tested:
            return False
        handles = point.handles
        if any(place.startswith(handle) for place in tested for handle in handles):
            return True
        return any(
            access.op == Op.REBIND and access.place in tested
            for function in self._run_by_starter(point)
            for access in self._program.detail(function).accesses
        )

    def _run_by_starter(self, point: EntryPoint) -> Iterator[FunctionRef]:
        """Yield the functions that start the thread, and those of the same object they call."""
        found = [point.starter, *(function for function, _ in self._start_sites(point))]
        for function in tuple(dict.fromkeys(found)):
            yield function
            for call in self._program.detail(function).calls:
                callee = self._program.callee(
                    function.module, function.index, call.callee, point.on
                )
                if callee is not None and self._program.function(callee).class_index >= 0:
                    yield callee

    def _before_start(self, point: EntryPoint) -> dict[FunctionRef, Period]:
        """Return the periods in which what is started does not run yet."""
        found: dict[FunctionRef, Period] = {}
        if point.call.use == "awaited":
            # The starter itself stands still meanwhile.
            return {point.starter: Period(-1, NEVER)}
        for function, site in self._start_sites(point):
            after = self._since(function, site)
            found[function] = Period(after, site.at)
            name = self._program.function(function).name
            for method in self._methods(point.on):
                for call in self._program.detail(method).calls:
                    base, _, called = call.callee.rpartition(".")
                    if called != name or base not in _OWN or method in found:
                        continue
                    once = after < 0 and not call.bits & Bit.CONDITIONAL
                    if once or self._program.function(method).name in _CONSTRUCTORS:
                        found[method] = Period(-1, call.at)
        found.setdefault(point.starter, Period(-1, NEVER))
        return found

    def _start_sites(self, point: EntryPoint) -> list[tuple[FunctionRef, Call]]:
        """Return the calls that really begin: ``thread.start()``, else the start itself."""
        if point.begins and point.call.callee:
            handles = self._all_handles(point)
            for function in (point.starter, *self._methods(point.on)):
                own = function == point.starter
                sites = [
                    (function, call)
                    for call in self._program.detail(function).calls
                    if (own or call.callee.startswith("self."))
                    and _is_method_of(call, handles, point.begins)
                    and (not own or call.at > point.call.at)
                ]
                if sites:
                    return sites
        return [(point.starter, point.call)]

    def _since(self, function: FunctionRef, site: Call) -> int:
        """Return the At after which a function is on its way to the start, -1: all of it is.

        A function that starts its thread only when there is none runs often: what it does before
        it looks, other threads may see.
        """
        header = self._program.function(function)
        if header.name in _CONSTRUCTORS:
            return -1
        returns = [r.at for r in header.results if r.bits & Bit.CONDITIONAL and r.at < site.at]
        if not site.bits & Bit.CONDITIONAL:
            return max(returns, default=-1)
        detail = self._program.detail(function)
        always = [
            fact.at
            for facts in (detail.accesses, detail.calls)
            for fact in facts
            if fact.at < site.at and not fact.bits & Bit.CONDITIONAL
        ]
        return max([*always, *returns], default=0)

    def _join_in(self, function: FunctionRef, point: EntryPoint, depth: int) -> int:
        """Return the At after which ``function`` has waited for the end of ``point``."""
        if not point.joins or depth > _MAX_HELPERS:
            return NEVER
        handles = self._all_handles(point)
        for call in self._program.detail(function).calls:
            if self._waits(function, call, point, handles, depth):
                return call.at
        return NEVER

    def _waits(
        self,
        function: FunctionRef,
        call: Call,
        point: EntryPoint,
        handles: frozenset[str],
        depth: int,
    ) -> bool:
        """Whether a call of ``function`` returns only once ``point`` has come to its end."""
        base, _, method = call.callee.rpartition(".")
        if method in point.joins or method in _WAITS:
            if base.replace("[]", "") in handles and (function == point.starter or base[0] != "%"):
                return True
            # `[t.join() for t in threads]` where the threads were made in a comprehension.
            if function == point.starter and not point.call.assigned:
                return base[0] == "%" and base.endswith("[]") and call.at > point.call.at
        if base in _OWN and depth < _MAX_HELPERS:
            owner = self._program.defining_class(function)
            callee = self._program.method(owner, method) if owner else None
            if callee is not None and callee != function:
                return self._join_in(callee, point, depth + 1) != NEVER
        if function == point.starter and not base.startswith(("self", "%", "$")):
            symbol = self._program.resolve(function.module, call.callee)
            return isinstance(symbol, External) and symbol.name in _WAIT_FUNCTIONS
        return False

    def _all_handles(self, point: EntryPoint) -> frozenset[str]:
        """Return every place in the starter that stands for what it starts, or for all of them."""
        key = (point.starter, point.call.at)
        known = self._handles.get(key)
        if known is None:
            handles = set(point.handles)
            detail = self._program.detail(point.starter)
            for place, value in bound_places(self._program, point.starter):
                if value in handles:
                    handles.add(place)
            for call in detail.calls:
                base, _, method = call.callee.rpartition(".")
                if method in ("append", "add") and base:
                    given = {argument.place for argument in call.arguments}
                    if given & handles or (call.arguments and _made_inside(point, call)):
                        handles.add(base)
            known = self._handles[key] = frozenset(handle.removesuffix("[]") for handle in handles)
        return known

    def _methods(self, cls: ClassRef | None) -> Iterator[FunctionRef]:
        if cls is None:
            return
        for base in self._program.mro(cls):
            if isinstance(base, ClassRef):
                for number in self._program.class_facts(base).methods.values():
                    yield FunctionRef(base.module, number)


def bound_places(program: Program, function: FunctionRef) -> Iterator[tuple[str, str]]:
    """Yield (place, place of the value) of what a function binds to attributes and variables.

    Functions are ``function:N``, as everywhere in the facts.
    """
    for access in program.detail(function).accesses:
        if access.op == Op.REBIND and access.key:
            yield access.place, access.key
    owner = program.defining_class(function)
    if owner is None:
        return
    # What a constructor binds is told by the class alone.
    for name, bindings in program.class_facts(owner).attributes.items():
        for binding in bindings:
            if binding.function == function.index:
                prefix = "" if binding.shape.kind == "place" else f"{binding.shape.kind}:"
                yield f"self.{name}", f"{prefix}{binding.shape.of}"


def _is_method_of(call: Call, handles: frozenset[str], method: str) -> bool:
    base, _, called = call.callee.rpartition(".")
    return called == method and base.replace("[]", "") in handles


def _made_inside(point: EntryPoint, call: Call) -> bool:
    """Whether a call is given the very value of the start: ``futures.append(pool.submit(f))``."""
    made = f"{point.call.callee}()"
    return any(argument.place == made for argument in call.arguments)
