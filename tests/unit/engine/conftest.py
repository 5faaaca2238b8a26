"""Rules of the tests' own: each finds one plain thing, so that the engine alone is tested."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from mlhazards.facts import Module
from mlhazards.findings import Finding, Fix, Span
from mlhazards.program import Program
from mlhazards.rule import Rule


def _find_names(module: Module) -> Iterator[Finding]:
    """Find each use of the name HAZARD; HAZARD_CANDIDATE and so on are other shapes."""
    for node in module.nodes(ast.Name):
        if node.id.startswith("HAZARD"):
            span = module.span(node)
            yield Finding(
                code="MLH101",
                path=module.path,
                span=span,
                message=f"uses `{node.id}`",
                identity=node.id,
                confidence="possible" if node.id.endswith("POSSIBLE") else "proven",
                default="candidate" if node.id.endswith("CANDIDATE") else "on",
                fix=Fix("rename", span, "rename it", "safe"),
            )


def _find_twins(program: Program) -> Iterator[Finding]:
    """Find each function whose name another module has as well."""
    seen: dict[str, str] = {}
    for module in sorted(program.modules.values(), key=lambda facts: facts.path):
        for function in module.functions[1:]:
            if seen.setdefault(function.name, module.path) != module.path:
                message = f"`{function.name}` is in {seen[function.name]} as well"
                span = module.span(function.at)
                yield Finding("MLH302", module.path, span, message, function.qualname)


def crash_on(text: str, over: str = "module") -> Rule:
    """Return a rule that raises where the source holds ``text``."""

    def check(subject: object) -> Iterator[Finding]:
        if isinstance(subject, Program) or text in subject.source.text:  # type: ignore[attr-defined]
            message = "on purpose"
            raise RuntimeError(message)
        yield from ()

    return Rule("MLH999", "crasher", "Crash.", over, check)  # type: ignore[arg-type]


NAMES = Rule("MLH101", "shared-iteration-race", "Names.", "module", _find_names)
TWINS = Rule("MLH302", "loop-over-result-itself", "Twins.", "program", _find_twins)


@pytest.fixture
def rules():
    return (NAMES, TWINS)


@pytest.fixture
def crasher():
    return crash_on


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Return a function that writes files, given as keyword-like pairs, in the current folder."""
    monkeypatch.chdir(tmp_path)

    def make(files: dict[str, str | bytes]) -> None:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())

    return make


@pytest.fixture
def finding():
    """Return a function that makes a finding with sensible parts."""

    def make(code: str = "MLH101", line: int = 1, path: str = "a.py", **parts: object) -> Finding:
        span = Span(line, 1, line, 5)
        values = {"message": code.lower(), "identity": f"{code}-{line}", **parts}
        return Finding(code=code, path=path, span=span, **values)  # type: ignore[arg-type]

    return make
