from __future__ import annotations

import os
import stat

import pytest

from mlhazards.replacing import ReplaceError, replace_file


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    return path


def test_the_bytes_are_replaced_and_the_permissions_kept(file):
    file.chmod(0o751)
    replace_file(str(file), b"old", b"new")
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o751
    assert os.listdir(file.parent) == ["a.py"]


def test_a_file_that_changed_since_is_left(file):
    with pytest.raises(ReplaceError, match="changed since it was read"):
        replace_file(str(file), b"older", b"new")
    assert file.read_bytes() == b"old"
    assert os.listdir(file.parent) == ["a.py"]


def test_a_read_only_file_or_folder_is_left(file):
    file.chmod(0o444)
    with pytest.raises(ReplaceError, match="the file is read-only"):
        replace_file(str(file), b"old", b"new")
    file.chmod(0o644)
    file.parent.chmod(0o555)
    try:
        with pytest.raises(ReplaceError, match="the folder is read-only"):
            replace_file(str(file), b"old", b"new")
    finally:
        file.parent.chmod(0o755)
    assert file.read_bytes() == b"old"


def test_a_link_stays_a_link(file, tmp_path):
    link = tmp_path / "link.py"
    link.symlink_to(file)
    replace_file(str(link), b"old", b"new")
    assert link.is_symlink()
    assert file.read_bytes() == b"new"


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_an_interruption_leaves_whole_files_only(file, monkeypatch, error):
    def interrupted(source, target):
        raise error

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(error):
        replace_file(str(file), b"old", b"new")
    assert file.read_bytes() == b"old"
    assert os.listdir(file.parent) == ["a.py"]
