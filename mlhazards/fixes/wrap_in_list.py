"""Kind ``snapshot``: an expression becomes a copy that nobody else can change.

Forms: ``list`` writes ``list(d)``, or ``[*d]`` where ``list`` means something else; ``star``
always writes ``[*d]``; ``copy-items`` writes ``d.copy().items()``.
"""

from __future__ import annotations

import libcst as cst

from mlhazards.findings import Fix
from mlhazards.fixes.edits import Edit, NotApplicable
from mlhazards.fixes.passage import Pair, Passage
from mlhazards.fixes.shadowing import Shadowing

_VIEWS = frozenset({"items", "keys", "values"})

#: What can follow `*` in a list display as it stands; the rest keeps or gets parentheses.
_TIGHT = (
    cst.Attribute,
    cst.Await,
    cst.Call,
    cst.Dict,
    cst.DictComp,
    cst.List,
    cst.ListComp,
    cst.Name,
    cst.Set,
    cst.SetComp,
    cst.Subscript,
)


def edits(fix: Fix, passage: Passage, shadowing: Shadowing) -> list[Edit]:
    """Return what turns the expression of ``fix`` into a snapshot.

    Raises:
        NotApplicable: there is no such expression, or the form does not fit it.

    """
    node = _expression(fix, passage)
    if fix.form == "copy-items":
        return [_copy(node, passage)]
    if fix.form not in {"list", "star"}:
        message = f"unknown form of snapshot `{fix.form}`"
        raise NotApplicable(message)
    if fix.form == "star" or shadowing.hides("list", passage, node):
        return _wrapped(node, passage, ("[", "*", "]"), keep=not isinstance(node, _TIGHT))
    # A tuple or a yield without parentheses of its own would become several arguments or none.
    keep = isinstance(node, (cst.Tuple, cst.Yield))
    return _wrapped(node, passage, ("list(", "", ")"), keep=keep)


def _expression(fix: Fix, passage: Passage) -> cst.BaseExpression:
    for node in passage.nodes_at(fix.span):
        if isinstance(node, cst.BaseExpression):
            return node
    message = "no expression at the place of the finding"
    raise NotApplicable(message)


def _copy(node: cst.BaseExpression, passage: Passage) -> Edit:
    """Return the edit that copies the mapping of a view.

    The view is ``node`` or the only argument of it: `list(d.items())` is no snapshot for whom the
    collector may call in between, `list(d.copy().items())` is.
    """
    candidates = [node]
    if isinstance(node, cst.Call) and len(node.args) == 1:
        candidates.append(node.args[0].value)
    for candidate in candidates:
        match candidate:
            case cst.Call(
                func=cst.Attribute(value=mapping, attr=cst.Name(value=method)), args=()
            ) if method in _VIEWS:
                pairs = passage.parentheses(mapping)
                end = pairs[0][1] + 1 if pairs else passage.extent(mapping)[1]
                return Edit(end, end, ".copy()")
    message = "not a view of a mapping"
    raise NotApplicable(message)


def _wrapped(
    node: cst.BaseExpression, passage: Passage, brackets: tuple[str, str, str], *, keep: bool
) -> list[Edit]:
    """Return edits that put brackets around the node.

    Parentheses that the node already has become the brackets, so that no `list((d))` is left
    behind and comments in them keep their place. ``keep`` asks for one pair inside the brackets.
    """
    left, inside, right = brackets
    start, end = passage.extent(node)
    pairs = passage.parentheses(node)
    kept = [pairs.pop()] if keep and pairs else []
    if kept:
        start, end = kept[0][0], kept[0][1] + 1
    elif keep:
        inside, right = f"{inside}(", f"){right}"
    if not pairs:
        return [
            Edit(start, start, _apart(passage, start, left) + inside),
            Edit(end, end, right),
        ]
    return _in_place(passage, pairs, (left, right), Edit(start, start, inside))


def _in_place(
    passage: Passage, pairs: list[Pair], brackets: tuple[str, str], inside: Edit
) -> list[Edit]:
    (opening, closing), *redundant = pairs
    left, right = brackets
    changed = [
        Edit(opening, opening + 1, _apart(passage, opening, left)),
        Edit(closing, closing + 1, right),
    ]
    for start, end in redundant:
        changed += (Edit(start, start + 1, ""), Edit(end, end + 1, ""))
    return [*changed, inside]


def _apart(passage: Passage, offset: int, new: str) -> str:
    """Return ``new`` with a space in front where it would run into a word: ``in(d)``."""
    before = passage.text[offset - 1 : offset]
    glued = new[0].isidentifier() and (before.isalnum() or before == "_")
    return f" {new}" if glued else new
