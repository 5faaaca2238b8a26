"""The kind ``with-lock``: a loop, or the statement of a comprehension, moves under a lock.

In the sources, «...» marks the expression that is walked.
"""

from __future__ import annotations

import pytest

from mlhazards.findings import Fix, Span
from mlhazards.fixes import Edited, apply
from mlhazards.source.file import from_bytes, target


def run(code: str, lock: str = "self._lock") -> Edited:
    before, _, rest = code.partition("«")
    expression, _, after = rest.partition("»")
    lines = before.replace("\r\n", "\n").split("\n")
    assert "\n" not in expression
    line, column = len(lines), len(lines[-1]) + 1
    span = Span(line, column, line, column + len(expression))
    source = from_bytes((before + expression + after).encode(), target("module.py"))
    return apply(source, [Fix("with-lock", span, "a title", "unsafe", lock)])


REWRITTEN = {
    "a loop": (
        "def f(self):\n    for k in «self.d»:\n        g(k)\n    h()\n",
        "def f(self):\n    with self._lock:\n        for k in self.d:\n            g(k)\n    h()\n",
    ),
    "on one line": (
        "class A:\n  def f(self):\n    for k in «self.d»: g(k)",
        "class A:\n  def f(self):\n    with self._lock:\n      for k in self.d: g(k)",
    ),
    "with else, comments and an empty line": (
        "# a\nfor k in «d»:  # b\n    # c\n    g(k)\n\n    g(k)\n  \nelse:\n    h()  # d\n# e\n",
        """\
# a
with self._lock:
    for k in d:  # b
        # c
        g(k)

        g(k)
  \n    else:
        h()  # d
# e
""",
    ),
    "strings of several lines keep their text": (
        "for k in «d»:\n    g('''\n  a\n''', f'''\n{k}\n''',\n    1)\n",
        "with self._lock:\n    for k in d:\n        g('''\n  a\n''', f'''\n{k}\n''',\n        1)\n",
    ),
    "a backslash": (
        "for k in «d»:\n    x = k + \\\n    1\n",
        "with self._lock:\n    for k in d:\n        x = k + \\\n        1\n",
    ),
    "tabs and CRLF": (
        "def f(self):\r\n\tfor k in «self.d»:\r\n\t\tg(k)\r\n",
        "def f(self):\r\n\twith self._lock:\r\n\t\tfor k in self.d:\r\n\t\t\tg(k)\r\n",
    ),
    "a comprehension": (
        "def f(d):\n    x = [\n        k for k in «d»\n    ]\n",
        "def f(d):\n    with self._lock:\n        x = [\n            k for k in d\n        ]\n",
    ),
    "the second generator of a comprehension": (
        "x = {k for e in d for k in «e.d»}\n",
        "with self._lock:\n    x = {k for e in d for k in e.d}\n",
    ),
    "the outer loop of two": (
        "for k in «d»:\n    for e in k:\n        g(e)\n",
        "with self._lock:\n    for k in d:\n        for e in k:\n            g(e)\n",
    ),
    "the inner loop of two": (
        "for e in k:\n    for k in «d»:\n        g(e)\n",
        "for e in k:\n    with self._lock:\n        for k in d:\n            g(e)\n",
    ),
}


@pytest.mark.parametrize(("code", "expected"), REWRITTEN.values(), ids=REWRITTEN)
def test_the_statement_moves_under_the_lock(code: str, expected: str):
    edited = run(code)
    assert edited.dropped == ()
    assert edited.data.decode() == expected


REFUSED = {
    "a test": ("if any(k for k in «d»):\n    pass\n", "no statement of its own"),
    "after a colon": ("if d: x = [k for k in «d»]\n", "no statement of its own"),
    "after a semicolon": ("x = 1; y = [k for k in «d»]\n", "no statement of its own"),
    "a lambda": ("x = lambda: [k for k in «d»]\n", "no statement of its own"),
    "an await": ("async def f():\n    for k in «d»:\n        await k\n", "in between"),
    "a yield": ("def f():\n    for k in «d»:\n        yield k\n", "in between"),
    "an async loop": ("async def f():\n    async for k in «d»:\n        g(k)\n", "in between"),
}


@pytest.mark.parametrize(("code", "reason"), REFUSED.values(), ids=REFUSED)
def test_refused(code: str, reason: str):
    edited = run(code)
    assert edited.applied == ()
    assert reason in edited.dropped[0][1]
    assert edited.data.decode() == code.replace("«", "").replace("»", "")


@pytest.mark.parametrize(
    "lock", ["", "self.", "self._lock()", "a b", "self._lock:\n    pass\nif a"]
)
def test_only_a_name_is_a_lock(lock: str):
    edited = run("for k in «d»:\n    pass\n", lock)
    assert "is no name of a lock" in edited.dropped[0][1]
