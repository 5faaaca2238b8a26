from __future__ import annotations

import gc
import warnings
from pathlib import Path

import pytest
from msgspec.structs import replace

import mlhazards
from mlhazards.config import ConfigError, Settings
from mlhazards.engine import check, check_text
from mlhazards.program import External, FunctionRef
from mlhazards.rule import Rule


def found(report):
    return [(f.path, f.span.line, f.code) for f in report.findings]


def failed(report):
    return [(f.code, f.path, f.stage) for f in report.failures]


def test_findings_come_sorted_with_the_lines_they_point_at(tree, rules):
    tree({"b.py": "x = 1\ny = HAZARD\n", "a.py": "HAZARD\n\nif (HAZARD):\n  pass\n"})
    report = check([], rules=rules)
    assert found(report) == [("a.py", 1, "MLH101"), ("a.py", 3, "MLH101"), ("b.py", 2, "MLH101")]
    assert report.lines == {"a.py": {1: "HAZARD", 3: "if (HAZARD):"}, "b.py": {2: "y = HAZARD"}}
    assert report.files == 2
    assert report.failures == ()


@pytest.mark.parametrize("path", ["p", Path("p"), ["p"], (Path("p"),)])
def test_one_path_alone_is_taken_for_itself(tree, rules, path):
    tree({"a.py": "HAZARD\n", "p/b.py": "HAZARD\n"})
    assert found(check(path, rules=rules)) == [("p/b.py", 1, "MLH101")]


def test_patterns_start_at_the_project_where_no_root_is_set(tree, rules, monkeypatch):
    tree({"pyproject.toml": "", "p/a.py": "HAZARD\n", "p/b.py": "HAZARD\n"})
    monkeypatch.chdir("p")
    assert found(check(["."], Settings(exclude=("p/a.py",)), rules=rules)) == [
        ("b.py", 1, "MLH101")
    ]
    settings = Settings(exclude=("p/a.py",), force_exclude=True)
    assert check_text("HAZARD", "a.py", settings, rules=rules).findings == ()


def test_rules_over_the_program_see_all_files(tree, rules):
    tree({"a.py": "def f(): pass\n", "p/b.py": "def f(): pass\n"})
    assert found(check([], rules=rules)) == [("p/b.py", 1, "MLH302")]
    assert found(check(["p"], rules=rules)) == []


def test_imports_are_followed_and_not_reported_on(tree, rules):
    tree(
        {
            "pyproject.toml": "",
            "p/__init__.py": "",
            "p/z.py": "from p import m\ndef f(): pass\n",
            "p/m.py": "from .deep import d\nHAZARD\n",
            "p/deep.py": "import os\ndef f(): pass\nd = HAZARD\n",
            "p/unrelated.py": "def f(): pass\n",
        }
    )
    report = check(["p/z.py"], rules=rules)
    assert found(report) == [("p/z.py", 2, "MLH302")]
    assert "in p/deep.py as well" in report.findings[0].message
    assert report.files == 1


def test_a_broken_import_is_unknown_and_said_among_the_skipped(tree, rules):
    tree({"pyproject.toml": "", "a.py": "import b\nHAZARD\n", "b.py": "def f(:\n"})
    report = check(["a.py"], rules=rules)
    assert found(report) == [("a.py", 2, "MLH101")]
    assert failed(report) == []
    assert [path for path, reason in report.skipped if "imported, but" in reason] == ["b.py"]


def test_no_import_is_followed_out_of_the_project(tree, rules, tmp_path):
    tree({"w/pyproject.toml": "", "w/a.py": "import secret\ndef f(): pass\n"})
    tree({"secret.py": "def f(): pass\n"})
    (tmp_path / "w" / "secret.py").symlink_to(tmp_path / "secret.py")
    assert found(check(["w/a.py"], rules=rules)) == []


def test_modules_of_one_name_are_all_in_the_program(tree, rules):
    tree({"x.py": "def f(): pass\n", "x.pyw": "def f(): pass\n"})
    assert found(check([], rules=rules)) == [("x.pyw", 1, "MLH302")]


