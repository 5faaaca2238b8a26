"""What may be written to a terminal, and how wide and in which colour."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TextIO

from msgspec import Struct

# Control characters could move the cursor or retitle the window, bidirectional ones reorder what
# the reader sees (CVE-2021-42574), line separators tear one line in two, and lone surrogates (an
# undecodable file name) cannot be written at all.
_UNSAFE = "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"

_BAR = "│"


def _escape(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\u{number:04x}" if number >> 8 else f"\\x{number:02x}"


def visible(text: str) -> str:
    """Return ``text`` on one line, with every character that a terminal might obey escaped."""
    if text.isprintable() and text.isascii():
        return text
    return re.sub(_UNSAFE, _escape, text)  # compiled only where it is needed


def width(text: str) -> int:
    """Return the number of terminal cells that ``text`` takes."""
    if text.isascii():
        return len(text)
    import unicodedata  # only where the source is not ASCII

    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    marks = sum(unicodedata.combining(character) != 0 for character in text)
    return len(text) + wide - marks


class Palette(Struct, frozen=True):
    """Colours, or none; every method returns its text painted. ``bar`` parts number and code."""

    colours: bool = False
    bar: str = _BAR

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colours and text else text

    def strong(self, text: str) -> str:
        """Paint what names the finding."""
        return self._paint("1", text)

    def code(self, text: str) -> str:
        """Paint the code of a rule."""
        return self._paint("1;31", text)

    def label(self, text: str) -> str:
        """Paint the heading of a side."""
        return self._paint("1;34", text)

    def dim(self, text: str) -> str:
        """Paint what frames the code."""
        return self._paint("2", text)

    def mark(self, text: str) -> str:
        """Paint the stretch of source that a step is about."""
        return self._paint("1;4", text)

    def removed(self, text: str) -> str:
        """Paint what a fix takes away."""
        return self._paint("31", text)

    def remedy(self, text: str) -> str:
        """Paint what helps."""
        return self._paint("32", text)


def palette_for(stream: TextIO | None, environment: Mapping[str, str]) -> Palette:
    """Return colours for a terminal, none for anything else, and a bar that the stream can write.

    ``stream`` is None when its descriptor is closed. A NO_COLOR that is not empty takes colours
    away (no-color.org), FORCE_COLOR brings them back (force-color.org) unless NO_COLOR is there.
    """
    if stream is None:
        return Palette()
    if environment.get("NO_COLOR"):
        colours = False
    elif environment.get("FORCE_COLOR"):
        colours = True
    else:
        colours = stream.isatty() and environment.get("TERM") != "dumb"
    return Palette(colours, _BAR if _writes(stream, _BAR) else "|")


def _writes(stream: TextIO, text: str) -> bool:
    try:
        text.encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
