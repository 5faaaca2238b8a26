from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import mlhazards.report
from mlhazards.findings import Failure, Finding, Report, Span
from mlhazards.report import render
from mlhazards.report.fingerprint import fingerprints

NAMES = {"MLH101": "shared-iteration-race", "MLH201": "view-on-attribute"}
SCHEMA = json.loads(
    (Path(mlhazards.report.__file__).parent / "findings.schema.json").read_text("utf-8")
)


def document(report: Report) -> Any:
    return json.loads(render(report, "json", names=NAMES))


def finding(identity: str = "f", line: int = 1, code: str = "MLH101", path: str = "a.py"):
    return Finding(code, path, Span(line, 1, line, 2), "m", identity)


def test_the_schema_is_itself_valid():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("empty", [False, True])
def test_the_document_is_as_the_schema_says(report: Report, empty: bool):  # noqa: FBT001
    jsonschema.validate(document(Report() if empty else report), SCHEMA)


def resolved(schema: Any) -> Any:
    schema = schema.get("oneOf", [schema])[0]
    return SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def assert_described(value: Any, schema: Any) -> None:
    schema = resolved(schema)
    if isinstance(value, list):
        for item in value:
            assert_described(item, schema["items"])
    elif isinstance(value, dict):
        assert set(schema["required"]) == set(value) == set(schema["properties"])
        for key, item in value.items():
            assert_described(item, schema["properties"][key])


def test_the_schema_describes_every_key_that_is_written(report: Report):
    assert_described(document(report), SCHEMA)


def test_every_part_of_a_finding_is_there(report: Report):
    made = document(report)
    assert made["version"] == 1
    assert made["summary"] == {"files": 7, "findings": 2, "fixable": 2}
    assert made["errors"] == [
        {
            "code": "MLH902",
            "path": "bad.py",
            "line": 3,
            "column": 7,
            "stage": "parse",
            "message": "invalid syntax",
        },
        {
            "code": "MLH903",
            "path": "secret.py",
            "line": None,
            "column": None,
            "stage": "read",
            "message": "permission denied",
        },
    ]
    view, race = made["findings"]
    assert (race["name"], race["line"], race["column"], race["end_line"], race["end_column"]) == (
        "shared-iteration-race",
        660,
        34,
        660,
        44,
    )
    assert [(step["side"], step["locks"]) for step in race["witness"]] == [
        (None, []),
        ("one", ["reporter_lock"]),
        ("one", ["reporter_lock", "cond"]),
        ("other", ["other_lock"]),
        ("other", []),
    ]
    assert race["folded"] == ["MLH105"]
    assert (view["confidence"], view["default"]) == ("likely", "on")
    assert (view["fix"]["safety"], view["fix"]["reason"]) == ("unsafe", "it is compared at 30")


def test_a_path_that_is_no_text_survives_as_ascii():
    report = Report(failures=(Failure("MLH903", "caf\udce9.py", "read", "gone"),))
    text = render(report, "json", names=NAMES)
    assert text.isascii()
    assert json.loads(text)["errors"][0]["path"] == "caf\udce9.py"


def test_a_fingerprint_survives_moved_lines():
    assert fingerprints([finding(line=1)], "") == fingerprints([finding(line=99)], "")


def test_a_fingerprint_does_not_depend_on_the_working_directory(monkeypatch, tmp_path):
    (tmp_path / "pkg").mkdir()
    monkeypatch.chdir(tmp_path)
    above = fingerprints([finding(path="pkg/a.py")], str(tmp_path))
    monkeypatch.chdir(tmp_path / "pkg")
    assert fingerprints([finding(path="a.py")], str(tmp_path)) == above


def test_different_findings_have_different_fingerprints():
    findings = [
        finding(),
        finding(line=2),
        finding("g"),
        finding(code="MLH104"),
        finding(path="b.py"),
    ]
    assert len(set(fingerprints(findings, ""))) == len(findings)
