"""Stage 0: Settings, one frozen record that every stage may read."""

from __future__ import annotations

from dataclasses import dataclass, field

from mlhazards.findings import Confidence


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user chose, from the command line and the configuration file.

    ``select``, ``ignore`` and ``extend_select`` hold codes, names or prefixes of codes; an empty
    ``select`` means the default set. ``target_python`` is (major, minor). ``max_file_size`` is in
    bytes. ``jobs`` is a number of processes, 0 for as many as pay off. ``root`` is the project's
    folder (that of the configuration file, or the nearest with .git, setup.cfg, pyproject.toml).
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    respect_gitignore: bool = True
    min_confidence: Confidence = "likely"
    target_python: tuple[int, int] = field(default=(3, 11))
    max_file_size: int = 10_000_000
    jobs: int = 0
    cache: bool = True
    root: str = ""
