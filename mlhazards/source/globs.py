"""Exclusion patterns, as ruff means them.

A pattern without a slash is compared with the name of each file and folder, one with a slash with
the whole path below the project's folder. ``*`` and ``**`` match slashes, too; ``?`` is one
character, ``[ab]`` a set, ``{a,b}`` a choice.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from mlhazards.config import ConfigError, Settings


class Excluder:
    """Tells which paths the settings exclude."""

    def __init__(self, settings: Settings, cwd: str) -> None:
        """Compile the patterns of ``settings``; a relative root is below ``cwd``."""
        self._root = os.path.normpath(os.path.join(cwd, settings.root))
        patterns = [p.rstrip("/") for p in (*settings.exclude, *settings.extend_exclude)]
        patterns = [pattern for pattern in patterns if pattern]
        names = [pattern for pattern in patterns if "/" not in pattern]
        # Nearly all patterns are plain names: no need to compile them.
        self._names = frozenset(name for name in names if not _MAGIC.search(name))
        self._by_name = _one_of(name for name in names if name not in self._names)
        self._by_path = _one_of(anchored(p, self._root) for p in patterns if "/" in p)

    def excludes(self, absolute: str) -> bool:
        """Return whether this very file or folder is excluded, whatever is above it."""
        name = os.path.basename(absolute)
        if name in self._names or (self._by_name and self._by_name.match(name)):
            return True
        return bool(self._by_path and self._by_path.match(absolute.replace(os.sep, "/")))

    def excludes_above(self, absolute: str) -> bool:
        """Return whether the path or a folder above it, up to the root, is excluded."""
        while absolute != self._root:
            if self.excludes(absolute):
                return True
            parent = os.path.dirname(absolute)
            if parent == absolute:
                return False
            absolute = parent
        return False


def anchored(pattern: str, folder: str) -> str:
    """Return the pattern with ``folder`` in front, where it is one of paths and says no other."""
    if "/" not in pattern.rstrip("/") or os.path.isabs(pattern) or pattern.startswith("**/"):
        return pattern
    # The folder itself may hold characters that mean something in a pattern.
    literal = _MAGIC.sub(r"\\\g<0>", folder.replace(os.sep, "/")).rstrip("/")
    return f"{literal}/{pattern.removeprefix('./')}"


def _one_of(patterns: Iterable[str]) -> re.Pattern[str] | None:
    sources = []
    for pattern in patterns:
        sources.append(translate(pattern))
        try:
            re.compile(sources[-1])
        except re.error as error:
            message = f"exclude: `{pattern}` is no pattern: {error}"
            raise ConfigError(message) from None
    return re.compile("|".join(sources)) if sources else None


_MAGIC = re.compile(r"[*?\[\]{}\\]")
_PIECE = re.compile(r"\*\*/|\*+|\?|\[!?\]?[^\]]*\]|\\.|[{},]|.", re.DOTALL)


def translate(pattern: str) -> str:
    """Return the regular expression that matches the same whole strings as the glob."""
    sources = []
    depth = 0
    for piece in _PIECE.findall(pattern):
        if piece == "}" and depth > 0:
            depth -= 1
            sources.append(")")
            continue
        depth += piece == "{"
        sources.append(_translated(piece, in_braces=depth > 0))
    unclosed = ")" * depth
    return f"(?s:{''.join(sources)}{unclosed})\\Z"


_WILD = {"**/": "(?:.*/)?", "?": ".", "{": "(?:"}


def _translated(piece: str, *, in_braces: bool) -> str:
    if piece in _WILD:
        return _WILD[piece]
    if piece.startswith("*"):
        return ".*"
    if len(piece) > 1:
        return _set(piece) if piece.startswith("[") else re.escape(piece[1])
    return "|" if in_braces and piece == "," else re.escape(piece)


def _set(piece: str) -> str:
    inside = piece[1:-1].replace("\\", "\\\\").replace("[", "\\[")
    if inside.startswith(("!", "^")):
        inside = "^" + inside[1:]
    return f"[{inside}]"
