"""What a finding of MLH107 says: in which set it is, how sure, what may be done, and why."""

from __future__ import annotations

from textwrap import dedent

import pytest

from mlhazards.config import Settings
from mlhazards.engine import check_text
from mlhazards.findings import Finding

SELECTED = Settings(select=("MLH107",), jobs=1)

CLASS = """
from collections import OrderedDict, deque
from weakref import WeakSet

class Subject:
    def __init__(self):
        self.listeners = {made}

    def add(self, name, listener):
        {add}

    def remove(self, name, listener):
        {remove}

    def notify(self, event):
        for {target} in {walked}:
            {call}
"""
SET = {
    "made": "set()",
    "add": "self.listeners.add(listener)",
    "remove": "self.listeners.discard(listener)",
    "target": "listener",
    "walked": "self.listeners",
    "call": "listener(event)",
}
LIST = {
    "made": "[]",
    "add": "self.listeners.append(listener)",
    "remove": "self.listeners.remove(listener)",
}
DICT = {
    "made": "{}",
    "add": "self.listeners[name] = listener",
    "remove": "self.listeners.pop(name, None)",
    "walked": "self.listeners.values()",
}


def found(text: str, settings: Settings = SELECTED) -> tuple[Finding, ...]:
    return check_text(dedent(text), "m.py", settings).findings


def subject(**parts: str) -> Finding:
    (finding,) = found(CLASS.format(**{**SET, **parts}))
    return finding


@pytest.mark.parametrize(
    ("parts", "default", "error"),
    [
        (SET, "candidate", "RuntimeError: Set changed size during iteration"),
        (DICT, "candidate", "RuntimeError: dictionary changed size during iteration"),
        (
            {**DICT, "made": "OrderedDict()"},
            "candidate",
            "RuntimeError: OrderedDict mutated during iteration",
        ),
        ({**LIST, "made": "deque()"}, "candidate", "RuntimeError: deque mutated during iteration"),
        (
            LIST,
            "extended",
            "no error: the listener after the one that leaves is skipped without a word",
        ),
    ],
)
def test_set_and_error_depend_on_the_container(parts: dict[str, str], default: str, error: str):
    finding = subject(**parts)
    assert finding.default == default
    assert finding.notes == (error,)


def test_neither_set_is_shown_unless_selected():
    for parts in (SET, LIST):
        assert found(CLASS.format(**{**SET, **parts}), Settings(jobs=1)) == ()


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            SET,
            "loop over `self.listeners` calls each element; one that unregisters changes its size",
        ),
        (
            {**LIST, "call": "listener.on(self, event)"},
            (
                "loop over `self.listeners` calls `on()` of each element; "
                "one that unregisters makes the next one be skipped"
            ),
        ),
        (
            {"call": "method = getattr(listener, event); method()"},
            (
                "loop over `self.listeners` calls methods of each element; "
                "one that unregisters changes its size"
            ),
        ),
        (
            {
                "made": "{}",
                "add": "self.listeners.setdefault(name, set()).add(listener)",
                "remove": "self.listeners[name].discard(listener)",
                "walked": "self.listeners.get(event, ())",
            },
            (
                "loop over `self.listeners[...]` calls each element; "
                "one that unregisters changes its size"
            ),
        ),
    ],
)
def test_message(parts: dict[str, str], message: str):
    assert subject(**parts).message == message


@pytest.mark.parametrize(
    ("parts", "safety", "reason"),
    [
        (SET, "safe", ""),
        (DICT, "safe", ""),
        (LIST, "unsafe", "a listener that is removed meanwhile is called all the same"),
        (
            {
                **DICT,
                "walked": "self.listeners",
                "call": "each = self.listeners[listener]; each(event)",
            },
            "unsafe",
            "the body looks the key up again, which may be gone by then",
        ),
        (
            {
                "made": "{}",
                "add": "self.listeners.setdefault(name, set()).add(listener)",
                "remove": "self.listeners[name].discard(listener)",
                "walked": "self.listeners[event]",
            },
            "unsafe",
            "what kind of container it is, only the methods used on it tell",
        ),
    ],
)
def test_fix(parts: dict[str, str], safety: str, reason: str):
    fix = subject(**parts).fix
    assert fix is not None
    assert (fix.kind, fix.form, fix.safety, fix.reason) == ("snapshot", "list", safety, reason)


def test_no_copy_of_a_weak_container_is_proposed():
    assert subject(made="WeakSet()").fix is None


def test_the_fix_is_a_display_where_list_is_another_name():
    text = CLASS.format(**SET) + "            list = event\n"
    (finding,) = found(text)
    assert finding.fix is not None
    assert finding.fix.form == "star"


@pytest.mark.parametrize(
    ("target", "call", "exits"),
    [
        ("listener", "return listener(event)", True),
        ("listener", "listener(event); break", True),
        ("listener", "raise ValueError(listener(event))", True),
        ("listener", "return [listener(each) for each in event]", True),
        ("listener", "listener(event); continue", False),
        ("listener", "if listener(event): return", False),
    ],
)
def test_silent_where_the_loop_is_left(target: str, call: str, *, exits: bool):
    text = CLASS.format(**{**SET, "target": target, "call": call})
    assert (found(text) == ()) == exits


@pytest.mark.parametrize(
    "remove",
    [
        "self.listeners.clear()",
        "self.listeners.pop()",
        "self.listeners.discard('first')",
        "self.listeners = self.listeners - {listener}",
        "self.others.discard(listener)",
        "pass",
    ],
)
def test_silent_where_no_element_of_choice_is_removed(remove: str):
    assert found(CLASS.format(**{**SET, "remove": remove})) == ()


@pytest.mark.parametrize(
    "add", ["pass", "self.listeners.add(self.notify)", "self.others.add(name)"]
)
def test_silent_where_nobody_else_adds(add: str):
    assert found(CLASS.format(**{**SET, "add": add})) == ()


@pytest.mark.parametrize(
    "call",
    ["print(listener)", "listener.close()", "listener.x.close(self)", "event(listener)", "event()"],
)
def test_silent_where_no_element_can_reach_the_owner(call: str):
    assert found(CLASS.format(**{**SET, "call": call})) == ()


def test_proven_only_where_an_element_is_seen_to_leave():
    assert subject().confidence == "likely"
    leaving = """
    class Member:
        def __init__(self, subject):
            self.subject = subject

        def close(self):
            self.subject.remove("", self)
    """
    (finding,) = found(CLASS.format(**{**SET, "call": "listener.close()"}) + dedent(leaving))
    assert finding.confidence == "proven"
    assert [(step.span.line, step.message) for step in finding.witness] == [
        (7, "`self.listeners` is bound here"),
        (10, "anybody can put a listener in here"),
        (16, "the loop walks it here"),
        (17, "the listener runs here"),
        (24, "a listener that takes itself out"),
        (13, "a listener that leaves is taken out here, and the loop can go on"),
    ]


def test_two_loops_are_two_findings_of_different_identity():
    text = CLASS.format(**SET) + "        for other in self.listeners:\n            other()\n"
    one, other = found(text)
    assert one.identity != other.identity
    assert "16" not in one.identity
