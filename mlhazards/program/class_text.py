"""Text of a class: which functions stand in it, and in each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlhazards.facts.model import FunctionFacts
from mlhazards.program import Program
from mlhazards.program.names import ClassRef, FunctionRef

Functions = Iterator[tuple[FunctionRef, FunctionFacts]]


class _Index(NamedTuple):
    """The numbers of the functions of a module by their class, and by the function around them."""

    by_class: dict[int, list[int]]
    by_parent: dict[int, list[int]]


class ClassText:
    """Lists the functions of classes; each module is looked through once, when it is asked for."""

    def __init__(self, program: Program) -> None:
        """Read the modules of ``program``."""
        self._program = program
        self._indexes: dict[str, _Index] = {}

    def standing_in(self, cls: ClassRef) -> Functions:
        """Yield the functions in the text of a class: its methods and all that nests in them."""
        facts = self._program.modules[cls.module]
        for number in self._index(cls.module).by_class.get(cls.index, ()):
            yield FunctionRef(cls.module, number), facts.functions[number]

    def methods(self, cls: ClassRef) -> Functions:
        """Yield the methods of an object of ``cls``, inherited ones and setters included."""
        hidden: set[str] = set()
        for base in self._program.mro(cls):
            if not isinstance(base, ClassRef):
                continue
            names = set()
            qualname = self._program.class_facts(base).qualname
            for function, header in self.standing_in(base):
                is_method = header.qualname == f"{qualname}.{header.name}"
                if is_method and header.name not in hidden:
                    names.add(header.name)
                    yield function, header
            hidden |= names

    def nested_in(self, function: FunctionRef) -> list[int]:
        """Return the numbers of the functions and lambdas that stand directly in a function."""
        return self._index(function.module).by_parent.get(function.index, [])

    def _index(self, module: str) -> _Index:
        index = self._indexes.get(module)
        if index is None:
            index = self._indexes[module] = _Index({}, {})
            for number, header in enumerate(self._program.modules[module].functions):
                if header.class_index >= 0:
                    index.by_class.setdefault(header.class_index, []).append(number)
                if header.parent > 0:
                    index.by_parent.setdefault(header.parent, []).append(number)
        return index
