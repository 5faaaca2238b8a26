"""MLH104: confidence, words, witness and fix. What is found at all stands in the fixtures."""

from __future__ import annotations

from textwrap import dedent

import pytest

from mlhazards.config import Settings
from mlhazards.engine import check_text
from mlhazards.findings import Finding

PEDANTIC = Settings(select=("MLH104",), min_confidence="possible")


def findings(text: str, settings: Settings = PEDANTIC) -> tuple[Finding, ...]:
    report = check_text(dedent(text), "case.py", settings)
    assert not report.failures
    return report.findings


def finding(text: str) -> Finding:
    (found,) = findings(text)
    return found


def body(statement: str, kind: str = "dict", loop: str = "for k in d:") -> str:
    return (
        "from collections import Counter, OrderedDict, defaultdict, deque\n"
        f"def f(d: {kind}, other):\n    {loop}\n        {statement}\n"
    )


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        (body("del d[k]"), "proven"),
        (body("d.pop(k, None)"), "proven"),
        (body("d.clear()"), "proven"),
        (body("d.pop(other, None)"), "likely"),
        (body("d.pop('x', None)"), "likely"),
        (body("d[other] = 1"), "possible"),
        (body("if other not in d: d[other] = 1"), "likely"),
        (body("d.setdefault(other, 1)"), "possible"),
        (body("d.update(other)"), "possible"),
        (body("d['x'] = 1"), "possible"),
        (body("d.discard(k)", "set"), "proven"),
        (body("d.pop()", "set"), "proven"),
        (body("d.add(other)", "set"), "likely"),
        (body("d |= other", "set"), "likely"),
        (body("d.append(k)", "deque"), "proven"),
        (body("d.rotate()", "deque"), "proven"),
        (body("d.move_to_end(k)", "OrderedDict"), "likely"),
        (
            """
            from collections import defaultdict
            groups = defaultdict(list)
            def f(other):
                for k in groups:
                    groups[other].append(k)
            """,
            "possible",
        ),
        (body("d[other] += 1", "Counter"), "possible"),
        (body("d.remove(k)", "list"), "proven"),
        (body("d.remove(k)", "object"), "likely"),
        (body("d['x'] = 1").replace("    for", "    d = dict(other)\n    for"), "possible"),
        (body("d['x'] = 1").replace("    for", "    d = {}\n    for"), "likely"),
        (body("d['x'] = 1").replace("    for", "    d = {'y': 1}\n    for"), "likely"),
        (body("del e[k]").replace("    for", "    e = d if other else {}\n    for"), "possible"),
        (body("del d[k]", loop="for k in d if other else {}:"), "likely"),
        (body("del d[k]", loop="for k in d if other else OTHER:"), "likely"),
        (body("del d[k]", "object"), "likely"),
        (body("d.pop(k)", "object"), "likely"),
        (body("d.discard(other)", "object"), "likely"),
        (body("d.pop(other)", "object", "for k, v in d.items():"), "likely"),
    ],
)
def test_how_sure_it_is(text: str, confidence: str):
    assert finding(text).confidence == confidence


@pytest.mark.parametrize(
    "text",
    [
        body("d[k] = 1"),
        body("d.setdefault(k, 1)"),
        body("d[k.name] = 1"),
        body("if other in d: d[other] = 1"),
        body("d['x'] = 1").replace("    for", "    d = {'x': 1}\n    for"),
        body("d[other] += 1"),
        body("print(d[other])"),
        body("d.add(k)", "set"),
        body("d[0] = k", "deque"),
        body("d.append(k)", "list"),
        body("d.sort()", "list"),
        body("d[0] = k", "list"),
        body("d.remove(k)", "list", "for k in reversed(d):"),
        body("d.add(other)", "object"),
        body("d[other] = 1", "object"),
        body("d.remove(other)", "object"),
        body("d.pop()", "object"),
        body("d.pop(k)", "tuple"),
    ],
)
def test_what_does_not_resize_or_is_not_known_to(text: str):
    assert findings(text) == ()


def test_what_no_test_looked_for_is_shown_to_the_pedantic_only():
    text = body("d[other] = 1")
    assert findings(text, Settings(select=("MLH104",))) == ()


