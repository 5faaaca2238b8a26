"""A Module: one tree with its facts and its index of nodes, what a rule over a Module sees."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, TypeVar

from mlhazards.config import running_python
from mlhazards.facts.extract import extract_facts
from mlhazards.facts.model import ModuleFacts
from mlhazards.findings import Span
from mlhazards.knowledge import START_NAMES
from mlhazards.syntax.fields import FIELDS
from mlhazards.syntax.spans import SpanTable, span

if TYPE_CHECKING:
    from mlhazards.source.file import SourceFile

Node = TypeVar("Node", bound=ast.AST)


class Module:
    """One parsed file. ``facts`` hold all that was found in it.

    ``target_python`` is the (major, minor) of the Python that the code is meant for.
    """

    __slots__ = ("_index", "facts", "source", "target_python", "tree")

    def __init__(
        self,
        source: SourceFile,
        tree: ast.Module,
        facts: ModuleFacts,
        target_python: tuple[int, int],
    ) -> None:
        """Join a source, its tree and its facts."""
        self.source = source
        self.tree = tree
        self.facts = facts
        self.target_python = target_python
        self._index: dict[type[ast.AST], list[ast.AST]] | None = None

    @property
    def path(self) -> str:
        """The path as it is to be reported."""
        return self.source.path

    def nodes(self, kind: type[Node]) -> list[Node]:
        """Return all nodes of that class in source order; one walk serves all rules."""
        if self._index is None:
            self._index = _index(self.tree)
        return self._index.get(kind, [])  # type: ignore[return-value]

    def span(self, node: ast.expr | ast.stmt) -> Span:
        """Return the span of ``node``."""
        table = SpanTable(self.source.text)
        table.add(node)
        return span(table.packed(), 0)


def _index(tree: ast.Module) -> dict[type[ast.AST], list[ast.AST]]:
    index: dict[type[ast.AST], list[ast.AST]] = {}
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        index.setdefault(type(node), []).append(node)
        for name, many in reversed(FIELDS[type(node)]):
            value = getattr(node, name)
            if many:
                stack.extend(item for item in reversed(value) if item is not None)
            elif value is not None:
                stack.append(value)
    return index


def extract(
    source: SourceFile,
    tree: ast.Module,
    name: str,
    *,
    is_package: bool,
    target_python: tuple[int, int] | None = None,
) -> Module:
    """Return the Module of a parsed source: its tree, its index, its facts.

    ``name`` is the dotted name under which it is imported. ``target_python`` None stands for the
    Python that runs the tool.
    """
    facts = extract_facts(
        tree, source.text, name=name, path=source.path, is_package=is_package,
        start_names=START_NAMES,
    )  # fmt: skip
    return Module(source, tree, facts, target_python or running_python())
