"""Value returned from a generator that no caller can see.

## What it does
Flags `return value` in a generator function, when nothing in the program asks for that value: no
`yield from`, no reading of `StopIteration.value`, no framework that drives the generator.

## Why it is a hazard
One `yield` anywhere turns the whole function into a generator. Its `return value` then only ends
the iteration: `for`, `list()` and `next()` drop the value without a word. Typical causes are an
early `return result` left over from before the function became a generator, and `return
other_generator()` where `yield from` was meant: the caller sees an empty or a shortened series.

## Example
```python
def batches(loader, cache):
    if cache:
        return cache.items()  # expect: MLH301
    for batch in loader:
        yield batch
```

## Use instead
```python
def batches(loader, cache):
    if cache:
        yield from cache.items()
    else:
        for batch in loader:
            yield batch
```

## Fix
`yield value` followed by a bare `return`. Unsafe: the caller gets one element more than before, and
where the value is itself a series, `yield from` may be what was meant. None inside a `finally`:
closing the generator leads there, and `close()` raises when it meets a `yield`.

## When to ignore it
A generator that is driven by hand outside of the program, for the value that it returns.

## Known limits
Decorated generators are taken to be driven by their decorator. A method of a class whose base is
not part of the program is reported only where the program itself loops over it.
"""

from __future__ import annotations

from collections.abc import Iterator

from mlhazards.facts.model import Bit, FunctionFacts, Kind, Result, Shape
from mlhazards.findings import Confidence, Finding, Fix, Span, Step
from mlhazards.program import ClassRef, External, FunctionRef, Mention, Program
from mlhazards.program.places import written
from mlhazards.rule import Rule

#: Uses of a generator that go through it and drop what it returns.
WALKS = ("looped", "unpacked", "consumed", "snapshot", "next", "indexed", "tested", "contained")
#: Uses after which somebody else may drive it.
HANDS_ON = frozenset({"argument", "from", "yielded", "awaited", "with"})
NEVER = Kind.COROUTINE | Kind.YIELD_USED | Kind.READS_STOP_VALUE | Kind.CONTEXT_MANAGER
HARMLESS = frozenset({"classmethod", "override", "property", "staticmethod", "typing.override"})
#: Calls that take a generator function, or a generator, and only walk it.
WALKERS = (
    "StreamingResponse", "flatMap", "from_generator", "mapInArrow", "mapInPandas",
    "mapPartitions", "mapPartitionsWithIndex",
)  # fmt: skip
#: A class with one of these is awaited: its generator is driven by an event loop.
AWAITED = ("__await__", "add_done_callback", "_asyncio_future_blocking")
#: Bases that ask no method of their subclasses for a generator.
KNOWN = ("abc.", "builtins.", "collections.", "enum.", "threading.", "typing.")
#: Names that Python itself calls, to walk what they yield.
WALKED = frozenset({"__iter__", "__reversed__"})
#: Values that say nothing: a generator that ends on them loses nothing.
EMPTY_CAPABLE = frozenset({"dict", "list", "set", "str", "bytes", "tuple", "frozenset"})
REASON = "the caller gets one element more; for a series, `yield from` may be meant"


def check(program: Program) -> Iterator[Finding]:
    """Yield a finding for each return of a value that is lost."""
    for name in sorted(program.modules):
        for index, header in enumerate(program.modules[name].functions):
            if not header.kind & Kind.GENERATOR or not header.kind & Kind.YIELD_PLAIN:
                continue
            function = FunctionRef(name, index)
            if header.kind & NEVER or _is_driven(program, function, header):
                continue
            lost = [
                result
                for result in header.results
                if not result.bare and _says(program, function, result.shape)
            ]
            if lost:
                yield from _findings(program, function, header, lost)


def _is_driven(program: Program, function: FunctionRef, header: FunctionFacts) -> bool:
    """Return whether somebody may ask for the value: a decorator, an event loop, the program."""
    if header.name in program.delegated() or header.name == "__await__":
        return True
    if any(decorator not in HARMLESS for decorator in header.decorators):
        return True
    cls = program.defining_class(function) if header.class_index >= 0 else None
    return cls is not None and any(
        program.method(cls, name) or program.attribute_bindings(cls, name) for name in AWAITED
    )


