"""A bug counts as found when a finding of its code, or a step of one, is at its line."""

from __future__ import annotations

from typing import Any

import msgspec

from bench.recall import Bug, chosen, is_hit, outcomes, read, rows
from bench.sightings import Place, Selection, Sighting


def bug(name: str = "s-1", **fields: object) -> Bug:
    given: dict[str, object] = {
        "repo": "r/r",
        "family": "S",
        "kind": "a",
        "rule": ("MLH101", "MLH102"),
    }
    given |= {"pypi": "a==1", "pypi_path": "a/b.py", "pypi_line": 20}
    return msgspec.convert({"id": name, **given, **fields}, Bug)


def finding(line: int, code: str = "MLH101", path: str = "a/b.py", **more: Any) -> Sighting:
    return Sighting("a==1", Place(path, line), code, **more)


def test_a_finding_within_three_lines_is_a_hit() -> None:
    assert is_hit(bug(), [finding(17)])
    assert is_hit(bug(), [finding(23, "MLH102")])
    assert not is_hit(bug(), [finding(24)])
    assert not is_hit(bug(), [finding(20, path="a/c.py")])


def test_another_code_is_no_hit_unless_it_speaks_for_one_of_the_bug() -> None:
    assert not is_hit(bug(), [finding(20, "MLH104")])
    assert is_hit(bug(), [finding(20, "MLH104", folded=("MLH101",))])


def test_a_step_of_the_witness_is_a_hit() -> None:
    elsewhere = finding(300, path="a/z.py", witness=(Place("a/z.py", 7), Place("a/b.py", 21)))
    assert is_hit(bug(), [elsewhere])


def test_any_code_at_a_look_alike_is_an_alarm() -> None:
    assert is_hit(bug(rule=None, lookalike=True), [finding(20, "MLH205")])


def test_bugs_without_a_release_or_a_chosen_rule_do_not_count() -> None:
    bugs = [bug("1"), bug("2", pypi=None), bug("3", rule=None), bug("4", rule=("MLH204",))]
    assert [b.id for b in chosen(bugs, [])] == ["1", "4"]
    assert [b.id for b in chosen(bugs, ["MLH102"])] == ["1"]
    assert [b.id for b in chosen(bugs, ["MLH2"])] == ["4"]
    assert [b.id for b in chosen(bugs, [], ["4"])] == ["4"]
    assert [b.id for b in chosen([bug("5", rule=None, lookalike=True)], ["MLH1"])] == ["5"]


def test_each_release_is_looked_at_once_a_selection() -> None:
    asked = []

    def looking(package: str, selection: Selection) -> list[Sighting]:
        asked.append((package, selection))
        return [finding(20)] if selection == "all" else []

    results = outcomes([bug("1"), bug("2", pypi_line=99), bug("3", pypi="b==1")], looking)
    assert asked == [("a==1", "all"), ("a==1", "default"), ("b==1", "all"), ("b==1", "default")]
    assert [(o.bug.id, o.selected, o.default) for o in results] == [
        ("1", True, False),
        ("2", False, False),
        ("3", True, False),
    ]


def test_shares_leave_look_alikes_out() -> None:
    results = outcomes(
        [bug("1"), bug("2", pypi_line=99), bug("3", lookalike=True)],
        lambda _package, _selection: [finding(20)],
    )
    assert rows(results, lambda b: b.rule or ()) == [
        ("MLH101", "2", "1", "50 %", "1", "50 %"),
        ("MLH102", "2", "1", "50 %", "1", "50 %"),
    ]


def test_the_committed_bugs_are_complete() -> None:
    bugs = read()
    claimed = [b for b in chosen(bugs, []) if not b.lookalike]
    assert len(bugs) == 168
    assert len(claimed) == 66
    assert all(b.pypi_path and b.pypi_line for b in claimed)
