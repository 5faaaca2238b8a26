"""Where the command line writes."""

from __future__ import annotations

import os
import stat
import sys
from typing import TextIO

from mlhazards.report.terminal import visible


class OutputError(Exception):
    """The report cannot be written where the user wants it; the message says why."""


def say(text: str) -> None:
    """Write a line for people to stderr, with nothing in it that a terminal would obey."""
    if sys.stderr is not None:  # closed by the caller: `mlhazards 2>&-`
        sys.stderr.write(f"{visible(text)}\n")


def prepare(stream: TextIO) -> None:
    """Let the stream take any character: what its encoding lacks is written as an escape."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def put(content: str | bytes) -> None:
    """Write to stdout. A reader that has seen enough (`| head`) is no trouble of ours.

    Raises:
        OutputError: stdout cannot be written (its disk is full, say).

    """
    if sys.stdout is None:  # closed by the caller: `mlhazards >&-`
        return
    try:
        if isinstance(content, bytes):
            sys.stdout.flush()
            sys.stdout.buffer.write(content)
        else:
            sys.stdout.write(content)
        sys.stdout.flush()
    except OSError as error:
        # What is still buffered must not fail once more when the interpreter exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            message = f"cannot write to stdout: {error.strerror or error}"
            raise OutputError(message) from error


def check_writable(path: str) -> None:
    """Find out before the work whether a report can be written to ``path``.

    Raises:
        OutputError: it is a folder, or it or its folder is missing or read-only.

    """
    if _is_stdout(path):
        return
    folder = os.path.dirname(os.path.realpath(path))
    if os.path.isdir(path):
        message = f"cannot write {path}: it is a folder"
    elif not os.path.isdir(folder):
        message = f"cannot write {path}: there is no folder {folder}"
    elif os.access(path if os.path.exists(path) else folder, os.W_OK):
        return
    else:
        message = f"cannot write {path}: permission denied"
    raise OutputError(message)


def write(path: str, content: str | bytes) -> None:
    """Write ``content`` to ``path`` (``-`` is stdout), whole or not at all where that is possible.

    A device, a pipe and a file whose folder is read-only are written as they are. A link stays a
    link, and a file that is replaced hands its permissions on.

    Raises:
        OutputError: the file cannot be written.

    """
    if _is_stdout(path):
        put(content)
        return
    data = content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")
    target = os.path.realpath(path)
    try:
        if _must_stay(path):
            with open(path, "wb") as stream:
                stream.write(data)
        else:
            from mlhazards.replacing import put_in_place

            put_in_place(target, data, os.stat(target) if os.path.exists(target) else None)
    except OSError as error:
        message = f"cannot write {path}: {error.strerror or error}"
        raise OutputError(message) from error


def _is_stdout(path: str) -> bool:
    """Return whether ``path`` is where stdout goes: `-`, `/dev/stdout`, the same file."""
    if path == "-":
        return True
    try:
        return os.path.samestat(os.stat(path), os.fstat(sys.stdout.fileno()))
    except (OSError, AttributeError, ValueError):  # nothing there; stdout closed or replaced
        return False


def _must_stay(path: str) -> bool:
    """Return whether another file must not take the place of the one at ``path``."""
    if os.path.abspath(path).startswith(("/dev/", "/proc/")):  # what lies there leads elsewhere
        return True
    try:
        regular = stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False
    return not regular or not os.access(os.path.dirname(os.path.realpath(path)), os.W_OK)
