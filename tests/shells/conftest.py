"""The command and flake8 as users start them: in a process of their own, in a folder of theirs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

#: One finding with a safe fix (MLH201) and one without any fix (MLH301 offers an unsafe one).
VIEW = """\
class Config:
    def __init__(self, ranges):
        self.names = ranges.keys()

    def show(self):
        for name in self.names:
            print(name)
"""
LOST = """\
def numbers(limit):
    if limit < 0:
        return ["none"]
    for number in range(limit):
        yield number
"""
CLEAN = "def double(number):\n    return 2 * number\n"

Run = Callable[..., subprocess.CompletedProcess[str]]


def environment(**changes: str) -> dict[str, str]:
    """Return the environment for a child that imports this checkout, whatever is installed."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if key not in {"NO_COLOR", "FORCE_COLOR", "PYTHONWARNINGS"}
    }
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **changes}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the command in ``tmp_path`` and return what it said."""

    def start(*words: str, stdin: str | None = None, **changes: str):
        return subprocess.run(
            [sys.executable, "-m", "mlhazards", *words],
            cwd=tmp_path,
            env=environment(**changes),
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )

    return start


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with one file for each of the texts above."""
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    for name, text in (("view.py", VIEW), ("lost.py", LOST), ("clean.py", CLEAN)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path
