"""What the documents and the examples claim is so."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.packages import FetchError, folder_of
from mlhazards.config import Settings
from mlhazards.engine import check
from mlhazards.rules import RULES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FINDING = re.compile(r"<!-- finding: (\S+) (\S+) -->\n```text\n(.*?)```\n", re.DOTALL)
ROW = re.compile(r"^\| (MLH\d{3}) \| ([a-z-]+) \|.*\| (\w+) \|$", re.MULTILINE)
CODE = re.compile(r"`training/(\w+\.py)` \| (MLH\d{3})")


def test_the_table_of_the_readme_is_that_of_the_rules():
    assert [(code, name) for code, name, _ in ROW.findall(README)] == [
        (rule.code, rule.name) for rule in RULES
    ]


def test_each_file_of_the_examples_has_its_one_hazard():
    claimed = sorted(CODE.findall((ROOT / "examples" / "README.md").read_text(encoding="utf-8")))
    report = check([ROOT / "examples"], Settings(jobs=1))
    assert sorted((Path(f.path).name, f.code) for f in report.findings) == claimed
    assert len({code for _, code in claimed}) == len(claimed) == 6


@pytest.mark.network
@pytest.mark.parametrize(("package", "path", "text"), FINDING.findall(README))
def test_the_readme_shows_what_is_printed(package: str, path: str, text: str):
    try:
        folder = folder_of(package)
    except FetchError as error:
        pytest.skip(str(error))
    command = [sys.executable, "-c", "from mlhazards.shells.cli import main; main()"]
    done = subprocess.run(
        [*command, "--isolated", path],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stdout == text, done.stderr
