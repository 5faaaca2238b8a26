"""Comments that silence findings: ``# noqa``, ``# noqa: MLH101`` and ``ignore-file``.

They are looked for only in files with findings. A comment counts for the whole logical line it
stands on, as in flake8: a statement's physical lines joined by brackets, backslashes and strings
of several lines.
"""

from __future__ import annotations

import re
import token
from bisect import bisect_right
from collections.abc import Iterator

from mlhazards.source.file import SourceFile

#: A code or prefix (MLH101, E5), a name (shared-iteration-race), or our whole family (MLH).
_SELECTOR = r"(?:[A-Z]+[0-9]+|MLH|[A-Z]+(?:-[A-Z0-9]+)+)(?![\w-])"
_NOQA = rf"#\s*noqa(?![\w-])(?:\s*:\s*(?P<selectors>{_SELECTOR}(?:[,\s]+{_SELECTOR})*))?"
_IGNORE_FILE = r"#\s*mlhazards:\s*ignore-file(?![\w-])(?:\s*\[(?P<selectors>[^\]]*)\]|(?!\s*\[))"

#: What an empty list of selectors means: everything.
_ALL: tuple[str, ...] = ()


class Suppressions:
    """What the comments of one file silence."""

    def __init__(self, source: SourceFile) -> None:
        """Read the comments of ``source``, a file that parses."""
        self._file: list[tuple[str, ...]] = []
        self._by_logical: dict[int, list[tuple[str, ...]]] = {}
        self._starts: list[int] = []
        lowered = source.text.lower()
        if "noqa" in lowered or "ignore-file" in lowered:
            self._read(source)

    def covers(self, line: int, code: str, name: str) -> bool:
        """Return whether a finding of that rule, whose span begins at ``line``, is silenced."""
        lists = self._file + self._by_logical.get(self._logical(line), [])
        return any(
            not selectors or any(_names(selector, code, name) for selector in selectors)
            for selectors in lists
        )

    def _read(self, source: SourceFile) -> None:
        # Compiled here, since most files have no comment of ours.
        noqa = re.compile(_NOQA, re.IGNORECASE)
        ignore_file = re.compile(_IGNORE_FILE, re.IGNORECASE)
        comments: list[tuple[int, str]] = []
        for line, text in _comments(source, self._starts):
            comments.append((line, text))
            if found := ignore_file.search(text):
                self._file.append(_split(found["selectors"]))
        for line, text in comments:
            for found in noqa.finditer(text):
                lists = self._by_logical.setdefault(self._logical(line), [])
                lists.append(_split(found["selectors"]))

    def _logical(self, line: int) -> int:
        """Return the number of the logical line that the physical one belongs to."""
        return bisect_right(self._starts, line)


def _comments(source: SourceFile, starts: list[int]) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of each comment and fill ``starts`` with where logical lines begin.

    A comment on a line of its own belongs to no statement: it begins a logical line itself.
    """
    import tokenize

    lines = iter([line + "\n" for line in source.lines()])
    inside = False
    try:
        for found in tokenize.generate_tokens(lambda: next(lines, "")):
            kind, text, (line, _), _, _ = found
            if kind == token.COMMENT:
                if not inside:
                    starts.append(line)
                yield line, text
            elif kind == token.NEWLINE:
                inside = False
            elif not inside and kind not in _BETWEEN:
                inside = True
                starts.append(line)
    except (tokenize.TokenError, SyntaxError):
        # The parser took it, the tokenizer does not: what was read so far counts.
        return


_BETWEEN = (token.NL, token.INDENT, token.DEDENT, token.ENDMARKER)


def _split(selectors: str | None) -> tuple[str, ...]:
    if not selectors:
        return _ALL
    return tuple(selectors.replace(",", " ").split())


def _names(selector: str, code: str, name: str) -> bool:
    return code.startswith(selector.upper()) or name == selector.lower()
