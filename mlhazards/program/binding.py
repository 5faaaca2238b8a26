"""Argument binding: which parameter of a callee an argument of a call becomes."""

from __future__ import annotations

from collections.abc import Iterator

from mlhazards.facts.model import Argument, Call, FunctionFacts, Kind


def bound_arguments(
    header: FunctionFacts, call: Call, *, skip_first: bool
) -> Iterator[tuple[str, Argument]]:
    """Yield (name of the parameter, argument) for each argument whose parameter is certain.

    ``skip_first`` says that the call passes the first parameter by itself (a bound method).
    What ``*args`` and ``**kwargs`` carry is unknown, on either end.
    """
    positional = [p.name for p in header.parameters if p.kind == "positional"]
    if skip_first:
        positional = positional[1:]
    named = {p.name for p in header.parameters if p.kind in ("positional", "keyword")}
    spread = any(argument.slot == "*" for argument in call.arguments)
    for argument in call.arguments:
        slot = argument.slot
        if slot.isdigit():
            if int(slot) < len(positional) and not spread:
                yield positional[int(slot)], argument
        elif slot in named:
            yield slot, argument


def is_bound_method(header: FunctionFacts) -> bool:
    """Return whether calling it through an object passes that object as first argument."""
    return header.class_index >= 0 and not header.kind & Kind.STATIC_METHOD
