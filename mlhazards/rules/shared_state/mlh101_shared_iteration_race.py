"""Container iterated on one side while another thread changes its size.

## What it does
Flags a loop over a dict, set, deque or the like that one thread runs while another thread can add
or remove elements of the very same object, with no lock held on both sides. The other thread is one
that the program starts: a `threading.Thread` or `Timer`, a subclass of `Thread`, a task of a
`ThreadPoolExecutor`, `loop.run_in_executor`, `asyncio.to_thread`, a finaliser.

## Why it is a hazard
The iterator notices that the size changed and raises
`RuntimeError: dictionary changed size during iteration`, or `Set changed size during iteration`, or
`deque mutated during iteration`. It happens only when the two meet, which may be once a week. A
lock on the iterating side alone does not help: the other side has to take it too.

## Example
```python
import threading


class Tracker:
    def __init__(self):
        self.jobs = {}
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while True:
            self.jobs.pop("stale", None)

    def report(self):
        for name in self.jobs:  # expect: MLH101
            print(name)
```

## Use instead
```python
import threading


class Tracker:
    def __init__(self):
        self.jobs = {}
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while True:
            self.jobs.pop("stale", None)

    def report(self):
        for name in list(self.jobs):
            print(name)
```

## Fix
Iterates over a snapshot, `list(...)`, which CPython takes in one step; over `d.copy().items()`
where a finaliser may run while the pairs are made. Unsafe where the body looks
the key up again in the same container: it may be gone by then, and a KeyError takes the place of
the RuntimeError. None for weak containers, of which no copy is safe.

## How it is proven
Both sides are closed over the calls that keep a way to the object. Two accesses are to one object
only when they reach it by the same access path from the object that the thread was started on, from
a module variable, or from a captured local. Locks are compared by identity. What happens before the
thread starts, or after it was joined, does not count.

## When to ignore it
Where something that the analyser cannot see keeps the two apart. Say so at the loop:
`# noqa: MLH101`.

## Known limits
Containers whose type is not bound in sight, callbacks of libraries that no table knows, and objects
that reach the other thread through a queue are not followed.
"""

from __future__ import annotations

from collections.abc import Iterator

from mlhazards.facts.model import Bit, Op
from mlhazards.findings import Confidence, DefaultSet, Finding, Fix, SideName, Step
from mlhazards.program import Program
from mlhazards.program.conflicts import Conflict, Conflicts, clearest
from mlhazards.program.resizes import WEAK, Surety
from mlhazards.program.sides import Side, Touch
from mlhazards.program.witness import Narrator
from mlhazards.rule import Rule

ERRORS = {
    "set": "RuntimeError: Set changed size during iteration",
    "WeakSet": "RuntimeError: Set changed size during iteration",
    "deque": "RuntimeError: deque mutated during iteration",
    "OrderedDict": "RuntimeError: OrderedDict mutated during iteration",
    "list": "no error: elements are skipped without a word",
}
DICT_ERROR = "RuntimeError: dictionary changed size during iteration"


def check(program: Program) -> Iterator[Finding]:
    """Yield one finding for each loop, with the conflict that proves most."""
    conflicts = Conflicts(program)
    narrator = Narrator(program, conflicts.locator)
    for conflict in clearest(conflicts.all()):
        yield _finding(program, narrator, conflict)


def _finding(program: Program, narrator: Narrator, conflict: Conflict) -> Finding:
    iteration = conflict.iteration
    function = iteration.frame.function
    module = program.modules[function.module]
    written = narrator.written(iteration.access)
    effect = "removes elements" if conflict.kind == "list" else "changes its size"
    who = "a finaliser" if _collected(conflict) else "another thread"
    return Finding(
        "MLH101",
        module.path,
        module.span(iteration.access.at),
        f"loop over `{written}` while {who} {effect}",
        f"{program.function(function).qualname}:{narrator.name(conflict.location)}",
        confidence=_confidence(conflict),
        default=_default(conflict),
        witness=_witness(narrator, conflict),
        notes=_notes(conflict),
        fix=_fix(program, conflict, written),
    )


def _notes(conflict: Conflict) -> tuple[str, ...]:
    error = ERRORS.get(conflict.kind, DICT_ERROR)
    notes = [f"no lock is held on both sides: {error}"]
    if conflict.iteration.access.op == Op.SNAPSHOT:
        notes.append("below Python 3.12 the pairs are made one by one, and the collector may run")
    if conflict.surety >= Surety.DOUBTFUL:
        notes.append("the code looks as if the key were there already")
    return tuple(notes)


def _collected(conflict: Conflict) -> bool:
    """Whether the other side is what runs when an object is collected."""
    points = (conflict.entry_point, conflict.other)
    return any(point is not None and point.domain == "collection" for point in points)


def _confidence(conflict: Conflict) -> Confidence:
    if conflict.surety >= Surety.DOUBTFUL:
        return "possible"
    proven = conflict.entry_point.certain and conflict.other is None
    return "proven" if proven else "likely"


def _default(conflict: Conflict) -> DefaultSet:
    return "extended" if conflict.kind == "list" else "on"


def _witness(narrator: Narrator, conflict: Conflict) -> tuple[Step, ...]:
    point = conflict.entry_point
    steps = narrator.bound_here(conflict.location, conflict.kind, conflict.bound)
    walks = "iterates here"
    if conflict.iteration.access.op == Op.SNAPSHOT:
        walks = "takes its items one by one"
    sides: tuple[tuple[SideName, Side, Touch, str], ...] = (
        ("one", conflict.iterating, conflict.iteration, walks),
        ("other", conflict.resizing, conflict.resize, narrator.resizing(conflict.resize)),
    )
    for name, side, touch, what in sides:
        started = (side is conflict.iterating) == conflict.starts_iterating
        opening = point if started else conflict.other
        steps += narrator.opening(side, opening, name)
        steps += narrator.way(side, touch, what, name)
    return tuple(steps)


def _fix(program: Program, conflict: Conflict, written: str) -> Fix | None:
    access = conflict.iteration.access
    if conflict.kind in WEAK or access.bits & Bit.ASYNC_FOR:
        return None
    function = conflict.iteration.frame.function
    looked_up = any(
        other.op in (Op.READ_ITEM, Op.AUGMENT_ITEM)
        and other.place == access.place
        and other.loop == access.loop
        for other in program.detail(function).accesses
    )
    unsafe = conflict.kind == "list" or looked_up
    reason = "the body looks the key up again, which may be gone by then" if looked_up else ""
    if conflict.kind == "list":
        reason = "elements that are removed meanwhile are visited all the same"
    return Fix(
        "snapshot",
        program.modules[function.module].span(access.at),
        f"iterate over a snapshot of {written}",
        "unsafe" if unsafe else "safe",
        _form(program, conflict),
        reason,
    )


def _form(program: Program, conflict: Conflict) -> str:
    if (
        _collected(conflict)
        and conflict.iteration.access.how == "items"
        and conflict.kind == "dict"
    ):
        return "copy-items"
    shadowed = program.function(conflict.iteration.frame.function).shadowed
    return "star" if "list" in shadowed else "list"


RULE = Rule(
    code="MLH101",
    name="shared-iteration-race",
    doc=__doc__,
    over="program",
    check=check,
    errors=(
        "dictionary changed size during iteration",
        "dictionary keys changed during iteration",
        "Set changed size during iteration",
        "deque mutated during iteration",
        "OrderedDict mutated during iteration",
    ),
)
