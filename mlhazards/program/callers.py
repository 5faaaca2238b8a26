"""Who calls a function, and who hands it on: found from the function, never for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlhazards.facts.model import Call, ModuleFacts
from mlhazards.program.memo import Memo
from mlhazards.program.names import ClassRef, FunctionRef, Names
from mlhazards.program.types import Types


class Mention(NamedTuple):
    """A call that runs the function, or (``handed_on``) that takes it as an argument."""

    caller: FunctionRef
    call: Call
    handed_on: bool = False


class Callers:
    """The mentions of functions in a program."""

    def __init__(self, names: Names, types: Types, memo: Memo) -> None:
        """Rest on the names and types of the same program."""
        self._names = names
        self._types = types
        self._ask = memo.ask
        self._importers: dict[str, set[str]] | None = None

    def of(self, function: FunctionRef) -> tuple[Mention, ...]:
        """Return every mention of ``function`` that the program shows."""
        return self._ask((), self._mentions, function)

    def _mentions(self, function: FunctionRef) -> tuple[Mention, ...]:
        name = self._names.function(function).name
        found: list[Mention] = []
        for module in sorted(self._may_know(function)):
            facts = self._names.modules[module]
            found += self._in_module(facts, function, _spellings(facts, name))
        return tuple(found)

    def _may_know(self, function: FunctionRef) -> set[str]:
        """Return the modules whose imports speak of the function, its class or its module."""
        if self._importers is None:
            self._importers = {}
            for module, facts in self._names.modules.items():
                for dotted in (*facts.imports.values(), *facts.submodules, *facts.star_imports):
                    for part in dotted.rsplit(".", 2)[-2:]:
                        self._importers.setdefault(part, set()).add(module)
        header = self._names.function(function)
        parts = [header.name, *function.module.rsplit(".", 1)[-1:]]
        if header.class_index >= 0:
            owner = ClassRef(function.module, header.class_index)
            parts.append(self._names.class_facts(owner).name)
        return {function.module}.union(*(self._importers.get(part, ()) for part in parts))

    def _in_module(
        self, facts: ModuleFacts, function: FunctionRef, spellings: tuple[str, ...]
    ) -> Iterator[Mention]:
        for index, detail in enumerate(facts.details):
            caller = FunctionRef(facts.name, index)
            for call in detail.calls:
                if call.callee.endswith(spellings) and self._means(caller, call.callee, function):
                    yield Mention(caller, call)
                for argument in call.arguments:
                    if self._handed(caller, argument.place, function, spellings):
                        yield Mention(caller, call, handed_on=True)

    def _handed(
        self, caller: FunctionRef, place: str, function: FunctionRef, spellings: tuple[str, ...]
    ) -> bool:
        if place.startswith(("function:", "lambda:")):
            same_module = caller.module == function.module
            return same_module and place.partition(":")[2] == str(function.index)
        return place.endswith(spellings) and self._means(caller, place, function)

    def _means(self, caller: FunctionRef, place: str, function: FunctionRef) -> bool:
        return self._types.callee(caller.module, caller.index, place) == function


def _spellings(facts: ModuleFacts, name: str) -> tuple[str, ...]:
    """Return the last names under which a module may speak of a function called ``name``."""
    local = {
        alias
        for alias, dotted in facts.imports.items()
        if dotted == name or dotted.endswith(f".{name}")
    }
    return (name, *sorted(local - {name}))
