"""What modules are called, and where the project keeps the modules that it imports.

A *root* is a folder that imports begin in: the folder above a top package, ``src``, the project's
folder, and the given folder when it is the only one and no package itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from mlhazards.source.file import is_below


class Names:
    """Names files as modules and finds the files of modules; asks the disk once for each."""

    def __init__(self, root: str, folders: Iterable[str] = ()) -> None:
        """``root`` is the project's folder, ``folders`` the given ones (all absolute paths)."""
        self._packages: dict[str, bool] = {}
        given = list(folders)
        src = os.path.join(root, "src")
        # Of several folders with scripts each may have its main.py: the project tells them apart.
        # Below src the folder may be part of a package that has no __init__.py (PEP 420).
        alone = given if len(given) == 1 and not is_below(given[0], src) else []
        candidates = [root, src, *(each for each in alone if not self._is_package(each))]
        # The deepest root that holds a file names it: src/a.py is `a`, not `src.a`.
        self._roots = sorted({c for c in candidates if os.path.isdir(c)}, key=len, reverse=True)
        self._bases: dict[str, str] = {}
        self._distinct = dict.fromkeys(self._roots)
        self._all: dict[str, None] = dict.fromkeys(self._roots)  # in the order of their discovery
        self._entries: dict[str, frozenset[str]] = {}
        self._located: dict[tuple[str, str], str | None] = {}

    def module_name(self, path: str) -> tuple[str, bool]:
        """Return the dotted name of the file and whether it is a package.

        Below a root, folders without ``__init__.py`` count as parts of the name (PEP 420) unless
        an ``__init__.py`` further up says where the top package is.
        """
        folder, filename = os.path.split(path)
        stem = os.path.splitext(filename)[0]
        inside = os.path.relpath(folder, self._base(folder))
        parts = [] if inside == "." else inside.split(os.sep)
        is_package = stem == "__init__" and bool(parts)
        name = ".".join(parts if is_package else [*parts, stem])
        # What is no UTF-8 in a file name could not be told to another process.
        return name.encode("utf-8", "backslashreplace").decode(), is_package

    def locate(self, dotted: str, importer: str) -> str | None:
        """Return the file of the module ``dotted``, or of what contains it, if it is ours.

        ``importer`` is the path of the importing file: a script finds its neighbours. The file may
        be a link that leads out of the project: ask ``is_inside``.
        """
        near = os.path.dirname(importer)
        own = self._base(near)
        for base in (own if self._is_package(near) else near, own, *self._all):
            key = (base, dotted)
            if key not in self._located:
                self._located[key] = self._below(base, dotted)
            if found := self._located[key]:
                return found
        return None

    def is_inside(self, path: str) -> bool:
        """Return whether the file really lies below a root, whatever links lead to it."""
        real = os.path.realpath(path)
        return any(is_below(real, os.path.realpath(base)) for base in self._all)

    def _base(self, folder: str) -> str:
        """Return the folder that the name of a module in ``folder`` begins below."""
        known = self._bases.get(folder)
        if known is None:
            root = next((root for root in self._roots if is_below(folder, root)), "")
            above_top = ""
            climbed = folder
            while climbed != root and (root or self._is_package(climbed)):
                parent = os.path.dirname(climbed)
                if self._is_package(climbed):
                    above_top = parent
                climbed = parent
            known = self._bases[folder] = above_top or root or folder
            self._distinct[known] = None
            self._all.setdefault(known)
        return known

    def _is_package(self, folder: str) -> bool:
        known = self._packages.get(folder)
        if known is None:
            known = os.path.isfile(os.path.join(folder, "__init__.py"))
            self._packages[folder] = known
        return known

    def _below(self, base: str, dotted: str) -> str | None:
        """Return the file of ``dotted`` below ``base``, or of the last package on the way there."""
        folder, found = base, None
        for part in dotted.split("."):
            entries = self._listed(folder)
            inside = os.path.join(folder, part)
            if part in entries and "__init__.py" in self._listed(inside):
                found = os.path.join(inside, "__init__.py")
            elif part + ".py" in entries:
                found = inside + ".py"
                break
            elif part not in entries:
                break
            folder = inside
        return found if found and os.path.isfile(found) else None

    def _holds(self, base: str, top: str) -> bool:
        """Return whether a module or package of that name may lie in ``base``: most do not."""
        entries = self._listed(base)
        return top in entries or top + ".py" in entries

    def _listed(self, folder: str) -> frozenset[str]:
        """Return the names in a folder, none where it is no folder; the disk is asked once."""
        entries = self._entries.get(folder)
        if entries is None:
            try:
                entries = frozenset(os.listdir(folder))
            except OSError:
                entries = frozenset()
            self._entries[folder] = entries
        return entries


def absolute_import(dotted: str, importer: str, *, is_package: bool) -> str:
    """Return the absolute name of an import that may begin with dots (``..a.b``), else empty."""
    level = len(dotted) - len(dotted.lstrip("."))
    if not level:
        return dotted
    parts = importer.split(".")
    keep = len(parts) - level + is_package
    if keep < 0:
        return ""
    return ".".join([*parts[:keep], *dotted[level:].split(".")]).rstrip(".")
