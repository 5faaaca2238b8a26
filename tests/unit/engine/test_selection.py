from __future__ import annotations

import pytest

from mlhazards.config import ConfigError, Settings
from mlhazards.engine import check
from mlhazards.rule import Rule
from mlhazards.selection import Selection

KNOWN = {"MLH101": "shared-iteration-race", "MLH104": "resize-while-iterating", "MLH201": "view"}


@pytest.mark.parametrize(
    ("settings", "default", "taken"),
    [
        ({}, "on", True),
        ({}, "candidate", False),
        ({}, "extended", False),
        ({"select": ("MLH",)}, "extended", True),
        ({"select": ("mlh101",)}, "candidate", True),
        ({"select": ("MLH2",)}, "on", False),
        ({"select": ("MLH2",), "extend_select": ("MLH1",)}, "on", True),
        ({"extend_select": ("Shared-Iteration-Race",)}, "extended", True),
        ({"extend_select": ("MLH2",)}, "on", True),
        ({"ignore": ("MLH101",)}, "on", False),
        ({"ignore": ("MLH1",)}, "on", False),
        ({"ignore": ("MLH1",), "extend_select": ("MLH101",)}, "on", True),
        ({"ignore": ("MLH1",), "select": ("shared-iteration-race",)}, "on", True),
        ({"ignore": ("MLH101",), "select": ("MLH1",)}, "on", False),
        ({"ignore": ("MLH101",), "select": ("MLH101",)}, "on", False),
        ({"ignore": ("MLH10",), "select": ("MLH1",)}, "on", False),
    ],
)
def test_the_longest_selector_decides(finding, settings, default, taken):
    selection = Selection(Settings(**settings), KNOWN)
    assert selection.takes(finding("MLH101", default=default)) is taken


@pytest.mark.parametrize(
    ("lowest", "taken"),
    [
        ("proven", ["proven"]),
        ("likely", ["proven", "likely"]),
        ("possible", ["proven", "likely", "possible"]),
    ],
)
def test_confidence_is_a_threshold(finding, lowest, taken):
    selection = Selection(Settings(min_confidence=lowest), KNOWN)
    levels = ("proven", "likely", "possible")
    assert [c for c in levels if selection.takes(finding(confidence=c))] == taken


@pytest.mark.parametrize("selector", ["", "MLH9", "E501", "shared", "MLH1010"])
def test_a_selector_of_no_rule_is_an_error(selector):
    with pytest.raises(ConfigError, match=f"ignore: unknown rule `{selector}`"):
        Selection(Settings(ignore=(selector,)), KNOWN)


def test_a_program_rule_that_nobody_wants_does_not_run(tmp_path):
    (tmp_path / "m.py").write_text("x = 1\n")
    runs: list[str] = []

    def looks(code):
        def check(_program):
            runs.append(code)
            return iter(())

        return check

    rules = (
        Rule("MLH107", "one", "One.", "program", looks("MLH107"), default="candidate"),
        Rule("MLH101", "two", "Two.", "program", looks("MLH101")),
    )
    for settings, wanted in (
        (Settings(), ["MLH101"]),
        (Settings(select=("MLH1",)), ["MLH107", "MLH101"]),
        (Settings(extend_select=("one",)), ["MLH107", "MLH101"]),
        (Settings(ignore=("MLH101",)), []),
    ):
        runs.clear()
        check([tmp_path], settings, rules=rules)
        assert runs == wanted