def _says(program: Program, function: FunctionRef, shape: Shape) -> bool:
    """Return whether a returned value is worth having."""
    if shape.kind == "none" or (shape.kind in EMPTY_CAPABLE and shape.form == "empty"):
        return False
    if shape.kind == "either":
        return any(_says(program, function, item) for item in shape.items)
    if shape.kind == "call":
        callee = program.callee(function.module, function.index, shape.of)
        if callee is not None and program.plain(callee):
            return any(end.shape.kind != "none" for end in program.results(callee))
    return True


def _findings(
    program: Program, function: FunctionRef, header: FunctionFacts, lost: list[Result]
) -> Iterator[Finding]:
    mentions = program.mentions(function)
    if any(_hands_on(mention) for mention in mentions):
        return
    facts = program.modules[function.module]
    walk = next((m for m in mentions if m.handed_on or m.call.use.startswith(WALKS)), None)
    for number, result in enumerate(lost, 1):
        span = facts.span(result.at)
        steps = [Step(facts.path, facts.span(header.at), f"`{header.name}` is a generator")]
        steps.append(Step(facts.path, span, f"{_said(result.shape)} is returned, and dropped"))
        if walk is not None:
            steps.append(_walk_step(program, walk))
        yield Finding(
            code=RULE.code,
            path=facts.path,
            span=span,
            message=f"value returned from generator `{header.name}` is lost: "
            "no `yield from` or `StopIteration.value` takes it",
            identity=f"{header.qualname}: return #{number}",
            confidence=_confidence(program, function, header, result, walk),
            witness=tuple(steps),
            notes=("`for`, `list()` and `next()` drop what a generator returns",),
            fix=_fix(result, span),
        )


def _fix(result: Result, span: Span) -> Fix | None:
    if result.bits & Bit.FINALLY:
        return None  # closing the generator leads here, and a yield would make close() raise
    return Fix("yield-then-return", span, "yield the value, then return", "unsafe", reason=REASON)


def _hands_on(mention: Mention) -> bool:
    if mention.handed_on:
        return not mention.call.callee.endswith(WALKERS)
    return mention.call.use in HANDS_ON


def _confidence(
    program: Program,
    function: FunctionRef,
    header: FunctionFacts,
    result: Result,
    walk: Mention | None,
) -> Confidence:
    if walk is not None:
        return "proven"
    if header.name in WALKED and header.class_index >= 0:
        return "proven"
    if header.class_index >= 0 and _contract_unknown(program, function, header):
        return "possible"  # what calls it, and for what, is written elsewhere
    if result.shape.kind == "call" and not _returns_something(program, function, result):
        return "possible"  # `return f()` may be short for `f(); return`
    return "likely"


def _contract_unknown(program: Program, function: FunctionRef, header: FunctionFacts) -> bool:
    cls = ClassRef(function.module, header.class_index)
    outside = any(
        isinstance(base, External) and not base.name.startswith(KNOWN) for base in program.mro(cls)
    )
    return header.name[:1] != "_" and (outside or not program.bases_known(cls))


def _returns_something(program: Program, function: FunctionRef, result: Result) -> bool:
    callee = program.callee(function.module, function.index, result.shape.of)
    return callee is not None


def _walk_step(program: Program, walk: Mention) -> Step:
    facts = program.modules[walk.caller.module]
    spoken = f"`{written(walk.call.callee)}()`"
    said = f"{spoken} only walks it" if walk.handed_on else f"{spoken} is walked here"
    return Step(facts.path, facts.span(walk.call.at), f"{said}; what it returns is not seen")


def _said(shape: Shape) -> str:
    if shape.kind in {"place", "call", "awaited"} and "%" not in shape.of:
        return f"`{written(shape.of)}{'' if shape.kind == 'place' else '()'}`"
    return f"a {shape.kind}" if shape.kind in EMPTY_CAPABLE | {"bool", "number"} else "the value"


RULE = Rule(
    code="MLH301",
    name="generator-return-lost",
    doc=__doc__,
    over="program",
    check=check,
)
