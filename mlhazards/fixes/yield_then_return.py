"""Kind ``yield-then-return``: ``return v`` in a generator becomes ``yield v`` and ``return``."""

from __future__ import annotations

import libcst as cst

from mlhazards.findings import Fix
from mlhazards.fixes.edits import Edit, NotApplicable
from mlhazards.fixes.passage import Passage
from mlhazards.fixes.shadowing import Shadowing
from mlhazards.source.file import LINE_END

_CATCH_CLOSE = frozenset({"BaseException", "GeneratorExit"})


def edits(fix: Fix, passage: Passage, _shadowing: Shadowing) -> list[Edit]:
    """Return what makes the generator yield the value and stop.

    Raises:
        NotApplicable: there is no `return` with a value, or `close()` can lead to it.

    """
    node = _return(fix, passage)
    _refuse_close(node, passage)
    start, end = passage.extent(node)
    keyword = Edit(start, start + len("return"), "yield")
    suite = passage.parent(node)
    if not isinstance(suite, (cst.SimpleStatementLine, cst.SimpleStatementSuite)):
        message = "this `return` stands in no suite"
        raise NotApplicable(message)
    if suite.body[-1] is not node or (
        isinstance(suite, cst.SimpleStatementSuite) and len(suite.body) > 1
    ):
        return [keyword, Edit(end, end, "; return")]
    return [keyword, *_own_line(suite, start, passage)]


def _return(fix: Fix, passage: Passage) -> cst.Return:
    for node in passage.nodes_at(fix.span):
        if isinstance(node, cst.Return) and node.value is not None:
            return node
    message = "no `return` with a value at the place of the finding"
    raise NotApplicable(message)


def _own_line(
    suite: cst.SimpleStatementLine | cst.SimpleStatementSuite, start: int, passage: Passage
) -> list[Edit]:
    """Return edits that put a bare `return` on the line after the suite."""
    line_end = passage.extent(suite.trailing_whitespace.newline)[0]
    if isinstance(suite, cst.SimpleStatementLine):
        first, _ = passage.extent(suite.body[0])
        indent = passage.line_prefix(first).rpartition("\f")[2]
        newline = _newline(passage, line_end)
        return [Edit(line_end, line_end, f"{newline}{indent}return")]
    owner = passage.parent(suite)
    if owner is None:
        message = "this `return` stands in no block"
        raise NotApplicable(message)
    head, _ = passage.extent(owner)
    before = passage.line_prefix(head).rpartition("\f")[2]
    indent = before[: len(before) - len(before.lstrip())] + passage.indent
    newline = _newline(passage, line_end)
    colon_end = start - len(suite.leading_whitespace.value)
    return [
        Edit(colon_end, start, f"{newline}{indent}"),
        Edit(line_end, line_end, f"{newline}{indent}return"),
    ]


def _newline(passage: Passage, offset: int) -> str:
    """Return the line end at ``offset``; in a last line without one, the first of the text."""
    found = LINE_END.match(passage.text, offset) or LINE_END.search(passage.text)
    return found[0] if found else "\n"


def _refuse_close(node: cst.Return, passage: Passage) -> None:
    """Refuse where closing the generator leads: a `yield` there makes `close()` raise."""
    inner: cst.CSTNode = node
    outer = passage.parent(node)
    while outer is not None and not isinstance(outer, cst.FunctionDef):
        if isinstance(outer, cst.Finally) or (
            isinstance(outer, cst.ExceptHandler) and _catches_close(outer)
        ):
            message = "a `yield` here would make closing the generator raise RuntimeError"
            raise NotApplicable(message)
        inner, outer = outer, passage.parent(outer)
    if not isinstance(outer, cst.FunctionDef) or outer.body is not inner:
        message = "this `return` stands in no function"
        raise NotApplicable(message)


def _catches_close(handler: cst.ExceptHandler) -> bool:
    caught = handler.type
    if caught is None:
        return True
    kinds = (
        [element.value for element in caught.elements]
        if isinstance(caught, cst.Tuple)
        else [caught]
    )
    for kind in kinds:
        name = kind.attr if isinstance(kind, cst.Attribute) else kind
        if isinstance(name, cst.Name) and name.value in _CATCH_CLOSE:
            return True
    return False
