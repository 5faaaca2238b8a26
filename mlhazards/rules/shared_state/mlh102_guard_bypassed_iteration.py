"""Container iterated without the lock under which all other code changes it.

## What it does
Flags a loop over a dict, set, deque or the like that holds no lock, where every place that adds to
that container or removes from it (at least two of them, outside of `__init__`) holds one and the
same `threading` lock of the object. The loop may stand in the class itself, in another class that
holds such an object, or in a function that is given one.

Where the container is handed out together with its lock, so that others change it, the places that
copy or walk it under the lock are the evidence.

## Why it is a hazard
The class says by its lock that several threads use the container. A thread that adds or removes
something under the lock is not held up by a loop that does not take it, and the loop's next turn
raises `RuntimeError: dictionary changed size during iteration`, or
`Set changed size during iteration`, or `deque mutated during iteration`.

## Example
```python
import threading


class Registry:
    def __init__(self):
        self._lock = threading.Lock()
        self._jobs = {}

    def add(self, name, job):
        with self._lock:
            self._jobs[name] = job

    def remove(self, name):
        with self._lock:
            self._jobs.pop(name, None)

    def report(self):
        for name, job in self._jobs.items():  # expect: MLH102
            print(name, job)
```

## Use instead
```python
import threading


class Registry:
    def __init__(self):
        self._lock = threading.Lock()
        self._jobs = {}

    def add(self, name, job):
        with self._lock:
            self._jobs[name] = job

    def remove(self, name):
        with self._lock:
            self._jobs.pop(name, None)

    def report(self):
        with self._lock:
            jobs = list(self._jobs.items())
        for name, job in jobs:
            print(name, job)
```

## Fix
Takes the lock around the loop. Unsafe: whatever the loop calls then runs under the lock, and a lock
that is not reentrant and that is taken in there again never comes free. Where the loop is long or
calls others, take a copy under the lock instead. None where the loop awaits, where it is seen to
take a lock itself, where a caller of its function may hold the lock already, and where the lock has
no name at the loop.

## How it is proven
Locks are compared by identity, and followed into private methods by the locks that every caller of
them holds. What runs in `__init__`, and while the object is closed down (`close`, `stop`,
`shutdown`, `__exit__`, `__del__` ...), counts neither for nor against the lock. Silent where the
loop's function waits for other threads first, tells them by a flag that it sets under the lock, or
binds another container in its place; where it holds something that may be the lock under another
name; and where the RuntimeError is caught.

## When to ignore it
Where only one thread is left when the loop runs, or where the lock guards something else that
happens to change in the same places. Say so at the loop: `# noqa: MLH102`.

## Known limits
Locks of asyncio, semaphores, and locks that are only ever given to the constructor are no evidence.
Generators are not reported: what happens between two turns is up to their consumer.
"""

from __future__ import annotations

from collections.abc import Iterator

from mlhazards.facts.model import Kind
from mlhazards.findings import Finding, Fix, Step
from mlhazards.program import Program, places
from mlhazards.program.bypasses import Bypass, Bypasses
from mlhazards.program.effects import error
from mlhazards.program.holding import Holding
from mlhazards.program.locations import Location
from mlhazards.program.witness import Narrator
from mlhazards.rule import Rule

#: So many of the places that hold the lock are shown.
SHOWN = 3


def check(program: Program) -> Iterator[Finding]:
    """Yield one finding for each loop, with the shortest way to it."""
    bypasses = Bypasses(program)
    best: dict[tuple[str, int], Bypass] = {}
    for bypass in bypasses.all():
        key = (bypass.touch.frame.function.module, bypass.touch.access.at)
        if key not in best or len(bypass.way) < len(best[key].way):
            best[key] = bypass
    narrator = Narrator(program, bypasses.guards.locator)
    seen: dict[str, int] = {}
    for bypass in best.values():
        yield _finding(program, bypasses, narrator, bypass, seen)


def _finding(
    program: Program,
    bypasses: Bypasses,
    narrator: Narrator,
    bypass: Bypass,
    seen: dict[str, int],
) -> Finding:
    function, access = bypass.touch.frame.function, bypass.touch.access
    module = program.modules[function.module]
    written = places.written(access.place)
    owner = f"{module.name}.{program.function(function).qualname}: loop over {written}"
    seen[owner] = seen.get(owner, 0) + 1
    lock = bypass.lock or bypass.guarded.lock_names[0]
    held = "it is read everywhere else" if bypass.guarded.siblings else "all other code changes it"
    return Finding(
        code="MLH102",
        path=module.path,
        span=module.span(access.at),
        message=f"loop over `{written}` without `{lock}`, under which {held}",
        identity=f"{owner} #{seen[owner]}",
        confidence="likely",
        witness=tuple(_witness(program, bypasses, narrator, bypass)),
        notes=(error(bypass.guarded.kind),),
        fix=_fix(program, Holding(program, bypasses.guards), bypass),
    )


def _witness(
    program: Program, bypasses: Bypasses, narrator: Narrator, bypass: Bypass
) -> Iterator[Step]:
    guarded, touch = bypass.guarded, bypass.touch
    origin = next(iter(bypasses.guards.locator.origins(guarded.location)), None)
    yield from narrator.bound_here(guarded.location, guarded.kind, origin)
    for lock in sorted((each for each in guarded.locks if isinstance(each, Location)), key=str):
        kind = bypasses.guards.lock_kind(lock)
        made = next(iter(bypasses.guards.locator.origins(lock)), None)
        yield from narrator.bound_here(lock, kind, made)
    entry = bypass.way[0][0].function
    header = program.function(entry)
    opening = f"any thread that {_gets_to(header.name, header.kind)}"
    yield narrator.step(entry, header.at, opening, "one")
    for (caller, _), (callee, call) in zip(bypass.way, bypass.way[1:], strict=False):
        if call is not None:
            names = [program.function(frame.function).name for frame in (caller, callee)]
            yield narrator.step(caller.function, call.at, " → ".join(names), "one")
    if touch.access.via >= 0:
        message = f"another name for `{places.written(touch.access.place)}`, not a copy"
        yield narrator.step(touch.frame.function, touch.access.via, message, "one")
    yield narrator.step(
        touch.frame.function, touch.access.at, "iterates here, without the lock", "one", touch.held
    )
    sites = {(each.frame.function.module, each.access.at): each for each in guarded.proof}
    for each in list(sites.values())[:SHOWN]:
        what = "reads it under the lock" if guarded.siblings else narrator.resizing(each)
        yield narrator.step(each.frame.function, each.access.at, what, "other", each.held)


def _gets_to(name: str, kind: int) -> str:
    return f"reads {name}" if kind & Kind.PROPERTY else f"calls {name}()"


def _fix(program: Program, holding: Holding, bypass: Bypass) -> Fix | None:
    access, function = bypass.touch.access, bypass.touch.frame.function
    if not bypass.lock or not holding.possible(bypass):
        return None
    return Fix(
        "with-lock",
        program.modules[function.module].span(access.at),
        f"hold {bypass.lock} while the loop runs",
        "unsafe",
        bypass.lock,
        "what the loop calls then runs under the lock, and must not wait for who needs it",
    )


RULE = Rule(
    code="MLH102",
    name="guard-bypassed-iteration",
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
