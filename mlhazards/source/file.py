"""The bytes of one file and the text they stand for, lossless."""

from __future__ import annotations

import os
import re
import stat
from codecs import BOM_UTF8

from msgspec import Struct

from mlhazards.config import Settings

#: PEP 263: the encoding declared in a comment in one of the first two lines.
_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.ASCII)
_BLANK = re.compile(rb"^[ \t\f]*(?:[#\r\n]|$)")
#: What ends a line for Python: a form feed and its like do not.
LINE_END = re.compile(r"\r\n|\r|\n")


class ReadError(Exception):
    """A file that cannot be analysed; the message is made for the user."""


class Target(Struct, frozen=True, gc=False):
    """A file to analyse.

    ``path`` is how reports call it: relative to the working directory, with forward slashes.
    """

    path: str
    absolute: str


class SourceFile(Struct, frozen=True, gc=False):
    """A file that was read.

    ``text`` is without the byte order mark and keeps the line ends of the file;
    ``text.encode(encoding)`` gives ``data`` back.
    """

    path: str
    absolute: str
    data: bytes
    text: str
    encoding: str

    def lines(self) -> list[str]:
        """Return the lines without their ends; a form feed and its like end no line."""
        return LINE_END.split(self.text)


def target(path: str, cwd: str | None = None) -> Target:
    """Return the target for a path, which may be relative to ``cwd`` (default: the current)."""
    here = cwd or os.getcwd()
    absolute = os.path.normpath(os.path.join(here, path))
    return Target(display(absolute, here), absolute)


def display(absolute: str, cwd: str) -> str:
    """Return ``absolute`` relative to ``cwd`` with forward slashes, always encodable as UTF-8."""
    try:
        relative = os.path.relpath(absolute, cwd)
    except ValueError:  # another drive on Windows
        relative = absolute
    if not relative.isascii():
        relative = os.fsencode(relative).decode("utf-8", "backslashreplace")
    return relative.replace(os.sep, "/")


def read(wanted: Target, settings: Settings) -> SourceFile:
    """Return the file at ``wanted``; never blocks, never reads above ``max_file_size``.

    Raises:
        ReadError: not a regular file, unreadable, too large, or not in the encoding it declares.

    """
    try:
        data = _bytes_of(wanted.absolute, settings.max_file_size)
    except OSError as error:
        raise ReadError(error.strerror or str(error)) from error
    return from_bytes(data, wanted)


def from_bytes(data: bytes, wanted: Target) -> SourceFile:
    """Return ``data`` as the file at ``wanted``.

    Raises:
        ReadError: the bytes are not in the encoding they declare.

    """
    encoding = encoding_of(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = len(LINE_END.findall(data[: error.start].decode("latin-1"))) + 1
        message = f"cannot be decoded as {encoding}: {error.reason} in line {line}"
        raise ReadError(message) from error
    except (LookupError, ValueError) as error:
        message = f"cannot be decoded as {encoding}: {error}"
        raise ReadError(message) from error
    return SourceFile(wanted.path, wanted.absolute, data, text, encoding)


def encoding_of(data: bytes) -> str:
    """Return the encoding that a byte order mark or a comment declares, else ``utf-8``.

    Raises:
        ReadError: the byte order mark contradicts the comment.

    """
    has_mark = data.startswith(BOM_UTF8)
    declared = _declared(data[len(BOM_UTF8) :] if has_mark else data)
    if not has_mark:
        return declared or "utf-8"
    if declared and declared.lower() not in {"utf-8", "utf8"}:
        message = f"declares the encoding {declared} but starts with the byte order mark of utf-8"
        raise ReadError(message)
    return "utf-8-sig"


def _declared(data: bytes) -> str:
    head = data[:1000].splitlines(keepends=True)[:2]
    for line in head:
        if found := _COOKIE.match(line):
            return _plain(found[1].decode("ascii"))
        if not _BLANK.match(line):
            break
    return ""


def _plain(encoding: str) -> str:
    """Return the encoding without what CPython takes for a remark: Emacs writes `utf-8-unix`."""
    name = encoding[:12].lower().replace("_", "-") + "-"
    if name.startswith("utf-8-"):
        return "utf-8"
    if name.startswith(("latin-1-", "iso-8859-1-", "iso-latin-1-")):
        return "latin-1"
    return encoding


def _bytes_of(path: str, limit: int) -> bytes:
    # Opening a FIFO waits for a writer unless it is told not to; Windows has no such flag.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    reason = irregular(os.stat(path).st_mode)
    if reason:
        raise ReadError(reason)
    descriptor = os.open(path, flags)
    with open(descriptor, "rb") as stream:
        state = os.fstat(descriptor)
        if reason := irregular(state.st_mode):
            raise ReadError(reason)
        # One byte more than allowed: a file in /proc or one that grows says a smaller size.
        data = b"" if state.st_size > limit else stream.read(limit + 1)
    if state.st_size > limit or len(data) > limit:
        message = f"larger than max-file-size ({limit} bytes)"
        raise ReadError(message)
    return data


def irregular(mode: int) -> str:
    """Return why a file of that mode holds no source, empty for a regular file."""
    if stat.S_ISREG(mode):
        return ""
    kinds = {
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a FIFO",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return f"not a regular file ({kinds.get(stat.S_IFMT(mode), 'of an unknown kind')})"


def is_below(path: str, folder: str) -> bool:
    """Return whether the absolute ``path`` is ``folder`` or something in it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
