"""Loop over what a function returns, which is not an iterator of items.

## What it does
Flags a loop over the value of a call when the called function, wherever it is defined, returns one
tuple of plain values that the loop takes apart as if it were a series of tuples, or returns None
on some path.

## Why it is a hazard
`for step, batch in f()` unpacks the *elements* of what `f` returns. When `f` returns the pair
`(step, batch)` itself, the first element is a number and the loop fails with `TypeError: cannot
unpack non-iterable int object`; a tuple whose first element happens to unpack fails only on the
second turn. None cannot be walked at all. Caller and function are often in different files, and
each looks right alone: the function was a generator before somebody wrote `return` for `yield`.

## Example
```python
def next_batch(loaders):
    step = 0
    for loader in loaders:
        step += 1
        return (step, next(loader))
    return (step, None)


def train(loaders):
    for step, batch in next_batch(loaders):  # expect: MLH302
        print(step, batch)
```

## Use instead
```python
def next_batch(loaders):
    step = 0
    for loader in loaders:
        step += 1
        yield (step, next(loader))


def train(loaders):
    for step, batch in next_batch(loaders):
        print(step, batch)
```

## Fix
None: only the author knows which of the two sides is meant.

## Known limits
Decorated, abstract and overridden functions are not followed. A None that depends on a parameter
of the function is not reported, since the caller may know better.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlhazards.facts.model import Call, Kind, Shape
from mlhazards.findings import Confidence, Finding, Step
from mlhazards.program import FunctionRef, Program, Returned
from mlhazards.program.names import BUILTINS
from mlhazards.program.places import written
from mlhazards.rule import Rule

#: What can be neither walked nor unpacked.
PLAIN = frozenset({"bool", "none", "number"})
PLAIN_CLASSES = frozenset({"bool", "complex", "float", "int"})
#: What a call yields that is no value of the function's own body.
LAZY = Kind.GENERATOR | Kind.COROUTINE | Kind.CONTEXT_MANAGER | Kind.PROPERTY
#: How names of functions begin that raise or exit, where their code is not at hand.
LEAVING = ("abort", "die", "error", "exit", "fail", "fatal", "raise", "skip", "usage")
MAX_STEPS = 6
_TUPLE_NOTES = (
    "TypeError: cannot unpack non-iterable object; or ValueError, where the lengths differ",
    "either take the result apart (`a, b = f()`), or let the function yield tuples",
)
_NONE_NOTES = ("TypeError: object is not iterable, on that path alone",)


def check(program: Program) -> Iterator[Finding]:
    """Yield a finding for each loop over the value of a call that cannot be looped over."""
    for name in sorted(program.modules):
        seen: dict[str, int] = {}
        for index, number in program.modules[name].results_used:
            caller = FunctionRef(name, index)
            call = program.detail(caller).calls[number]
            if not call.use.startswith("looped"):
                continue
            callee = program.callee(name, index, call.callee)
            if callee is None or program.function(callee).kind & LAZY or not program.plain(callee):
                continue
            finding = _judged(program, caller, call, callee, seen)
            if finding is not None:
                yield finding


def _judged(
    program: Program, caller: FunctionRef, call: Call, callee: FunctionRef, seen: dict[str, int]
) -> Finding | None:
    ends = program.results(callee)
    arity = int(call.use.partition(":")[2] or 0)
    spoken = f"`{written(call.callee)}()`"
    bad, confidence = _tuples(program, ends, arity)
    said = f"loop takes the one tuple that {spoken} returns for an iterator of tuples"
    notes: tuple[str, ...] = _TUPLE_NOTES
    if not bad:
        bad, confidence = _nones(program, ends, _known(program, caller, call)), "likely"
        kind = "None" if {end.shape.kind for end in bad} == {"none"} else "no iterable"
        said = f"loop over {spoken}, which returns {kind} on some path"
        notes = _NONE_NOTES
    if not bad:
        return None
    facts = program.modules[caller.module]
    span = facts.span(call.at)
    identity = f"{program.function(caller).qualname}: {spoken}"
    seen[identity] = seen.get(identity, 0) + 1
    verb = f"unpacks each element of it into {arity} names" if arity else "walks it"
    return Finding(
        code=RULE.code,
        path=facts.path,
        span=span,
        message=said,
        identity=f"{identity} #{seen[identity]}",
        confidence=confidence,
        witness=(
            *_witness(program, bad[:MAX_STEPS]),
            Step(facts.path, span, f"the loop gets that value from {spoken} and {verb}"),
        ),
        notes=notes,
    )


def _tuples(
    program: Program, ends: tuple[Returned, ...], arity: int
) -> tuple[list[Returned], Confidence]:
    """Return the paths on which the loop unpacks an element that cannot be unpacked."""
    if not arity or not ends or not all(_is_tuple(end.shape) for end in ends):
        return [], "proven"
    first = [end for end in ends if _fails(program, end, end.shape.items[0], arity)]
    if len(first) == len(ends) or any(not _by_parameter(end, ends) for end in first):
        return first, "proven"
    later = [
        end for end in ends if any(_fails(program, end, item, arity) for item in end.shape.items)
    ]
    # A later element fails on a later turn, which the loop may never reach.
    return (later if len(later) == len(ends) else []), "likely"


def _is_tuple(shape: Shape) -> bool:
    return shape.kind == "tuple" and bool(shape.items) and shape.form != "starred"


def _fails(program: Program, end: Returned, item: Shape, arity: int) -> bool:
    """Return whether unpacking ``item`` into ``arity`` names surely fails."""
    if item.kind == "tuple":
        return item.form != "starred" and len(item.items) != arity
    return item.kind in PLAIN or (item.kind == "place" and _plain_local(program, end, item.of))


def _plain_local(program: Program, end: Returned, place: str) -> bool:
    if place[:1] not in {"%", "$"} or not place[1:].isidentifier():
        return False
    origins = program.bindings(end.function, place)
    if any(origin.binding.shape.kind not in PLAIN for origin in origins):
        return False
    for parameter in program.function(end.function).parameters:
        if parameter.name == place[1:]:
            return parameter.annotation in PLAIN_CLASSES
    return bool(origins)


def _nones(program: Program, ends: tuple[Returned, ...], known: set[str]) -> list[Returned]:
    """Return the paths that end in None while others end in a value."""
    if all(end.shape.kind in PLAIN for end in ends):
        return []
    return [
        end
        for end in ends
        if end.shape.kind in PLAIN
        and not _by_parameter(end, ends)
        and not known & _names(_tests(end, ends))
        and not (end.implicit and _may_leave(program, end.function))
    ]


def _tests(end: Returned, ends: tuple[Returned, ...]) -> set[str]:
    """Return what decides for this way out: its own tests, and those it came past."""
    return set(end.tests).union(
        *(
            other.tests
            for other in ends
            if other.function == end.function and (end.implicit or other.at < end.at)
        )
    )


def _by_parameter(end: Returned, ends: tuple[Returned, ...]) -> bool:
    """Return whether the arguments decide for this way out: the caller may know better."""
    return any(test[0] in "$^" for test in _tests(end, ends))


def _known(program: Program, caller: FunctionRef, call: Call) -> set[str]:
    """Return the names of what the caller has looked at by the time of the call."""
    header = program.function(caller)
    seen = [test for result in header.results if result.at < call.at for test in result.tests]
    return _names([*call.conditions, *call.tests, *seen, *header.raises_if])


def _names(tests: Iterable[str]) -> set[str]:
    return {test.rpartition(".")[2] for test in tests} - BUILTINS


def _may_leave(program: Program, function: FunctionRef) -> bool:
    """Return whether some call in the function may never return, as ``parser.error()``."""
    for call in program.detail(function).calls:
        if call.use != "dropped":
            continue
        callee = program.callee(function.module, function.index, call.callee)
        if callee is None:
            receiver, _, name = call.callee.lower().rpartition(".")
            if name.lstrip("_").startswith(LEAVING) and "log" not in receiver:
                return True
        elif program.never_returns(callee):
            return True
    return False


def _witness(program: Program, ends: list[Returned]) -> Iterator[Step]:
    for end in ends:
        facts = program.modules[end.function.module]
        name = program.function(end.function).qualname
        if end.implicit:
            said = f"`{name}` can reach its end, and then returns None"
        elif end.shape.kind == "tuple":
            said = f"`{name}` returns one tuple of {len(end.shape.items)} here"
        else:
            said = f"`{name}` returns {_kind(end.shape)} here"
        yield Step(facts.path, facts.span(end.at), said)


def _kind(shape: Shape) -> str:
    return {"none": "None", "bool": "True or False"}.get(shape.kind, f"a {shape.kind}")


RULE = Rule(
    code="MLH302",
    name="loop-over-result-itself",
    doc=__doc__,
    over="program",
    check=check,
    errors=(
        "TypeError: cannot unpack non-iterable int object",
        "TypeError: cannot unpack non-iterable NoneType object",
        "TypeError: 'NoneType' object is not iterable",
    ),
)
