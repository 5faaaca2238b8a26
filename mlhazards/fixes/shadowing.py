"""Shadowing: whether a builtin name still means the builtin where a fix wants to write it."""

from __future__ import annotations

import symtable
import warnings
from functools import cached_property

import libcst as cst

from mlhazards.fixes.passage import Passage
from mlhazards.source.file import SourceFile


class Shadowing:
    """Answers for one file.

    CPython's own symbol table tells cheaply that nobody binds the name, which is nearly always
    so; only otherwise libcst resolves its scopes.
    """

    def __init__(self, source: SourceFile) -> None:
        """Answer for ``source``."""
        self._source = source

    def hides(self, name: str, passage: Passage, node: cst.CSTNode) -> bool:
        """Return whether ``name`` may mean something else than the builtin at ``node``."""
        table = self._table
        if table is None or _bound(table, name):
            return True
        return _bound_below(table, name) and passage.binds(name, node)

    @cached_property
    def _table(self) -> symtable.SymbolTable | None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return symtable.symtable(self._source.text, "", "exec")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _bound(table: symtable.SymbolTable, name: str) -> bool:
    try:
        symbol = table.lookup(name)
    except KeyError:
        return False
    return (
        symbol.is_assigned()
        or symbol.is_imported()
        or symbol.is_parameter()
        or symbol.is_namespace()
        or symbol.is_declared_global()  # then some function may bind the module's name
    )


def _bound_below(table: symtable.SymbolTable, name: str) -> bool:
    tables = table.get_children()
    while tables:
        child = tables.pop()
        if _bound(child, name):
            return True
        tables += child.get_children()
    return False
