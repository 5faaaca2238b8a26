"""What a finding of MLH102 says: how the loop is reached, which lock it lacks, what may be done."""

from __future__ import annotations

from textwrap import dedent

import pytest

from mlhazards.config import Settings
from mlhazards.engine import check_text
from mlhazards.findings import Finding

SELECTED = Settings(select=("MLH102",), jobs=1)

CLASS = """\
import threading
class Registry:
    def __init__(self):
        self._lock = threading.{lock}()
        self._jobs = {{}}
    def add(self, name, job):
        with self._lock:
            self._jobs[name] = job
    def remove(self, name):
        with self._lock:
            self._jobs.pop(name, None)
"""
LOOP = """\
def report(self):
    for name in self._jobs:
        print(name)
"""


def found(loop: str, lock: str = "Lock") -> tuple[Finding, ...]:
    indented = "".join(f"    {line}" for line in dedent(loop).splitlines(keepends=True))
    return check_text(CLASS.format(lock=lock) + indented, "m.py", SELECTED).findings


def only(loop: str, lock: str = "Lock") -> Finding:
    (finding,) = found(loop, lock)
    return finding


def test_the_message_names_the_container_and_the_lock():
    finding = only(LOOP)
    assert finding.message == (
        "loop over `self._jobs` without `self._lock`, under which all other code changes it"
    )
    assert finding.confidence == "likely"
    assert finding.notes == ("RuntimeError: dictionary changed size during iteration",)


def test_the_witness_shows_both_sides_and_what_they_hold():
    steps = [(step.side, step.span.line, step.locks) for step in only(LOOP).witness]
    assert steps == [
        (None, 5, ()),
        (None, 4, ()),
        ("one", 12, ()),
        ("one", 13, ()),
        ("other", 8, ("_lock",)),
        ("other", 11, ("_lock",)),
    ]


def test_the_shortest_way_on_which_the_lock_is_not_held_is_shown():
    finding = only(
        """\
        def all(self):
            with self._lock:
                self._print()
        def first(self):
            self._second()
        def _second(self):
            self._print()
        def last(self):
            self._print()
        def _print(self):
            for name in self._jobs:
                print(name)
        """
    )
    way = [(step.span.line, step.message) for step in finding.witness if step.side == "one"]
    assert way == [
        (19, "any thread that calls last()"),
        (20, "last → _print"),
        (22, "iterates here, without the lock"),
    ]


def test_a_property_is_read():
    finding = only(
        """\
        @property
        def names(self):
            return [name for name in self._jobs]
        """
    )
    assert finding.witness[2].message == "any thread that reads names"


def test_an_alias_is_part_of_the_way():
    finding = only(
        """\
        def report(self):
            jobs = self._jobs
            for name in jobs:
                print(name)
        """
    )
    assert [step.span.line for step in finding.witness if step.side == "one"] == [12, 13, 14]


def test_siblings_that_read_are_called_so():
    text = """
    import threading
    class Worker:
        def __init__(self):
            self.active = {}
            self.active_lock = threading.Lock()
        def keys(self):
            with self.active_lock:
                return set(self.active)
        def values(self):
            with self.active_lock:
                return self.active.copy()
        def show(self):
            for key in self.active:
                print(key)
    """
    (finding,) = check_text(dedent(text), "m.py", SELECTED).findings
    assert finding.message.endswith("under which it is read everywhere else")
    assert [step.message for step in finding.witness if step.side == "other"] == [
        "reads it under the lock",
        "reads it under the lock",
    ]


OVERRIDDEN = """
    def all(self):
        self._print()
    def _print(self):
        for name in self._jobs:
            print(name)
class Special(Registry):
    def clear(self):
        with self._lock:
            self._jobs.clear()
    def all(self):
        self._twice()
    def _twice(self):
        self._print()
        self._print()
"""


def test_one_loop_is_one_finding_with_the_shortest_way_of_all_classes():
    text = CLASS.format(lock="Lock") + OVERRIDDEN
    (finding,) = check_text(text, "m.py", SELECTED).findings
    assert finding.identity == "m.Registry._print: loop over self._jobs #1"
    way = [step.message for step in finding.witness if step.side == "one"]
    assert way[1:] == ["all → _print", "iterates here, without the lock"]


def test_the_fix_takes_the_lock_and_is_unsafe():
    fix = only(LOOP).fix
    assert fix is not None
    assert (fix.kind, fix.form, fix.safety) == ("with-lock", "self._lock", "unsafe")
    assert fix.reason


TAKES_IT_AGAIN = {
    "itself": """\
        def report(self):
            for name in self._jobs:
                with self._lock:
                    self._last = name
        """,
    "in an inner loop": """\
        def report(self):
            for name in self._jobs:
                while name:
                    self.remove(name)
        """,
    "in what it calls": """\
        def report(self):
            for name in self._jobs:
                self.remove(name)
        """,
}


