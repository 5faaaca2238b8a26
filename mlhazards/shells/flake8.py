"""The flake8 plugin.

flake8 gives one file: the engine runs with a program of one module, and what can be proven inside
that file is reported. flake8 itself decides about ``noqa``, ``per-file-ignores`` and syntax errors.
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from msgspec.structs import replace

from mlhazards import __version__
from mlhazards.config import ConfigError, Settings
from mlhazards.config_file import load
from mlhazards.rules import RULES

_SEEN = "_mlhazards_seen"


class Plugin:
    """What flake8 makes for each file."""

    name = "mlhazards"
    version = __version__

    #: None when flake8's selection leaves out all rules.
    settings: ClassVar[Settings | None] = Settings()

    def __init__(self, tree: ast.Module, filename: str, lines: Sequence[str]) -> None:
        """Take what flake8 read: the tree, the name it reports and the physical lines."""
        self._tree = tree
        self._filename = filename
        self._lines = lines

    @staticmethod
    def add_options(manager: Any) -> None:  # noqa: ANN401 - flake8 is no dependency of ours
        """Declare the options that flake8 does not have itself."""
        try:
            manager.add_option(
                "--mlhazards-pedantic",
                action="store_true",
                default=False,
                parse_from_config=True,
                help="also report what mlhazards takes for possible, neither proven nor likely",
            )
        except argparse.ArgumentError:
            # Loaded twice, as an entry point and as a local plugin of a checkout.
            return

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        """Take flake8's selection for ours: it decides which shapes are looked for at all."""
        cls.settings = _settings(options)

    def run(self) -> Iterator[tuple[int, int, str, type]]:
        """Yield (line, column from 0, text, plugin) for each finding, once for a tree."""
        if self.settings is None or hasattr(self._tree, _SEEN):
            return
        # Entry point and local plugin are the same class and get the same tree.
        setattr(self._tree, _SEEN, True)
        from mlhazards.engine import check_text

        text = "".join(self._lines)
        report = check_text(text, self._filename, self.settings, tree=self._tree)
        for finding in report.findings:
            message = f"{finding.code} {finding.message}"
            yield finding.span.line, finding.span.column - 1, message, type(self)
        for failure in report.failures:  # a mistake of ours: silence would look like a clean file
            yield 1, 0, f"{failure.code} {failure.message}", type(self)


def _settings(options: argparse.Namespace) -> Settings | None:
    """Return the project's settings, but with flake8's selection; None when it takes no rule.

    Both let the longest prefix decide and the ignoring one among equals.
    """
    names = {rule.code: rule.name for rule in RULES}
    extended = _ours(options.extend_select, names)
    selected: tuple[str, ...] = ()
    if options.select is not None:
        selected = (*_ours(options.select, names), *extended)
        if not selected:
            return None
    try:
        project = load(options.filenames, names)
    except ConfigError as error:
        from flake8.exceptions import ExecutionError  # type: ignore[import-untyped]

        raise ExecutionError(str(error)) from error
    return replace(
        project,
        noqa=not options.disable_noqa,
        select=selected,
        extend_select=extended,
        ignore=(*_ours(options.ignore, names), *_ours(options.extend_ignore, names)),
        min_confidence="possible" if options.mlhazards_pedantic else project.min_confidence,
    )


def _ours(prefixes: Sequence[str] | None, names: Mapping[str, str]) -> tuple[str, ...]:
    """Return those of flake8's prefixes that begin the code of a rule of ours."""
    return tuple(
        prefix for prefix in prefixes or () if any(code.startswith(prefix) for code in names)
    )