def test_each_bad_file_is_one_failure_and_the_others_are_checked(tree, rules):
    tree(
        {
            "good.py": "HAZARD\n",
            "syntax.py": "x = 1\nif é x:\n",
            "null.py": b"x = 1\0\n",
            "bytes.py": b"x = '\xff'\n",
            "deep.py": "x = " + "(" * 5000 + ")" * 5000,
            "large.py": "#" * 60_000,
        }
    )
    report = check(["good.py", *failing], Settings(max_file_size=50_000), rules=rules)
    assert found(report) == [("good.py", 1, "MLH101")]
    assert {(f.path, f.stage) for f in report.failures} == set(failing.items())
    syntax = next(f for f in report.failures if f.path == "syntax.py")
    assert (syntax.code, syntax.line, syntax.column) == ("MLH902", 2, 6)


failing = {
    "gone.py": "discover",
    "syntax.py": "parse",
    "null.py": "parse",
    "bytes.py": "read",
    "deep.py": "parse",
    "large.py": "read",
}


def test_a_rule_that_crashes_on_a_file_costs_that_rule_on_that_file(tree, rules, crasher):
    tree({"a.py": "HAZARD  # boom\n", "b.py": "HAZARD\n"})
    report = check([], rules=(crasher("boom"), *rules))
    assert found(report) == [("a.py", 1, "MLH101"), ("b.py", 1, "MLH101")]
    assert failed(report) == [("MLH903", "a.py", "check")]
    assert report.failures[0].message == "MLH999 crashed: RuntimeError: on purpose"


def test_a_rule_that_crashes_on_the_program_costs_that_rule(tree, rules, crasher):
    tree({"a.py": "def f(): pass\n", "b.py": "def f(): pass\n"})
    report = check([], rules=(crasher("", "program"), *rules))
    assert found(report) == [("b.py", 1, "MLH302")]
    assert [f.message for f in report.failures] == ["MLH999 crashed: RuntimeError: on purpose"]


def test_facts_that_crash_cost_that_file(tree, rules, monkeypatch):
    from mlhazards import scan

    extract = vars(scan)["extract"]

    def crashing(source, *arguments, **options):
        if "boom" in source.text:
            raise RecursionError
        return extract(source, *arguments, **options)

    monkeypatch.setattr(scan, "extract", crashing)
    tree({"a.py": "HAZARD  # boom\n", "b.py": "HAZARD\n"})
    report = check([], rules=rules)
    assert found(report) == [("b.py", 1, "MLH101")]
    assert failed(report) == [("MLH903", "a.py", "facts")]


def test_a_link_that_crashes_leaves_the_findings_of_single_files(tree, rules, monkeypatch):
    from mlhazards import run

    def crashing(facts, target_python):
        raise KeyError(next(iter(facts)).name)

    monkeypatch.setattr(run, "link", crashing)
    tree({"a.py": "HAZARD\n"})
    report = check([], rules=rules)
    assert found(report) == [("a.py", 1, "MLH101")]
    assert failed(report) == [("MLH903", ".", "link")]


def test_selection_and_confidence(tree, rules):
    tree({"a.py": "HAZARD\nHAZARD_CANDIDATE\nHAZARD_POSSIBLE\n"})

    def lines(**settings):
        return [f.span.line for f in check([], Settings(**settings), rules=rules).findings]

    assert lines() == [1]
    assert lines(min_confidence="possible") == [1, 3]
    assert lines(select=("MLH1",)) == [1, 2]
    assert lines(extend_select=("shared-iteration-race",)) == [1, 2]
    assert lines(select=("MLH302",)) == []
    assert lines(ignore=("MLH1",)) == []
    with pytest.raises(ConfigError, match=r"select: unknown rule `MLH109`.*`MLH101`"):
        lines(select=("MLH109",))


