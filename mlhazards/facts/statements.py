"""Statements: read by recursion through a table of handlers.

The tokenizer allows a hundred levels of indentation, so the recursion is bounded. Every handler
returns whether control can reach what follows the statement.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from mlhazards.facts.assignments import (
    assign,
    assign_annotated,
    assign_augmented,
    assigned_place,
    read_delete,
    read_target,
)
from mlhazards.facts.bindings import NO_VALUE, Value, bind, bind_name
from mlhazards.facts.branches import read_if, read_match, read_try, read_while
from mlhazards.facts.calls import read_call
from mlhazards.facts.definitions import read_class, read_function
from mlhazards.facts.exits import Frame
from mlhazards.facts.expressions import read, read_stack
from mlhazards.facts.imports import read_import, read_import_from
from mlhazards.facts.iterations import bind_targets, open_loop
from mlhazards.facts.locks import LOCKING, enter_context, take_or_release
from mlhazards.facts.model import Bit, Kind, Result
from mlhazards.facts.scope import merge
from mlhazards.facts.stack import Stack
from mlhazards.facts.walk import Walk
from mlhazards.knowledge.containers import NO_RETURN

_NAME, _ATTRIBUTE, _CALL, _CONSTANT = ast.Name, ast.Attribute, ast.Call, ast.Constant
_LAST_OF_NO_RETURN = frozenset(name.rpartition(".")[2] for name in NO_RETURN)


def read_block(walk: Walk, block: list[ast.stmt], owner: ast.stmt | None) -> bool:
    """Read a block in order; return whether control can reach its end.

    What follows a statement that never completes cannot be reached, so nothing is recorded of it;
    a ``yield`` there still makes the function a generator.
    """
    outer = walk.frame
    if walk.loop < 0 or owner is None:
        walk.frame = None
        for statement in block:
            if not _HANDLERS[type(statement)](walk, statement):
                if statement is not block[-1]:
                    _note_dead_yields(walk, block, statement)
                walk.frame = outer
                return False
    else:
        walk.frame = frame = Frame(outer, block, owner)
        for statement in block:
            if not _HANDLERS[type(statement)](walk, statement):
                if statement is not block[-1]:
                    _note_dead_yields(walk, block, statement)
                walk.frame = outer
                return False
            frame.index += 1
    walk.frame = outer
    return True


def _note_dead_yields(walk: Walk, block: list[ast.stmt], last: ast.stmt) -> None:
    """Note the yields behind the ``last`` statement of ``block`` that is reached."""
    pending: list[ast.AST] = block[block.index(last) + 1 :]  # type: ignore[assignment]
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            walk.record.kind |= Kind.GENERATOR
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            pending.extend(ast.iter_child_nodes(node))


def _expression(walk: Walk, node: ast.Expr) -> bool:
    value = node.value
    kind = type(value)
    if kind is _CALL:
        function = value.func  # type: ignore[attr-defined]
        kind = type(function)
        last = function.attr if kind is _ATTRIBUTE else function.id if kind is _NAME else ""
        if last in LOCKING:
            take_or_release(walk, value)  # type: ignore[arg-type]
        stack: Stack = []
        read_call(walk, value, stack, "dropped", "")  # type: ignore[arg-type]
        if stack:
            read_stack(walk, stack)
        # `from sys import exit as leave` is not worth resolving every statement for.
        return last not in _LAST_OF_NO_RETURN or _returns(walk, function)
    if kind is ast.Yield:
        _plain_yield(walk, value)  # type: ignore[arg-type]
    elif kind is not _CONSTANT:
        read(walk, value, "dropped")
    return True


def _plain_yield(walk: Walk, node: ast.Yield) -> None:
    record = walk.record
    record.kind |= Kind.GENERATOR | Kind.YIELD_PLAIN
    held = walk.locks
    if record.held_at_yield is None:
        record.held_at_yield = held
    else:
        record.held_at_yield = tuple(lock for lock in record.held_at_yield if lock in held)
    read(walk, node.value, "yielded")


def _returns(walk: Walk, function: ast.expr) -> bool:
    return not any(
        walk.resolver.dotted(place) in NO_RETURN for place in walk.resolver.places(function)
    )


def _for(walk: Walk, node: ast.For | ast.AsyncFor) -> bool:
    loop, locks, bits = walk.loop, walk.locks, walk.bits
    is_async = isinstance(node, ast.AsyncFor)
    if is_async:
        walk.bits |= Bit.ASYNC_FOR
    clause = open_loop(walk, node.iter, node.target, comprehension=False)
    own = walk.loop
    walk.bits, walk.loop = bits, loop
    for part, use in clause.parts:
        read(walk, part, use)
    walk.loop = own
    read_target(walk, node.target)
    before = dict(walk.scope.bound)
    bind_targets(walk, clause)
    if is_async:
        walk.suspend()
    walk.bits |= Bit.CONDITIONAL
    read_block(walk, node.body, node)
    walk.loop = loop
    walk.hold(locks)
    walk.scope.bound = merge(before, walk.scope.bound)
    completes = read_block(walk, node.orelse, node)
    walk.bits = bits
    return completes or _breaks(node.body)


#: What a `break` of the loop around it may stand in.
_HOLDING_A_BREAK = (
    ast.If, ast.With, ast.AsyncWith, ast.Try, ast.ExceptHandler, ast.Match, ast.match_case,
    *((ast.TryStar,) if hasattr(ast, "TryStar") else ()),
)  # fmt: skip


def _breaks(block: list[ast.stmt]) -> bool:
    """Whether a ``break`` of this very loop stands in ``block``."""
    pending: list[ast.AST] = list(block)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Break):
            return True
        if isinstance(node, _HOLDING_A_BREAK):
            pending.extend(ast.iter_child_nodes(node))
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            pending.extend(node.orelse)
    return False


def _while(walk: Walk, node: ast.While) -> bool:
    forever = isinstance(node.test, ast.Constant) and bool(node.test.value)
    completes = read_while(walk, node, read_block)
    return _breaks(node.body) or (completes and not forever)


def _with(walk: Walk, node: ast.With | ast.AsyncWith) -> bool:
    locks = walk.locks
    is_async = isinstance(node, ast.AsyncWith)
    for item in node.items:
        own = assigned_place(walk, item.optional_vars) if item.optional_vars is not None else ""
        read(walk, item.context_expr, "with", own)
        if is_async:
            walk.suspend()
        if item.optional_vars is not None:
            shape = walk.resolver.shape(item.context_expr)
            read_target(walk, item.optional_vars)
            bind(walk, item.optional_vars, Value(None, (), shape), node)
        enter_context(walk, item.context_expr, is_async=is_async)
    completes = read_block(walk, node.body, node)
    walk.hold(locks)
    if is_async:
        walk.suspend()
    return completes


def _return(walk: Walk, node: ast.Return) -> bool:
    value = node.value
    kind = type(value)
    if kind is _CALL:
        stack: Stack = []
        read_call(walk, value, stack, "returned", "")  # type: ignore[arg-type]
        if stack:
            read_stack(walk, stack)
    elif kind is not _NAME or walk.aliases:
        read(walk, value, "returned")
    shape = walk.resolver.shape(value)
    record = walk.record
    nodes = walk.spans.nodes
    record.results.append(Result(shape, len(nodes), value is None, walk.bits))
    record.conditions.append(walk.conditions)
    nodes.append(node)
    return False


def _raise(walk: Walk, node: ast.Raise) -> bool:
    # Making an exception starts nothing and resizes nothing; only its parts are worth a look.
    exception = node.exc
    if isinstance(exception, ast.Call):
        for part in exception.args:
            if type(part) is not _CONSTANT and type(part) is not ast.JoinedStr:
                read(walk, part, "argument")
    else:
        read(walk, exception)
    return False


def _assert(walk: Walk, node: ast.Assert) -> bool:
    test = node.test
    if isinstance(test, ast.Call) and isinstance(test.func, ast.Attribute):
        take_or_release(walk, test)
    read(walk, test, "tested")
    read(walk, node.msg)
    return not (isinstance(test, ast.Constant) and not test.value)


def _declare(walk: Walk, node: ast.Global | ast.Nonlocal) -> bool:
    for name in node.names:
        walk.scope.declared |= {name}
        walk.scope.bound.pop(name, None)
        if isinstance(node, ast.Global):
            walk.scope.bound[name] = (name,)
    return True


def _type_alias(walk: Walk, node: Any) -> bool:
    bind_name(walk, node.name.id, NO_VALUE, node)
    return True


def _completes(_walk: Walk, _node: ast.stmt) -> bool:
    return True


def _jumps(_walk: Walk, _node: ast.stmt) -> bool:
    return False


_HANDLERS: dict[type[ast.stmt], Callable[[Walk, Any], bool]] = {
    ast.Expr: _expression,
    ast.Assign: assign,
    ast.AnnAssign: assign_annotated,
    ast.AugAssign: assign_augmented,
    ast.Delete: read_delete,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.If: lambda walk, node: read_if(walk, node, read_block),
    ast.Match: lambda walk, node: read_match(walk, node, read_block),
    ast.Try: lambda walk, node: read_try(walk, node, read_block),
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Global: _declare,
    ast.Nonlocal: _declare,
    ast.Import: read_import,
    ast.ImportFrom: read_import_from,
    ast.FunctionDef: read_function,
    ast.AsyncFunctionDef: read_function,
    ast.ClassDef: lambda walk, node: read_class(walk, node, read_block),
    ast.Pass: _completes,
    ast.Break: _jumps,
    ast.Continue: _jumps,
}
if hasattr(ast, "TryStar"):
    _HANDLERS[ast.TryStar] = _HANDLERS[ast.Try]
if hasattr(ast, "TypeAlias"):
    _HANDLERS[ast.TypeAlias] = _type_alias
