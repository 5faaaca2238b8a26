"""Facts of texts, looked up by the name of a function."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from mlhazards.facts.extract import extract_facts
from mlhazards.facts.model import (
    Access,
    Call,
    FunctionDetail,
    FunctionFacts,
    Loop,
    ModuleFacts,
    Op,
)
from mlhazards.knowledge import START_NAMES

#: What the operations are called in tests.
OPERATIONS = {value: name for name, value in vars(Op).items() if not name.startswith("_")}


class Read:
    """The facts of one text."""

    def __init__(self, text: str) -> None:
        text = dedent(text)
        self.facts: ModuleFacts = extract_facts(
            ast.parse(text), text, name="m", path="m.py", is_package=False, start_names=START_NAMES
        )

    def number(self, function: str) -> int:
        return [header.qualname for header in self.facts.functions].index(function)

    def header(self, function: str) -> FunctionFacts:
        return self.facts.functions[self.number(function)]

    def detail(self, function: str) -> FunctionDetail:
        return self.facts.details[self.number(function)]

    def touches(self, function: str, *operations: int) -> list[Access]:
        return [a for a in self.detail(function).accesses if a.op in operations or not operations]

    def operations(self, function: str) -> list[tuple[str, str, str]]:
        """Return (operation, place, how) of every access, in source order."""
        accesses = sorted(self.detail(function).accesses, key=lambda access: access.at)
        return [(OPERATIONS[each.op], each.place, each.how) for each in accesses]

    def iterated(self, function: str) -> list[str]:
        return [access.place for access in self.touches(function, Op.ITERATE)]

    def callees(self, function: str) -> list[str]:
        return [call.callee for call in self.detail(function).calls]

    def call(self, function: str, last: str) -> Call:
        (found,) = [c for c in self.detail(function).calls if c.callee.endswith(last)]
        return found

    def loop(self, function: str) -> Loop:
        (found,) = self.detail(function).loops
        return found

    def locks(self, function: str, callee: str) -> tuple[str, ...]:
        """Return the locks held at the only call of ``callee``."""
        return self.facts.locksets[self.call(function, callee).lockset]

    def line(self, at: int) -> int:
        return self.facts.span(at).line


@pytest.fixture(scope="session")
def read() -> type[Read]:
    """Read the facts of a text: ``read(text).touches("f")``."""
    return Read
