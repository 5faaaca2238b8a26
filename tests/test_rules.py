"""The one test for all rules: each finding stands exactly where the text says.

`# expect: MLH101` marks a line on which the rule of that folder must report; every other line must
be silent. A folder inside ``tests/fixtures/<CODE>`` is one case of several files. Cases named
``fp_...`` (a false finding) and ``fn_...`` (a missed one) say what would be right, and fail until
it is; their first line says why they are wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlhazards.config import Settings
from mlhazards.engine import check, check_text
from mlhazards.findings import Finding
from mlhazards.rule import Rule
from mlhazards.rules import RULES

FIXTURES = Path(__file__).parent / "fixtures"
EXPECT = re.compile(r"#\s*expect:\s*([A-Z0-9, ]+)")
SECTION = re.compile(r"^## (Example|Use instead)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
KNOWN_WRONG = ("fp_", "fn_")
BY_CODE = {rule.code: rule for rule in RULES}
EVERYTHING = Settings(select=("MLH",), jobs=1)

Place = tuple[str, int]


def cases() -> Iterator[Path]:
    for path in sorted(FIXTURES.glob("*/*")):
        if path.name.endswith(".fixed.py") or path.name.startswith(("_", ".")):
            continue
        if path.suffix == ".py" or (path.is_dir() and any(path.rglob("*.py"))):
            yield path


def reason(case: Path) -> str:
    first = case if case.is_file() else min(case.rglob("*.py"))
    return first.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")


def parameters() -> Iterator[object]:
    for case in cases():
        wrong = case.name.startswith(KNOWN_WRONG)
        marks = [pytest.mark.xfail(reason=reason(case), strict=True)] if wrong else []
        yield pytest.param(case, id=f"{case.parent.name}-{case.stem}", marks=marks)


def examples() -> Iterator[object]:
    for rule in RULES:
        for heading, section in SECTION.findall(rule.doc):
            for number, text in enumerate(FENCE.findall(section), 1):
                yield pytest.param(rule, heading, text, id=f"{rule.code}-{heading}-{number}")


def expected(text: str, code: str) -> list[int]:
    return [
        number
        for number, line in enumerate(text.splitlines(), 1)
        for codes in EXPECT.findall(line)
        for named in re.findall(r"MLH\d{3}", codes)
        if named == code
    ]


def expected_in(case: Path, code: str) -> list[Place]:
    files = [case] if case.is_file() else sorted(case.rglob("*.py"))
    return sorted(
        (file.name, line)
        for file in files
        for line in expected(file.read_text(encoding="utf-8"), code)
    )


def found_in(case: Path) -> tuple[Finding, ...]:
    report = check([case], EVERYTHING)
    assert not report.failures
    return report.findings


@pytest.mark.parametrize("case", list(parameters()))
def test_findings_are_where_the_text_says(case: Path):
    code = case.parent.name
    found = sorted(
        (Path(finding.path).name, finding.span.line)
        for finding in found_in(case)
        if finding.code == code
    )
    assert found == expected_in(case, code)


@pytest.mark.parametrize(("rule", "heading", "text"), list(examples()))
def test_examples_of_the_documentation_are_true(rule: Rule, heading: str, text: str):
    lines = expected(text, rule.code)
    assert bool(lines) == (heading == "Example")
    found = check_text(text, "example.py", EVERYTHING).findings
    assert sorted(f.span.line for f in found if f.code == rule.code) == lines


@pytest.mark.parametrize("rule", RULES, ids=[rule.code for rule in RULES])
def test_each_rule_has_examples_and_fixtures_of_both_kinds(rule: Rule):
    headings = {heading for heading, text in SECTION.findall(rule.doc) if FENCE.search(text)}
    assert headings == {"Example", "Use instead"}
    names = [case.name for case in cases() if case.parent.name == rule.code]
    assert any(name.startswith("bad_") for name in names)
    assert any(name.startswith("good_") for name in names)


def test_fixtures_belong_to_rules_and_say_what_they_are():
    for case in cases():
        code = case.parent.name
        assert code in BY_CODE
        assert case.name.startswith(("bad_", "good_", *KNOWN_WRONG)), case
        if case.name.startswith("bad_"):
            assert expected_in(case, code), case
        if case.name.startswith("good_"):
            assert not expected_in(case, code), case


def test_identities_name_no_line_and_tell_findings_apart():
    for case in cases():
        findings = found_in(case)
        identities = [(finding.code, finding.path, finding.identity) for finding in findings]
        assert len(set(identities)) == len(identities), case
