"""Comments that silence findings: ``# noqa``, ``# noqa: MLH101`` and ``ignore-file``.

They are looked for only in files with findings. A comment counts for the whole logical line it
stands on, as in flake8: a statement's physical lines joined by brackets, backslashes and strings
of several lines.
"""

from __future__ import annotations

import re
import tokenize
from bisect import bisect_right
from collections.abc import Iterator

from mlhazards.source.file import SourceFile

#: A code or prefix (MLH101, E5), a name (shared-iteration-race), or our whole family (MLH).
_SELECTOR = r"(?:[A-Z]+[0-9]+|MLH|[A-Z]+(?:-[A-Z0-9]+)+)(?![\w-])"
_NOQA = re.compile(
    rf"#\s*noqa(?![\w-])(?:\s*:\s*(?P<selectors>{_SELECTOR}(?:[,\s]+{_SELECTOR})*))?", re.IGNORECASE
)
_IGNORE_FILE = re.compile(
    r"#\s*mlhazards:\s*ignore-file(?![\w-])(?:\s*\[(?P<selectors>[^\]]*)\]|(?!\s*\[))",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"[,\s]+")

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
        comments: list[tuple[int, str]] = []
        for line, text in _comments(source, self._starts):
            comments.append((line, text))
            if found := _IGNORE_FILE.search(text):
                self._file.append(_split(found["selectors"]))
        for line, text in comments:
            for found in _NOQA.finditer(text):
                lists = self._by_logical.setdefault(self._logical(line), [])
                lists.append(_split(found["selectors"]))

    def _logical(self, line: int) -> int:
        """Return the number of the logical line that the physical one belongs to."""
        return bisect_right(self._starts, line)


def _comments(source: SourceFile, starts: list[int]) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of each comment and fill ``starts`` with where logical lines begin.

    A comment on a line of its own belongs to no statement: it begins a logical line itself.
    """
    lines = iter([line + "\n" for line in source.lines()])
    inside = False
    try:
        for token in tokenize.generate_tokens(lambda: next(lines, "")):
            kind, text, (line, _), _, _ = token
            if kind == tokenize.COMMENT:
                if not inside:
                    starts.append(line)
                yield line, text
            elif kind == tokenize.NEWLINE:
                inside = False
            elif not inside and kind not in _BETWEEN:
                inside = True
                starts.append(line)
    except (tokenize.TokenError, SyntaxError):
        # The parser took it, the tokenizer does not: what was read so far counts.
        return


_BETWEEN = (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


def _split(selectors: str | None) -> tuple[str, ...]:
    if not selectors:
        return _ALL
    return tuple(part for part in _SEPARATOR.split(selectors.strip()) if part)


def _names(selector: str, code: str, name: str) -> bool:
    return code.startswith(selector.upper()) or name == selector.lower()
