"""One run from top to bottom, and the only place that knows the order.

discover → read → parse → facts → module rules → link → program rules → selection → who speaks
→ suppressions → report
"""

from __future__ import annotations

import ast
import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mlhazards.config import Settings
from mlhazards.findings import Report
from mlhazards.rule import Rule
from mlhazards.run import Paths, Run, rooted
from mlhazards.source.discover import Discovery
from mlhazards.source.file import ReadError, SourceFile, Target, from_bytes, target
from mlhazards.source.globs import Excluder

if TYPE_CHECKING:
    from mlhazards.fixing import Fixed


def check(
    paths: Paths = (), settings: Settings | None = None, *, rules: Sequence[Rule] | None = None
) -> Report:
    """Return what the rules find in files and folders (default: the current folder).

    ``paths`` is one path or several; default settings are those of no configuration file. What the
    given files import inside the project is followed for its facts, not reported on. Files that
    could not be analysed are among ``failures``; nothing is raised for them.

    Raises:
        ConfigError: a selector in ``settings`` names no rule, or a pattern is none.

    """
    with collector_off():
        return Run.over(paths, settings or Settings(), rules).report()


def check_text(  # noqa: PLR0913 - all but the first two are rare
    text: str | bytes,
    path: str,
    settings: Settings | None = None,
    *,
    rules: Sequence[Rule] | None = None,
    tree: ast.Module | None = None,
    follow: bool = False,
) -> Report:
    """Return what the rules find in a text that stands for the file at ``path``.

    The program is this one module, and with ``follow`` what it imports inside the project.
    ``tree`` saves the parse where a caller has the tree already.

    Raises:
        ConfigError: a selector in ``settings`` names no rule, or a pattern is none.

    """
    with collector_off():
        run = _run_over_text(text, path, settings or Settings(), rules, tree)
        if follow:
            run.follow()
        return run.report()


def fix_text(
    text: str | bytes,
    path: str,
    settings: Settings | None = None,
    *,
    unsafe: bool = False,
    rules: Sequence[Rule] | None = None,
) -> Fixed:
    """Return what the fixes make of a text that stands for the file at ``path``; write nothing.

    What the text imports inside the project is followed, as with ``check``.

    Raises:
        ConfigError: a selector in ``settings`` names no rule, or a pattern is none.

    """
    from mlhazards.fixing import fixed

    with collector_off():
        run = _run_over_text(text, path, settings or Settings(), rules)
        run.follow()
        return fixed(run, unsafe=unsafe, write=False)


def fix(
    paths: Paths = (),
    settings: Settings | None = None,
    *,
    unsafe: bool = False,
    write: bool = True,
    rules: Sequence[Rule] | None = None,
) -> Fixed:
    """Carry out the safe fixes of what ``check`` finds, with ``unsafe`` the unsafe ones as well.

    Without ``write`` nothing is written and the result tells what would be.

    Raises:
        ConfigError: a selector in ``settings`` names no rule, or a pattern is none.

    """
    from mlhazards.fixing import fixed

    with collector_off():
        return fixed(Run.over(paths, settings or Settings(), rules), unsafe=unsafe, write=write)


@contextmanager
def collector_off() -> Iterator[None]:
    """Keep the garbage collector from looking at trees and facts, which hold no cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _run_over_text(
    text: str | bytes,
    path: str,
    settings: Settings,
    rules: Sequence[Rule] | None,
    tree: ast.Module | None = None,
) -> Run:
    wanted = target(path)
    settings = rooted(settings, [path])
    if settings.force_exclude and Excluder(settings, os.getcwd()).excludes_above(wanted.absolute):
        found = Discovery(skipped=((wanted.path, "excluded"),))
        return Run(found, settings, rules)
    run = Run(Discovery((wanted,)), settings, rules)
    try:
        run.take(_source_of(text, wanted), tree)
    except ReadError as error:
        run.fail(wanted, str(error))
    return run


def _source_of(text: str | bytes, wanted: Target) -> SourceFile:
    if isinstance(text, bytes):
        return from_bytes(text, wanted)
    plain = text.removeprefix("\ufeff")
    data = plain.encode("utf-8", "surrogatepass")
    return SourceFile(wanted.path, wanted.absolute, data, plain, "utf-8")
