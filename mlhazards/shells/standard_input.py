"""`mlhazards -`, for editors and scripts that have a text and no file."""

from __future__ import annotations

import argparse
import sys

from mlhazards import engine
from mlhazards.config import ConfigError, Settings
from mlhazards.shells.checking import publish, status
from mlhazards.shells.output import put, say


def check_input(options: argparse.Namespace, settings: Settings) -> int:
    """Check or fix what stdin holds; return the exit code.

    With ``--fix`` stdout gets the text alone, changed or not; the findings that are left are told
    on stderr, or go to ``--output``.

    Raises:
        ConfigError: there is no stdin.

    """
    if sys.stdin is None:
        message = "- was given, but stdin is closed"
        raise ConfigError(message)
    data = sys.stdin.buffer.read()
    path = options.stdin_filename or "-"
    if not (options.fix or options.diff):
        report = engine.check_text(data, path, settings, follow=True)
        publish(report, options, settings)
        return status(report, found=bool(report.findings), exit_zero=options.exit_zero)

    from mlhazards.report.concise import failure_line, finding_line
    from mlhazards.shells.fixing import say_left, show_diff

    done = engine.fix_text(data, path, settings, unsafe=options.unsafe_fixes)
    if options.diff:
        return show_diff(done, options)
    put(done.changes[0].after if done.changes else data)
    say_left(done)
    if options.output:
        publish(done.report, options, settings)
    else:
        for failure in done.report.failures:
            say(failure_line(failure))
        for finding in done.report.findings:
            say(finding_line(finding))
    found = bool(done.report.findings)
    return status(done.report, found=found, exit_zero=options.exit_zero)
