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
        self._called: dict[str, frozenset[str]] = {}

    def resized(self, name: str) -> bool:
        """Return whether anything resizes a container of that name."""
        return name in self._index[0] or name in ATTRIBUTE_NAMES

    def resizes(self, function: str, name: str) -> bool:
        """Return whether a function of that name resizes a container of that name itself."""
        return function in self._index[0].get(name, ())

    def leads_to(self, function: str, name: str) -> bool:
        """Return whether a function of that name does, or calls one by name that does."""
        resizers = self._index[0].get(name)
        if resizers is None:
            return False
        return function in resizers or not resizers.isdisjoint(self._called_by(function))

    def given_out(self, function: str) -> frozenset[str] | None:
        """Return the last names of the attributes that functions of that name give out."""
        return self._by_name[1].get(function)

    def patched(self, method: str) -> Iterable[Patch]:
        """Return where a function is bound as attribute ``method`` of a local object."""
        return self._index[1].get(method, ())

    def _called_by(self, function: str) -> frozenset[str]:
        """Return the names of all that functions of that name call."""
        known = self._called.get(function)
        if known is None:
            details = map(self._program.detail, self._by_name[0].get(function, ()))
            known = frozenset(last_name(call.callee) for each in details for call in each.calls)
            self._called[function] = known
        return known

    @cached_property
    def _by_name(self) -> tuple[dict[str, list[FunctionRef]], dict[str, frozenset[str]]]:
        """The functions by name, and the names of attributes that they give out by name."""
        functions: dict[str, list[FunctionRef]] = {}
        given: dict[str, frozenset[str]] = {}
        for module, facts in self._program.modules.items():
            for index, header in enumerate(facts.functions):
                functions.setdefault(header.name, []).append(FunctionRef(module, index))
                results = header.results
                if len(results) == 1 and results[0].shape.of[:5] == "self.":
                    name = last_name(results[0].shape.of)
                    given[header.name] = given.get(header.name, frozenset()) | {name}
        return functions, given

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
                    elif access.op == Op.REBIND and access.key[9:].isdigit():
                        variable, _, method = access.place.rpartition(".")
                        if variable[:1] == "%":
                            number = int(access.key[9:])
                            patch = (FunctionRef(module, index), variable, number)
                            patched.setdefault(method, []).append(patch)
        return resized, patched


ATTRIBUTE_NAMES = frozenset(reach.attribute for reach in ATTRIBUTE_RESIZERS.values())
