"""What holds for any module: a fix changes its own span, means what it says, and breaks nothing."""

from __future__ import annotations

import ast

import pytest
from hypothesis import example, given, reject, settings
from hypothesis import strategies as st

from mlhazards.findings import Fix, Span
from mlhazards.fixes import apply
from mlhazards.fixes.edits import Edit, splice
from mlhazards.source.file import from_bytes, target

SPACE = st.sampled_from(["", " ", "  ", "\t", " \\\n ", "\x0c"])
INSIDE = st.sampled_from(["", " ", "\t", "\n", "  # note é\n  ", "\n\n\t", "\r\n"])
EXPRESSION = st.sampled_from(
    [
        "d",
        "self.d",
        "self.d.keys()",
        "d\\\n.items()",
        "ä.ö",
        "f(x)(y)[0]",
        "[1, *a]",
        "{**a}",
        "(1, 2)",
        "a if b else c",
        "'é' 'x'",
        "lambda: d",
        "not d",
        "a | b",
        "a < b",
        "-a",
        "(k for k in d)",
        "[k for k in d if k]",
        "f'{a!r:>{b}}'",
    ]
)
PLACE = st.sampled_from(
    [
        "for k in{}: pass",
        "x ={};y = 1# noqa\n",
        "f([k for k in{}if k])",
        "if x:\n\tfor k in{}:\n\t\tpass\n",
        "class A:\n    def f(self):\n        self.x ={}",
        "a = 'ß'; x = f(1,{}); y = '''\n\x0c'''\n",
        "@f({})\ndef g(): pass",
        "with{}as f: pass",
        "\x0cx ={}\r\ny = 1\r",
    ]
)


@st.composite
def wrapped(draw: st.DrawFn) -> tuple[str, str]:
    """Return an expression in some pairs of parentheses, and itself."""
    inner = draw(EXPRESSION)
    text = inner
    for _ in range(draw(st.integers(1, 3))):
        text = f"({draw(INSIDE)}{text}{draw(INSIDE)})"
    return text, inner


def position(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


@settings(max_examples=150, deadline=None, derandomize=True)
@given(PLACE, wrapped(), SPACE, SPACE, st.sampled_from(["list", "star"]))
@example("for k in{}: pass", ("(d)", "d"), "", "", "list")
def test_only_the_expression_changes_and_it_becomes_its_copy(place, expression, left, right, form):
    outer, inner = expression
    head, tail = place.split("{}")
    text = f"{head}{left}{outer}{right}{tail}"
    start = len(head) + len(left) + outer.index(inner)
    span = Span(*position(text, start), *position(text, start + len(inner)))
    source = from_bytes(text.encode(), target("m.py"))
    edited = apply(source, [Fix("snapshot", span, "", "safe", form)])
    if any("libcst cannot read" in reason for _, reason in edited.dropped):
        assert edited.data == text.encode()
        reject()  # its grammar is not all of CPython's
    assert edited.dropped == ()
    after = edited.data.decode()
    assert after.startswith(head + left)
    assert after.endswith(right + tail)
    middle = after[len(head + left) : len(after) - len(right + tail)]
    assert inner.strip("()") in middle
    assert notes(middle) == notes(outer)
    copy = f"list(({inner}))" if form == "list" else f"[*({inner})]"
    assert ast.dump(ast.parse(after)) == ast.dump(ast.parse(f"{head} ({copy}) {tail}"))


def notes(code: str) -> int:
    return code.count("# note é")


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.data(), st.text(max_size=40))
def test_splice_touches_the_edits_alone(data, text):
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=8).map(sorted))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    edits = [Edit(start, end, f"<{number}>") for number, (start, end) in enumerate(pairs)]
    expected, position = "", 0
    for number, (start, end) in enumerate(pairs):
        expected += text[position:start] + f"<{number}>"
        position = end
    assert splice(text, edits[::-1] if len(set(cuts)) == len(cuts) else edits) == (
        expected + text[position:]
    )


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.text("abd é()[]:=,.\n\t\r\x0c\\#'\"*", max_size=30),
    st.tuples(*[st.integers(0, 12)] * 4),
    st.sampled_from(["snapshot", "yield-then-return"]),
)
def test_no_text_and_no_span_raises(text, numbers, kind):
    source = from_bytes(text.encode(), target("m.py"))
    fix = Fix(kind, Span(*numbers), "", "safe", "list")
    edited = apply(source, [fix])
    assert len(edited.applied) + len(edited.dropped) == 1
    if edited.applied:
        ast.parse(edited.data)
    else:
        assert edited.data is source.data


@pytest.mark.parametrize("last", ["", "\n", "\r\n"])
@pytest.mark.parametrize(
    "head", ["if x:", "else:", "elif y:", "for a in b:", "while x:", "with a:"]
)
def test_a_one_line_body_becomes_a_block_that_means_the_same(head, last):
    before = "if z: pass\n  " if head in {"else:", "elif y:"} else ""
    code = f"def f():\n  yield 0\n  {before}{head} return v{last}"
    line = code.count("\n", 0, code.index("return")) + 1
    column = len(f"  {head} ") + 1
    fix = Fix("yield-then-return", Span(line, column, line, column + 8), "", "unsafe")
    edited = apply(from_bytes(code.encode(), target("m.py")), [fix])
    expected = code.replace("return v", "yield v; return")
    assert ast.dump(ast.parse(edited.data)) == ast.dump(ast.parse(expected))
    assert edited.data.endswith(b"return" + last.encode())
