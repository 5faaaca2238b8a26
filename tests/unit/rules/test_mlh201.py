"""What a finding of MLH201 says: how sure it is, and when a list does as well."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from mlhazards.config import Settings
from mlhazards.engine import check, check_text
from mlhazards.findings import Finding, Fix

PEDANTIC = Settings(select=("MLH201",), jobs=1, min_confidence="possible")


def found(text: str) -> tuple[Finding, ...]:
    return check_text(dedent(text), "m.py", PEDANTIC).findings


def only(text: str) -> Finding:
    (finding,) = found(text)
    return finding


def fix_of(use: str, bind: str = "self.names = table.keys()") -> Fix:
    """Return the fix in a class that binds the view as ``bind`` and uses it as ``use``."""
    finding = only(
        f"""
        class Config:
            def __init__(self, table: dict, more):
                self.table = table
                {bind}

            def use(self, given):
                {use}
        """
    )
    assert finding.fix is not None
    return finding.fix


@pytest.mark.parametrize(
    "use",
    [
        "pass",
        "for name in self.names: print(name)",
        "return [name for name in self.names]",
        "return any(name for name in self.names)",
        "return max(self.names), sum(self.names), min(self.names)",
        "return dict(zip(self.names, range(9)))",
        "return [*self.names]",
        "return len(self.names)",
        "return given in self.names",
        "return given not in self.names",
        "return self.names[0]",
        "return list(self.names), tuple(self.names), set(self.names), sorted(self.names)",
        "if self.names: return 1",
        "if not self.names: return 1",
        "names = self.names\nfor name in names: print(name)",
        "self.names.append(given)",
        "return given.names.keys()",
        "self.names = []",
    ],
)
def test_safe_where_a_list_does_as_well(use: str):
    fix = fix_of(use.replace("\n", "\n" + " " * 16))
    assert (fix.safety, fix.reason) == ("safe", "")
    assert (fix.kind, fix.form) == ("snapshot", "list")


@pytest.mark.parametrize(
    ("use", "reason"),
    [
        ("return self.names - given", "set operations"),
        ("return given | self.names", "set operations"),
        ("return self.names.isdisjoint(given)", "set operations"),
        ("return self.names.mapping", "set operations"),
        ("return self.names == given", "compared"),
        ("return given <= self.names", "compared"),
        ("return given(self.names)", "handed to calls"),
        ("return given(names=self.names)", "handed to calls"),
        ("return f'{self.names}'", "handed on"),
        ("return self.names", "handed on"),
        ("return getattr(self, 'names')", "handed on"),
        ("yield self.names", "handed on"),
        ("given.other = self.names", "handed on"),
        ("return [self.names]", "handed on"),
        ("names = self.names\nreturn names - given", "set operations"),
        ("names = self.names\nreturn lambda: names == given", "compared"),
        ("names = self.names if given else ()\nreturn names", "handed on"),
        ("names = []\nif given: names = self.names\nelse: names = 1\nreturn names - 1", "set op"),
    ],
)
def test_unsafe_where_it_may_not(use: str, reason: str):
    fix = fix_of(use.replace("\n", "\n" + " " * 16))
    assert fix.safety == "unsafe"
    assert reason in fix.reason


@pytest.mark.parametrize(
    ("bind", "reason"),
    [
        ("self.names = [table.keys()]", "elements"),
        ("self.names = {'a': table.keys()}", "elements"),
        ("self.names = names = table.keys()", "plain name"),
        ("self.names = (names := table.keys())", "plain name"),
        ("setattr(self, more, table.keys())", "run time"),
        ("self.names: KeysView[str] = table.keys()", "declared as a view"),
        ("self.names: 'collections.abc.Set[str]' = table.keys()", "declared as a view"),
    ],
)
def test_unsafe_by_the_way_it_is_bound(bind: str, reason: str):
    fix = fix_of("pass", bind)
    assert fix.safety == "unsafe"
    assert reason in fix.reason


@pytest.mark.parametrize(
    "change",
    [
        "self.table['new'] = given",
        "self.table.pop(given)",
        "self.table.update(given)",
        "del self.table[given]",
        "given.table.clear()",
        "table = self.table\n                table.clear()",
    ],
)
def test_unsafe_where_the_view_may_be_meant_to_follow_its_dict(change: str):
    fix = fix_of(change, "self.names = self.table.keys()")
    assert fix.safety == "unsafe"
    assert "may change later" in fix.reason


def test_a_dict_filled_before_does_not_change_later():
    fix = only(
        """
        class Config:
            def __init__(self):
                table = {}
                table["a"] = 1
                self.names = table.keys()
        """
    ).fix
    assert fix is not None
    assert fix.safety == "safe"


def test_a_dict_filled_afterwards_does():
    fix = only(
        """
        class Config:
            def __init__(self):
                self.table = table = {}
                self.names = table.keys()
                self.table["a"] = 1
        """
    ).fix
    assert fix is not None
    assert fix.safety == "unsafe"


def test_uses_in_other_files_count(tmp_path: Path):
    (tmp_path / "config.py").write_text(
        "class Config:\n    def __init__(self, table: dict):\n        self.names = table.keys()\n"
    )
    [alone] = check([tmp_path], PEDANTIC).findings
    assert alone.fix is not None
    assert alone.fix.safety == "safe"
    (tmp_path / "use.py").write_text("def use(config, names):\n    return config.names & names\n")
    [finding] = check([tmp_path], PEDANTIC).findings
    assert finding.fix is not None
    assert finding.fix.safety == "unsafe"


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("def f(o, d: dict): o.x = d.keys()", "proven"),
        ("import json\ndef f(o): o.x = json.load(o).keys()", "proven"),
        ("def f(o, d): o.x = d.keys()", "likely"),
        ("import yaml\ndef f(o, d): o.x = yaml.load(d).keys()", "likely"),
        ("def f(o, df): o.x = df.keys()", "possible"),
        ("def f(o, df: dict): o.x = df.keys()", "proven"),
    ],
)
def test_confidence(text: str, confidence: str):
    assert only(text).confidence == confidence


@pytest.mark.parametrize(
    ("base", "method", "confidence"),
    [
        ("object", "run", "likely"),
        ("multiprocessing.Process", "run", "proven"),
        ("torch.utils.data.Dataset", "run", "proven"),
        ("object", "__getstate__", "possible"),
        ("object", "__reduce__", "possible"),
    ],
)
def test_confidence_by_what_the_class_is_for(base: str, method: str, confidence: str):
    finding = only(
        f"""
        import multiprocessing
        import torch

        class Worker({base}):
            def __init__(self, table):
                self.names = table.keys()

            def {method}(self):
                return None
        """
    )
    assert finding.confidence == confidence


def test_one_expression_is_one_finding():
    finding = only("def f(o, d): o.a = o.b = d.keys()")
    assert "`o.a` and `o.b`" in finding.message


def test_a_method_given_as_factory_has_no_fix():
    text = "import dataclasses\nT = {}\n@dataclasses.dataclass\nclass C:\n"
    finding = only(text + "    x: object = dataclasses.field(default_factory=T.keys)\n")
    assert finding.fix is None


def test_mangled_names_are_found_among_the_uses():
    finding = only(
        """
        class Config:
            def __init__(self, table: dict):
                self.__names = table.keys()

            def use(self, given):
                return self.__names - given
        """
    )
    assert finding.fix is not None
    assert finding.fix.safety == "unsafe"


def test_the_witness_shows_where_the_view_was_made():
    finding = only("def f(o, d):\n    keys = d.keys()\n    o.x = keys\n")
    steps = [(step.span.line, step.message) for step in finding.witness]
    assert steps == [
        (2, "`keys()` makes a view, not a copy"),
        (3, "from here on `o.x` follows `d`"),
    ]
