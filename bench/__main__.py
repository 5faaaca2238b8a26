"""``python -m bench [precision] [recall] [speed]``: all that is measured, in one go."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from bench import precision, recall, speed
from bench.packages import FetchError

PARTS: dict[str, Callable[[], None]] = {
    "precision": precision.report,
    "recall": recall.report,
    "speed": speed.report,
}


def main() -> int:
    """Print the chosen parts (default: all)."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    chosen = parser.parse_args().parts or list(PARTS)
    for unknown in set(chosen) - set(PARTS):
        parser.error(f"there is no part {unknown!r}: {', '.join(PARTS)}")
    try:
        for part in chosen:
            PARTS[part]()
    except FetchError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
