"""`mlhazards --fix` and `mlhazards --diff`."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from mlhazards import engine
from mlhazards.config import Settings
from mlhazards.report.concise import failure_line, finding_place
from mlhazards.report.diff import painted, unified
from mlhazards.report.terminal import palette_for
from mlhazards.report.text import count
from mlhazards.shells.checking import publish, status
from mlhazards.shells.output import put, say, write

if TYPE_CHECKING:
    from mlhazards.fixing import Fixed


def fix(options: argparse.Namespace, paths: list[str], settings: Settings) -> int:
    """Carry out the fixes, or with ``--diff`` show them alone; return the exit code."""
    done = engine.fix(paths, settings, unsafe=options.unsafe_fixes, write=not options.diff)
    if options.diff:
        return show_diff(done, options)
    say_left(done)
    remark = ""
    if done.fixed:
        files = len({change.path for change in done.changes})
        remark = f"{count(len(done.fixed), 'finding')} fixed in {count(files, 'file')}\n"
    publish(done.report, options, settings, remark)
    return status(done.report, found=bool(done.report.findings), exit_zero=options.exit_zero)


def show_diff(done: Fixed, options: argparse.Namespace) -> int:
    """Print what the fixes would change; return the exit code, 1 if there is a difference."""
    say_left(done)
    for failure in done.report.failures:
        say(failure_line(failure))
    diff = b"".join(unified(each.path, each.before, each.after) for each in done.changes)
    if options.output:
        write(options.output, diff)
    elif sys.stdout is not None and (sys.stdout.isatty() or os.environ.get("FORCE_COLOR")):
        put(painted(diff, palette_for(sys.stdout, os.environ)))
    else:
        put(diff)
    return status(done.report, found=bool(diff), exit_zero=options.exit_zero)


def say_left(done: Fixed) -> None:
    """Say which wanted fixes were not carried out, and why."""
    for finding, reason in done.left:
        say(f"{finding_place(finding)} {finding.code} not fixed: {reason}")
