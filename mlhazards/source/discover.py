"""Paths become the files to analyse, in one order whatever the file system's is."""

from __future__ import annotations

import os
from collections.abc import Iterable

from msgspec import Struct

from mlhazards.config import Settings
from mlhazards.findings import Failure
from mlhazards.source.file import Target, display, irregular, is_below
from mlhazards.source.globs import Excluder
from mlhazards.source.ignored import Ignored

#: What a walk takes for Python; a file given by name is checked whatever its name is.
SUFFIXES = (".py", ".pyw")


class Discovery(Struct, frozen=True):
    """The files found, what could not be entered, and what was passed over with its reason.

    ``folders`` are the given folders, as absolute paths: module names are made from them.
    """

    targets: tuple[Target, ...] = ()
    failures: tuple[Failure, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    folders: tuple[str, ...] = ()


def discover(paths: Iterable[str | os.PathLike[str]], settings: Settings) -> Discovery:
    """Return the files that the given files and folders stand for (default: the current one)."""
    walk = _Walk(settings)
    for path in [os.fspath(path) for path in paths] or ["."]:
        walk.enter(path)
    return walk.result()


class _Walk:
    def __init__(self, settings: Settings) -> None:
        self._cwd = os.getcwd()
        self._settings = settings
        self._project = os.path.normpath(os.path.join(self._cwd, settings.root))
        self._excluder = Excluder(settings, self._cwd)
        self._found: dict[str, Target] = {}
        self._links: list[str] = []
        self._aliased = False
        self._aliases: dict[str, bool] = {}
        self._failures: dict[str, Failure] = {}
        self._skipped: dict[str, str] = {}
        self._folders: list[str] = []

    def enter(self, path: str) -> None:
        """Take a path that the user named."""
        absolute = os.path.normpath(os.path.join(self._cwd, path))
        self._aliased |= os.path.islink(absolute) or self._is_aliased(os.path.dirname(absolute))
        if self._settings.force_exclude and self._excluder.excludes_above(absolute):
            self._skip(absolute, "excluded")
        elif reason := _missing(absolute):
            self._fail(absolute, reason)
        elif os.path.isdir(absolute):
            self._folders.append(absolute)
            self._walk(absolute)
        else:
            # Whatever else it is, reading it will say.
            self._take(absolute)

    def result(self) -> Discovery:
        """Return what was found, sorted by path."""
        if self._links or self._aliased:
            self._take_each_once()
        return Discovery(
            tuple(self._found[path] for path in sorted(self._found, key=_order)),
            tuple(self._failures[path] for path in sorted(self._failures, key=_order)),
            tuple((self._display(p), self._skipped[p]) for p in sorted(self._skipped, key=_order)),
            tuple(self._folders),
        )

    def _is_aliased(self, folder: str) -> bool:
        """Return whether a link leads to the folder; many files are given of each."""
        known = self._aliases.get(folder)
        if known is None:
            known = self._aliases[folder] = os.path.realpath(folder) != folder
        return known

    def _take_each_once(self) -> None:
        """Keep one name of each file, the one that is no link where there is one."""
        real = {path: os.path.realpath(path) for path in (*self._found, *self._links)}
        seen: set[str] = set()
        for path in sorted(real, key=lambda p: (os.path.islink(p), real[p] != p, _order(p))):
            if real[path] in seen:
                self._found.pop(path, None)
                self._skip(path, "a link to a file that is checked itself")
            else:
                seen.add(real[path])
                self._take(path)

    def _walk(self, given: str) -> None:
        """Walk a folder without recursion: trees may be deeper than the stack."""
        ignored = Ignored(given, self._project) if self._settings.respect_gitignore else None
        tree = os.path.realpath(given)
        pending = [given]
        while pending:
            folder = pending.pop()
            for entry in self._entries(folder):
                if not (entry.name.endswith(SUFFIXES) or _may_be_folder(entry)):
                    continue
                try:
                    if self._enters(entry, ignored, tree):
                        pending.append(entry.path)
                except OSError as error:  # it went away meanwhile
                    self._skip(entry.path, error.strerror or str(error))

    def _enters(self, entry: os.DirEntry[str], ignored: Ignored | None, tree: str) -> bool:
        """Take, skip or pass over what a folder holds; return whether it is a folder to walk."""
        if self._excluder.excludes(entry.path):
            return False
        is_folder = entry.is_dir(follow_symlinks=False)
        if ignored and ignored.ignores(entry.path, is_folder=is_folder):
            return False
        if entry.is_symlink():
            self._follow(entry, tree)
        elif is_folder:
            return True
        elif entry.is_file(follow_symlinks=False):
            self._take(entry.path)
        else:
            self._skip(entry.path, irregular(entry.stat(follow_symlinks=False).st_mode))
        return False

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return list(entries)
        except OSError as error:
            self._fail(folder, error.strerror or str(error))
            return []

    def _follow(self, entry: os.DirEntry[str], tree: str) -> None:
        """Take a link to a file of the same tree; every folder of it is walked anyway."""
        real = os.path.realpath(entry.path)
        is_folder = os.path.isdir(real)
        if not is_folder and not entry.name.endswith(SUFFIXES):
            return
        if not os.path.exists(real):
            self._skip(entry.path, "a link that leads nowhere")
        elif not is_below(real, tree):
            self._skip(entry.path, "a link out of the tree")
        elif is_folder and is_below(os.path.realpath(os.path.dirname(entry.path)), real):
            self._skip(entry.path, "a link that loops")
        elif is_folder:
            self._skip(entry.path, "a link to a folder of the same tree")
        elif reason := irregular(os.stat(real).st_mode):
            self._skip(entry.path, reason)
        else:
            self._links.append(entry.path)

    def _take(self, absolute: str) -> None:
        self._found.setdefault(absolute, Target(self._display(absolute), absolute))

    def _skip(self, absolute: str, reason: str) -> None:
        self._skipped.setdefault(absolute, reason)

    def _fail(self, absolute: str, message: str) -> None:
        failure = Failure("MLH903", self._display(absolute), "discover", message)
        self._failures.setdefault(absolute, failure)

    def _display(self, absolute: str) -> str:
        return display(absolute, self._cwd)


def _missing(path: str) -> str:
    """Return why nothing can be found at the path, empty when something is there."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        return "no such file or folder"
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _may_be_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) or entry.is_symlink()


def _order(path: str) -> list[str]:
    return path.split(os.sep)
