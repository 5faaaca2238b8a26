"""JSON for programs; ``findings.schema.json`` beside this file documents it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlhazards.findings import Failure, Finding, Fix, Report, Span, Step
from mlhazards.report.fingerprint import fingerprints

#: Grows only when a key is removed or changes its meaning; keys may join within a version.
VERSION = 1


def document(report: Report, names: Mapping[str, str], root: str = "") -> dict[str, Any]:
    """Return the report as plain values that ``json`` can write.

    ``names`` maps a code to the name of its rule; ``root`` is the project's folder, below which
    the paths in fingerprints are taken.
    """
    prints = fingerprints(report.findings, root)
    return {
        "version": VERSION,
        "findings": [
            _finding(finding, names.get(finding.code, ""), fingerprint)
            for finding, fingerprint in zip(report.findings, prints, strict=True)
        ],
        "errors": [_failure(failure) for failure in report.failures],
        "summary": {
            "files": report.files,
            "findings": len(report.findings),
            "fixable": sum(finding.fix is not None for finding in report.findings),
        },
    }


def render(report: Report, names: Mapping[str, str], root: str = "") -> str:
    """Return the report as JSON text in ASCII, so that no locale can spoil it."""
    return json.dumps(document(report, names, root), indent=2) + "\n"


def _place(span: Span) -> dict[str, int]:
    return {
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _finding(finding: Finding, name: str, fingerprint: str) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": name,
        "path": finding.path,
        **_place(finding.span),
        "message": finding.message,
        "confidence": finding.confidence,
        "default": finding.default,
        "fingerprint": fingerprint,
        "witness": [_step(step) for step in finding.witness],
        "notes": list(finding.notes),
        "fix": None if finding.fix is None else _fix(finding.fix),
        "folded": list(finding.folded),
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "path": step.path,
        **_place(step.span),
        "side": step.side,
        "message": step.message,
        "locks": list(step.locks),
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "kind": fix.kind,
        "title": fix.title,
        "safety": fix.safety,
        "reason": fix.reason,
        **_place(fix.span),
    }


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "code": failure.code,
        "path": failure.path,
        "line": failure.line,
        "column": failure.column,
        "stage": failure.stage,
        "message": failure.message,
    }
