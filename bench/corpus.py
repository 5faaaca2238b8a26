"""The small corpus: pinned packages, the same bytes for everybody.

``python -m bench.corpus`` downloads what is missing and compares all digests.
"""

from __future__ import annotations

import sys
from pathlib import Path

from msgspec import Struct

from bench.packages import FetchError, digest, folder_of

PINS = Path(__file__).with_name("corpus.txt")


class Pin(Struct, frozen=True):
    """One package of the corpus and what it must consist of."""

    package: str
    files: int
    lines: int
    size: int
    digest: str


def pins(text: str | None = None) -> list[Pin]:
    """Return the pins that ``text`` holds (default: the committed ones)."""
    rows = PINS.read_text("utf-8") if text is None else text
    return [_pin(row) for row in rows.splitlines() if row and not row.startswith("#")]


def corpus() -> dict[str, Path]:
    """Return the folder of each package; what is missing is downloaded.

    Raises:
        FetchError: a package cannot be had, or is not what was pinned.

    """
    folders = {}
    for pin in pins():
        folder = folder_of(pin.package)
        found = digest(folder)
        if found != pin.digest:
            message = f"{folder} is not the pinned {pin.package}: digest {found}, not {pin.digest}"
            raise FetchError(message)
        folders[pin.package] = folder
    return folders


def main() -> int:
    """Make the corpus complete and say where it lies."""
    try:
        folders = corpus()
    except FetchError as error:
        print(error, file=sys.stderr)
        return 2
    for package, folder in folders.items():
        print(f"{package:32} {folder}")
    return 0


def _pin(row: str) -> Pin:
    package, files, lines, size, digest_ = row.split()
    return Pin(package, int(files), int(lines), int(size), digest_)


if __name__ == "__main__":
    sys.exit(main())
