"""Notifications: which calls in a loop are calls of what the loop walks.

An element is called under its own name, as part of a pair that was unpacked, after a weak reference
gave it out, or by a function that it is given to; a method may be fetched by ``getattr`` first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from mlhazards.facts.model import Call, Kind
from mlhazards.program import FunctionRef, Program, places
from mlhazards.program.binding import bound_arguments, is_bound_method
from mlhazards.program.loops import Walked, runs_when_called
from mlhazards.program.registries import as_item

#: The name that facts give to an attribute whose name is computed.
_COMPUTED = "?"
#: What takes coroutines to run them later: calling an element only makes one.
_SCHEDULERS = frozenset({
    "add_task", "call_soon", "create_task", "ensure_future", "gather", "run_coroutine_threadsafe",
    "start_soon",
})  # fmt: skip
#: What tells whether a result has to be awaited: elements may be plain functions as well.
_TELLS_COROUTINES = frozenset({"isawaitable", "iscoroutine", "iscoroutinefunction"})
#: What may become of a coroutine that is made now and run later.
_KEPT = frozenset({"argument", "assigned", "other"})
#: What becomes of a result that is not looked at.
_UNEXPECTING = frozenset({"awaited", "dropped", "from", "yielded"})

#: Whether elements are weak references; a container of unknown things may hold such.
Weak = Literal["yes", "no", "unknown"]


class Notification(NamedTuple):
    """A call of an element (``method`` is ""), or of a method of it ("?": of a computed name)."""

    call: Call
    method: str
    gives_owner: bool

    @property
    def of_anything(self) -> bool:
        """Whether the call runs whatever somebody has registered, not one of our own methods."""
        return self.method in ("", _COMPUTED)


def _elements(walked: Walked) -> tuple[str, ...]:
    """Return the places under which the loop speaks of an element or a part of it."""
    return (walked.element, *(f"%{name}" for name in walked.loop.targets))


def calls_of_elements(program: Program, walked: Walked) -> Iterator[Notification]:
    """Yield the calls in the loop that may be calls of an element."""
    return _calls_of(program, walked, _elements(walked))


def _calls_of(program: Program, walked: Walked, starts: tuple[str, ...]) -> Iterator[Notification]:
    for call in walked.calls():
        method = _method(call.callee, starts)
        if method is None and _calls_what_is_given(program, walked.function, call, starts):
            method = ""
        if method is not None:
            yield Notification(call, method, _gives_owner(walked, call))


def _calls_what_is_given(
    program: Program, function: FunctionRef, call: Call, starts: tuple[str, ...]
) -> bool:
    """Whether a call runs a function of the program that calls the element it is given."""
    given = [argument for argument in call.arguments if argument.place in starts]
    if not given:
        return False
    callee = program.callee(function.module, function.index, call.callee)
    if callee is None:
        return False
    header = program.function(callee)
    if not runs_when_called(header.kind, call.use):
        return False
    method = is_bound_method(header) and "." in call.callee
    called = {
        f"${parameter}"
        for parameter, argument in bound_arguments(header, call, skip_first=method)
        if argument in given
    }
    return any(inner.callee in called for inner in program.detail(callee).calls)


def notifications(program: Program, walked: Walked, weak: Weak) -> list[Notification]:
    """Return the calls after which the loop may go on, those of the element itself first.

    ``weak`` tells whether the elements are weak references, which are called to get at the
    listener.
    """
    coroutine = bool(program.function(walked.function).kind & Kind.COROUTINE)
    found = list(calls_of_elements(program, walked))
    if weak != "no":
        gotten = [each.call for each in found if not each.method and _may_get(each.call)]
        starts = tuple({place for c in gotten for place in (c.assigned, f"{c.callee}()") if place})
        direct = [] if weak == "yes" else [each for each in found if each.call not in gotten]
        found = [*direct, *_calls_of(program, walked, starts)]
    found = [
        each
        for each in found
        if walked.goes_on_after(each.call)
        and not _scheduled(walked, each.call, coroutine=coroutine)
    ]
    return sorted(found, key=lambda each: (each.method != "", each.call.at))


def _may_get(call: Call) -> bool:
    """Whether a call may ask a weak reference for its object: its result is looked at."""
    return not call.arguments and call.use not in _UNEXPECTING


def _method(callee: str, starts: tuple[str, ...]) -> str | None:
    """Return the method of an element that is called, "" for the element; None for neither."""
    for start in starts:
        if callee.startswith(start):
            steps = callee[len(start) :]
            while steps.startswith(places.ELEMENT):
                steps = steps[2:]
            if not steps:
                return ""
            if steps[0] == "." and not any(mark in steps[1:] for mark in ".(["):
                return steps[1:]
    return None


def _scheduled(walked: Walked, call: Call, *, coroutine: bool) -> bool:
    """Whether the call only makes a coroutine, which runs some time after the loop."""
    if call.use not in _KEPT:
        return False
    made = {f"{call.callee}()", call.assigned} - {""}
    scheduled = False
    for other in walked.detail.calls:
        name = places.last(other.callee)
        if name in _TELLS_COROUTINES:
            return False
        if name in _SCHEDULERS and not scheduled:
            scheduled = coroutine or any(arg.place in made for arg in other.arguments)
    return scheduled


def _gives_owner(walked: Walked, call: Call) -> bool:
    """Whether the call hands the object that holds the registry to the element."""
    owner = as_item(walked.access.place).rstrip("[]").rpartition(".")[0]
    return bool(owner) and any(argument.place == owner for argument in call.arguments)
