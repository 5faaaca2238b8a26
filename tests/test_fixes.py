"""Fixes of all rules, through the engine: the text they give, and what they must leave alone.

``tests/fixtures/<CODE>/bad_x.fixed.py`` is ``bad_x.py`` after all its fixes, unsafe ones too.
"""

from __future__ import annotations

import ast
import io
import shutil
import tokenize
from collections import Counter
from pathlib import Path

import pytest

from mlhazards.config import Settings
from mlhazards.engine import check, fix
from mlhazards.findings import Finding

FIXTURES = Path(__file__).parent / "fixtures"
EVERYTHING = Settings(select=("MLH",), jobs=1)
FIXED = sorted(FIXTURES.glob("*/*.fixed.py"))
BAD = [
    path
    for path in sorted(FIXTURES.glob("*/bad_*"))
    if path not in FIXED and (path.suffix == ".py" or any(path.rglob("*.py")))
]


def name_of(path: Path) -> str:
    return f"{path.parent.name}-{path.name.split('.')[0]}"


def with_fixes(findings: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in findings if finding.fix]


def copied(case: Path, folder: Path) -> Path:
    copy = folder / case.name
    if case.is_dir():
        shutil.copytree(case, copy)
    else:
        shutil.copyfile(case, copy)
    return copy


def comments(data: bytes) -> list[str]:
    tokens = tokenize.tokenize(io.BytesIO(data).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


@pytest.mark.parametrize("expected", FIXED, ids=name_of)
def test_the_fixed_text_is_as_written(expected: Path):
    case = expected.with_name(expected.name.replace(".fixed.py", ".py"))
    [change] = fix([case], EVERYTHING, unsafe=True, write=False).changes
    assert change.before == case.read_bytes()
    assert change.after.decode() == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", BAD, ids=name_of)
def test_every_fix_is_carried_out_once_and_for_all(case: Path, tmp_path: Path):
    copy = copied(case, tmp_path)
    wanted = with_fixes(check([copy], EVERYTHING).findings)
    fixed = fix([copy], EVERYTHING, unsafe=True)
    assert fixed.report.failures == ()
    assert fixed.left == ()
    assert len(fixed.fixed) == len(wanted)
    assert with_fixes(fixed.report.findings) == []
    assert bool(fixed.changes) == bool(wanted)
    for change in fixed.changes:
        ast.parse(change.after)
        assert comments(change.after) == comments(change.before)
    assert fix([copy], EVERYTHING, unsafe=True).changes == ()


@pytest.mark.parametrize("case", BAD, ids=name_of)
def test_an_unsafe_fix_says_why_and_waits_to_be_asked_for(case: Path):
    offered = [f.fix for f in with_fixes(check([case], EVERYTHING).findings) if f.fix]
    assert all(bool(each.reason) == (each.safety == "unsafe") for each in offered)
    safe = sum(each.safety == "safe" for each in offered)
    assert len(fix([case], EVERYTHING, write=False).fixed) == safe


def test_each_rule_with_a_fix_shows_a_fixed_text():
    fixing = Counter(finding.code for finding in with_fixes(check(list(BAD), EVERYTHING).findings))
    assert set(fixing) == {path.parent.name for path in FIXED}