@pytest.mark.parametrize("loop", TAKES_IT_AGAIN.values(), ids=TAKES_IT_AGAIN)
def test_no_fix_where_the_loop_takes_the_lock_itself(loop: str):
    assert only(loop).fix is None
    assert only(loop, "RLock").fix is not None


def test_what_takes_the_lock_outside_of_the_loop_does_not_hinder_the_fix():
    finding = only(
        """\
        def report(self):
            for name in self._jobs:
                with open(name) as file:
                    print(file.read())
            self.remove(name)
            with self._lock:
                self._last = name
        """
    )
    assert finding.fix is not None


def test_no_fix_where_a_caller_holds_the_lock_already():
    loop = """\
        def locked(self):
            with self._lock:
                self._print()
        def bare(self):
            self._print()
        def _print(self):
            for name in self._jobs:
                print(name)
        """
    assert only(loop).fix is None
    assert only(loop, "RLock").fix is not None


def test_no_fix_where_a_caller_of_callers_holds_the_lock_already():
    loop = """\
        def locked(self):
            with self._lock:
                self._all()
        def _all(self):
            self._print()
        def bare(self):
            self._print()
        def _print(self):
            for name in self._jobs:
                print(name)
        """
    assert only(loop).fix is None


IN_ANOTHER_CLASS = """
class Page:
    def __init__(self):
        self.registry = Registry()
    def locked(self):
        with self.registry._lock:
            {body}
    def bare(self):
        self._print()
    def _print(self):
        for name in self.registry._jobs:
            print(name)
"""


@pytest.mark.parametrize(("body", "fixed"), [("pass", True), ("self._print()", False)])
def test_callers_in_another_class_are_asked_as_well(body: str, fixed: bool):  # noqa: FBT001
    text = CLASS.format(lock="Lock") + IN_ANOTHER_CLASS.format(body=body)
    (finding,) = check_text(text, "m.py", SELECTED).findings
    assert (finding.fix is not None) == fixed


def test_a_lock_around_the_loop_does_not_hinder_the_fix():
    finding = only(
        """\
        def set_output(self, output):
            self._output = threading.Lock()
        def report(self):
            with self._output:
                for name in self._jobs:
                    print(name)
        """
    )
    assert finding.fix is not None


@pytest.mark.parametrize("lock", ["Lock", "RLock"])
def test_no_fix_where_the_loop_takes_another_lock(lock: str):
    loop = """\
        def report(self):
            for name in self._jobs:
                self._log(name)
        def _log(self, name):
            self._write(name)
        def _write(self, name):
            with self._output:
                self.output.write(name)
        """
    assert only(loop, lock).fix is None


@pytest.mark.parametrize(("caller", "fixed"), [("pass", True), ("show(registry)", False)])
def test_a_function_that_is_called_with_a_lock_gets_no_fix(caller: str, fixed: bool):  # noqa: FBT001
    text = CLASS.format(lock="Lock") + (
        "def show(registry: Registry):\n    for name in registry._jobs:\n        print(name)\n"
        f"def locked(registry):\n    with registry._lock:\n        {caller}\n"
    )
    (finding,) = check_text(text, "m.py", SELECTED).findings
    assert (finding.fix is not None) == fixed


WALKED_LATER = {
    "awaits": """\
        async def report(self):
            for name in self._jobs:
                await name
        """,
    "a lambda": """\
        def report(self, words):
            return sorted(words, key=lambda word: [word in name for name in self._jobs])
        """,
    "an iterator goes out": """\
        def __iter__(self):
            return iter(self._jobs)
        """,
    "a generator goes out": """\
        def names(self):
            return (name for name in self._jobs)
        """,
}


@pytest.mark.parametrize("loop", WALKED_LATER.values(), ids=WALKED_LATER)
def test_no_fix_where_the_lock_cannot_be_held_for_the_whole_loop(loop: str):
    assert only(loop).fix is None


def test_no_fix_where_the_loop_has_no_name_for_the_lock():
    text = CLASS.format(lock="Lock") + (
        "    def report(self):\n        show(self)\n"
        "def show(registry):\n    for name in registry._jobs:\n        print(name)\n"
    )
    (finding,) = check_text(text, "m.py", SELECTED).findings
    assert finding.fix is None
    assert "without `_lock`" in finding.message


GIVEN_ON = """
    def report(self):
        first(self)
def first(registry):
    {body}
def second(registry):
    walk(registry)
def walk(registry):
    for name in registry._jobs:
        print(name)
"""


@pytest.mark.parametrize(("body", "count"), [("walk(registry)", 1), ("second(registry)", 0)])
def test_an_object_is_lost_from_sight_when_it_is_given_on_too_often(body: str, count: int):
    text = CLASS.format(lock="Lock") + GIVEN_ON.format(body=body)
    assert len(check_text(text, "m.py", SELECTED).findings) == count