@pytest.mark.parametrize(
    ("kind", "statement", "error"),
    [
        ("dict", "del d[k]", "RuntimeError: dictionary changed size during iteration"),
        ("OrderedDict", "del d[k]", "RuntimeError: OrderedDict mutated during iteration"),
        ("set", "d.remove(k)", "RuntimeError: Set changed size during iteration"),
        ("deque", "d.remove(k)", "RuntimeError: deque mutated during iteration"),
        ("list", "d.remove(k)", "the element after each removed one is skipped without a word"),
    ],
)
def test_the_message_names_the_container_and_its_kind_and_the_note_what_happens(
    kind: str, statement: str, error: str
):
    found = finding(body(statement, kind))
    effect = "removes from it" if kind == "list" else "changes its size"
    assert found.message == f"loop over `d` ({kind}) {effect}"
    assert found.notes == (error,)


def emptied_meanwhile(walked: dict[int, int] | set[int]) -> None:
    for _ in walked:
        walked.clear()


@pytest.mark.parametrize("walked", [{1: 1, 2: 2}, {1, 2}], ids=["dict", "set"])
def test_the_note_is_what_python_says(walked: dict[int, int] | set[int]):
    with pytest.raises(RuntimeError) as raised:
        emptied_meanwhile(walked)
    found = finding(body("d.clear()", type(walked).__name__))
    assert found.notes == (f"RuntimeError: {raised.value}",)


def test_a_kind_that_only_the_methods_tell_is_not_named():
    found = finding(body("d.remove(k)", "object"))
    assert found.message == "loop over `d` removes from it"
    assert "set" in found.notes[0]
    assert "list" in found.notes[0]


CHAIN = """
    class Channel:
        def __init__(self):
            self.consumers = {}

        def close(self):
            consumers = self.consumers
            for tag in consumers:
                self.cancel(tag)

        def cancel(self, tag):
            self.drop(tag)

        def drop(self, tag):
            del self.consumers[tag]
"""


def test_the_witness_goes_from_the_binding_to_the_resize():
    found = finding(CHAIN)
    steps = [(step.span.line, step.message) for step in found.witness]
    assert steps == [
        (4, "`self.consumers` is bound here"),
        (7, "another name for `self.consumers`, not a copy"),
        (8, "the loop walks it here"),
        (9, "calls `self.cancel()`"),
        (12, "calls `self.drop()`"),
        (15, "something is removed here, and the loop can go on"),
    ]
    assert (found.span.line, found.span.column) == (8, 20)
    assert found.message.endswith("; in a function that it calls")
    assert found.confidence == "likely"


@pytest.mark.parametrize(
    ("text", "safety", "form"),
    [
        (body("del d[k]"), "safe", "list"),
        (body("d.discard(k)", "set"), "safe", "list"),
        (body("d.append(k)", "deque"), "safe", "list"),
        (body("d.remove(k)", "list"), "unsafe", "list"),
        (body("d.remove(k)", "object"), "unsafe", "list"),
        (body("del d[k]", "object"), "safe", "list"),
        (body("list = other; del d[k]"), "safe", "star"),
    ],
)
def test_the_fix_is_a_snapshot(text: str, safety: str, form: str):
    fix = finding(text).fix
    assert fix is not None
    assert (fix.kind, fix.safety, fix.form) == ("snapshot", safety, form)
    assert bool(fix.reason) == (safety == "unsafe")


def test_there_is_no_fix_where_a_snapshot_would_not_help():
    weak = """
        import weakref
        alive = weakref.WeakSet()
        def f():
            for each in alive:
                alive.discard(each)
    """
    numbered = body("del d[i]", "list", "for i, k in enumerate(d):")
    assert finding(weak).fix is None
    assert finding(numbered).fix is None


def test_two_loops_over_one_container_are_told_apart():
    text = body("del d[k]") + "    for k in d:\n        del d[k]\n"
    first, second = findings(text)
    assert first.identity != second.identity


def test_moved_lines_change_no_identity():
    text = body("del d[k]")
    assert finding(text).identity == finding("\n\n" + text).identity
