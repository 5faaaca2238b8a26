"""Settings, one frozen record that every stage may read."""

from __future__ import annotations

import sys

from msgspec import Struct, field

from mlhazards.findings import Confidence

#: Folders that hold no source of the project itself; ``exclude`` replaces the list.
USUAL_EXCLUDES: tuple[str, ...] = (
    ".bzr",
    ".direnv",
    ".eggs",
    ".git",
    ".hg",
    ".hypothesis",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".nox",
    ".pants.d",
    ".pytest_cache",
    ".pytype",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".venv",
    "__pycache__",
    "__pypackages__",
    "_build",
    "buck-out",
    "build",
    "dist",
    "node_modules",
    "site-packages",
    "venv",
)

#: Files above this size, in bytes, are not analysed.
MAX_FILE_SIZE = 10_000_000


class ConfigError(Exception):
    """The settings make no sense; the message names the file, the key and what is wrong."""


def running_python() -> tuple[int, int]:
    """Return (major, minor) of the interpreter that runs the tool."""
    return (sys.version_info[0], sys.version_info[1])


class Settings(Struct, frozen=True):
    """What the user chose, from the command line and the configuration file.

    ``select``, ``ignore`` and ``extend_select`` hold codes, names or prefixes of codes; an empty
    ``select`` means the default set. ``exclude`` and ``extend_exclude`` are globs, those with a
    slash relative to ``root``; ``force_exclude`` applies them to files given by name, too.
    ``target_python`` is (major, minor). ``max_file_size`` is in bytes. ``jobs`` is a number of
    processes, 0 for as many as pay off. ``root`` is the project's folder (that of the nearest
    pyproject.toml, else the nearest with setup.cfg or .git); empty: what looks like one from the
    given paths upwards. ``config`` is the configuration file that was read, empty for none.
    ``noqa`` says whether comments silence findings.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = USUAL_EXCLUDES
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    respect_gitignore: bool = True
    min_confidence: Confidence = "likely"
    target_python: tuple[int, int] = field(default_factory=running_python)
    max_file_size: int = MAX_FILE_SIZE
    jobs: int = 0
    cache: bool = True
    root: str = ""
    config: str = ""
    noqa: bool = True
