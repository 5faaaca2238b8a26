"""MLH101: what a finding says, how sure it is, and which of several proofs it tells."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from mlhazards.facts import extract
from mlhazards.findings import Finding
from mlhazards.program import link
from mlhazards.rules.shared_state.mlh101_shared_iteration_race import check
from mlhazards.source.file import SourceFile

TRACKER = """
    import threading
    class Tracker:
        def __init__(self):
            self.lock = threading.Lock()
            self.jobs = {KIND}
            self.thread = threading.Thread(target=self._run)
            self.thread.start()
        def _run(self):
            self._clean()
        def _clean(self):
            self.jobs.{RESIZE}
        def report(self):
            jobs = self.jobs
            with self.lock:
                for name in jobs:
                    BODY
"""


def found(text: str, target_python: tuple[int, int] = (3, 11)) -> list[Finding]:
    text = dedent(text)
    source = SourceFile("m.py", "/m.py", text.encode(), text, "utf-8")
    facts = extract(source, ast.parse(text), "m", is_package=False).facts
    return sorted(check(link([facts], target_python)), key=lambda finding: finding.span)


def tracker(kind: str = "{}", resize: str = "pop(1, None)", body: str = "pass") -> list[Finding]:
    text = TRACKER.replace("{KIND}", kind).replace("{RESIZE}", resize).replace("BODY", body)
    return found(text)


def test_a_finding_tells_both_sides_in_order():
    (finding,) = tracker()
    assert finding.message == "loop over `self.jobs` while another thread changes its size"
    assert finding.confidence == "proven"
    assert finding.default == "on"
    assert [(step.side, step.span.line, step.message, step.locks) for step in finding.witness] == [
        (None, 6, "`Tracker.jobs` (dict) is bound here", ()),
        ("one", 13, "any thread that calls report()", ()),
        ("one", 14, "another name for `self.jobs`, not a copy", ()),
        ("one", 16, "iterates here", ("lock",)),
        ("other", 7, "thread is made here: it runs _run()", ()),
        ("other", 8, "and started here", ()),
        ("other", 10, "_run → _clean", ()),
        ("other", 12, "`pop` changes the size", ()),
    ]
    assert finding.notes == (
        "no lock is held on both sides: RuntimeError: dictionary changed size during iteration",
    )


@pytest.mark.parametrize(
    ("kind", "resize", "error"),
    [
        ("set()", "add(1)", "Set changed size during iteration"),
        ("collections.deque()", "append(1)", "deque mutated during iteration"),
        ("collections.OrderedDict()", "clear()", "OrderedDict mutated during iteration"),
    ],
)
def test_the_note_names_the_error(kind: str, resize: str, error: str):
    text = dedent(TRACKER.replace("{KIND}", kind).replace("{RESIZE}", resize))
    (finding,) = found("import collections\n" + text.replace("BODY", "pass"))
    assert finding.notes == (f"no lock is held on both sides: RuntimeError: {error}",)


@pytest.mark.parametrize(
    ("kind", "body", "safety", "form"),
    [
        ("{}", "pass", "safe", "list"),
        ("{}", "self.jobs[name]", "unsafe", "list"),
        ("{}", "jobs[name]", "unsafe", "list"),
        ("{}", "self.jobs[name] += 1", "unsafe", "list"),
        ("{}", "self.jobs.get(name)", "safe", "list"),
        ("[]", "pass", "unsafe", "list"),
    ],
)
def test_the_fix_says_how_safe_it_is(kind: str, body: str, safety: str, form: str):
    (finding,) = tracker(kind, body=body)
    assert finding.fix is not None
    assert (finding.fix.kind, finding.fix.safety, finding.fix.form) == ("snapshot", safety, form)
    assert bool(finding.fix.reason) == (safety == "unsafe")
    assert finding.fix.span.line == 16


def test_lists_are_shown_on_request_alone_and_for_removals_alone():
    (finding,) = tracker("[]", "remove(1)")
    assert finding.default == "extended"
    assert finding.message.endswith("while another thread removes elements")
    assert tracker("[]", "append(1)") == []
    assert tracker("[]", "sort()")[0].default == "extended"


@pytest.mark.parametrize("kind", ["weakref.WeakSet()", "weakref.WeakValueDictionary()"])
def test_no_copy_of_a_weak_container_is_safe(kind: str):
    text = dedent(TRACKER.replace("{KIND}", kind).replace("{RESIZE}", "clear()"))
    (finding,) = found("import weakref\n" + text.replace("BODY", "pass"))
    assert finding.fix is None


STORE = "            self.jobs[name] = 2"
POSSIBLE = """
    import threading, collections
    class Tracker:
        def __init__(self):
            self.jobs = KIND
            threading.Thread(target=self._run).start()
        def _run(self):
            for name in self.jobs: print(name)
        def update(self, name, other):
            BODY
