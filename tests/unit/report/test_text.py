from __future__ import annotations

import io
import re

import pytest

from mlhazards.findings import Failure, Finding, Report, Span, Step
from mlhazards.report import render
from mlhazards.report.concise import failure_line, finding_line
from mlhazards.report.terminal import Palette, palette_for, visible, width
from mlhazards.report.text import summary

NAMES = {"MLH101": "shared-iteration-race", "MLH201": "view-on-attribute"}

RACE = """\
pkg/reporter.py:660:34: MLH101 loop over `self.timed_tasks` while another thread changes its size

  shared object
    426 │ self.timed_tasks = {}                                       Reporter.timed_tasks, a dict

  one side        holds reporter_lock, cond
    658 │ names = [name] if name is not None else self.timed_tasks    alias, not a copy
    660 │ for name in names:                                          iterates here

  other side      holds nothing
    637 │ self._touch_flag()                                          calls _touch_flag
    in pkg/base.py
      8 │ self.timed_tasks.pop(name, None)                            changes the size

  no lock is held on both sides
  also, from the same cause: MLH105
  fix (safe): iterate over `list(names)`

"""

VIEW = """\
pkg/reporter.py:12:22: MLH201 `self.names` stores a live `keys()` view

    12 │ self.names = d.keys()

  confidence: likely
  fix (unsafe): copy it (it is compared at 30)

"""


def text(report: Report) -> str:
    return render(report, "text", names=NAMES)


def test_both_sides_of_a_race_are_shown_with_their_code_and_their_locks(report: Report):
    assert text(report) == VIEW + RACE


def test_the_first_line_of_the_text_is_the_concise_line(report: Report):
    concise = render(report, "concise", names=NAMES).splitlines()
    blocks = text(report).split("\n\n")
    assert [line for line in concise if line in blocks] == concise
    assert concise[1] == finding_line(report.findings[1])


def test_steps_without_any_side_get_no_heading(view: Finding):
    step = Step(view.path, view.span, "bound here", None, ("lock",))
    finding = Finding("MLH201", view.path, view.span, "m", "i", witness=(step,))
    assert text(Report(findings=(finding,), lines={view.path: {12: "x = d.keys()"}})) == (
        "pkg/reporter.py:12:22: MLH201 m\n\n    12 │ x = d.keys()    bound here\n\n"
    )


def test_a_source_line_that_is_not_known_leaves_its_number(view: Finding):
    assert "\n    12 │\n" in text(Report(findings=(view,)))


def test_a_very_long_line_is_cut_around_what_matters():
    line = "a" * 500 + "MARK" + "b" * 500
    finding = Finding("MLH201", "a.py", Span(1, 501, 1, 505), "m", "i")
    shown = text(Report(findings=(finding,), lines={"a.py": {1: line}})).splitlines()[2]
    assert shown == "    1 │ …" + "a" * 30 + "MARK" + "b" * 66 + "…"


@pytest.mark.parametrize(
    ("span", "painted"),
    [
        (Span(1, 5, 1, 8), "ab é\x1b[1;4mxyz\x1b[0m end"),
        (Span(1, 5, 2, 1), "ab é\x1b[1;4mxyz end\x1b[0m"),
        (Span(1, 90, 1, 99), "ab éxyz end"),
    ],
    ids=["within a line", "over several lines", "beyond the line"],
)
def test_the_stretch_in_question_is_marked_in_code_points(span: Span, painted: str):
    finding = Finding("MLH201", "a.py", span, "m", "i")
    report = Report(findings=(finding,), lines={"a.py": {1: "ab éxyz end"}})
    assert painted in render(report, "text", names=NAMES, palette=Palette(colours=True))


def test_without_its_colours_the_coloured_text_is_the_plain_text(report: Report):
    coloured = render(report, "text", names=NAMES, palette=Palette(colours=True))
    assert coloured != text(report)
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == text(report)


def test_messages_stay_aligned_behind_wide_characters():
    steps = tuple(Step("a.py", Span(n, 1, n, 2), "here") for n in (1, 2))
    finding = Finding("MLH201", "a.py", steps[0].span, "m", "i", witness=steps)
    lines = {"a.py": {1: "日本 = 1", 2: "names = 1"}}
    rows = [
        row.split(" │ ")[1]
        for row in text(Report(findings=(finding,), lines=lines)).splitlines()
        if "│" in row
    ]
    assert [width(row) for row in rows] == [len("names = 1    here")] * 2


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain text", "plain text"),
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("a\nb\r", "a\\x0ab\\x0d"),
        ("\x9b31m", "\\x9b31m"),
        ("if x:\u202e # y", "if x:\\u202e # y"),
        ("a\u2028b", "a\\u2028b"),
        ("caf\udce9.py", "caf\\udce9.py"),
        ("größe 日本 🙂", "größe 日本 🙂"),
    ],
)
def test_what_a_terminal_would_obey_is_escaped(raw: str, shown: str):
    assert visible(raw) == shown


def test_nothing_from_the_code_under_analysis_reaches_the_terminal_raw():
    evil = "\x1b]0;owned\x07\u202e\udce9"
    step = Step(evil, Span(1, 1, 1, 2), evil, "one", (evil,))
    finding = Finding("MLH101", evil, step.span, evil, evil, witness=(step,), notes=(evil,))
    report = Report(findings=(finding,), lines={evil: {1: evil}})
    for form in ("text", "concise"):
        shown = render(report, form, names=NAMES)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\udce9]", shown)
    assert failure_line(Failure("MLH903", evil, "read", evil)).isascii()


def test_a_failure_shows_the_place_it_has():
    assert failure_line(Failure("MLH902", "a.py", "parse", "bad", 3, 7)) == "a.py:3:7: MLH902 bad"
    assert failure_line(Failure("MLH903", "a.py", "read", "gone")) == "a.py: MLH903 gone"


def test_the_summary_counts_findings_files_fixes_and_errors(report: Report, race: Finding):
    assert summary(report) == (
        "2 findings in 7 files (1 fixable with --fix, 1 more with --fix --unsafe-fixes), 2 errors"
    )
    assert (
        summary(Report(findings=(race,), files=1)) == "1 finding in 1 file (1 fixable with --fix)"
    )
    assert summary(Report()) == "no findings in no files"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "colours"),
    [
        (_Terminal(), {}, True),
        (_Terminal(), {"TERM": "dumb"}, False),
        (_Terminal(), {"NO_COLOR": "1"}, False),
        (_Terminal(), {"NO_COLOR": ""}, True),
        (io.StringIO(), {}, False),
        (io.StringIO(), {"FORCE_COLOR": "1"}, True),
        (io.StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours_are_for_terminals_and_for_those_who_force_them(stream, environment, colours):
    assert palette_for(stream, environment).colours is colours
