from __future__ import annotations

import os
import subprocess

import pytest

from mlhazards.config import Settings
from mlhazards.source.discover import discover


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Return a function that makes files in a fresh working directory."""
    (tmp_path / "w").mkdir()
    monkeypatch.chdir(tmp_path / "w")

    def make(*names, text=""):
        for name in names:
            path = tmp_path / "w" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return make


def found(*paths, **settings):
    return [target.path for target in discover(paths, Settings(**settings)).targets]


def skipped(*paths):
    return dict(discover(paths, Settings()).skipped)


def test_the_current_folder_is_the_default_and_the_order_is_fixed(tree):
    tree("b.py", "a/z.py", "a/b/c.py", "a.py", "gui.pyw", "types.pyi", "data.txt")
    assert found() == ["a/b/c.py", "a/z.py", "a.py", "b.py", "gui.pyw"]
    assert found("b.py", ".", "a") == found()


def test_the_usual_folders_are_left_out(tree):
    usual = (".venv", "build", "dist", "node_modules", ".git", ".tox", "x/__pycache__")
    tree("a.py", *(f"{folder}/a.py" for folder in usual))
    assert found() == ["a.py"]
    assert found(exclude=("x",)) == [
        ".git/a.py", ".tox/a.py", ".venv/a.py", "a.py", "build/a.py", "dist/a.py",
        "node_modules/a.py",
    ]  # fmt: skip


def test_what_is_named_is_checked_whatever_it_is_called_and_wherever_it_lies(tree):
    tree("script", "build/a.py", "build/dist/b.py")
    assert found("script", "build/a.py") == ["build/a.py", "script"]
    assert found("build") == ["build/a.py"]
    assert found("build", "script", "build/a.py", force_exclude=True) == ["script"]


def test_extend_exclude_adds_to_the_usual_ones(tree):
    tree("a.py", "gen/b.py", "x_pb2.py", "t/data/c.py", "build/d.py")
    assert found(extend_exclude=("gen", "*_pb2.py", "t/data")) == ["a.py"]


def test_nested_gitignores_decide_from_the_deepest_up(tree):
    tree("a.py", "gen.py", "sub/gen.py", "sub/other.py", "deep/er/gen.py", "out/a.py")
    tree(".gitignore", text="gen.py\n/out/\n")
    tree("sub/.gitignore", text="!gen.py\nother.py\n")
    assert found() == ["a.py", "sub/gen.py"]
    assert found(respect_gitignore=False) == [
        "a.py", "deep/er/gen.py", "gen.py", "out/a.py", "sub/gen.py", "sub/other.py",
    ]  # fmt: skip


def test_gitignores_above_the_given_folder_count_but_not_against_itself(tree):
    tree("sub/a.py", "sub/gen.py", "out/a.py", "out/gen.py")
    tree(".gitignore", text="gen.py\nout/\n")
    tree("out/.gitignore", text="gen.py\n")
    subprocess.run(["git", "init", "-q"], check=True)
    assert found("sub") == ["sub/a.py"]
    assert found("out") == ["out/a.py"]
    assert found("sub/gen.py") == ["sub/gen.py"]


def test_info_exclude_counts_below_every_gitignore(tree):
    tree("a.py", "b.py", ".gitignore")
    subprocess.run(["git", "init", "-q"], check=True)
    tree(".git/info/exclude", text="a.py\nb.py\n")
    assert found() == []
    tree(".gitignore", text="!b.py\n")
    assert found() == ["b.py"]


def test_a_senseless_pattern_of_git_is_passed_over(tree):
    tree("a.py", "b.py")
    tree(".gitignore", text="!\na.py\n")
    assert found() == ["b.py"]


def test_links_are_taken_only_inside_the_tree_and_only_once(tree, tmp_path):
    tree("real/a.py", "../outside/o.py")
    outside = tmp_path / "outside"
    for link, goal in [
        ("real/b.py", "a.py"),
        ("real/out.py", outside / "o.py"),
        ("out", outside),
        ("real/loop", ".."),
        ("again", "real"),
        ("gone.py", "nowhere"),
        ("real/data.bin", outside / "o.py"),
    ]:
        os.symlink(goal, link)
    assert found() == ["real/a.py"]
    assert skipped() == {
        "again": "a link to a folder of the same tree",
        "gone.py": "a link that leads nowhere",
        "out": "a link out of the tree",
        "real/b.py": "a link to a file that is checked itself",
        "real/loop": "a link that loops",
        "real/out.py": "a link out of the tree",
    }
    assert found("real/out.py") == ["real/out.py"]
    assert found("real/out.py", "out") == ["out/o.py"]


def test_a_file_that_is_given_by_several_names_is_taken_once(tree):
    tree("real/b.py")
    os.symlink("real", "again")
    os.symlink("real/b.py", "a.py")
    assert found("a.py", "again", "real", "real/b.py") == ["real/b.py"]
    assert found("again", "a.py") == ["again/b.py"]
    assert found("a.py") == ["a.py"]


def test_a_link_to_a_file_that_the_walk_leaves_out_is_taken(tree):
    tree("build/a.py")
    os.symlink("build/a.py", "b.py")
    assert found() == ["b.py"]


def test_a_fifo_is_skipped_while_walking_and_kept_when_named(tree):
    tree("a.py")
    os.mkfifo("pipe.py")
    assert found() == ["a.py"]
    assert skipped() == {"pipe.py": "not a regular file (a FIFO)"}
    assert found("pipe.py") == ["pipe.py"]


def test_what_does_not_exist_is_a_failure_and_the_rest_goes_on(tree):
    tree("a.py")
    discovery = discover(["gone", "a.py"], Settings())
    assert [target.path for target in discovery.targets] == ["a.py"]
    assert [(f.code, f.path, f.stage) for f in discovery.failures] == [
        ("MLH903", "gone", "discover")
    ]


def test_what_goes_away_during_the_walk_is_skipped(tree, monkeypatch):
    tree("a.py")
    os.symlink("a.py", "b.py")
    realpath = os.path.realpath

    def late(path):
        if os.path.basename(path) == "b.py":
            raise FileNotFoundError(2, "No such file or directory")
        return realpath(path)

    monkeypatch.setattr(os.path, "realpath", late)
    assert found() == ["a.py"]
    assert skipped() == {"b.py": "No such file or directory"}


def test_what_cannot_be_looked_at_is_not_said_to_be_missing(tree, monkeypatch):
    def refusing(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "lstat", refusing)
    failures = discover(["locked/a.py"], Settings()).failures
    assert [(f.path, f.message) for f in failures] == [("locked/a.py", "Permission denied")]


def test_a_folder_without_permission_is_a_failure(tree, monkeypatch):
    tree("a.py", "locked/b.py")
    scandir = os.scandir

    def refusing(path):
        # Permissions do not hold back a test that is run by root.
        if os.path.basename(path) == "locked":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    discovery = discover([], Settings())
    assert [target.path for target in discovery.targets] == ["a.py"]
    assert [(f.path, f.message) for f in discovery.failures] == [("locked", "Permission denied")]


def test_a_tree_deeper_than_the_stack_is_walked(tree):
    depth = 1200
    for _ in range(depth):  # a path this long cannot be made in one go
        os.mkdir("d")
        os.chdir("d")
    top = "/".join([".."] * depth)
    os.chdir(top)
    discovery = discover([], Settings())
    # Beyond the longest path that the system takes, the folder is a failure, never a crash.
    assert discovery.targets == ()
    assert len(discovery.failures) <= 1
    subprocess.run(["rm", "-rf", "d"], check=True)
