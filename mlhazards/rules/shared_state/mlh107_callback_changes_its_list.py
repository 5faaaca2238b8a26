"""Listener that unregisters itself disturbs the loop that calls it.

## What it does
Flags a loop that calls each callback, listener or plugin of a container, or a method of each, when
the same object offers a way to register and to unregister for that very container.

## Why it is a hazard
A listener that is done wants to leave: a one-shot callback calls `unsubscribe` from inside of its
own call. The loop is still walking the container then. A dict, set or deque raises
`RuntimeError: Set changed size during iteration`, and the listeners that were still to come hear
nothing. A list does not raise: the next listener moves into the place of the one that left, and is
skipped without a word.

## Example
```python
class Clock:
    def __init__(self):
        self._listeners = set()

    def subscribe(self, listener):
        self._listeners.add(listener)

    def unsubscribe(self, listener):
        self._listeners.remove(listener)

    def tick(self, now):
        for listener in self._listeners:  # expect: MLH107
            listener(now)
```

## Use instead
```python
class Clock:
    def __init__(self):
        self._listeners = set()

    def subscribe(self, listener):
        self._listeners.add(listener)

    def unsubscribe(self, listener):
        self._listeners.remove(listener)

    def tick(self, now):
        for listener in list(self._listeners):
            listener(now)
```

## Fix
Iterates over a snapshot, `list(...)`. Unsafe for a list: a listener that another one has removed is
called all the same, and one that was skipped so far is called. None for weak containers.

## How it is known that these are listeners
By what is done, not by names: the element itself is called, or a method whose name is computed
(`getattr(listener, event)`). Where a method is called by its name, as for any list of children, the
element must be able to reach the owner: the call gives it the owner, or the program shows such a
method that takes its own object out. What is added must come from the caller of the method that
adds it, and so must what is removed. An unsubscribing closure, and an attribute without underscore
that others add to and remove from, count as well.

Lists are reported only where the rule is selected by its code, its name or a prefix.

## When to ignore it
Where listeners are known to stay. Say so at the loop: `# noqa: MLH107`.

## Known limits
A container that reaches the loop as a parameter is not followed, and of what is called right after
an index, `self.handlers[name]()`, nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterator

from mlhazards.facts.model import Op
from mlhazards.findings import Confidence, Finding, Fix, Step
from mlhazards.program import FunctionRef, Program, places
from mlhazards.program.effects import WEAK
from mlhazards.program.observers import Observed, Observers
from mlhazards.program.registries import as_item
from mlhazards.rule import Rule

SKIPS = "no error: the listener after the one that leaves is skipped without a word"
ERRORS = {
    "set": "RuntimeError: Set changed size during iteration",
    "WeakSet": "RuntimeError: Set changed size during iteration",
    "deque": "RuntimeError: deque mutated during iteration",
    "OrderedDict": "RuntimeError: OrderedDict mutated during iteration",
    "list": SKIPS,
}
DICT_ERROR = "RuntimeError: dictionary changed size during iteration"


def check(program: Program) -> Iterator[Finding]:
    """Yield one finding for each loop."""
    best: dict[tuple[FunctionRef, int], Observed] = {}
    for observed in Observers(program).all():
        key = (observed.walked.function, observed.walked.access.at)
        if key not in best or _rank(observed) < _rank(best[key]):
            best[key] = observed
    seen: dict[str, int] = {}
    for observed in best.values():
        yield _finding(program, observed, seen)


def _rank(observed: Observed) -> tuple[bool, bool]:
    return observed.kind == "list", observed.unregisters is None


def _finding(program: Program, observed: Observed, seen: dict[str, int]) -> Finding:
    walked = observed.walked
    facts = program.modules[walked.function.module]
    name = _written(walked.access.place)
    owner = f"{facts.name}.{program.function(walked.function).qualname}: listeners in {name}"
    seen[owner] = seen.get(owner, 0) + 1
    effect = "makes the next one be skipped" if observed.kind == "list" else "changes its size"
    return Finding(
        code=RULE.code,
        path=facts.path,
        span=facts.span(walked.access.at),
        message=f"loop over `{name}` calls {_what(observed)}; one that unregisters {effect}",
        identity=f"{owner} #{seen[owner]}",
        confidence=_confidence(observed),
        default="extended" if observed.kind == "list" else "candidate",
        witness=tuple(_witness(program, observed)),
        notes=(ERRORS.get(observed.kind, DICT_ERROR),),
        fix=_fix(program, observed, name),
    )


def _written(place: str) -> str:
    return places.written(as_item(place)).replace(places.ELEMENT, "[...]")


def _what(observed: Observed) -> str:
    told = observed.notification
    if not told.method:
        return "each element"
    return "methods of each element" if told.of_anything else f"`{told.method}()` of each element"


def _confidence(observed: Observed) -> Confidence:
    doubtful = len(observed.walked.alternatives()) > 1 or observed.registry.nested
    return "proven" if observed.unregisters is not None and not doubtful else "likely"


def _witness(program: Program, observed: Observed) -> Iterator[Step]:
    walked = observed.walked
    name = _written(walked.access.place)
    if observed.bound is not None:
        made = program.modules[observed.bound.module]
        message = f"`{name.replace('[...]', '')}` is bound here"
        yield Step(made.path, made.span(observed.bound.binding.at), message)
    if walked.access.via >= 0:
        message = f"another name for `{name}`, not a copy"
        yield _step(program, walked.function, walked.access.via, message)
    adder, remover = observed.offer.adder, observed.offer.remover
    yield _step(program, adder.function, adder.access.at, "anybody can put a listener in here")
    yield _step(program, walked.function, walked.access.at, "the loop walks it here")
    message = "the listener runs here"
    yield _step(program, walked.function, observed.notification.call.at, message)
    if observed.unregisters is not None:
        message = "a listener that takes itself out"
        yield _step(program, *observed.unregisters, message)
    message = "a listener that leaves is taken out here, and the loop can go on"
    yield _step(program, remover.function, remover.access.at, message)


def _step(program: Program, function: FunctionRef, at: int, message: str) -> Step:
    facts = program.modules[function.module]
    return Step(facts.path, facts.span(at), message)


def _fix(program: Program, observed: Observed, name: str) -> Fix | None:
    walked = observed.walked
    if observed.kind in WEAK:
        return None
    reason = ""
    if observed.kind == "list":
        reason = "a listener that is removed meanwhile is called all the same"
    elif observed.registry.nested:
        reason = "what kind of container it is, only the methods used on it tell"
    elif _looked_up(observed):
        reason = "the body looks the key up again, which may be gone by then"
    header = program.function(walked.function)
    return Fix(
        "snapshot",
        program.modules[walked.function.module].span(walked.access.at),
        f"walk a snapshot of `{name}`",
        "unsafe" if reason else "safe",
        "star" if "list" in header.shadowed else "list",
        reason,
    )


def _looked_up(observed: Observed) -> bool:
    access = observed.walked.access
    return any(
        other.op in (Op.READ_ITEM, Op.AUGMENT_ITEM)
        and other.place == access.place
        and other.loop == access.loop
        for other in observed.walked.detail.accesses
    )


RULE = Rule(
    code="MLH107",
    name="callback-changes-its-list",
    doc=__doc__,
    over="program",
    check=check,
    default="candidate",
    errors=(
        "dictionary changed size during iteration",
        "Set changed size during iteration",
        "deque mutated during iteration",
        "OrderedDict mutated during iteration",
    ),
)
