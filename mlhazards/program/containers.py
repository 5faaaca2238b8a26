"""Which kind of container a place holds, from all that is ever bound to it."""

from __future__ import annotations

from collections.abc import Iterable

from mlhazards.facts.model import Kind, Shape
from mlhazards.knowledge.classes import CONTAINER_ANNOTATIONS, CONTAINER_CLASSES
from mlhazards.knowledge.decorators import undecorated
from mlhazards.program import declared
from mlhazards.program.classes import Classes, Origin
from mlhazards.program.memo import Memo
from mlhazards.program.names import ClassRef, External, FunctionRef, Global, Names
from mlhazards.program.types import Types

_KINDS = frozenset(CONTAINER_CLASSES.values())

#: What a binding to None, or a place that is bound to itself, adds to the answer.
_NOTHING = "nothing"


class Containers:
    """The kinds of containers in a program."""

    def __init__(self, names: Names, classes: Classes, types: Types, memo: Memo) -> None:
        """Rest on the names, classes and types of the same program."""
        self._names = names
        self._classes = classes
        self._types = types
        self._ask = memo.ask

    def kind(self, origins: Iterable[Origin], self_class: ClassRef | None = None) -> str | None:
        """Return the kind of container that all bindings of a place agree on, else None.

        A declaration (``x: dict[str, X]``) speaks for bindings whose own value says nothing.
        """
        found = self._joined(tuple(origins), self_class)
        return None if found == _NOTHING else found

    def _joined(self, origins: tuple[Origin, ...], self_class: ClassRef | None) -> str | None:
        kinds: set[str] = set()
        declared = {
            kind
            for origin in origins
            if (kind := self._annotated(origin.module, origin.binding.annotation)) is not None
        }
        for origin in origins:
            shape = origin.binding.shape
            function = FunctionRef(origin.module, max(origin.binding.function, 0))
            kind = self._ask(_NOTHING, self._container, function, shape, self_class)
            if kind is None and len(declared) == 1:
                (kind,) = declared
            if kind is None:
                return None
            kinds.add(kind)
        kinds.discard(_NOTHING)
        if not kinds:
            kinds = declared
        if len(kinds) != 1:
            return None if kinds else _NOTHING
        return kinds.pop()

    def _annotated(self, module: str, text: str) -> str | None:
        annotation = declared.parse(text) if text else None
        if annotation is None:
            return None
        cls = self._classes.annotated(module, annotation.head)
        return self._of_class(cls) if cls else None

    def _of_class(self, cls: ClassRef | External) -> str | None:
        if isinstance(cls, External):
            return CONTAINER_CLASSES.get(cls.name) or CONTAINER_ANNOTATIONS.get(cls.name)
        if self._classes.method(cls, "__iter__"):
            return None
        order = self._classes.ancestry(cls).order
        kinds = [CONTAINER_CLASSES.get(base.name) for base in order if isinstance(base, External)]
        return kinds[0] if len(kinds) == 1 else None

    def _container(
        self, function: FunctionRef, shape: Shape, self_class: ClassRef | None
    ) -> str | None:
        kind = shape.kind
        if kind in _KINDS or kind == "none":
            return kind if kind in _KINDS else _NOTHING
        if kind == "parameter":
            return self._parameter(function, shape.of)
        if kind == "place":
            return self._place(function, shape.of, self_class)
        if kind == "either":
            return _one({self._container(function, item, self_class) for item in shape.items})
        return self._call(function, shape, self_class) if kind in {"call", "awaited"} else None

    def _parameter(self, function: FunctionRef, name: str) -> str | None:
        for parameter in self._names.function(function).parameters:
            if parameter.name == name and parameter.kind in {"positional", "keyword"}:
                return self._annotated(function.module, parameter.annotation)
        return None

    def _place(self, function: FunctionRef, place: str, self_class: ClassRef | None) -> str | None:
        origins = self.origins(function, place, self_class)
        if origins:
            return self._joined(origins, self_class)
        if place[0] == "$":
            return self._parameter(function, place[1:]) if place[1:].isidentifier() else None
        return None

    def origins(
        self, function: FunctionRef, place: str, self_class: ClassRef | None = None
    ) -> tuple[Origin, ...]:
        """Return the bindings of ``place`` as a function on a ``self_class`` sees it."""
        module, index = function.module, function.index
        if place[0] == "%" and place[1:].isidentifier():
            return self._types.local_bindings(module, index, place[1:])
        if place[0] == "^" and "." not in place:
            number, _, name = place[1:].partition(":")
            return self._types.local_bindings(module, int(number), name)
        holder, _, attribute = place.rpartition(".")
        if holder and attribute.isidentifier():
            cls = self._types.type_of(module, index, holder, self_class)
            if isinstance(cls, ClassRef):
                return self._classes.attribute_bindings(cls, attribute)
        symbol = None
        if not any(mark in place for mark in "%$^([") and not place.startswith("self"):
            symbol = self._classes.resolve(module, place)
        return self._types.global_bindings(symbol) if isinstance(symbol, Global) else ()

    def _call(self, function: FunctionRef, shape: Shape, self_class: ClassRef | None) -> str | None:
        place = shape.of
        receiver, _, method = place.rpartition(".")
        if method == "copy" and receiver:
            copied = self._place(function, receiver, self_class)
            if copied is not None:
                return copied
        callee = self._types.callee(function.module, function.index, place, self_class)
        if callee is not None:
            return self._ask(_NOTHING, self._returned, callee, int(shape.kind == "awaited"))
        made = self._types.value(function.module, function.index, place, self_class)
        return self._of_class(made) if isinstance(made, (ClassRef, External)) else None

    def _returned(self, callee: FunctionRef, awaited: int) -> str | None:
        header = self._names.function(callee)
        lazy = header.kind & (Kind.GENERATOR | Kind.COROUTINE | Kind.CONTEXT_MANAGER)
        if lazy and not (awaited and lazy == Kind.COROUTINE):
            return None
        if not undecorated(header.decorators):
            return None
        cls = self._classes.defining_class(callee)
        kinds = {
            self._ask(_NOTHING, self._container, callee, result.shape, cls)
            for result in header.results
        }
        return _one(kinds) or self._annotated(callee.module, header.returns)


def _one(kinds: set[str | None]) -> str | None:
    """Return the kind that all agree on; None when one is unknown."""
    kinds.discard(_NOTHING)
    return kinds.pop() if len(kinds) == 1 else None
