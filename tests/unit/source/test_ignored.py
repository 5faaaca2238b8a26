"""What git ignores, by the word of git itself."""

from __future__ import annotations

import random
import shutil
import subprocess

import pytest

from mlhazards.config import Settings
from mlhazards.source.discover import discover

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")

FOLDERS = ("", "sub", "sub/sub", "sub/a", "a", "a/sub", "a/sub/a")
NAMES = ("a.py", "b.py", "ab.py", "#x.py", "!z.py", "x y.py")
PATTERNS = [
    "a.py\\ ", "x y.py", "x?y.py", "#c", "\\#x.py", "\\!z.py", "a[.py", "[", "[ab].py", "[!a].py",
    "*.py", "!*.py", "?.py", "**b.py", "a.py", "!a.py", "/a.py", "/**/a.py", "./a.py", "../a.py",
    "sub", "!sub", "/sub", "sub/", "!sub/", "sub/*", "sub/**", "**/sub", "sub/sub", "sub//a.py",
    "sub/a.py", "!sub/a.py", "sub/**/b.py", "a/", "!a/", "a/**", "a**", "z.py/", "!*/", "*", "**",
    "**/", "/", "//",
]  # fmt: skip


@pytest.fixture
def compare(tmp_path, monkeypatch):
    """Return a function that makes a repository and compares what is found in it with git."""
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q"], check=True)
    for folder in FOLDERS:
        (tmp_path / folder).mkdir(exist_ok=True, parents=True)
        for name in NAMES:
            (tmp_path / folder / name).touch()

    def check(ignores: dict[str, list[str]]) -> None:
        for folder in FOLDERS:
            (tmp_path / folder / ".gitignore").write_text("\n".join(ignores.get(folder, ())))
        command = ["git", "-c", "core.excludesFile=", "ls-files", "-zco", "--exclude-standard"]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        kept = {name for name in listed.split("\0") if name.endswith(".py")}
        assert {each.path for each in discover(["."], Settings()).targets} == kept, ignores

    return check


@pytest.mark.parametrize(
    "ignores",
    [
        {"": ["sub/**", "!sub/a.py"]},
        {"": ["sub/*", "!sub/a.py"]},
        {"": ["a.py"], "a": ["!sub/"]},
        {"": ["a.py"], "a": ["!sub"]},
        {"": ["a**", "!*/"]},
        {"a": ["a/", "!sub/"]},
        {"": ["*", "!*/", "!b.py"]},
    ],
    ids=str,
)
def test_a_pattern_means_what_git_means(compare, ignores):
    compare(ignores)


@pytest.mark.parametrize("seed", range(10))
def test_patterns_in_nested_folders_mean_what_git_means(compare, seed):
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    for _ in range(5):
        compare(
            {
                folder: chance.choices(PATTERNS, k=chance.randint(1, 4))
                for folder in FOLDERS
                if chance.random() < 0.4
            }
        )
