"""All modules' facts, linked.

Everything is looked up when it is asked for and kept. Nothing here reads a file or a tree.
"""

from __future__ import annotations

from collections.abc import Iterable

from mlhazards.config import running_python
from mlhazards.facts.model import ClassFacts, FunctionDetail, FunctionFacts, ModuleFacts
from mlhazards.program.callers import Callers, Mention
from mlhazards.program.classes import Base, Classes, Origin
from mlhazards.program.containers import Containers
from mlhazards.program.memo import Memo
from mlhazards.program.names import (
    ClassRef,
    External,
    FunctionRef,
    Global,
    ModuleRef,
    Names,
    Symbol,
)
from mlhazards.program.results import Results, Returned
from mlhazards.program.types import Types

__all__ = [
    "Base", "ClassRef", "External", "FunctionRef", "Global", "Mention", "ModuleRef", "Origin",
    "Program", "Returned", "Symbol", "link",
]  # fmt: skip


class Program:
    """The modules of one run and what they mean to each other.

    Unknown is None: it never becomes a claim. ``self_class`` is the class of the object that a
    method runs on, where that is not the class that defines it. ``target_python`` is the (major,
    minor) of the Python that the code is meant for.
    """

    def __init__(self, modules: dict[str, ModuleFacts], target_python: tuple[int, int]) -> None:
        """Take modules by their dotted name."""
        self.modules = modules
        self.target_python = target_python
        memo = Memo()
        self._driven: frozenset[str] | None = None
        self._names = Names(modules, memo)
        self._classes = Classes(self._names, memo)
        self._types = Types(self._names, self._classes, memo)
        self._containers = Containers(self._names, self._classes, self._types, memo)
        self._results = Results(self._names, self._classes, self._types, memo)
        self._callers = Callers(self._names, self._types, memo)

    def function(self, ref: FunctionRef) -> FunctionFacts:
        """Return the header of a function."""
        return self._names.function(ref)

    def detail(self, ref: FunctionRef) -> FunctionDetail:
        """Return the body of a function."""
        return self.modules[ref.module].details[ref.index]

    def class_facts(self, ref: ClassRef) -> ClassFacts:
        """Return the facts of a class."""
        return self._names.class_facts(ref)

    def resolve(self, module: str, dotted: str) -> Symbol | None:
        """Return what a dotted name stands for in a module, through imports and re-exports."""
        return self._classes.resolve(module, dotted)

    def mro(self, cls: ClassRef) -> tuple[Base, ...]:
        """Return the classes in which an attribute of ``cls`` is looked up, itself first.

        Bases outside the program stand as External; those that are unknown are left out.
        """
        return self._classes.ancestry(cls).order

    def bases_known(self, cls: ClassRef) -> bool:
        """Return whether every base of ``cls`` and of its bases could be resolved."""
        return self._classes.ancestry(cls).known

    def subclasses(self, cls: ClassRef) -> tuple[ClassRef, ...]:
        """Return the classes of the program that derive from ``cls``, directly or not."""
        return self._classes.subclasses(cls)

    def method(self, cls: ClassRef, name: str) -> FunctionRef | None:
        """Return the method that ``name`` is on an instance of ``cls``."""
        return self._classes.method(cls, name)

    def method_after(self, cls: ClassRef, defining: ClassRef, name: str) -> FunctionRef | None:
        """Return what ``super().name`` is in ``defining``, on an instance of ``cls``."""
        return self._classes.method_after(cls, defining, name)

    def defining_class(self, function: FunctionRef) -> ClassRef | None:
        """Return the class whose ``self`` a function sees, also one nested in a method."""
        return self._classes.defining_class(function)

    def overridden(self, function: FunctionRef) -> bool:
        """Return whether a subclass in the program defines the method anew."""
        return self._classes.overridden(function)

    def attribute_bindings(self, cls: ClassRef, attribute: str) -> tuple[Origin, ...]:
        """Return every binding of an attribute of ``cls``, in its own methods and its bases'."""
        return self._classes.attribute_bindings(cls, attribute)

    def global_bindings(self, variable: Global) -> tuple[Origin, ...]:
        """Return every binding of a module's or class's variable that its own module makes."""
        return self._types.global_bindings(variable)

    def bindings(
        self, function: FunctionRef, place: str, self_class: ClassRef | None = None
    ) -> tuple[Origin, ...]:
        """Return every binding of a place as a function sees it; none where it is unknown."""
        return self._containers.origins(function, place, self_class)

    def container_kind(
        self, origins: Iterable[Origin], self_class: ClassRef | None = None
    ) -> str | None:
        """Return the kind (``dict``, ``deque`` ...) that all bindings of a place agree on."""
        return self._containers.kind(origins, self_class)

    def type_of(
        self, module: str, function: int, place: str, self_class: ClassRef | None = None
    ) -> Base | None:
        """Return the class of the object at ``place`` in a function.

        What calling something outside the program makes is External by the name of the callee.
        """
        return self._types.type_of(module, function, place, self_class)

    def callee(
        self, module: str, function: int, place: str, self_class: ClassRef | None = None
    ) -> FunctionRef | None:
        """Return the function of the program that a call of ``place`` runs."""
        return self._types.callee(module, function, place, self_class)

    def results(
        self, function: FunctionRef, self_class: ClassRef | None = None
    ) -> tuple[Returned, ...]:
        """Return what a call of a function can yield, once for every way out of it."""
        return self._results.of(function, self_class)

    def awaited_results(
        self, function: FunctionRef, self_class: ClassRef | None = None
    ) -> tuple[Returned, ...]:
        """Return what awaiting a call of a coroutine function can yield."""
        return self._results.of_body(function, self_class)

    def delegated(self) -> frozenset[str]:
        """Return the last names of what any module walks by ``yield from`` or drives by hand."""
        if self._driven is None:
            self._driven = frozenset(
                name for facts in self.modules.values() for name in facts.yielded_from
            )
        return self._driven

    def mentions(self, function: FunctionRef) -> tuple[Mention, ...]:
        """Return the calls of a function, and the calls that take it as an argument."""
        return self._callers.of(function)

    def never_returns(self, function: FunctionRef) -> bool:
        """Return whether a call of a function always raises, as far as its body tells."""
        return self._results.never_returns(function)

    def importers(self, words: Iterable[str]) -> set[str]:
        """Return the modules that import something under one of the last names ``words``."""
        return self._callers.importers(words)

    def plain(self, function: FunctionRef) -> bool:
        """Return whether a call surely runs this very body: undecorated, not overridden."""
        return self._results.plain(function)


def link(facts: Iterable[ModuleFacts], target_python: tuple[int, int] | None = None) -> Program:
    """Return the program that the modules make; of two with one name the first stays.

    ``target_python`` None stands for the Python that runs the tool.
    """
    modules: dict[str, ModuleFacts] = {}
    for module in facts:
        modules.setdefault(module.name, module)
    return Program(modules, target_python or running_python())