def test_suppressions_hide_findings(tree, rules):
    tree({"a.py": "HAZARD  # noqa: MLH101\nf(\n    HAZARD,\n)  # noqa\nHAZARD  # noqa: MLH302\n"})
    assert found(check([], rules=rules)) == [("a.py", 5, "MLH101")]


def test_a_caller_may_decide_about_comments_itself(tree, rules):
    tree({})
    assert check_text("HAZARD  # noqa\n", "a.py", rules=rules).findings == ()
    assert found(check_text("HAZARD  # noqa\n", "a.py", Settings(noqa=False), rules=rules))


def test_no_warning_of_the_analysed_code_reaches_the_user(tree, rules):
    tree({"a.py": "x = '\\d'\nif x is 'y': pass\n"})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert check([], rules=rules).failures == ()


def test_the_collector_is_as_it_was_afterwards(tree, rules):
    tree({"a.py": "HAZARD\n"})
    assert gc.isenabled()
    check([], rules=rules)
    assert gc.isenabled()
    gc.disable()
    try:
        check([], rules=rules)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_text_is_checked_as_the_file_it_stands_for(tree, rules):
    tree({"pyproject.toml": "", "a.py": "syntax error\n", "b.py": "def f(): pass\n"})
    report = check_text("import b\ndef f(): HAZARD\n", "a.py", rules=rules)
    assert found(report) == [("a.py", 2, "MLH101")]
    assert report.lines == {"a.py": {2: "def f(): HAZARD"}}
    assert report.files == 1
    followed = check_text("import c, b\ndef f(): HAZARD\n", "c.py", rules=rules, follow=True)
    assert found(followed) == [("c.py", 2, "MLH302"), ("c.py", 2, "MLH101")]


def test_rules_know_the_target(tree):
    seen = []

    def look(subject):
        seen.append(subject.target_python)
        yield from ()

    rules = [
        Rule("MLH101", "a", "A.", "module", look),
        Rule("MLH302", "b", "B.", "program", look),
    ]
    tree({"a.py": ""})
    check([], Settings(target_python=(3, 14)), rules=rules)
    assert seen == [(3, 14), (3, 14)]


def test_a_script_imports_its_neighbours_and_a_module_of_a_package_does_not(tree):
    seen = {}

    def look(program):
        for name in ("scripts.run", "package.run"):
            seen[name] = program.resolve(name, "f")
        yield from ()

    run, helper = "from helper import f\n", "def f(): pass\n"
    tree(
        {
            "pyproject.toml": "",
            "scripts/run.py": run,
            "scripts/helper.py": helper,
            "package/__init__.py": "",
            "package/run.py": run,
            "package/helper.py": helper,
        }
    )
    check([], rules=[Rule("MLH302", "b", "B.", "program", look)])
    assert seen == {
        "scripts.run": FunctionRef("scripts.helper", 1),
        "package.run": External("helper.f"),
    }


def test_bytes_of_a_text_declare_their_encoding(tree, rules):
    tree({})
    good = b"# coding: latin-1\n'\xe9', HAZARD\n"
    assert check_text(good, "a.py", rules=rules).lines == {"a.py": {2: "'é', HAZARD"}}
    assert failed(check_text(b"'\xe9'\n", "a.py", rules=rules)) == [("MLH903", "a.py", "read")]
    assert found(check_text("\ufeffHAZARD\n", "a.py", rules=rules)) == [("a.py", 1, "MLH101")]


def test_an_excluded_text_is_left_alone_only_when_forced(tree, rules):
    tree({"pyproject.toml": ""})
    settings = Settings(exclude=("gen",))
    assert found(check_text("HAZARD", "gen/a.py", settings, rules=rules))
    settings = replace(settings, force_exclude=True)
    assert check_text("HAZARD", "gen/a.py", settings, rules=rules).findings == ()


def test_the_public_api_is_typed_lazy_and_complete():
    for name in mlhazards.__all__:
        assert getattr(mlhazards, name).__name__ == name
    assert mlhazards.check is check
    with pytest.raises(AttributeError, match="no attribute 'chekc'"):
        mlhazards.chekc  # noqa: B018
