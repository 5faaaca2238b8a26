from __future__ import annotations

import ast
import os

import pytest

from mlhazards import fixing, run
from mlhazards.engine import check, fix
from mlhazards.findings import Finding
from mlhazards.fixes.edits import Edited
from mlhazards.rule import Rule


@pytest.fixture
def edits(monkeypatch):
    """Let fixes replace the word at their span by what the dictionary says (default: safe).

    A replacement of None is dropped by the fixer itself.
    """
    replacements: dict[str, str | None] = {}

    def apply(source, fixes):
        lines = source.text.splitlines(keepends=True)
        applied, dropped = [], []
        for each in sorted(fixes, key=lambda each: each.span, reverse=True):
            line, start, end = each.span.line, each.span.column, each.span.end_column
            word = lines[line - 1][start - 1 : end - 1]
            new = replacements.get(word, "safe")
            if new is None:
                dropped.append((each, "it overlaps"))
                continue
            lines[line - 1] = lines[line - 1][: start - 1] + new + lines[line - 1][end - 1 :]
            applied.append(each)
        data = "".join(lines).encode(source.encoding)
        return Edited(data, tuple(applied), tuple(dropped))

    monkeypatch.setattr(fixing, "apply", apply)
    return replacements


def read(name="a.py"):
    with open(name, "rb") as stream:
        return stream.read()


def test_fixes_are_written_and_nothing_is_left(tree, rules, edits):
    tree({"a.py": "# é\r\nx = HAZARD\r\ny = HAZARD_B\r\n", "b.py": "HAZARD\n", "c.py": "1\n"})
    result = fix([], rules=rules)
    assert read("a.py") == "# é\r\nx = safe\r\ny = safe\r\n".encode()
    assert read("b.py") == b"safe\n"
    assert [f.path for f in result.fixed] == ["a.py", "a.py", "b.py"]
    assert result.left == ()
    assert result.report.findings == ()
    assert [c.path for c in result.changes] == ["a.py", "b.py"]
    again = fix([], rules=rules)
    assert (again.fixed, again.changes) == ((), ())


def test_without_writing_the_changes_are_told(tree, rules, edits):
    tree({"a.py": "HAZARD\n"})
    result = fix([], rules=rules, write=False)
    assert read() == b"HAZARD\n"
    assert [(c.path, c.before, c.after) for c in result.changes] == [
        ("a.py", b"HAZARD\n", b"safe\n")
    ]
    assert result.report.findings == ()


def test_an_edit_whose_finding_is_still_there_is_dropped_alone(tree, rules, edits):
    edits["HAZARD_STAYS"] = "HAZARD_STAYS + 1"
    tree({"a.py": "HAZARD\n\nHAZARD_STAYS\n\nHAZARD\n"})
    result = fix([], rules=rules)
    assert read() == b"safe\n\nHAZARD_STAYS\n\nsafe\n"
    assert len(result.fixed) == 2
    assert [(f.span.line, why) for f, why in result.left] == [
        (3, "the finding is still there after the fix")
    ]
    assert [f.span.line for f in result.report.findings] == [3]


def test_an_edit_that_brings_a_finding_of_its_family_is_dropped(tree, rules, edits):
    tree({"a.py": "HAZARD\nHAZARD_WORSE\n"})
    edits["HAZARD_WORSE"] = "worse"

    def find_worse(module):
        for node in module.nodes(ast.Name):
            if node.id == "worse":
                yield Finding("MLH104", module.path, module.span(node), "worse", "worse")

    rule = Rule("MLH104", "resize-while-iterating", "Worse.", "module", find_worse)
    result = fix([], rules=(*rules, rule))
    assert read() == b"safe\nHAZARD_WORSE\n"
    assert [why for _, why in result.left] == ["the fix brings MLH104 at the lines it changes"]


def test_moved_lines_blame_nobody(tree, rules, edits):
    edits["HAZARD"] = "safe\nmore"
    edits["HAZARD_KEPT"] = None
    tree({"a.py": "HAZARD\nHAZARD_KEPT\n"})
    result = fix([], rules=rules)
    assert read() == b"safe\nmore\nHAZARD_KEPT\n"
    assert [(f.span.line, why) for f, why in result.left] == [(3, "it overlaps")]


def test_edits_that_do_not_parse_are_all_dropped_in_that_file(tree, rules, edits):
    edits["HAZARD_BROKEN"] = "(("
    tree({"a.py": "HAZARD\nHAZARD_BROKEN\n", "b.py": "HAZARD\n"})
    result = fix([], rules=rules)
    assert read() == b"HAZARD\nHAZARD_BROKEN\n"
    assert read("b.py") == b"safe\n"
    assert len(result.left) == 2
    assert all("would not parse" in why for _, why in result.left)


