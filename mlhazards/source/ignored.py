"""What git ignores: nested .gitignore files and .git/info/exclude.

pathspec is imported with the first non-empty list of patterns, never before.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from mlhazards.source.file import is_below

if TYPE_CHECKING:
    from pathspec.pattern import Pattern

_WILD = re.compile(r"[*?\[\\]")


class Ignored:
    """The patterns in force in the folders below one given folder.

    Patterns of the folders above it, up to the repository's (or the project's) folder, count as
    well, unless they ignore the given folder itself: who names it wants it checked.
    """

    def __init__(self, given: str, project: str) -> None:
        """Read the patterns that lie above ``given`` (both are absolute paths)."""
        self._lines: dict[str, list[_Line]] = {}
        top = _repository(given) or (project if is_below(given, project) else given)
        self._exclude = _read(os.path.join(_git_folder(top), "info", "exclude"))
        self._top = top
        if given != top and any(self.ignores(f, is_folder=True) for f in _between(top, given)):
            self._top, self._exclude = given, []
            self._lines.clear()

    def ignores(self, absolute: str, *, is_folder: bool) -> bool:
        """Return whether git would ignore this file or folder; the deepest pattern decides."""
        folder = os.path.dirname(absolute)
        while is_below(folder, self._top):
            relative = absolute[len(folder.rstrip(os.sep)) + 1 :].replace(os.sep, "/")
            relative += "/" * is_folder
            for line in self._of(folder):
                if line.matches(relative):
                    return bool(line.pattern.include)
            if folder == self._top:
                break
            folder = os.path.dirname(folder)
        return False

    def _of(self, folder: str) -> list[_Line]:
        known = self._lines.get(folder)
        if known is None:
            texts = _read(os.path.join(folder, ".gitignore"))
            if folder == self._top:
                texts = [*self._exclude, *texts]
            known = self._lines[folder] = _compiled(texts) if texts else []
        return known


class _Line(NamedTuple):
    """One line of a list of patterns.

    For pathspec a pattern that matches a folder matches all that is in it. A walk leaves out what
    is in an ignored folder anyway, and what `!build/` takes back is the folder alone: so each
    name is compared with the patterns for itself.
    """

    pattern: Pattern
    text: str

    def matches(self, path: str) -> bool:
        """Return whether it means this path; a folder's ends in a slash."""
        if self.text.endswith("/") and not path.endswith("/"):
            return False
        name = path.rstrip("/").rpartition("/")[2] + "/" * path.endswith("/")
        if "/" not in self.text.rstrip("/"):
            return bool(self.pattern.match_file(name))
        last = self.text.rstrip("/").rpartition("/")[2]
        return (last == name.rstrip("/") or bool(_WILD.search(last))) and bool(
            self.pattern.match_file(path)
        )


def _compiled(texts: list[str]) -> list[_Line]:
    """Return the lines of a list of patterns, the last one first: it decides."""
    from pathspec import GitIgnoreSpec

    lines = []
    for text in map(_stripped, texts):
        try:
            # `a/**` is what is in the folder; for pathspec it is the folder as well.
            spec = GitIgnoreSpec.from_lines([f"{text}/*" if text.endswith("/**") else text])
        except ValueError:
            continue  # git passes over a pattern that makes no sense
        lines += [_Line(pattern, text) for pattern in spec.patterns if pattern.include is not None]
    return lines[::-1]


def _stripped(text: str) -> str:
    bare = text.rstrip()
    return f"{bare} " if bare.endswith("\\") and bare != text else bare


def _read(path: str) -> list[str]:
    """Return the lines that hold a pattern; a file that cannot be read ignores nothing."""
    if not os.path.isfile(path):
        return []
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as stream:
            lines = stream.read().splitlines()
    except OSError:
        return []
    return [line for line in lines if line.strip() and not line.startswith("#")]


def _repository(folder: str) -> str:
    while True:
        if os.path.exists(os.path.join(folder, ".git")):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return ""
        folder = parent


def _git_folder(top: str) -> str:
    """Return the folder that holds info/exclude; a worktree has a file named .git that says."""
    git = os.path.join(top, ".git")
    if not os.path.isfile(git):
        return git
    words = " ".join(_read(git)).partition("gitdir: ")[2]
    folder = os.path.normpath(os.path.join(top, words)) if words else git
    common = " ".join(_read(os.path.join(folder, "commondir")))
    return os.path.normpath(os.path.join(folder, common)) if common else folder


def _between(top: str, folder: str) -> Iterator[str]:
    while folder != top:
        yield folder
        folder = os.path.dirname(folder)
