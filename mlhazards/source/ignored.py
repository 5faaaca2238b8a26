"""What git ignores: nested .gitignore files and .git/info/exclude.

pathspec is imported with the first non-empty list of patterns, never before.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlhazards.source.file import is_below

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


class Ignored:
    """The patterns in force in the folders below one given folder.

    Patterns of the folders above it, up to the repository's (or the project's) folder, count as
    well, unless they ignore the given folder itself: who names it wants it checked.
    """

    def __init__(self, given: str, project: str) -> None:
        """Read the patterns that lie above ``given`` (both are absolute paths)."""
        self._specs: dict[str, tuple[GitIgnoreSpec, ...]] = {}
        top = _repository(given) or (project if is_below(given, project) else given)
        self._exclude = _read(os.path.join(_git_folder(top), "info", "exclude"))
        self._top = top
        if given != top and any(self.ignores(f, is_folder=True) for f in _between(top, given)):
            self._top, self._exclude = given, []
            self._specs.clear()

    def ignores(self, absolute: str, *, is_folder: bool) -> bool:
        """Return whether git would ignore this file or folder; the deepest pattern decides."""
        folder = os.path.dirname(absolute)
        while is_below(folder, self._top):
            for spec in self._of(folder):
                relative = os.path.relpath(absolute, folder).replace(os.sep, "/")
                verdict = spec.check_file(relative + "/" * is_folder).include
                if verdict is not None:
                    return verdict
            if folder == self._top:
                break
            folder = os.path.dirname(folder)
        return False

    def _of(self, folder: str) -> tuple[GitIgnoreSpec, ...]:
        known = self._specs.get(folder)
        if known is None:
            lists = [_read(os.path.join(folder, ".gitignore"))]
            if folder == self._top:
                lists.append(self._exclude)
            known = self._specs[folder] = tuple(_compiled(lines) for lines in lists if lines)
        return known


def _compiled(lines: list[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        # git passes over a pattern that makes no sense, so the other lines still count.
        return GitIgnoreSpec.from_lines([line for line in lines if _is_valid(line)])


def _is_valid(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


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
