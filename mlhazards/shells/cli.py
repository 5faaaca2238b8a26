"""Stage 10, shells: the command ``mlhazards``.

Exit codes: 2 when the tool could not do part of its work (findings or not), else 1 with findings,
else 0; ``--exit-zero`` turns 1 into 0. With ``--fix`` the findings that are left count, with
``--diff`` whether there is a difference.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from mlhazards.config import ConfigError
from mlhazards.shells.options import check_parser, split_command
from mlhazards.shells.output import OutputError, prepare, put, say

_TROUBLE = 2
_INTERRUPTED = 130  # 128 + SIGINT, as shells say it


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; ``arguments`` are those of the process if None."""
    prepare(sys.stdout)
    prepare(sys.stderr)
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except (ConfigError, OutputError) as error:
        say(f"mlhazards: {error}")
        return _TROUBLE
    except KeyboardInterrupt:
        say("mlhazards: interrupted")
        return _INTERRUPTED
    except Exception:  # noqa: BLE001 - 1 would mean findings
        from traceback import print_exc

        print_exc()
        say("mlhazards: this is a bug in mlhazards; please report it with the text above")
        return _TROUBLE


def _run(words: Sequence[str]) -> int:
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
