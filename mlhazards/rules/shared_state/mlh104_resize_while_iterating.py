"""Container resized by the body of the loop that walks it.

## What it does
Flags a loop whose own body adds to or removes from what it walks, and can take another turn
afterwards: directly, under another name, or through functions that it calls, at most two deep. For
lists only removals are flagged. Binding a new name while walking `globals()` or `self.__dict__`
counts as adding.

## Why it is a hazard
The iterator of a dict, set or deque notices and raises `RuntimeError: dictionary changed size
during iteration`, often only with the input that reaches the rare branch. The iterator of a list
does not notice: it skips the element after each removed one without a word.

## Example
```python
def drop_expired(sessions: dict[str, float], now: float) -> None:
    for name, ends in sessions.items():  # expect: MLH104
        if ends < now:
            del sessions[name]
```

## Use instead
```python
def drop_expired(sessions: dict[str, float], now: float) -> None:
    for name, ends in list(sessions.items()):
        if ends < now:
            del sessions[name]
```

## Fix
Walks a snapshot, `list(...)`: safe for dicts, sets and deques. Unsafe for a list, where elements
that were skipped so far are then visited, and where it is not known which of these it is. None for
weak containers, of which no copy is safe, and where elements of a list are removed by number.

## When to ignore it
Where the branch that resizes ends the loop in a way that the analyser cannot see.

## Known limits
Overwriting a key that exists is no resize: keys of the literal that the container is made from, and
the key of the turn itself, are known to exist. A container of unknown kind counts when it is walked
or changed in a way that only one kind has. Resizes in called functions count when they always
happen, when a membership test guards them, or when they remove what the loop is just looking at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlhazards.facts.model import Access, Bit, Call, Op
from mlhazards.findings import CONFIDENCES, Confidence, Finding, Fix, Step
from mlhazards.program import FunctionRef, Program
from mlhazards.program.effects import DICTS, WEAK, effect, error, proven_kind
from mlhazards.program.loops import Container, Walked, container, kind_as_walked, walks
from mlhazards.program.places import written
from mlhazards.program.resizing import Resize, Resizing
from mlhazards.rule import Rule

_LISTS = frozenset({"list", "set or list"})


class Claim(NamedTuple):
    """A resize that is proven well enough, and the kind of container that it is proven for."""

    walked: Walked
    resize: Resize
    known: Container
    kind: str
    confidence: Confidence


def check(program: Program) -> Iterator[Finding]:
    """Yield a finding for each loop that resizes what it walks."""
    resizing = Resizing(program)
    best: dict[tuple[str, int], Claim] = {}
    for walked in walks(program):
        for claim in _claims(program, resizing, walked):
            key = (walked.function.module, walked.access.at)
            if key not in best or _rank(claim) < _rank(best[key]):
                best[key] = claim
    seen: dict[tuple[str, str], int] = {}
    for claim in best.values():
        yield _finding(program, claim, seen)


def _rank(claim: Claim) -> tuple[int, int]:
    return CONFIDENCES.index(claim.confidence), len(claim.resize.calls)


def _claims(program: Program, resizing: Resizing, walked: Walked) -> Iterator[Claim]:
    known: Container | None = None
    for resize in resizing.by(walked):
        known = known or container(program, walked.function, walked.access.place)
        as_walked = kind_as_walked(known, walked.access)
        if as_walked == "other":
            return
        kind = as_walked or proven_kind(resize.access, resize.relation)
        sure = effect(kind, resize.access, resize.relation)
        if sure is None or _harmless(walked.access, kind) or _overwrites(known, resize.access):
            continue
        yield Claim(walked, resize, known, kind, _confidence(known, walked, resize, sure))


def _overwrites(known: Container, access: Access) -> bool:
    """Return whether what is stored has a key of the literal that the container is made from."""
    stores = access.op != Op.REMOVE and access.how in {"[]=", "setdefault"}
    return stores and known.bound is not None and access.key in known.bound.binding.keys


def _harmless(iteration: Access, kind: str) -> bool:
    """Return whether walking it this way bears the resize: caught, or from the end of a list."""
    if kind in _LISTS:
        return bool(iteration.bits & Bit.REVERSED)
    return bool(iteration.bits & Bit.RETRIED)


def _confidence(known: Container, walked: Walked, resize: Resize, sure: Confidence) -> Confidence:
    guess = resize.relation == "constant" and resize.access.op in {Op.SET_ITEM, Op.ADD}
    if resize.doubtful or (guess and known.may_hold(resize.access.key)):
        return "possible"
    either = walked.access.bits & Bit.EITHER
    elsewhere = resize.calls or resize.access.place != walked.access.place
    if sure == "proven" and (elsewhere or either or not known.is_known):
        return "likely"
    return sure


def _finding(program: Program, claim: Claim, seen: dict[tuple[str, str], int]) -> Finding:
    walked = claim.walked
    facts = program.modules[walked.function.module]
    name = _written(walked.access.place)
    identity = f"{program.function(walked.function).qualname}: loop over {name}"
    number = seen[facts.name, identity] = seen.get((facts.name, identity), 0) + 1
    kind = "" if claim.kind in ("mapping", "set or list") else f" ({claim.kind})"
    what = "removes from it" if claim.kind in _LISTS else "changes its size"
    through = "; in a function that it calls" if claim.resize.calls else ""
    return Finding(
        code=RULE.code,
        path=facts.path,
        span=facts.span(walked.access.at),
        message=f"loop over `{name}`{kind} {what}{through}",
        identity=f"{identity} #{number}",
        confidence=claim.confidence,
        witness=tuple(_witness(program, claim)),
        notes=(error(claim.kind),),
        fix=_fix(program, claim, name),
    )


def _witness(program: Program, claim: Claim) -> Iterator[Step]:
    walked, resize = claim.walked, claim.resize
    name = _written(walked.access.place)
    facts = program.modules[walked.function.module]
    if claim.known.bound:
        made = program.modules[claim.known.bound.module]
        yield Step(made.path, made.span(claim.known.bound.binding.at), f"`{name}` is bound here")
    if walked.access.via >= 0:
        message = f"another name for `{name}`, not a copy"
        yield Step(facts.path, facts.span(walked.access.via), message)
    if resize.accessor:
        function, at = resize.accessor
        giver = program.modules[function.module]
        message = f"`{program.function(function).name}` gives out the container itself, not a copy"
        yield Step(giver.path, giver.span(at), message)
    yield Step(facts.path, facts.span(walked.access.at), "the loop walks it here")
    for caller, call in resize.calls:
        calling = program.modules[caller.module]
        callee = _callee(program, walked, caller, call)
        yield Step(calling.path, calling.span(call.at), f"calls `{callee}()`")
    touching = program.modules[resize.function.module]
    message = f"{_deed(resize.access)} here, and the loop can go on"
    yield Step(touching.path, touching.span(resize.access.at), message)


def _callee(program: Program, walked: Walked, caller: FunctionRef, call: Call) -> str:
    sort, _, number = call.callee.partition(":")
    if sort in {"function", "lambda"} and number.isdigit():
        return program.function(FunctionRef(caller.module, int(number))).name
    targets = walked.loop.targets
    if call.callee.startswith(walked.element) and len(targets) == 1:
        return f"{targets[0]}{call.callee[len(walked.element) :]}"
    return _written(call.callee)


def _written(place: str) -> str:
    return written(place).replace("[]", "[...]")


def _deed(access: Access) -> str:
    if access.op == Op.REBIND:
        return f"`{_written(access.place)}` is bound, a new name in it,"
    if access.op in (Op.REMOVE, Op.DELETE):
        return "something is removed"
    return "a new key is stored" if access.op == Op.SET_ITEM else "something is added"


def _fix(program: Program, claim: Claim, name: str) -> Fix | None:
    walked = claim.walked
    if claim.kind in WEAK or walked.access.bits & Bit.ASYNC_FOR:
        return None
    if claim.kind in _LISTS and claim.resize.relation == "index":
        return None  # the numbers of a snapshot are not those of the list any more
    reason = ""
    if claim.kind in _LISTS:
        reason = "elements that were skipped so far are visited as well"
    elif not claim.known.is_known and claim.kind not in DICTS:
        reason = "what kind of container it is, is not known"
    shadowed = "list" in program.function(walked.function).shadowed
    return Fix(
        "snapshot",
        program.modules[walked.function.module].span(walked.access.at),
        f"walk a snapshot of `{name}`",
        "unsafe" if reason else "safe",
        "star" if shadowed else "list",
        reason,
    )


RULE = Rule(
    code="MLH104",
    name="resize-while-iterating",
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
