"""The stack of expressions still to be read, and what each use of a value says of an attribute."""

from __future__ import annotations

import ast

from mlhazards.facts.model import Use
from mlhazards.facts.walk import Walk

#: (expression, what becomes of its value, the place that its value is bound to)
Stack = list[tuple[ast.expr, str, str]]

_NAME, _ATTRIBUTE, _CONSTANT = ast.Name, ast.Attribute, ast.Constant


class _Bits(dict[str, int]):
    """What each use of a value says of an attribute."""

    def __missing__(self, use: str) -> int:
        return Use.OTHER


BITS = _Bits(
    {
        "iterated": Use.ITERATED,
        "sized": Use.SIZED,
        "contained": Use.CONTAINED,
        "indexed": Use.INDEXED,
        "consumed": Use.COPIED,
        "compared": Use.COMPARED,
        "argument": Use.PASSED,
        "set algebra": Use.SET_ALGEBRA,
        "tested": Use.SIZED,
    }
)
#: Another name takes over; an attribute is looked up, and a view has none but these two.
_NO_USE = frozenset({"attribute", "renamed"})
OF_VIEWS = frozenset({"isdisjoint", "mapping"})
#: Expressions that hold nothing to read; names do while one of them stands for an attribute.
LEAVES = frozenset({ast.Constant, ast.Name})
LEAVES_AMONG_ALIASES = frozenset({ast.Constant})


def push(walk: Walk, stack: Stack, node: ast.expr, use: str = "other", assigned: str = "") -> None:
    """Put ``node`` on the stack, unless it holds nothing more to read.

    Attribute chains are noted here and shortened to their base; "renamed" is the use of an
    attribute that another name takes over, so that name's uses count instead.
    """
    kind = type(node)
    while kind is _ATTRIBUTE:
        name: str = node.attr  # type: ignore[attr-defined]
        if use not in _NO_USE:
            uses = walk.uses
            uses[name] = uses.get(name, 0) | BITS[use]
        node = node.value  # type: ignore[attr-defined]
        kind = type(node)
        use, assigned = ("set algebra" if name in OF_VIEWS else "attribute"), ""
    if kind is _NAME:
        if walk.aliases and use not in _NO_USE:
            attribute = walk.aliases.get(node.id)  # type: ignore[attr-defined]
            if attribute is not None:
                walk.use(attribute, BITS[use])
    elif kind is not _CONSTANT:
        stack.append((node, use, assigned))


def push_all(walk: Walk, stack: Stack, nodes: list[ast.expr], use: str = "other") -> None:
    """Put on the stack what of ``nodes`` holds anything to read."""
    leaves = LEAVES_AMONG_ALIASES if walk.aliases else LEAVES
    for node in nodes:
        if type(node) not in leaves:
            push(walk, stack, node, use)


def queue_lambda(walk: Walk, node: ast.Lambda, stack: Stack) -> int:
    """Queue the body of a lambda, put its defaults on the stack, return its number."""
    for default in (*node.args.defaults, *node.args.kw_defaults):
        if default is not None:
            push(walk, stack, default)
    return walk.new_function(node, "<lambda>").number
