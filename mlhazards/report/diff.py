"""What fixes change, as a unified diff that `patch -p0` takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import diff_bytes, unified_diff

from mlhazards.report.terminal import Palette, visible

# Only a line feed ends a line for `patch`; a carriage return before it belongs to the line.
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_NO_NEWLINE = b"\n\\ No newline at end of file\n"


def unified(path: str, before: bytes, after: bytes) -> bytes:
    """Return the difference in the bytes of the file, empty when there is none."""
    # A tab ends a name for `patch` and git, who take a space for the end where there is none.
    name = (visible(path) + "\t" * (" " in path)).encode()
    lines = diff_bytes(unified_diff, _LINE.findall(before), _LINE.findall(after), name, name)
    return b"".join(line if line.endswith(b"\n") else line + _NO_NEWLINE for line in lines)


def painted(diff: bytes, palette: Palette) -> str:
    """Return a diff for a terminal: coloured, and nothing in it that a terminal would obey."""
    return "".join(f"{line}\n" for line in _painted_lines(diff, palette))


def _painted_lines(diff: bytes, palette: Palette) -> Iterator[str]:
    for raw in diff.decode("utf-8", "backslashreplace").split("\n")[:-1]:
        line = visible(raw.replace("\t", "    "))
        if line.startswith(("---", "+++", "@@")):
            yield palette.dim(line)
        elif line.startswith("+"):
            yield palette.remedy(line)
        elif line.startswith("-"):
            yield palette.removed(line)
        else:
            yield line
