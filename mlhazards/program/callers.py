"""Who calls a function, and who hands it on: found from the function, never for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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


#: (number of the calling function, the call, the place spoken of, whether it is an argument)
_Spoken = tuple[int, Call, str, bool]


class Callers:
    """The mentions of functions in a program."""

    def __init__(self, names: Names, types: Types, memo: Memo) -> None:
        """Rest on the names and types of the same program."""
        self._names = names
        self._types = types
        self._ask = memo.ask
        self._importers: tuple[dict[str, set[str]], dict[str, set[str]]] | None = None
        self._spoken: dict[str, dict[str, list[_Spoken]]] = {}

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

    def importers(self, words: Iterable[str], *, inside: bool = False) -> set[str]:
        """Return the modules that import something under one of the last names ``words``.

        With ``inside`` also those that import something out of a module or class of that name.
        """
        last, before = self._imported()
        tables = (last, before) if inside else (last,)
        return {module for table in tables for word in words for module in table.get(word, ())}

    def _imported(self) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        """Return the importing modules by the last name of what they import, and by the one before.

        A star import may bring anything that its module holds, so it counts for both.
        """
        if self._importers is None:
            last: dict[str, set[str]] = {}
            before: dict[str, set[str]] = {}
            for module, facts in self._names.modules.items():
                for dotted in (*facts.imports.values(), *facts.submodules, *facts.star_imports):
                    rest, _, name = dotted.rpartition(".")
                    last.setdefault(name, set()).add(module)
                    if rest:
                        before.setdefault(rest.rpartition(".")[2], set()).add(module)
            self._importers = last, before
        return self._importers

    def _may_know(self, function: FunctionRef) -> set[str]:
        """Return the modules whose imports speak of the function, its class or its module."""
        header = self._names.function(function)
        parts = [header.name, *function.module.rsplit(".", 1)[-1:]]
        if header.class_index >= 0:
            owner = ClassRef(function.module, header.class_index)
            parts.append(self._names.class_facts(owner).name)
        return {function.module} | self.importers(parts, inside=True)

    def _in_module(
        self, facts: ModuleFacts, function: FunctionRef, spellings: tuple[str, ...]
    ) -> Iterator[Mention]:
        index = self._index(facts)
        numbered: tuple[str, ...] = ()
        if facts.name == function.module:
            numbered = (f"function:{function.index}", f"lambda:{function.index}")
        found = [spoken for name in (*spellings, *numbered) for spoken in index.get(name, ())]
        for number, call, place, handed_on in sorted(found, key=_in_source_order):
            caller = FunctionRef(facts.name, number)
            if place in numbered or self._means(caller, place, function):
                yield Mention(caller, call, handed_on)

    def _index(self, facts: ModuleFacts) -> dict[str, list[_Spoken]]:
        """Return what a module calls and hands on, by the last name of each."""
        index = self._spoken.get(facts.name)
        if index is None:
            index = self._spoken[facts.name] = {}
            for number, detail in enumerate(facts.details):
                for call in detail.calls:
                    callee = call.callee
                    index.setdefault(callee.rpartition(".")[2], []).append(
                        (number, call, callee, False)
                    )
                    for argument in call.arguments:
                        place = argument.place
                        index.setdefault(place.rpartition(".")[2], []).append(
                            (number, call, place, True)
                        )
        return index

    def _means(self, caller: FunctionRef, place: str, function: FunctionRef) -> bool:
        return self._types.callee(caller.module, caller.index, place) == function


def _in_source_order(spoken: _Spoken) -> tuple[int, int, bool]:
    number, call, _, handed_on = spoken
    return number, call.at, handed_on


def _spellings(facts: ModuleFacts, name: str) -> tuple[str, ...]:
    """Return the last names under which a module may speak of a function called ``name``."""
    local = {
        alias
        for alias, dotted in facts.imports.items()
        if dotted == name or dotted.endswith(f".{name}")
    }
    return (name, *sorted(local - {name}))
