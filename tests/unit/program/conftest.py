"""Programs made from texts."""

from __future__ import annotations

import ast
from collections.abc import Callable
from textwrap import dedent

import pytest

from mlhazards.facts import extract
from mlhazards.facts.model import ModuleFacts
from mlhazards.program import ClassRef, FunctionRef, Program, link
from mlhazards.source.file import SourceFile


class Linked:
    """A program, and its functions and classes by name."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def function(self, module: str, qualname: str) -> FunctionRef:
        names = [each.qualname for each in self.program.modules[module].functions]
        return FunctionRef(module, names.index(qualname))

    def cls(self, module: str, qualname: str) -> ClassRef:
        names = [each.qualname for each in self.program.modules[module].classes]
        return ClassRef(module, names.index(qualname))

    def kind(self, module: str, name: str) -> str | None:
        """Return the kind of container that a name holds; of ``Class.attribute`` as well."""
        owner, _, attribute = name.rpartition(".")
        if owner:
            origins = self.program.attribute_bindings(self.cls(module, owner), attribute)
        else:
            origins = self.program.bindings(FunctionRef(module, 0), name)
        return self.program.container_kind(origins)


def facts_of(name: str, text: str) -> ModuleFacts:
    text = dedent(text)
    is_package = name.endswith("/")
    source = SourceFile(f"{name}.py", f"/{name}.py", text.encode(), text, "utf-8")
    module = extract(source, ast.parse(text), name.rstrip("/"), is_package=is_package)
    return module.facts


Linker = Callable[[dict[str, str]], Linked]


@pytest.fixture
def linked() -> Linker:
    """Link modules given as ``{name: text}``; a name that ends in a slash is a package."""

    def make(texts: dict[str, str]) -> Linked:
        return Linked(link(facts_of(name, text) for name, text in texts.items()))

    return make
