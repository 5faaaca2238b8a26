"""The command ``mlhazards``.

Exit codes: 2 when the tool could not do part of its work (findings or not), else 1 with findings,
else 0; ``--exit-zero`` turns 1 into 0. With ``--fix`` the findings that are left count, with
``--diff`` whether there is a difference.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

_TROUBLE = 2
_INTERRUPTED = 130  # 128 + SIGINT, as shells say it


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; ``arguments`` are those of the process if None."""
    if arguments is not None:
        return _guarded(arguments)
    # A fifth of a run over one file went into collections: while modules are imported, and over
    # all that is left when the interpreter ends.
    gc.disable()
    try:
        return _guarded(sys.argv[1:])
    finally:
        gc.freeze()


def _guarded(words: Sequence[str]) -> int:
    """Run the command; turn what goes wrong into a message and an exit code."""
    try:
        return _run(words)
    except KeyboardInterrupt:
        sys.stderr.write("mlhazards: interrupted\n")
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001 - Python's own exit code, 1, would mean findings
        from mlhazards.config import ConfigError
        from mlhazards.shells.output import OutputError, say

        if isinstance(error, ConfigError | OutputError):
            say(f"mlhazards: {error}")
        elif not _has_folder():
            say("mlhazards: the current folder is gone")
        else:
            from traceback import print_exc

            print_exc()
            say("mlhazards: this is a bug in mlhazards; please report it with the text above")
        return _TROUBLE


def _has_folder() -> bool:
    import os

    try:
        os.getcwd()
    except OSError:
        return False
    return True


def _run(words: Sequence[str]) -> int:
    from mlhazards.shells.options import check_parser, split_command
    from mlhazards.shells.output import prepare, put

    prepare(sys.stdout)
    prepare(sys.stderr)
    parser = check_parser()
    command, rest = split_command(words, parser)
    if command == "rules":
        from mlhazards.shells.catalogue import rules

        return rules(rest)
    if command == "explain":
        from mlhazards.shells.catalogue import explained

        return explained(rest)
    options = parser.parse_intermixed_args(rest)
    if options.version:
        from mlhazards import __version__

        put(f"mlhazards {__version__}\n")
        return 0
    from mlhazards.shells.checking import check

    return check(options)
