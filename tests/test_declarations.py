"""What is declared in one place and shown in another is the same in both."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from mlhazards.report.explain import fixable, page, section, terminal
from mlhazards.report.terminal import Palette
from mlhazards.rule import Rule
from mlhazards.rules import RULES

ROOT = Path(__file__).parent.parent
BY_CODE = pytest.mark.parametrize("rule", RULES, ids=[rule.code for rule in RULES])


@pytest.fixture(scope="module")
def gen_docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gen_docs", ROOT / "tools" / "gen_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_of_the_documentation_are_current(gen_docs: ModuleType):
    stale = [str(path.relative_to(ROOT)) for path in gen_docs.stale()]
    assert stale == [], "run: python tools/gen_docs.py"


@BY_CODE
def test_a_page_says_what_the_terminal_says(rule: Rule):
    shown = terminal(rule, Palette())
    for text in (rule.code, rule.name, rule.title, "What it does"):
        assert text in page(rule)
        assert text in shown
    assert "expect:" not in page(rule) + shown
    assert "```" not in shown


@BY_CODE
def test_the_documentation_has_its_sections(rule: Rule):
    for title in ("What it does", "Why it is a hazard", "Example", "Use instead", "Fix"):
        assert section(rule, title), title


@BY_CODE
def test_the_documentation_says_whether_there_is_a_fix(rule: Rule):
    fix = section(rule, "Fix").lower()
    assert fixable(rule) == ("safe" in fix or "unsafe" in fix)
