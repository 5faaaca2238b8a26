"""The words of the command line."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from mlhazards.config_file import parse_python, parse_size
from mlhazards.findings import CONFIDENCES
from mlhazards.report import FORMATS

#: A first word equal to one of these is the command; a path of that name is written ``./rules``.
COMMANDS = ("check", "rules", "explain")

_Value = TypeVar("_Value")


class _HelpFormatter(argparse.HelpFormatter):
    """A formatter that knows its width: argparse makes one per option and imports shutil for it."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns())


def _columns() -> int:
    try:
        return int(os.environ.get("COLUMNS", "")) - 2
    except ValueError:
        pass
    try:
        return os.get_terminal_size().columns - 2
    except OSError:
        return 98


class Parser(argparse.ArgumentParser):
    """A parser without abbreviations: an option that joins later must not change a script."""

    def __init__(self, command: str, description: str, usage: str | None = None) -> None:
        program = "mlhazards" if command == "check" else f"mlhazards {command}"
        super().__init__(
            prog=program,
            description=description,
            usage=usage,
            formatter_class=_HelpFormatter,
            allow_abbrev=False,
        )

    def takes_value(self, word: str) -> bool:
        """Tell whether an option needs the next word as its value."""
        action = self._option_string_actions.get(word)
        return action is not None and action.nargs is None


def _codes(text: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[,\s]+", text) if part)


def _globs(text: str) -> tuple[str, ...]:
    parts = re.split(r",(?![^{]*\})", text)  # the commas of `{a,b}` part no patterns
    return tuple(part.strip() for part in parts if part.strip())


def _jobs(text: str) -> int:
    if not text.isdecimal():
        message = f"`{text}` is not a number of processes"
        raise ValueError(message)
    return int(text)


def _told(read: Callable[[str], _Value]) -> Callable[[str], _Value]:
    """Return ``read`` with its own words for what is wrong, which argparse drops."""

    def told(text: str) -> _Value:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return told


def check_parser() -> Parser:
    """Return the parser of `mlhazards [check]`; options that were not given stay None."""
    parser = Parser(
        "check",
        "Find shared-state races, pickling traps and lost generator results, and fix them.",
        "mlhazards [check] [options] [PATH ...]\n"
        "       mlhazards rules [--format text|json]\n"
        "       mlhazards explain RULE ...",
    )
    parser.add_argument("--version", action="store_true", help="show the version and exit")
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files and folders (default: .); - is stdin"
    )
    _add_fixing(parser)
    _add_selection(parser)
    _add_output(parser)
    _add_files(parser)
    _add_running(parser)
    return parser


def _add_fixing(parser: Parser) -> None:
    group = parser.add_argument_group("fixes")
    group.add_argument("--fix", action="store_true", help="carry out the safe fixes")
    group.add_argument(
        "--unsafe-fixes", action="store_true", help="with --fix or --diff: the unsafe ones, too"
    )
    group.add_argument(
        "--diff", action="store_true", help="show what --fix would change, change nothing"
    )


def _add_selection(parser: Parser) -> None:
    group = parser.add_argument_group("rules", "RULES are codes, names or prefixes of codes")
    for option, text in (
        ("--select", "show these rules, all of their shapes, and no others"),
        ("--ignore", "do not show these"),
        ("--extend-select", "show these as well as the selected ones"),
    ):
        group.add_argument(option, action="extend", type=_codes, metavar="RULES", help=text)
    confidence = group.add_mutually_exclusive_group()
    confidence.add_argument("--min-confidence", choices=CONFIDENCES, help="default: likely")
    confidence.add_argument(
        "--pedantic",
        dest="min_confidence",
        action="store_const",
        const="possible",
        help="the same as --min-confidence possible",
    )


def _add_output(parser: Parser) -> None:
    group = parser.add_argument_group("output")
    group.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    group.add_argument(
        "-o", "--output", metavar="FILE", help="write the report to FILE (-: stdout)"
    )
    group.add_argument("-q", "--quiet", action="store_true", help="findings and errors only")
    group.add_argument("-v", "--verbose", action="store_true", help="also say what was skipped")
    group.add_argument(
        "--exit-zero", action="store_true", help="exit with 0 although there are findings"
    )


def _add_files(parser: Parser) -> None:
    group = parser.add_argument_group("files")
    group.add_argument("--stdin-filename", metavar="PATH", help="the name of what - reads")
    for option, text in (
        ("--exclude", "patterns of files to leave out, instead of the usual ones"),
        ("--extend-exclude", "patterns of files to leave out, too"),
    ):
        group.add_argument(option, action="extend", type=_globs, metavar="GLOBS", help=text)
    group.add_argument(
        "--force-exclude",
        action="store_const",
        const=True,
        help="leave out excluded files even when they are named",
    )
    group.add_argument(
        "--max-file-size", type=_told(parse_size), metavar="SIZE", help="default: 10MB"
    )


def _add_running(parser: Parser) -> None:
    group = parser.add_argument_group("running")
    source = group.add_mutually_exclusive_group()
    source.add_argument("--config", metavar="FILE", help="read this pyproject.toml")
    source.add_argument("--isolated", action="store_true", help="read no configuration file")
    group.add_argument(
        "--target-python",
        type=_told(parse_python),
        metavar="X.Y",
        help="the oldest Python the code runs on",
    )
    group.add_argument(
        "-j", "--jobs", type=_told(_jobs), metavar="N", help="processes (0: as needed)"
    )
    group.add_argument("--no-cache", action="store_true", help="neither read nor write the cache")


def rules_parser() -> Parser:
    """Return the parser of `mlhazards rules`."""
    parser = Parser("rules", "Show all rules.")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    return parser


def explain_parser() -> Parser:
    """Return the parser of `mlhazards explain`."""
    parser = Parser("explain", "Show the documentation of rules.")
    parser.add_argument("rules", nargs="+", metavar="RULE", help="a code or a name")
    return parser


def split_command(words: Sequence[str], parser: Parser) -> tuple[str, list[str]]:
    """Return the command and the words without it.

    The command is the first word that is neither an option nor the value of one, if it is the
    name of a command; else it is "check". After ``--`` every word is a path.
    """
    rest = list(words)
    skip = False
    for index, word in enumerate(rest):
        if skip:
            skip = False
        elif word == "--":
            break
        elif word.startswith("-") and word != "-":
            skip = parser.takes_value(word)
        elif word in COMMANDS:
            return word, rest[:index] + rest[index + 1 :]
        else:
            break
    return "check", rest
