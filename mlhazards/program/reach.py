"""Reach: by which names of functions a container of some name may be resized.

Names find candidates and prove nothing. They keep the search from looking at all functions.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from mlhazards.facts.model import Op
from mlhazards.knowledge.effects import ATTRIBUTE_RESIZERS
from mlhazards.program import FunctionRef, Program

_RESIZING = frozenset({Op.ADD, Op.REMOVE, Op.SET_ITEM})

#: A function that binds a closure as a method: it, the variable that holds the object, the closure.
Patch = tuple[FunctionRef, str, int]


def last_name(place: str) -> str:
    """Return the last attribute or name in a place, without indexing and calls after it."""
    while place[-2:] in ("[]", "()"):
        place = place[:-2]
    name = place.rpartition(".")[2]
    return name if name[:1] not in ("%", "$", "^") else name.lstrip("%$").rpartition(":")[2]


class Reach:
    """The names of one program's functions and of what they resize."""

    def __init__(self, program: Program) -> None:
        """Read the names when they are asked for."""
        self._program = program
        self._leads: dict[tuple[str, str], bool] = {}

    def resized(self, name: str) -> bool:
        """Return whether anything resizes a container of that name."""
        return name in self._index[0] or name in ATTRIBUTE_NAMES

    def resizes(self, function: str, name: str) -> bool:
        """Return whether a function of that name resizes a container of that name itself."""
        return function in self._index[0].get(name, ())

    def leads_to(self, function: str, name: str) -> bool:
        """Return whether a function of that name does, or calls one by name that does."""
        key = (function, name)
        known = self._leads.get(key)
        if known is None:
            resizers = self._index[0].get(name, ())
            known = self._leads[key] = function in resizers or (
                bool(resizers) and self._calls_one(function, resizers)
            )
        return known

    def given_out(self, function: str) -> frozenset[str] | None:
        """Return the last names of the attributes that functions of that name give out."""
        return self._accessors.get(function)

    def patched(self, method: str) -> Iterable[Patch]:
        """Return where a function is bound as attribute ``method`` of a local object."""
        return self._index[1].get(method, ())

    def _calls_one(self, function: str, resizers: Iterable[str]) -> bool:
        return any(
            last_name(call.callee) in resizers
            for each in self._by_name.get(function, ())
            for call in self._program.detail(each).calls
        )

    @cached_property
    def _accessors(self) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for facts in self._program.modules.values():
            for header in facts.functions:
                if len(header.results) == 1 and header.results[0].shape.of[:5] == "self.":
                    name = last_name(header.results[0].shape.of)
                    found[header.name] = found.get(header.name, frozenset()) | {name}
        return found

    @cached_property
    def _by_name(self) -> dict[str, list[FunctionRef]]:
        found: dict[str, list[FunctionRef]] = {}
        for module, facts in self._program.modules.items():
            for index, header in enumerate(facts.functions):
                found.setdefault(header.name, []).append(FunctionRef(module, index))
        return found

    @cached_property
    def _index(self) -> tuple[dict[str, set[str]], dict[str, list[Patch]]]:
        resized: dict[str, set[str]] = {}
        patched: dict[str, list[Patch]] = {}
        for module, facts in self._program.modules.items():
            for index, detail in enumerate(facts.details):
                function = facts.functions[index].name
                for access in detail.accesses:
                    if access.op in _RESIZING:
                        if access.place[0] not in "%$^" or "." in access.place:
                            resized.setdefault(last_name(access.place), set()).add(function)
                    elif access.op == Op.REBIND and access.key[:9] == "function:":
                        variable, _, method = access.place.rpartition(".")
                        if variable[:1] == "%":
                            number = int(access.key[9:])
                            patch = (FunctionRef(module, index), variable, number)
                            patched.setdefault(method, []).append(patch)
        return resized, patched


ATTRIBUTE_NAMES = frozenset(reach.attribute for reach in ATTRIBUTE_RESIZERS.values())
