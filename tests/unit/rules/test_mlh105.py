"""What a finding of MLH105 says: how sure it is, what may be done, and why."""

from __future__ import annotations

import pytest

from mlhazards.config import Settings
from mlhazards.engine import check_text
from mlhazards.findings import Finding

PEDANTIC = Settings(select=("MLH105",), jobs=1, min_confidence="possible")


def found(text: str) -> tuple[Finding, ...]:
    return check_text(text, "m.py", PEDANTIC).findings


def only(text: str) -> Finding:
    (finding,) = found(text)
    return finding


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("import sys\ndef f():\n    for k in sys.modules: pass", "proven"),
        ("import sys\nfor k in sys.modules: pass", "possible"),
        ("import sys\nfor k, v in sys.modules.items(): pass", "proven"),
        ("for k in globals(): pass", "proven"),
        ("import logging\nfor k in logging.root.manager.loggerDict: pass", "possible"),
        ("def f(log):\n    for k in log.manager.loggerDict: pass", "likely"),
        ("import sys\ndef f(table=sys.modules):\n    for k in table: pass", "likely"),
        ("import json\ndef f():\n    for k in vars(json): pass", "likely"),
        ("import json\nfor k in vars(json): pass", "possible"),
        ("import os\nfor k, v in os.environ.items(): pass", "possible"),
        ("import os\nmax(os.environ.values(), key=len)", "possible"),
    ],
)
def test_confidence(text: str, confidence: str):
    assert only(text).confidence == confidence


@pytest.mark.parametrize(
    ("text", "default"),
    [
        ("import json\ndef f():\n    for k in vars(json): pass", "candidate"),
        ("def f():\n    for k in globals(): pass", "candidate"),
        (
            "import logging\ndef f():\n    for k in logging.root.manager.loggerDict: pass",
            "candidate",
        ),
        ("import sys\ndef f():\n    for k in sys.modules: pass", "on"),
        ("import threading\ndef f():\n    for k in threading._active: pass", "on"),
    ],
)
def test_tables_that_seldom_change_are_candidates(text: str, default: str):
    assert only(text).default == default


@pytest.mark.parametrize(
    "text",
    [
        "import os\nfor k in os.environ: pass",
        "import os\nfor k in os.environ.keys(): pass",
        "import os\ndict(os.environ)",
        "import os\nenv = os.environ\nfor i, k in enumerate(env): pass",
    ],
)
def test_the_keys_of_the_environment_are_walked_over_a_copy(text: str):
    assert found(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "import os\nfor k, v in os.environ.items(): pass",
        "import threading\nfor t in threading._dangling: pass",
        "import logging\nfor n in logging._handlers.values(): pass",
    ],
)
def test_no_fix_where_no_copy_is_safe(text: str):
    assert only(text).fix is None


def test_the_fix_wraps_what_is_walked():
    fix = only("import sys\nfor i, k in enumerate(sys.modules.items()): pass").fix
    assert fix is not None
    assert (fix.kind, fix.form, fix.safety) == ("snapshot", "list", "safe")
    assert (fix.span.column, fix.span.end_column) == (23, 42)


def test_a_shadowed_list_is_written_as_a_display():
    fix = only("import sys\nlist = tuple\nfor k in sys.modules: pass").fix
    assert fix is not None
    assert fix.form == "star"


def test_the_message_names_the_table_and_who_changes_it():
    finding = only("import sys\nfor k in sys.modules: pass")
    assert finding.message == "loop over `sys.modules` while any import can change it"
    assert finding.notes == ("RuntimeError: dictionary changed size during iteration",)


def test_of_a_list_entries_are_skipped():
    finding = only("import warnings\nfor f in warnings.filters: pass")
    assert finding.notes == ("no error: entries are skipped or seen twice",)


def test_the_witness_shows_where_the_other_name_was_made():
    finding = only("import sys\ndef f():\n    table = sys.modules\n    for k in table: pass")
    steps = [(step.span.line, step.message) for step in finding.witness]
    assert steps == [
        (3, "another name for it, not a copy"),
        (4, "walks `sys.modules` entry by entry"),
    ]


def test_two_loops_of_one_function_have_two_identities():
    text = "import sys\ndef f():\n    for k in sys.modules: pass\n    for k in sys.modules: pass"
    assert [finding.identity for finding in found(text)] == [
        "f:sys.modules #1",
        "f:sys.modules #2",
    ]


@pytest.mark.parametrize("walked", ["n or sys.modules", "sys.modules if n else globals()"])
def test_a_conditional_expression_is_one_finding(walked: str):
    assert only(f"import sys\ndef f(n):\n    for k in {walked}: pass").span.line == 3
