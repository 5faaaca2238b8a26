from __future__ import annotations

import os

import pytest

from mlhazards.source.file import from_bytes, target
from mlhazards.syntax.parse import ParseError, parse


def error_of(data: bytes, path: str = "a.py") -> ParseError:
    with pytest.raises(ParseError) as caught:
        parse(from_bytes(data, target(path)))
    return caught.value


@pytest.mark.parametrize(
    "data",
    [
        '"\xe9\xe9\xe9" $ 1\n'.encode(),
        '\ufeff"\xe9\xe9\xe9" $ 1\n'.encode(),
        '# coding: latin-1\n"\xe9\xe9\xe9" $ 1\n'.encode("latin-1"),
    ],
    ids=["plain", "mark", "latin-1"],
)
@pytest.mark.parametrize("on_disk", ["", "\n\n", '"\xe9" # longer than the text is \xe9\xe9\n'])
def test_columns_are_of_the_text_whatever_lies_on_the_disk(tmp_path, monkeypatch, data, on_disk):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_bytes(on_disk.encode() or data)
    error = error_of(data)
    assert (error.line, error.column, error.syntax) == (data.count(b"\n"), 7, True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_a_fifo_of_the_same_name_is_not_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("a.py")
    assert error_of(b"x = (\n").line == 1


def test_null_bytes_are_a_mistake_in_the_code_for_every_python():
    assert error_of(b"x\0 = 1\n").syntax


def test_what_is_too_deep_for_the_parser_is_no_mistake_in_the_code():
    assert not error_of(b"x = " + b"-" * 100_000 + b"1\n").syntax
