"""`mlhazards check`, from the options to the exit code."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from mlhazards import engine
from mlhazards.config import ConfigError, Settings
from mlhazards.config_file import load
from mlhazards.findings import Report
from mlhazards.report import render
from mlhazards.report.concise import failure_line
from mlhazards.report.terminal import Palette, palette_for
from mlhazards.rules import RULES
from mlhazards.shells.output import check_writable, put, say, write
from mlhazards.source.globs import anchored

NAMES = {rule.code: rule.name for rule in RULES}

_SELECTORS = ("select", "ignore", "extend_select", "exclude", "extend_exclude")
_VALUES = ("force_exclude", "min_confidence", "target_python", "max_file_size", "jobs")


def check(options: argparse.Namespace) -> int:
    """Run a check, or fix, as the options say; return the exit code.

    Raises:
        ConfigError: the settings make no sense.
        OutputError: the report cannot be written where the options say.

    """
    if options.output:
        check_writable(options.output)
    paths = options.paths or ["."]
    if "" in paths:
        message = "a path is empty"  # `mlhazards "$UNSET"` must not check the current folder
        raise ConfigError(message)
    settings = _settings(options, paths)
    if options.verbose:
        say(f"mlhazards: configuration {settings.config or 'none'}")
    if "-" in paths:
        if len(paths) > 1:
            message = "- (stdin) cannot be checked together with other paths"
            raise ConfigError(message)
        from mlhazards.shells.standard_input import check_input

        return check_input(options, settings)
    if options.fix or options.diff:
        from mlhazards.shells.fixing import fix

        return fix(options, paths, settings)
    report = engine.check(paths, settings)
    publish(report, options, settings)
    return status(report, found=bool(report.findings), exit_zero=options.exit_zero)


def _settings(options: argparse.Namespace, paths: list[str]) -> Settings:
    given: dict[str, Any] = {name: getattr(options, name) for name in _VALUES}
    for name in _SELECTORS:
        value = getattr(options, name)
        given[name] = None if value is None else tuple(value)
    for name in ("exclude", "extend_exclude"):
        # The file's patterns start at the project's folder, those of a user where the user is.
        if given[name]:
            given[name] = tuple(anchored(pattern, os.getcwd()) for pattern in given[name])
    given["cache"] = False if options.no_cache else None
    places = [options.stdin_filename or "." if path == "-" else path for path in paths]
    return load(places, NAMES, config=options.config, isolated=options.isolated, options=given)


def publish(
    report: Report, options: argparse.Namespace, settings: Settings, remark: str = ""
) -> None:
    """Write the report where the options say, and what went wrong on stderr.

    ``remark`` is a line for people that joins the summary of the text form.
    """
    palette = Palette() if options.output else palette_for(sys.stdout, os.environ)
    text = render(report, options.format, names=NAMES, palette=palette, root=settings.root)
    if options.format == "text" and not options.quiet:
        from mlhazards.report.text import summary

        text += f"{remark}{summary(report)}\n"
    for failure in report.failures:
        say(failure_line(failure))
    if options.verbose:
        for path, reason in report.skipped:
            say(f"{path}: skipped: {reason}")
    if options.output:
        write(options.output, text)
    else:
        put(text)


def status(report: Report, *, found: bool, exit_zero: bool) -> int:
    """Return the exit code: 2 after a failure, else 1 if something was found, else 0."""
    if report.failures:
        return 2
    return int(found and not exit_zero)
