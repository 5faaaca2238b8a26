"""The map step: one file becomes its facts and the findings of the module rules.

``scan`` is the seam between trees and everything behind them: what it yields depends on the bytes,
the name of the module, the rules and the target alone. A file that cannot be analysed is a result,
never the end of the run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from zlib import crc32

from msgspec import Struct

from mlhazards.config import Settings
from mlhazards.facts import Module, extract
from mlhazards.facts.model import ModuleFacts
from mlhazards.findings import Failure, Finding, Stage
from mlhazards.rule import Rule
from mlhazards.source.file import ReadError, SourceFile, Target, read
from mlhazards.syntax.parse import ParseError, parse


class Job(Struct, frozen=True, gc=False):
    """A file to scan: where it is and what it is called as a module.

    ``reported`` is False for files that are followed for their facts alone.
    """

    target: Target
    name: str
    is_package: bool
    reported: bool = True


class Scan(Struct):
    """What one file yields; no facts where a failure says why.

    ``checksum`` is of the bytes, so that a file which has changed since is not taken for this one.
    """

    path: str
    facts: ModuleFacts | None = None
    findings: tuple[Finding, ...] = ()
    failures: tuple[Failure, ...] = ()
    checksum: int = 0


def scan_file(job: Job, settings: Settings, rules: Iterable[Rule]) -> Scan:
    """Read the file of ``job`` and scan it."""
    try:
        source = read(job.target, settings)
    except ReadError as error:
        return _failed(job, "read", str(error))
    return scan(source, job, settings, rules)


def scan(
    source: SourceFile,
    job: Job,
    settings: Settings,
    rules: Iterable[Rule],
    tree: ast.Module | None = None,
) -> Scan:
    """Return the facts of ``source`` and what the module rules among ``rules`` find in it.

    ``tree`` saves the parse where a caller has the tree already.
    """
    try:
        tree = tree or parse(source)
    except ParseError as error:
        failure = Failure(
            "MLH902" if error.syntax else "MLH903",
            job.target.path,
            "parse",
            error.message,
            error.line,
            error.column,
        )
        return Scan(job.target.path, failures=(failure,))
    try:
        module = extract(
            source,
            tree,
            job.name,
            is_package=job.is_package,
            target_python=settings.target_python,
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, the other files must not suffer
        return _failed(job, "facts", crash(error))
    findings, failures = _checked(module, job, rules) if job.reported else ([], [])
    checksum = crc32(source.data)
    return Scan(job.target.path, module.facts, tuple(findings), tuple(failures), checksum)


def crash(error: BaseException, what: str = "the analysis") -> str:
    """Return the message of a Failure for an error of our own."""
    text = str(error).partition("\n")[0]
    return f"{what} crashed: {type(error).__name__}" + (f": {text}" if text else "")


def _checked(
    module: Module, job: Job, rules: Iterable[Rule]
) -> tuple[list[Finding], list[Failure]]:
    findings: list[Finding] = []
    failures: list[Failure] = []
    for rule in rules:
        if rule.over != "module":
            continue
        try:
            findings += list(rule.check(module))
        except Exception as error:  # noqa: BLE001 - one rule's mistake must not silence the others
            message = crash(error, rule.code)
            failures.append(Failure("MLH903", job.target.path, "check", message))
    return findings, failures


def _failed(job: Job, stage: Stage, message: str) -> Scan:
    path = job.target.path
    return Scan(path, failures=(Failure("MLH903", path, stage, message),))
