"""A report made by hand: a race as the Aim client had it, and a finding without sides."""

from __future__ import annotations

import pytest

from mlhazards.findings import Failure, Finding, Fix, Report, Span, Step

_PATH = "pkg/reporter.py"


@pytest.fixture
def race() -> Finding:
    return Finding(
        code="MLH101",
        path=_PATH,
        span=Span(660, 34, 660, 44),
        message="loop over `self.timed_tasks` while another thread changes its size",
        identity="Reporter.flush self.timed_tasks 0",
        witness=(
            Step(_PATH, Span(426, 9, 426, 30), "Reporter.timed_tasks, a dict"),
            Step(_PATH, Span(658, 20, 658, 60), "alias, not a copy", "one", ("reporter_lock",)),
            Step(_PATH, Span(660, 34, 660, 44), "iterates here", "one", ("reporter_lock", "cond")),
            Step(_PATH, Span(637, 13, 637, 30), "calls _touch_flag", "other", ("other_lock",)),
            Step("pkg/base.py", Span(8, 9, 8, 40), "changes the size", "other"),
        ),
        notes=("no lock is held on both sides",),
        fix=Fix("snapshot", Span(660, 34, 660, 44), "iterate over `list(names)`", "safe", "list"),
        folded=("MLH105",),
    )


@pytest.fixture
def view() -> Finding:
    return Finding(
        code="MLH201",
        path=_PATH,
        span=Span(12, 22, 12, 30),
        message="`self.names` stores a live `keys()` view",
        identity="Config.__init__ self.names 0",
        confidence="likely",
        fix=Fix(
            "snapshot", Span(12, 22, 12, 30), "copy it", "unsafe", "list", "it is compared at 30"
        ),
    )


@pytest.fixture
def report(race: Finding, view: Finding) -> Report:
    return Report(
        findings=(view, race),
        failures=(
            Failure("MLH902", "bad.py", "parse", "invalid syntax", 3, 7),
            Failure("MLH903", "secret.py", "read", "permission denied"),
        ),
        files=7,
        lines={
            _PATH: {
                12: "        self.names = d.keys()",
                426: "        self.timed_tasks = {}",
                637: "            self._touch_flag()",
                658: "            names = [name] if name is not None else self.timed_tasks",
                660: "            for name in names:",
            },
            "pkg/base.py": {8: "\t\tself.timed_tasks.pop(name, None)"},
        },
    )
