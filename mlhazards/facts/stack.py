"""The stack of expressions still to be read, and what each use of a value says of an attribute."""

from __future__ import annotations

import ast

from mlhazards.facts.model import Use
from mlhazards.facts.walk import Walk

#: (expression, what becomes of its value, the place that its value is bound to)
Stack = list[tuple[ast.expr, str, str]]

_NAME, _ATTRIBUTE, _CONSTANT = ast.Name, ast.Attribute, ast.Constant
_BITS = {
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
#: Another name takes over; an attribute is looked up, and a view has none but these two.
_NO_USE = frozenset({"attribute", "renamed"})
OF_VIEWS = frozenset({"isdisjoint", "mapping"})


def push(
    walk: Walk, stack: Stack, node: ast.expr, use: str = "other", assigned: str = ""
) -> None:
    """Put ``node`` on the stack, unless it holds nothing more to read.

    Attribute chains are noted here and shortened to their base; "renamed" is the use of an
    attribute that another name takes over, so that name's uses count instead.
    """
    kind = type(node)
    while kind is _ATTRIBUTE:
        name = node.attr  # type: ignore[attr-defined]
        if use not in _NO_USE:
            uses = walk.uses
            uses[name] = uses.get(name, 0) | _BITS.get(use, Use.OTHER)
        node = node.value  # type: ignore[attr-defined]
        kind = type(node)
        use, assigned = ("set algebra" if name in OF_VIEWS else "attribute"), ""
    if kind is _NAME:
        if walk.aliases:
            attribute = walk.aliases.get(node.id)  # type: ignore[attr-defined]
            if attribute is not None and use not in _NO_USE:
                walk.use(attribute, _BITS.get(use, Use.OTHER))
        return
    if kind is not _CONSTANT:
        stack.append((node, use, assigned))


def queue_lambda(walk: Walk, node: ast.Lambda, stack: Stack) -> int:
    """Queue the body of a lambda, put its defaults on the stack, return its number."""
    for default in (*node.args.defaults, *node.args.kw_defaults):
        if default is not None:
            push(walk, stack, default)
    return walk.new_function(node, "<lambda>").number
