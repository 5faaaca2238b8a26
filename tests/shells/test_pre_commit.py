"""The hooks for pre-commit, tried with the real program on a git repository made for the test."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.shells.conftest import CLEAN, ROOT, VIEW, environment

pytest.importorskip("pre_commit", reason="pre-commit is not installed")
yaml = pytest.importorskip("yaml", reason="comes with pre-commit")
pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

HOOKS: list[dict[str, Any]] = yaml.safe_load(
    (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
)
FIXED_VIEW = VIEW.replace("ranges.keys()", "list(ranges.keys())")

Commit = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def repository(project: Path) -> Path:
    """Return the project as a git repository with everything staged."""
    (project / "notes.txt").write_text("self.names = ranges.keys()\n", encoding="utf-8")
    _git(project, "init", "--quiet")
    _git(project, "add", ".")
    return project


def _git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid")
    done = subprocess.run(
        ["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.fixture
def pre_commit(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Commit:
    home = tmp_path_factory.mktemp("pre-commit")

    def start(*words: str):
        return subprocess.run(
            [sys.executable, "-m", "pre_commit", *words],
            cwd=repository,
            env=environment(PRE_COMMIT_HOME=str(home), PRE_COMMIT_COLOR="never"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=600,
        )

    return start


@pytest.fixture
def hook(repository: Path, pre_commit: Commit) -> Commit:
    """Run a hook as it is declared, but from this checkout instead of a fresh environment."""

    def start(name: str):
        declared = next(each for each in HOOKS if each["id"] == name)
        entry = declared["entry"].replace("mlhazards", f"{sys.executable} -m mlhazards", 1)
        local = {**declared, "entry": entry, "language": "system", "verbose": True}
        config = {"repos": [{"repo": "local", "hooks": [local]}]}
        (repository / ".pre-commit-config.yaml").write_text(json.dumps(config), encoding="utf-8")
        _git(repository, "add", ".pre-commit-config.yaml")
        return pre_commit("run", name)

    return start


def reported(done: subprocess.CompletedProcess[str]) -> list[str]:
    return re.findall(r"^\S+:\d+:\d+: MLH\d+", done.stdout, re.MULTILINE)


def test_there_are_three_hooks_for_python_files():
    assert [each["id"] for each in HOOKS] == ["mlhazards", "mlhazards-fix", "mlhazards-project"]
    for each in HOOKS:
        assert each["types_or"] == ["python", "pyi"]
        assert each["require_serial"] is True
        assert each["language"] == "python"
        assert each["entry"].split()[0] == "mlhazards"
    assert [each.get("pass_filenames", True) for each in HOOKS] == [True, True, False]


def test_the_check_reports_what_is_staged(hook: Commit, repository: Path):
    _git(repository, "rm", "--quiet", "--cached", "lost.py")
    done = hook("mlhazards")
    assert done.returncode == 1
    assert reported(done) == ["view.py:3:22: MLH201"]


def test_the_check_passes_on_clean_files(hook: Commit, repository: Path):
    _git(repository, "rm", "--quiet", "--cached", "lost.py", "view.py")
    assert hook("mlhazards").returncode == 0


def test_the_check_leaves_out_what_the_configuration_excludes(hook: Commit, repository: Path):
    text = '[tool.mlhazards]\nextend-exclude = ["view.py", "lost.py"]\n'
    (repository / "pyproject.toml").write_text(text, encoding="utf-8")
    _git(repository, "add", "pyproject.toml")
    assert hook("mlhazards").returncode == 0


def test_the_fix_fails_when_it_changed_a_file_and_passes_then(hook: Commit, repository: Path):
    (repository / "lost.py").write_text(CLEAN, encoding="utf-8")
    _git(repository, "add", "lost.py")
    done = hook("mlhazards-fix")
    assert done.returncode == 1
    assert "files were modified by this hook" in done.stdout
    assert (repository / "view.py").read_text(encoding="utf-8") == FIXED_VIEW
    _git(repository, "add", "view.py")
    assert hook("mlhazards-fix").returncode == 0


def test_the_project_hook_checks_everything_whatever_is_staged(hook: Commit, repository: Path):
    _git(repository, "commit", "--quiet", "--no-verify", "--message", "all")
    (repository / "clean.py").write_text(CLEAN + "\n", encoding="utf-8")
    _git(repository, "add", "clean.py")
    done = hook("mlhazards-project")
    assert done.returncode == 1
    assert reported(done) == ["lost.py:3:9: MLH301", "view.py:3:22: MLH201"]


@pytest.mark.network
@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="pre-commit installs from git only")
def test_the_hook_installs_from_this_repository(pre_commit: Commit):
    done = pre_commit("try-repo", str(ROOT), "mlhazards", "--all-files", "--verbose")
    if re.search(r"No matching distribution|ConnectionError|Temporary failure", done.stdout):
        pytest.skip("the package index is out of reach")
    assert done.returncode == 1, done.stdout + done.stderr
    assert reported(done) == [
        "lost.py:3:9: MLH301",
        "view.py:3:22: MLH201",
    ]
