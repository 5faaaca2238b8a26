from __future__ import annotations

import shutil
import subprocess

import pytest

from mlhazards.report.diff import painted, unified
from mlhazards.report.terminal import Palette

CASES = {
    "plain": (b"a\nb\nc\n", b"a\nB\nc\n"),
    "no newline at the end": (b"a\nb", b"a\nB"),
    "newline joins": (b"a\nb", b"a\nb\n"),
    "windows": (b"a\r\nb\r\nc\r\n", b"a\r\nB\r\nc\r\n"),
    "latin-1 and form feed": (b"# \xe9\n\x0c\nb\n", b"# \xe9\n\x0c\nB\n"),
    "more lines": (b"a\nb\n", b"a\nb\nc\nd\n"),
}


def test_no_difference_is_nothing():
    assert unified("a.py", b"a\n", b"a\n") == b""


def test_the_form_is_that_of_other_tools():
    assert unified("a.py", b"a\nb", b"a\nc").decode() == (
        "--- a.py\n+++ a.py\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n"
        "+c\n\\ No newline at end of file\n"
    )


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
@pytest.mark.skipif(shutil.which("git") is None, reason="git applies the diff")
def test_a_diff_applies_byte_for_byte(tmp_path, before, after):
    (tmp_path / "a.py").write_bytes(before)
    subprocess.run(
        ["git", "apply", "-p0", "--whitespace=nowarn", "-"],
        input=unified("a.py", before, after),
        cwd=tmp_path,
        check=True,
    )
    assert (tmp_path / "a.py").read_bytes() == after


@pytest.mark.parametrize("command", [["git", "apply", "-p0"], ["patch", "-p0"]], ids=" ".join)
def test_a_name_with_a_space_is_found_by_those_that_apply_it(tmp_path, command):
    if shutil.which(command[0]) is None:
        pytest.skip(f"needs {command[0]}")
    (tmp_path / "a b.py").write_bytes(b"a\n")
    diff = unified("a b.py", b"a\n", b"b\n")
    subprocess.run(command, input=diff, cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "a b.py").read_bytes() == b"b\n"


def test_a_terminal_gets_colours_and_no_control_characters():
    diff = unified("a.py", b"\x1b[2Ja\n", b"b\t\xe9\n")
    assert painted(diff, Palette(colours=True)).splitlines()[-2:] == [
        "\x1b[31m-\\x1b[2Ja\x1b[0m",
        "\x1b[32m+b    \\xe9\x1b[0m",
    ]
