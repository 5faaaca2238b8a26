from __future__ import annotations

import os
import socket

import pytest

from mlhazards.config import Settings
from mlhazards.source.file import ReadError, encoding_of, read, target


def put(folder, data, name="a.py"):
    path = folder / name
    path.write_bytes(data)
    return target(str(path))


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (b"", "", "utf-8"),
        ("s = 'é'\r\nt = 1\r".encode(), "s = 'é'\r\nt = 1\r", "utf-8"),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n", "utf-8-sig"),
        (b"# -*- coding: latin-1 -*-\ns = '\xe9'\n", None, "latin-1"),
        (b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\ns = '\x80'\n", None, "cp1252"),
        (b"\xef\xbb\xbf# coding: utf8\n", "# coding: utf8\n", "utf-8-sig"),
        (b"\xef\xbb\xbf# coding: UTF_8-dos\n", "# coding: UTF_8-dos\n", "utf-8-sig"),
        (b"# -*- coding: utf-8-unix -*-\ns = '\xc3\xa9'\n", None, "utf-8"),
        (b"# -*- coding: iso-latin-1-unix -*-\ns = '\xe9'\n", None, "latin-1"),
    ],
    ids=[
        "empty", "line ends are kept", "mark", "cookie", "cookie in line 2", "mark and cookie",
        "mark and cookie of Emacs", "cookie of Emacs", "another cookie of Emacs",
    ],
)  # fmt: skip
def test_the_bytes_come_back_from_the_text(tmp_path, data, text, encoding):
    source = read(put(tmp_path, data), Settings())
    assert source.encoding == encoding
    assert source.text.encode(encoding) == data
    assert text is None or source.text == text


def test_a_cookie_after_code_or_in_line_3_is_a_comment():
    assert encoding_of(b"x = 1\n# coding: latin-1\n") == "utf-8"
    assert encoding_of(b"\n\n# coding: latin-1\n") == "utf-8"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"x = 1\ns = '\xff'\n", "cannot be decoded as utf-8: invalid start byte in line 2"),
        (b"# coding: no-such\n", "cannot be decoded as no-such"),
        (b"# coding: rot13\n", "cannot be decoded as rot13"),
        (b"\xef\xbb\xbf# coding: latin-1\n", "byte order mark"),
    ],
)
def test_what_cannot_be_decoded_is_said(tmp_path, data, said):
    with pytest.raises(ReadError, match=said):
        read(put(tmp_path, data), Settings())


def test_a_large_file_is_not_read(tmp_path):
    wanted = put(tmp_path, b"x = 1\n" * 10)
    assert read(wanted, Settings(max_file_size=60)).text
    with pytest.raises(ReadError, match=r"larger than max-file-size \(59 bytes\)"):
        read(wanted, Settings(max_file_size=59))


def test_a_fifo_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "a.py")
    with pytest.raises(ReadError, match="FIFO"):
        read(target(str(tmp_path / "a.py")), Settings())


def test_a_socket_a_folder_and_nothing_are_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.py")
        with pytest.raises(ReadError, match="socket"):
            read(target("s.py"), Settings())
    with pytest.raises(ReadError, match="folder"):
        read(target("."), Settings())
    with pytest.raises(ReadError, match="No such file"):
        read(target("gone.py"), Settings())


def test_only_line_ends_end_a_line(tmp_path):
    source = read(put(tmp_path, b"a\r\nb\rc\n\x0cd\x1ce\n"), Settings())
    assert source.lines() == ["a", "b", "c", "\x0cd\x1ce", ""]


def test_paths_are_shown_from_here_with_slashes_and_always_encodable(tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    assert target(str(tmp_path / "sub" / "a.py")).path == "a.py"
    assert target("../b/a.py").path == "../b/a.py"
    broken = target(os.fsdecode(b"\xff.py"))
    assert broken.path.encode("utf-8") == b"\\xff.py"
    assert os.fsencode(broken.absolute).endswith(b"/\xff.py")
