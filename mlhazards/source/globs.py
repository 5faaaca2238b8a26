"""Exclusion patterns, as ruff means them.

A pattern without a slash is compared with the name of each file and folder, one with a slash with
the whole path below the project's folder. ``*`` and ``**`` match slashes, too; ``?`` is one
character, ``[ab]`` a set, ``{a,b}`` a choice.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from mlhazards.config import Settings


class Excluder:
    """Tells which paths the settings exclude."""

    def __init__(self, settings: Settings, cwd: str) -> None:
        """Compile the patterns of ``settings``; a relative root is below ``cwd``."""
        self._root = os.path.normpath(os.path.join(cwd, settings.root))
        patterns = [p.rstrip("/") for p in (*settings.exclude, *settings.extend_exclude)]
        patterns = [pattern.removeprefix("./") for pattern in patterns if pattern]
        self._by_name = _one_of(p for p in patterns if "/" not in p)
        self._by_path = _one_of(self._anchored(p) for p in patterns if "/" in p)

    def excludes(self, absolute: str) -> bool:
        """Return whether this very file or folder is excluded, whatever is above it."""
        if self._by_name and self._by_name.match(os.path.basename(absolute)):
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

    def _anchored(self, pattern: str) -> str:
        if os.path.isabs(pattern) or pattern.startswith("**/"):
            return pattern
        # The root itself may hold characters that mean something in a pattern.
        root = re.sub(r"([*?\[\]{}\\])", r"\\\1", self._root.replace(os.sep, "/")).rstrip("/")
        return f"{root}/{pattern}"


def _one_of(patterns: Iterable[str]) -> re.Pattern[str] | None:
    sources = [translate(pattern) for pattern in patterns]
    return re.compile("|".join(sources)) if sources else None


_TOKEN = re.compile(r"\*\*/|\*+|\?|\[!?\]?[^\]]*\]|\\.|[{},]|.", re.DOTALL)


def translate(pattern: str) -> str:
    """Return the regular expression that matches the same whole strings as the glob."""
    pieces = []
    depth = 0
    for token in _TOKEN.findall(pattern):
        depth += (token == "{") - (token == "}" and depth > 0)
        pieces.append(_translated(token, in_braces=depth > 0))
    unclosed = ")" * depth
    return f"(?s:{''.join(pieces)}{unclosed})\\Z"


def _translated(token: str, *, in_braces: bool) -> str:
    if token == "**/":
        return "(?:.*/)?"
    if token.startswith("*"):
        return ".*"
    if token == "?":
        return "."
    if len(token) > 1 and token.startswith("["):
        return _set(token)
    if len(token) > 1 and token.startswith("\\"):
        return re.escape(token[1])
    if token == "{":
        return "(?:"
    if token == "," and in_braces:
        return "|"
    return re.escape(token)


def _set(token: str) -> str:
    inside = token[1:-1].replace("\\", "\\\\").replace("[", "\\[")
    if inside.startswith(("!", "^")):
        inside = "^" + inside[1:]
    return f"[{inside}]"
