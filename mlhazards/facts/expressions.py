"""Expressions: read with one explicit stack a statement, so that no depth of nesting matters.

Locks, loops, exits and conditions change only at statements; an expression is read entirely under
the context of its statement.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from mlhazards.facts.calls import key_of, read_call
from mlhazards.facts.delegation import note_delegated
from mlhazards.facts.iterations import Clause, bind_targets, is_view, open_loop
from mlhazards.facts.model import Bit, Kind, Op
from mlhazards.facts.stack import LEAVES, LEAVES_AMONG_ALIASES, Stack, push, push_all, queue_lambda
from mlhazards.facts.walk import Walk
from mlhazards.syntax.fields import FIELDS

_CALL, _CONSTANT, _LOAD, _SLICE = ast.Call, ast.Constant, ast.Load, ast.Slice
_NAMES = frozenset({ast.Attribute, ast.Name})
#: Constants, and what is left out.
_NOTHING = frozenset({ast.Constant, type(None)})
Handler = Callable[[Walk, Any, Stack], None]


def read(walk: Walk, node: ast.expr | None, use: str = "other", assigned: str = "") -> None:
    """Read one expression; ``use`` says what becomes of its value (see ``facts.model.Call``)."""
    kind = type(node)
    if kind in _NOTHING:
        return
    stack: Stack = []
    if kind is _CALL:
        read_call(walk, node, stack, use, assigned)  # type: ignore[arg-type]
    elif kind in _NAMES:
        push(walk, stack, node, use, assigned)  # type: ignore[arg-type]
    else:
        _HANDLERS[kind](walk, node, stack)  # type: ignore[index]
    if stack:
        read_stack(walk, stack)


def read_stack(walk: Walk, stack: Stack) -> None:
    """Read what lies on the stack, and what comes to lie there meanwhile."""
    while stack:
        node, use, assigned = stack.pop()
        kind = type(node)
        if kind is _CALL:
            read_call(walk, node, stack, use, assigned)  # type: ignore[arg-type]
        else:
            _HANDLERS[kind](walk, node, stack)


def _parts(walk: Walk, node: ast.expr, stack: Stack) -> None:
    """Read an expression that says nothing of its parts."""
    for name, many in FIELDS[type(node)]:
        value = getattr(node, name)
        if many:
            for item in value:
                if item is not None:
                    push(walk, stack, item)
        elif value is not None:
            push(walk, stack, value)


def _choice(walk: Walk, node: ast.BoolOp, stack: Stack) -> None:
    push_all(walk, stack, node.values)


def _items(walk: Walk, node: ast.List | ast.Tuple | ast.Set, stack: Stack) -> None:
    push_all(walk, stack, node.elts)


def _joined(walk: Walk, node: ast.JoinedStr, stack: Stack) -> None:
    for value in node.values:
        if type(value) is not _CONSTANT:
            stack.append((value, "other", ""))


def _formatted(walk: Walk, node: ast.FormattedValue, stack: Stack) -> None:
    push(walk, stack, node.value)
    if node.format_spec is not None:
        push(walk, stack, node.format_spec)


def _lambda(walk: Walk, node: ast.Lambda, stack: Stack) -> None:
    queue_lambda(walk, node, stack)


def _comprehension(
    walk: Walk, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, _: Stack
) -> None:
    scope = walk.scope
    bound, loop, bits = scope.bound, walk.loop, walk.bits
    scope.bound = bound.copy()
    walk.bits |= Bit.COMPREHENSION
    if type(node) is ast.GeneratorExp:
        walk.bits |= Bit.GENERATOR_EXPRESSION
    for generator in node.generators:
        if generator.is_async:
            walk.bits |= Bit.ASYNC_FOR
        clause = open_loop(walk, generator.iter, generator.target, comprehension=True)
        _read_parts(walk, clause)
        bind_targets(walk, clause)
        if generator.is_async:
            walk.suspend()
        for test in generator.ifs:
            read(walk, test, "tested")
    if isinstance(node, ast.DictComp):
        read(walk, node.key)
        read(walk, node.value)
    else:
        read(walk, node.elt)
    scope.bound, walk.loop, walk.bits = bound, loop, bits


def _read_parts(walk: Walk, clause: Clause) -> None:
    for part, use in clause.parts:
        read(walk, part, use)


def _await(walk: Walk, node: ast.Await, stack: Stack) -> None:
    walk.suspend()
    push(walk, stack, node.value, "awaited")


def _yield(walk: Walk, node: ast.Yield, stack: Stack) -> None:
    walk.record.kind |= Kind.GENERATOR | Kind.YIELD_USED
    if node.value is not None:
        push(walk, stack, node.value, "yielded")


def _yield_from(walk: Walk, node: ast.YieldFrom, stack: Stack) -> None:
    walk.record.kind |= Kind.GENERATOR | Kind.YIELD_FROM
    value = node.value
    note_delegated(walk, value)
    if isinstance(value, ast.Call) and not is_view(value):
        push(walk, stack, value, "from")
        return
    loop = walk.loop
    clause = open_loop(walk, value, None, comprehension=False)
    for part, use in clause.parts:
        push(walk, stack, part, use)
    walk.loop = loop


def _walrus(walk: Walk, node: ast.NamedExpr, stack: Stack) -> None:
    name, value = node.target.id, node.value
    places = () if type(value) is ast.Call else walk.resolver.places(value)
    scope = walk.scope
    # A branch may share the environment with what follows it, see branches.
    scope.bound = {**scope.bound, name: places or (scope.own(name),)}
    if not places and scope.number:
        walk.bind_local(name, walk.resolver.shape(value), walk.spans.add(node))
    push(walk, stack, value, "assigned", scope.own(name))


def _compare(walk: Walk, node: ast.Compare, stack: Stack) -> None:
    leaves = LEAVES_AMONG_ALIASES if walk.aliases else LEAVES
    if type(node.left) not in leaves:
        push(walk, stack, node.left, "compared")
    values = node.comparators
    if len(values) == 1 and type(values[0]) in leaves:
        return
    for operator, value in zip(node.ops, values):  # noqa: B905 (as long as each other)
        push(walk, stack, value, "contained" if type(operator) in _MEMBERSHIP else "compared")


def _subscript(walk: Walk, node: ast.Subscript, stack: Stack) -> None:
    value, index = node.value, node.slice
    if type(index) is not _SLICE and type(node.ctx) is _LOAD:
        _read_item(walk, node)
    leaves = LEAVES_AMONG_ALIASES if walk.aliases else LEAVES
    if type(value) not in leaves:
        push(walk, stack, value, "indexed")
    if type(index) not in leaves:
        push(walk, stack, index)


def _read_item(walk: Walk, node: ast.Subscript) -> None:
    """Record that an item is read: a defaultdict grows by it when the key is new."""
    record = walk.record
    for place in walk.resolver.places(node.value):
        if place[0] in "$%" or (place in walk.imports and "." not in place):
            continue
        key = key_of(walk, node.slice)
        seen = (place, key, walk.lockset, walk.loop)
        if seen not in record.reads:
            record.reads.add(seen)
            walk.access(place, Op.READ_ITEM, node, "[]", key)


def _binary(walk: Walk, node: ast.BinOp, stack: Stack) -> None:
    push_all(
        walk, stack, [node.left, node.right],
        "set algebra" if type(node.op) in _SET_OPERATORS else "other",
    )  # fmt: skip


def _unary(walk: Walk, node: ast.UnaryOp, stack: Stack) -> None:
    tested = type(node.op) is ast.Not and type(node.operand) is not ast.Call
    push(walk, stack, node.operand, "tested" if tested else "other")


def _starred(walk: Walk, node: ast.Starred, stack: Stack) -> None:
    push(walk, stack, node.value, "consumed")


def _branches(walk: Walk, node: ast.IfExp, stack: Stack) -> None:
    push(walk, stack, node.test, "tested")
    push(walk, stack, node.body)
    push(walk, stack, node.orelse)


_MEMBERSHIP = frozenset({ast.In, ast.NotIn})
_SET_OPERATORS = frozenset({ast.BitAnd, ast.BitOr, ast.BitXor, ast.Sub})
_HANDLERS: dict[type[ast.AST], Handler] = {
    **dict.fromkeys(FIELDS, _parts),
    ast.BoolOp: _choice,
    ast.List: _items,
    ast.Tuple: _items,
    ast.Set: _items,
    ast.JoinedStr: _joined,
    ast.FormattedValue: _formatted,
    ast.Lambda: _lambda,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.Await: _await,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.NamedExpr: _walrus,
    ast.Compare: _compare,
    ast.Subscript: _subscript,
    ast.BinOp: _binary,
    ast.Starred: _starred,
    ast.UnaryOp: _unary,
    ast.IfExp: _branches,
}
