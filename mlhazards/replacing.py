"""Replaces a file in one step: readers and crashes see the old bytes or the new, never a part."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress


class ReplaceError(Exception):
    """The file must not be written; the message is made for the user."""


def replace_file(path: str, expected: bytes, data: bytes) -> None:
    """Write ``data`` to the file at ``path``, which holds ``expected``; keep its permissions.

    A link stays a link: the file it leads to is replaced.

    Raises:
        ReplaceError: the file is read-only, or changed since it was read.
        OSError: the folder or the disk does not allow it; the file is as before.

    """
    path = os.path.realpath(path)
    state = os.stat(path)
    _refuse_read_only(path, state)
    # As late as can be: an editor may have saved the file while we were thinking.
    put_in_place(path, data, state, lambda: _refuse_changed(path, expected))


def put_in_place(
    path: str,
    data: bytes,
    like: os.stat_result | None = None,
    last_word: Callable[[], None] = lambda: None,
) -> None:
    """Make ``path`` a file of ``data`` in one step, with the owner and permissions of ``like``.

    ``last_word`` is called before the step and may raise to prevent it.

    Raises:
        OSError: the folder or the disk does not allow it; what was there is as before.

    """
    folder, name = os.path.split(path)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{name}.", suffix=".tmp", dir=folder)
    try:
        with open(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if like is None:
            os.chmod(temporary, 0o666 & ~_umask())
        else:
            _copy_owner(temporary, like)
            os.chmod(temporary, stat.S_IMODE(like.st_mode))
        last_word()
        os.replace(temporary, path)
    except BaseException:
        # Also when interrupted: no half file stays behind.
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _refuse_read_only(path: str, state: os.stat_result) -> None:
    """Raise for files that the user protected: renaming over them would work all the same."""
    writable = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
    if not state.st_mode & writable or not os.access(path, os.W_OK):
        message = "the file is read-only"
        raise ReplaceError(message)
    folder = os.path.dirname(path)
    if not os.stat(folder).st_mode & writable or not os.access(folder, os.W_OK):
        message = "the folder is read-only"
        raise ReplaceError(message)


def _refuse_changed(path: str, expected: bytes) -> None:
    with open(path, "rb") as stream:
        if stream.read() != expected:
            message = "the file changed since it was read"
            raise ReplaceError(message)


def _copy_owner(temporary: str, state: os.stat_result) -> None:
    own = os.stat(temporary)
    if hasattr(os, "chown") and (own.st_uid, own.st_gid) != (state.st_uid, state.st_gid):
        # Only root may give files away.
        with suppress(OSError):
            os.chown(temporary, state.st_uid, state.st_gid)
