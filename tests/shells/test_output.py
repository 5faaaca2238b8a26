from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mlhazards.shells import output


def test_a_report_replaces_a_file_and_keeps_its_permissions(tmp_path):
    path = tmp_path / "report.txt"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)
    output.write(str(path), "new é")
    assert path.read_text(encoding="utf-8") == "new é"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").write_text("old", encoding="utf-8")
    (tmp_path / "link").symlink_to("real")
    output.write(str(tmp_path / "link"), "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text(encoding="utf-8") == "new"


def test_a_report_that_cannot_be_finished_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "report.txt"
    path.write_text("old", encoding="utf-8")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(output.OutputError, match="No space left on device"):
        output.write(str(path), "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_device_is_written_as_it_is():
    output.write(os.devnull, "text")
    assert Path(os.devnull).is_char_device()


@pytest.mark.parametrize("place", [".", "missing/report.txt"])
def test_a_place_that_cannot_be_written_is_known_before_the_work(tmp_path, place):
    with pytest.raises(output.OutputError, match="cannot write"):
        output.check_writable(str(tmp_path / place))


def test_a_reader_that_goes_away_is_no_trouble():
    code = (
        "import sys\n"
        "from mlhazards.shells.output import put\n"
        "for _ in range(20_000): put('x' * 100 + '\\n')\n"
        "sys.exit(7)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
        assert (process.wait(timeout=60), errors) == (7, b"")


def test_a_new_report_has_the_permissions_that_new_files_have(tmp_path):
    output.write(str(tmp_path / "report.txt"), "text")
    (tmp_path / "other.txt").touch()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(modes) == 1


@pytest.mark.parametrize("path", ["-", "/dev/stdout"])
@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="needs /dev/stdout")
def test_stdout_is_added_to_and_not_replaced(tmp_path, path):
    code = (
        "from mlhazards.shells.output import check_writable, put, write\n"
        f"put('before '); check_writable({path!r}); write({path!r}, 'the report'); put(' after')\n"
    )
    with (tmp_path / "out.txt").open("w", encoding="utf-8") as out:
        subprocess.run([sys.executable, "-c", code], stdout=out, check=True)
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == "before the report after"
    assert [each.name for each in tmp_path.iterdir()] == ["out.txt"]


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs /dev/fd")
def test_a_descriptor_is_written_as_it_is(tmp_path):
    with (tmp_path / "out.txt").open("w", encoding="utf-8") as out:
        output.write(f"/dev/fd/{out.fileno()}", "text")
        assert os.stat(tmp_path / "out.txt").st_ino == os.fstat(out.fileno()).st_ino
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == "text"


def test_only_what_may_be_written_is_written(tmp_path, monkeypatch):
    (tmp_path / "kept.txt").write_text("old", encoding="utf-8")
    monkeypatch.setattr(os, "access", lambda path, _: str(path).endswith(".txt"))
    output.check_writable(str(tmp_path / "kept.txt"))
    before = os.stat(tmp_path / "kept.txt").st_ino
    output.write(str(tmp_path / "kept.txt"), "new")
    assert (tmp_path / "kept.txt").read_text(encoding="utf-8") == "new"
    assert os.stat(tmp_path / "kept.txt").st_ino == before
    monkeypatch.setattr(os, "access", lambda path, _: not str(path).endswith(".txt"))
    with pytest.raises(output.OutputError, match="permission denied"):
        output.check_writable(str(tmp_path / "kept.txt"))