def test_what_one_round_drops_the_next_takes_up(tree, rules, edits, monkeypatch):
    apply = vars(fixing)["apply"]

    def one_at_a_time(source, fixes):
        first, *others = fixes
        edited = apply(source, [first])
        return Edited(edited.data, edited.applied, tuple((o, "it overlaps") for o in others))

    monkeypatch.setattr(fixing, "apply", one_at_a_time)
    tree({"a.py": "HAZARD + HAZARD_B + HAZARD_C\n"})
    result = fix([], rules=rules)
    assert read() == b"safe + safe + safe\n"
    assert len(result.fixed) == 3
    assert result.left == ()


def test_fixing_ends_when_every_edit_brings_the_next(tree, rules, edits):
    edits.update({f"HAZARD_{n}": f"safe + HAZARD_{n + 1}" for n in range(50)})
    tree({"a.py": "HAZARD_0\n"})
    result = fix([], rules=rules)
    assert result.fixed == ()
    assert read() == b"HAZARD_0\n"


def test_a_fixer_that_crashes_is_a_failure_and_the_other_files_are_fixed(
    tree, rules, edits, monkeypatch
):
    apply = vars(fixing)["apply"]

    def crashing(source, fixes):
        if source.path == "a.py":
            raise RuntimeError
        return apply(source, fixes)

    monkeypatch.setattr(fixing, "apply", crashing)
    tree({"a.py": "HAZARD\n", "b.py": "HAZARD\n"})
    result = fix([], rules=rules)
    assert read("b.py") == b"safe\n"
    assert [(f.path, f.stage, f.message) for f in result.report.failures] == [
        ("a.py", "fix", "the fix crashed: RuntimeError")
    ]
    assert [f.path for f in result.report.findings] == ["a.py"]


def test_a_read_only_file_is_said_and_nothing_is_lost(tree, rules, edits):
    tree({"a.py": "HAZARD\n", "b.py": "HAZARD\n"})
    os.chmod("a.py", 0o444)
    result = fix([], rules=rules)
    assert read("a.py") == b"HAZARD\n"
    assert read("b.py") == b"safe\n"
    assert [(f.path, f.stage, f.message) for f in result.report.failures] == [
        ("a.py", "fix", "not fixed: the file is read-only")
    ]
    assert [f.path for f in result.fixed] == ["b.py"]
    assert [f.path for f in result.report.findings] == ["a.py"]
    assert [(f.path, why) for f, why in result.left] == [("a.py", "the file is read-only")]
    assert [c.path for c in result.changes] == ["b.py"]


def test_a_file_that_changed_meanwhile_is_not_written(tree, rules, edits, monkeypatch):
    apply = vars(fixing)["apply"]

    def slow(source, fixes):
        tree({"a.py": "HAZARD  # saved by an editor\n"})
        return apply(source, fixes)

    monkeypatch.setattr(fixing, "apply", slow)
    tree({"a.py": "HAZARD\n"})
    result = fix([], rules=rules)
    assert read() == b"HAZARD  # saved by an editor\n"
    assert [f.message for f in result.report.failures] == [
        "not fixed: the file changed since it was read"
    ]


def test_a_file_that_changed_after_it_was_scanned_is_left_alone(tree, rules, edits, monkeypatch):
    link = vars(run)["link"]

    def slow(facts, target):
        tree({"a.py": "\nHAZARD\nHAZARD\n"})
        return link(facts, target)

    monkeypatch.setattr(run, "link", slow)
    tree({"a.py": "x = 1\nHAZARD\n", "b.py": "HAZARD\n"})
    result = fix([], rules=rules)
    assert (read(), read("b.py")) == (b"\nHAZARD\nHAZARD\n", b"safe\n")
    assert [(f.path, f.message) for f in result.report.failures] == [
        ("a.py", "the file changed while it was analysed")
    ]
    assert [why for _, why in result.left] == ["the file changed since it was read"]


def test_files_that_are_only_followed_are_never_written(tree, rules, edits):
    tree({"pyproject.toml": "", "a.py": "import b\nHAZARD\n", "b.py": "HAZARD\n"})
    fix(["a.py"], rules=rules)
    assert read("a.py") == b"import b\nsafe\n"
    assert read("b.py") == b"HAZARD\n"
    assert check(["b.py"], rules=rules).findings