"""


@pytest.mark.parametrize(
    ("kind", "body", "confidence"),
    [
        ("{}", "self.jobs[name] = 1", "proven"),
        ("{}", "if name not in self.jobs: self.jobs[name] = 1", "proven"),
        ("{}", "if self.jobs[name] == 1: self.jobs[name] = 2", "possible"),
        ("{}", "if self.jobs[other] == 1: self.jobs[name] = 2", "proven"),
        ("{}", "self.jobs[name] = 2; print(self.jobs[name])", "proven"),
        ("{}", "if name in self.jobs: print(self.jobs[name])\n" + STORE, "proven"),
        ("{}", "try: print(self.jobs[name])\n            except KeyError:\n    " + STORE, "proven"),
        ("{}", "if name in self.jobs: self.jobs[name] = 1", None),
        ("{}", "self.jobs[name] += 1", None),
        ("collections.defaultdict(list)", "self.jobs[name].append(1)", "possible"),
        ("collections.defaultdict(int)", "self.jobs[name] += 1", "possible"),
        ("collections.Counter()", "self.jobs[name] += 1", "possible"),
        ("collections.Counter()", "print(self.jobs[name])", None),
        ("{'a': 1}", "self.jobs['a'] = 2", None),
        ("{'a': 1}", "self.jobs['b'] = 2", "proven"),
    ],
)  # fmt: skip
def test_a_stored_item_counts_as_far_as_its_key_may_be_new(kind, body, confidence):
    findings = found(POSSIBLE.replace("KIND", kind).replace("BODY", body))
    assert [finding.confidence for finding in findings] == ([confidence] if confidence else [])


def test_a_callable_that_is_judged_by_its_name_makes_it_likely():
    text = """
        from native import QuickThread
        class Tracker:
            def __init__(self):
                self.jobs = {}
                QuickThread(target=self._run)
            def _run(self):
                self.jobs.clear()
            def report(self):
                for name in self.jobs: pass
    """
    (finding,) = found(text)
    assert finding.confidence == "likely"


def test_the_proof_that_a_reader_believes_is_told():
    text = """
        import threading
        class Client:
            def __init__(self):
                self.packets = {}
                threading.Thread(target=self._loop).start()
            def _loop(self):
                self.reconnect()
            def reconnect(self):
                for packet in self.packets: print(packet)
                self.packets.clear()
            def connect(self):
                self.reconnect()
            def maybe(self, key):
                if key:
                    self.packets.pop(key)
            def update(self, key):
                self.packets[key] = 1
            def publish(self, key):
                self._queue(key)
            def _queue(self, key):
                self.packets.setdefault(key, 1)
    """
    (finding,) = found(text)
    *_, last = finding.witness
    assert (last.span.line, last.message) == (22, "`setdefault` changes the size")


FINALISER = """
    import weakref
    TABLE = {}
    def bind(owner, key):
        TABLE[key] = weakref.finalize(owner, lambda: TABLE.pop(key, None))
    def report():
        for key, value in SNAPSHOT: print(key)
"""


@pytest.mark.parametrize("call", ["list", "tuple", "sorted", "set", "dict"])
def test_items_are_no_snapshot_for_a_finaliser_before_312(call: str):
    text = FINALISER.replace("SNAPSHOT", f"{call}(TABLE.items())")
    (finding,) = found(text, (3, 11))
    assert finding.message == "loop over `TABLE` while a finaliser changes its size"
    assert finding.fix is not None
    assert finding.fix.form == "copy-items"
    assert (finding.fix.span.line, finding.fix.span.column) == (7, 24 + len(call))
    assert len(finding.notes) == 2
    assert found(text, (3, 12)) == []


@pytest.mark.parametrize(
    "snapshot", ["TABLE.copy().items()", "list(TABLE)", "list(TABLE.values())"]
)
def test_what_is_a_snapshot_for_a_finaliser_too(snapshot: str):
    assert found(FINALISER.replace("SNAPSHOT", snapshot), (3, 10)) == []


def test_items_are_a_snapshot_for_another_thread():
    text = FINALISER.replace("SNAPSHOT", "list(TABLE.items())").replace("weakref", "threading")
    text = text.replace("finalize(owner, ", "Thread(None, ")
    assert found(text, (3, 10)) == []
    assert len(found(text.replace("list(TABLE.items())", "TABLE.items()"), (3, 10))) == 1
