"""Notifications: which calls in a loop are calls of what the loop walks.

An element is called under its own name, as part of a pair that was unpacked, or after a weak
reference gave it out; a method may be fetched by ``getattr`` first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlhazards.facts.model import Call
from mlhazards.program import places
from mlhazards.program.loops import Walked
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


def calls_of_elements(walked: Walked) -> Iterator[Notification]:
    """Yield the calls in the loop that may be calls of an element."""
    starts = _elements(walked)
    for call in walked.calls():
        method = _method(call.callee, starts)
        if method is not None:
            yield Notification(call, method, _gives_owner(walked, call))


def notifications(walked: Walked, *, weak: bool, coroutine: bool) -> list[Notification]:
    """Return the calls after which the loop may go on, those of the element itself first.

    ``weak`` says that the elements are weak references, which are called to get at the listener;
    ``coroutine`` that the loop stands in a coroutine function.
    """
    found = list(calls_of_elements(walked))
    if weak:
        gotten = [each.call for each in found if not each.method]
        starts = tuple({place for c in gotten for place in (c.assigned, f"{c.callee}()") if place})
        found = [
            Notification(call, method, _gives_owner(walked, call))
            for call in walked.calls()
            if (method := _method(call.callee, starts)) is not None
        ]
    found = [
        each
        for each in found
        if walked.goes_on_after(each.call)
        and not _scheduled(walked, each.call, coroutine=coroutine)
    ]
    return sorted(found, key=lambda each: (each.method != "", each.call.at))


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
