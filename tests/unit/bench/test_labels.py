"""Labels meet the finding they were made for, and the committed ones are in order."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bench.labels import LABELS, Label, flaws, judge, read
from bench.sightings import Place, Sighting


def finding(line: int) -> Sighting:
    return Sighting("a==1", Place("a/b.py", line), "MLH101")


def label(line: int, **other: str) -> Label:
    given = {"package": "a==1", "path": "a/b.py", "code": "MLH101"}
    given |= {"verdict": "true", "why": "4 before 9"}
    return msgspec.convert({**given, "line": line, **other}, Label)


def test_a_label_may_be_three_lines_off_and_no_more() -> None:
    judged = judge([finding(10), finding(40)], [label(13), label(44)])
    assert [(s.place.line, x.line) for s, x in judged.labelled] == [(10, 13)]
    assert [s.place.line for s in judged.unlabelled] == [40]
    assert [x.line for x in judged.lost] == [44]


@pytest.mark.parametrize(
    "other", [{"code": "MLH104"}, {"path": "a/c.py"}, {"package": "a==2"}], ids=str
)
def test_a_label_of_something_else_is_lost(other: dict[str, str]) -> None:
    judged = judge([finding(10)], [label(10, **other)])
    assert not judged.labelled
    assert len(judged.unlabelled) == len(judged.lost) == 1


def test_neighbours_get_the_labels_nearest_to_them() -> None:
    judged = judge([finding(10), finding(12)], [label(12, verdict="false"), label(10)])
    verdicts = {s.place.line: x.verdict for s, x in judged.labelled}
    assert verdicts == {10: "true", 12: "false"}


def test_one_label_judges_one_finding() -> None:
    judged = judge([finding(10), finding(11)], [label(10)])
    assert [s.place.line for s in judged.unlabelled] == [11]


def test_equal_findings_count_one_by_one() -> None:
    judged = judge([finding(10), finding(10)], [label(10)])
    assert len(judged.labelled) == len(judged.unlabelled) == 1


def test_a_true_label_names_two_lines() -> None:
    assert flaws([label(1, why="the loop at 4 meets the pop at 9")]) == []
    assert flaws([label(1, why="the loop meets the pop at 9")])
    assert flaws([label(1, verdict="benign", why="only read after the join")]) == []
    assert flaws([label(1, verdict="false", why=" ")])


def test_labels_are_sorted_and_single() -> None:
    assert flaws([label(2), label(1)])
    assert flaws([label(1), label(1)])


def test_a_misspelt_key_or_verdict_is_refused(tmp_path: Path) -> None:
    text = (
        '{"package":"a==1","path":"a.py","line":1,"code":"MLH101","verdict":"true","why":"1 2"%s}'
    )
    path = tmp_path / "labels.jsonl"
    path.write_text(text % "")
    assert read(path)[0].line == 1
    for wrong in (text % ',"remark":"x"', (text % "").replace('"true"', '"yes"')):
        path.write_text(wrong)
        with pytest.raises(ValueError, match=r"Object|Invalid enum"):
            read(path)


def test_the_committed_labels_have_no_flaw() -> None:
    assert flaws(read(LABELS)) == []
