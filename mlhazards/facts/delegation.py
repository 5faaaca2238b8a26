"""Delegation: which generators are asked for the value that they return."""

from __future__ import annotations

import ast

from mlhazards.facts.model import Kind
from mlhazards.facts.walk import Walk

_STEPS = frozenset({"__next__", "send", "throw"})


def note_delegated(walk: Walk, node: ast.expr) -> None:
    """Note by its last name what is walked by ``yield from``, or driven by hand."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        walk.yielded_from.add(node.attr)
    elif isinstance(node, ast.Name):
        walk.yielded_from.add(node.id)
        for binding in walk.record.locals.get(node.id, ()):
            if binding.shape.kind == "call":
                walk.yielded_from.add(binding.shape.of.rpartition(".")[2])


def note_stop_value(walk: Walk, node: ast.Try, handler: ast.ExceptHandler) -> None:
    """Note a handler that reads ``StopIteration.value``, and what its ``try`` drives."""
    if not handler.name or not _catches_stop(handler.type):
        return
    if not any(
        _reads_value(part, handler.name) for line in handler.body for part in ast.walk(line)
    ):
        return
    walk.record.kind |= Kind.READS_STOP_VALUE
    for line in node.body:
        for part in ast.walk(line):
            driven = _driven(part) if isinstance(part, ast.Call) else None
            if driven is not None:
                note_delegated(walk, driven)


def _catches_stop(caught: ast.expr | None) -> bool:
    if isinstance(caught, ast.Tuple):
        return any(_catches_stop(item) for item in caught.elts)
    return isinstance(caught, ast.Name) and caught.id == "StopIteration"


def _reads_value(node: ast.AST, name: str) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "value"
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    )


def _driven(call: ast.Call) -> ast.expr | None:
    function = call.func
    if isinstance(function, ast.Name) and function.id == "next" and call.args:
        return call.args[0]
    if isinstance(function, ast.Attribute) and function.attr in _STEPS:
        return function.value
    return None
