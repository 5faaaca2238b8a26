"""What calling a function yields, path by path, through the functions that it returns from."""

from __future__ import annotations

from msgspec import Struct

from mlhazards.facts.model import Kind, Result, Shape
from mlhazards.knowledge.decorators import undecorated
from mlhazards.program.classes import Classes
from mlhazards.program.memo import Memo
from mlhazards.program.names import ClassRef, FunctionRef, Names
from mlhazards.program.types import Types

NONE = Shape("none")
UNKNOWN = Shape("unknown")
GENERATOR = Shape("generator")
COROUTINE = Shape("coroutine")


class Returned(Struct, frozen=True, gc=False):
    """One way that a call can end with a value.

    ``function`` is where the return stands, ``at`` the span of it there: of the function's name
    where control just reaches the end (``implicit``). ``through`` are the functions in between,
    outermost first. ``tests`` are places of ``function`` that decide whether it is taken.
    """

    shape: Shape
    function: FunctionRef
    at: int
    tests: tuple[str, ...] = ()
    bits: int = 0
    implicit: bool = False
    through: tuple[FunctionRef, ...] = ()


class Results:
    """The results of the functions of a program."""

    def __init__(self, names: Names, classes: Classes, types: Types, memo: Memo) -> None:
        """Rest on the names, classes and types of the same program."""
        self._names = names
        self._classes = classes
        self._types = types
        self._ask = memo.ask

    def of(self, function: FunctionRef, self_class: ClassRef | None = None) -> tuple[Returned, ...]:
        """Return what a call of ``function`` can yield, once for every way out of it.

        A generator function yields a generator whatever it returns. Where a returned call cannot
        be followed its shape stays ``call``.
        """
        kind = self._names.function(function).kind
        at = self._names.function(function).at
        if kind & Kind.COROUTINE:
            shape = UNKNOWN if kind & Kind.GENERATOR else COROUTINE
            return (Returned(shape, function, at),)
        if kind & Kind.GENERATOR:
            return (Returned(GENERATOR, function, at),)
        return self.of_body(function, self_class)

    def of_body(
        self, function: FunctionRef, self_class: ClassRef | None = None
    ) -> tuple[Returned, ...]:
        """Return the values of the body itself: what awaiting a coroutine function yields."""
        return self._ask((), self._paths, function, self_class)

    def _paths(self, function: FunctionRef, self_class: ClassRef | None) -> tuple[Returned, ...]:
        header = self._names.function(function)
        found: list[Returned] = []
        for result in header.results:
            found += self._path(function, result, self_class)
        if header.kind & Kind.END_REACHABLE:
            tests = header.end_tests
            found.append(Returned(NONE, function, header.at, tests, implicit=True))
        return tuple(found)

    def _path(
        self, function: FunctionRef, result: Result, self_class: ClassRef | None
    ) -> list[Returned]:
        shape = NONE if result.bare else result.shape
        here = Returned(shape, function, result.at, result.tests, result.bits)
        if shape.kind not in {"call", "awaited"}:
            return [here]
        callee = self._types.callee(function.module, function.index, shape.of, self_class)
        if callee is None or not self.plain(callee):
            return [here]
        own = shape.of.startswith("super().") or shape.of.rpartition(".")[0] == "self"
        receiver = self_class if own else None
        if shape.kind == "call":
            ends = self.of(callee, receiver)
        elif self._names.function(callee).kind & Kind.COROUTINE:
            ends = self.of_body(callee, receiver)
        else:
            return [here]
        return [
            Returned(
                end.shape,
                end.function,
                end.at,
                (*result.tests, *end.tests),
                end.bits | result.bits,
                end.implicit,
                (function, *end.through),
            )
            for end in ends
        ]

    def plain(self, function: FunctionRef) -> bool:
        """Return whether a call of ``function`` surely runs this very body, and only that."""
        header = self._names.function(function)
        return (
            not header.kind & (Kind.ABSTRACT | Kind.STUB | Kind.OVERLOAD)
            and undecorated(header.decorators)
            and not self._classes.overridden(function)
        )

    def never_returns(self, function: FunctionRef) -> bool:
        """Return whether a call of ``function`` always raises, as far as its body tells."""
        header = self._names.function(function)
        lazy = header.kind & (Kind.GENERATOR | Kind.COROUTINE)
        return not lazy and not header.results and not header.kind & Kind.END_REACHABLE
