"""What known cases must give (published packages, as they are), and fixtures of the same shape.

The packages are downloaded, never run; where the index is out of reach the tests say so and skip.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from bench.packages import FetchError, folder_of
from mlhazards.config import Settings
from mlhazards.engine import check, fix
from mlhazards.findings import Finding

FIXTURES = Path(__file__).parent / "fixtures"
SHOWN = Settings(jobs=1)


@pytest.fixture(scope="module")
def package(tmp_path_factory, request):
    """Return a function that gives a fresh copy of a part of a published package."""

    def copied(pinned: str, part: str) -> Path:
        try:
            whole = folder_of(pinned)
        except FetchError as error:
            pytest.skip(str(error))
        target: Path = tmp_path_factory.mktemp(pinned.partition("==")[0]) / part
        shutil.copytree(whole / part, target)
        return target

    return copied


def at(findings: tuple[Finding, ...], code: str, path: Path) -> list[int]:
    name = os.path.relpath(path).replace(os.sep, "/")
    return [found.span.line for found in findings if found.code == code and found.path == name]


@pytest.mark.network
def test_aim_reporter(package):
    folder = package("aim==3.25.1", "aim/sdk/reporter")
    file = folder / "__init__.py"
    [race] = [found for found in check([folder], SHOWN).findings if found.code == "MLH101"]
    assert (race.span.line, race.confidence) == (660, "proven")
    assert race.fix is not None
    assert race.fix.safety == "safe"
    assert at(check([folder], Settings(select=("MLH",), jobs=1)).findings, "MLH104", file) == []

    other = [step for step in race.witness if step.side == "other"]
    assert [step.span.line for step in other] == [433, 434, 637, 458]
    assert other[-1].locks == ()
    one = [step for step in race.witness if step.side == "one"]
    assert one[-1].span.line == 660
    assert one[-1].locks == ("flush_condition", "reporter_lock")

    before = file.read_bytes().splitlines(keepends=True)
    fix([folder], SHOWN)
    after = file.read_bytes().splitlines(keepends=True)
    assert [n for n, (a, b) in enumerate(zip(before, after, strict=True), 1) if a != b] == [660]
    assert after[659].strip() == b"for flag_name in list(flag_names):"
    assert at(check([folder], SHOWN).findings, "MLH101", file) == []


@pytest.mark.network
def test_nuscenes_devkit(package):
    folder = package("nuscenes-devkit==1.1.11", "nuscenes")
    findings = check([folder], SHOWN).findings
    detection = folder / "eval" / "detection" / "data_classes.py"
    assert at(findings, "MLH201", detection) == [39]
    assert at(findings, "MLH201", folder / "eval" / "panoptic" / "evaluate.py") == [91, 92]
    assert at(findings, "MLH201", folder / "eval" / "tracking" / "data_classes.py") == []
    [view] = [found for found in findings if found.span.line == 39 and found.code == "MLH201"]
    assert view.fix is not None
    assert view.fix.safety == "safe"

    fix([folder], SHOWN)
    text = detection.read_text(encoding="utf-8")
    assert "        self.class_names = list(self.class_range.keys())\n" in text
    assert at(check([folder], SHOWN).findings, "MLH201", detection) == []


@pytest.mark.parametrize(
    ("case", "codes"),
    [
        ("MLH101/bad_writer_thread.py", {"MLH101"}),
        ("MLH201/bad_fix.py", {"MLH201"}),
        ("MLH301/bad_pairs_in_try_and_finally.py", {"MLH301"}),
        ("MLH302/bad_pair_across_files", {"MLH302"}),
    ],
)
def test_fixtures_of_the_same_shape(case: str, codes: set[str]):
    assert {found.code for found in check([FIXTURES / case], SHOWN).findings} == codes
