"""Passages: the top-level statements of a file as libcst nodes that know their offsets.

libcst takes 35 to 50 times as long as `ast.parse` and recurses per level of nesting, so it is
given only the statement at the top level of the file that holds the fix.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property

import libcst as cst
from libcst.metadata import (
    BuiltinAssignment,
    CodeRange,
    MetadataWrapper,
    ParentNodeProvider,
    PositionProvider,
    ScopeProvider,
)

from mlhazards.findings import Span
from mlhazards.fixes.edits import NotApplicable
from mlhazards.source.file import LINE_END

_FORM_FEED = re.compile(r"[ \t\f]*\f")

#: libcst's parser, which is native code, overruns the stack at some 6000 levels of nesting.
MAX_DEPTH = 1000

_Group = tuple[int, list[ast.stmt]]
Pair = tuple[int, int]  # offsets of an opening and of its closing parenthesis


class Passage:
    """Whole lines of a text, parsed by libcst; offsets are into the whole text."""

    def __init__(self, text: str, first_line: int, start: int, end: int) -> None:
        """Parse ``text[start:end]``, whose first line has the number ``first_line``.

        Raises:
            NotApplicable: libcst cannot read it.
            RecursionError: it is nested some hundred levels deep.

        """
        self.text = text
        self._first_line = first_line
        ends = (found.end() for found in LINE_END.finditer(text, start, end))
        # One line more: libcst sees a line end after a last line that has none.
        self._line_starts = [start, *ends, end]
        # libcst takes a form feed for indentation, CPython forgets what stands before one; so it
        # is not shown those, and each line of what it sees starts behind them.
        self._seen_starts = [
            found.end() if (found := _FORM_FEED.match(text, offset, end)) else offset
            for offset in self._line_starts
        ]
        passage = "".join(
            text[seen:following]
            for seen, following in zip(self._seen_starts, self._line_starts[1:], strict=False)
        )
        try:
            module = cst.parse_module(passage)
            if module.code != passage:
                message = "libcst does not give this statement back as it is"
                raise NotApplicable(message)
            # The parser makes each node once, so the copy that guards against shared ones is waste.
            self._wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
            self._positions = self._wrapper.resolve(PositionProvider)
        except (cst.ParserSyntaxError, cst.CSTValidationError) as error:
            # It knows less than CPython: `[k for k in(a)if k]` with a conditional expression.
            message = f"libcst cannot read this statement: {getattr(error, 'message', error)}"
            raise NotApplicable(message) from None
        except KeyError:  # out of stack, the position provider misses what it has not visited
            raise RecursionError from None

    @cached_property
    def _index(self) -> dict[Pair, list[cst.CSTNode]]:
        index: dict[Pair, list[cst.CSTNode]] = {}
        for node in self._positions:  # a node comes after the nodes in it
            for extent in self._extents(node):
                index.setdefault(extent, []).append(node)
        return index

    @cached_property
    def _parents(self) -> dict[cst.CSTNode, cst.CSTNode]:
        return dict(self._wrapper.resolve(ParentNodeProvider))

    @property
    def indent(self) -> str:
        """One level of indentation, as this code writes it."""
        return self._wrapper.module.default_indent

    def nodes_at(self, span: Span) -> list[cst.CSTNode]:
        """Return the nodes whose span it is, the outermost first."""
        start = self._offset(span.line, span.column)
        end = self._offset(span.end_line, span.end_column)
        return self._index.get((start, end), [])[::-1]

    def extent(self, node: cst.CSTNode) -> Pair:
        """Return where the node starts and ends, without its parentheses."""
        return self._convert(self._positions[node])

    def parentheses(self, node: cst.BaseExpression) -> list[Pair]:
        """Return the offsets of the node's own parentheses, outermost first."""
        closing = reversed(node.rpar)
        return [
            (self.extent(left)[0], self.extent(right)[1] - 1)
            for left, right in zip(node.lpar, closing, strict=True)
        ]

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the node that holds ``node``; None above the top level."""
        return self._parents.get(node)

    def line_prefix(self, offset: int) -> str:
        """Return what stands before ``offset`` on its line."""
        starts = [start for start in self._line_starts if start <= offset]
        return self.text[starts[-1] : offset]

    def binds(self, name: str, node: cst.CSTNode) -> bool:
        """Return whether code of this passage gives ``name`` a meaning that ``node`` sees."""
        scope = self._wrapper.resolve(ScopeProvider).get(node)
        if scope is None:
            return True
        return any(not isinstance(found, BuiltinAssignment) for found in scope[name])

    def _extents(self, node: cst.CSTNode) -> tuple[Pair, ...]:
        """Return what ast may call the span of the node."""
        inner = self.extent(node)
        if isinstance(node, (cst.Tuple, cst.GeneratorExp)) and node.lpar:
            # The parentheses of these two belong to their span in ast, and to none other's.
            left, right = self.parentheses(node)[-1]
            return inner, (left, right + 1)
        return (inner,)

    def _convert(self, place: CodeRange) -> Pair:
        start = self._seen_starts[place.start.line - 1] + place.start.column
        return start, self._seen_starts[place.end.line - 1] + place.end.column

    def _offset(self, line: int, column: int) -> int:
        index = line - self._first_line
        if not 0 <= index < len(self._line_starts):
            return -1
        return self._line_starts[index] + column - 1


class Passages:
    """The passages of one file, each parsed when first asked for."""

    def __init__(self, text: str, tree: ast.Module) -> None:
        """Cut ``text``, whose tree ``tree`` is, before each top-level statement."""
        self._text = text
        self._starts = [0, *(found.end() for found in LINE_END.finditer(text)), len(text)]
        self._groups = self._grouped(tree.body)
        self._parsed: dict[int, Passage] = {}

    def at(self, span: Span) -> Passage:
        """Return the passage that holds ``span``.

        Raises:
            NotApplicable: no statement holds it, or libcst cannot read that statement.

        """
        index = bisect_right(self._groups, span.line, key=_first_line) - 1
        if index < 0:
            message = "no statement at the place of the finding"
            raise NotApplicable(message)
        if index not in self._parsed:
            first, statements = self._groups[index]
            _refuse_depth(statements)
            following = self._groups[index + 1 : index + 2]
            last = following[0][0] - 1 if following else len(self._starts) - 1
            self._parsed[index] = Passage(
                self._text, first, self._starts[first - 1], self._starts[last]
            )
        return self._parsed[index]

    def _grouped(self, body: Sequence[ast.stmt]) -> list[_Group]:
        """Return the statements by logical lines, with the number of the first line of each."""
        groups: list[_Group] = []
        last = 0
        for statement in body:
            decorators = getattr(statement, "decorator_list", ())
            first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
            if groups and (first <= last or self._continues(first - 1)):
                groups[-1][1].append(statement)
            else:
                groups.append((first if groups else 1, [statement]))
            last = statement.end_lineno or first
        return groups

    def _continues(self, line: int) -> bool:
        """Return whether that line ends in a backslash, be it in a comment."""
        return self._text[self._starts[line - 1] : self._starts[line]].rstrip("\r\n").endswith("\\")


def _first_line(group: _Group) -> int:
    return group[0]


def _refuse_depth(statements: Sequence[ast.stmt]) -> None:
    level: list[ast.AST] = list(statements)
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    message = f"nested more than {MAX_DEPTH} levels deep"
    raise NotApplicable(message)
