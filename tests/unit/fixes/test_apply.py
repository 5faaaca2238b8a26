"""One file, its fixes: what is rewritten, what is refused, and that the rest stays as it was.

In the sources, «...» marks the span of the fix.
"""

from __future__ import annotations

import ast

import pytest

from mlhazards.findings import Fix, Span
from mlhazards.fixes import Edited, apply
from mlhazards.source.file import SourceFile, from_bytes, target


def source_of(data: bytes) -> SourceFile:
    return from_bytes(data, target("module.py"))


def place(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def marked(code: str) -> tuple[str, list[Span]]:
    """Return the code without its marks, and the marked spans, the ones that end first in front."""
    text, spans, opened = "", [], []
    for character in code:
        if character == "«":
            opened.append(place(text, len(text)))
        elif character == "»":
            spans.append(Span(*opened.pop(), *place(text, len(text))))
        else:
            text += character
    return text, spans


def run(code: str, kind: str = "snapshot", form: str = "", encoding: str = "utf-8") -> Edited:
    text, spans = marked(code)
    fixes = [Fix(kind, span, "a title", "safe", form) for span in spans]
    return apply(source_of(text.encode(encoding)), fixes)


def fixed(code: str, kind: str, form: str = "", encoding: str = "utf-8") -> str:
    edited = run(code, kind, form, encoding)
    assert edited.dropped == ()
    assert edited.applied
    return edited.data.decode(encoding)


LIST = {
    "name": ("for k in «d»:\n    pass\n", "for k in list(d):\n    pass\n"),
    "view": ("x = «self.d.keys()»\n", "x = list(self.d.keys())\n"),
    "old parentheses are handed on": ("for k in («d»): pass\n", "for k in list(d): pass\n"),
    "no list((d))": ("for k in ((«d»)): pass\n", "for k in list(d): pass\n"),
    "keyword glued to the parenthesis": (
        "for k in(«d»):pass\n",
        "for k in list(d):pass\n",
    ),
    "keyword glued to a bracket": ("for k in«[a, *b]»:pass\n", "for k in list([a, *b]):pass\n"),
    "keyword glued on the right": ("x = [k for k in(«d»)if k]\n", "x = [k for k in list(d)if k]\n"),
    "walrus": ("for k in (x := «d.keys()»): pass\n", "for k in (x := list(d.keys())): pass\n"),
    "around a walrus": (
        "for k in («x := d.keys()»): pass\n",
        "for k in list(x := d.keys()): pass\n",
    ),
    "conditional expression": (
        "for k in «a if c else self.d»:\n    pass\n",
        "for k in list(a if c else self.d):\n    pass\n",
    ),
    "comments inside the expression": (
        "x = (  # the table\n    «d  # of rows\n    .items()»  # live\n    # end\n)  # out\n",
        "x = list(  # the table\n    d  # of rows\n    .items()  # live\n    # end\n)  # out\n",
    ),
    "several lines in a block": (
        "def f(self):\n    x = (\n        «self.d\n        .items()»\n    )\n",
        "def f(self):\n    x = list(\n        self.d\n        .items()\n    )\n",
    ),
    "comment between two pairs": (
        "x = (  # one\n    (  # two\n    «d»))\n",
        "x = list(  # one\n      # two\n    d)\n",
    ),
    "tabs": ("if 1:\n\tfor k in\t«d»:\n\t\tpass\n", "if 1:\n\tfor k in\tlist(d):\n\t\tpass\n"),
    "backslash": (
        "for k in \\\n  «d.\\\n  keys()»: pass\n",
        "for k in \\\n  list(d.\\\n  keys()): pass\n",
    ),
    "nothing but a comment after a backslash": (
        "x = «d» \\\n  # noqa\n",
        "x = list(d) \\\n  # noqa\n",
    ),
    "a second statement after a backslash": (
        "x = «d» \\\n  ; y = «e»\n",
        "x = list(d) \\\n  ; y = list(e)\n",
    ),
    "form feed": (
        "a = 1\n\x0c\ndef f():\n\x0c    for k in «d»:\n        pass\n",
        "a = 1\n\x0c\ndef f():\n\x0c    for k in list(d):\n        pass\n",
    ),
    "other line separators in strings": (
        "a = '\x0b\x1c\u2028\x85'; x = «d»\n",
        "a = '\x0b\x1c\u2028\x85'; x = list(d)\n",
    ),
    "CRLF": ("a = 1\r\nx = (\r\n  «d»\r\n)\r\n", "a = 1\r\nx = list(\r\n  d\r\n)\r\n"),
    "mixed line ends": ("a = 1\rb = 2\r\nx = «d»\nc = 3\r", "a = 1\rb = 2\r\nx = list(d)\nc = 3\r"),
    "non-ASCII before the span": ("a = 'é😀'; x = «é»\n", "a = 'é😀'; x = list(é)\n"),
    "no newline at the end": ("x = «d»", "x = list(d)"),
    "a tuple stays one argument": ("for k in «(a, b)»: pass\n", "for k in list((a, b)): pass\n"),
    "a bare tuple as well": ("for k in «a, b»: pass\n", "for k in list((a, b)): pass\n"),
    "a yield keeps its parentheses": (
        "def f():\n    for k in («yield»): pass\n",
        "def f():\n    for k in list((yield)): pass\n",
    ),
    "a bare yield gets some": (
        "def f():\n    x = «yield d»\n",
        "def f():\n    x = list((yield d))\n",
    ),
    "a generator expression": (
        "x = «(k for k in d)»\n",
        "x = list(k for k in d)\n",
    ),
    "a lambda": ("x = «lambda: d»\n", "x = list(lambda: d)\n"),
    "inside an f-string": ("x = f'{[k for k in «d»]}'\n", "x = f'{[k for k in list(d)]}'\n"),
    "two on one line": ("x = «a»; y = «b»\n", "x = list(a); y = list(b)\n"),
    "decorated function": (
        "@first\n@second([k for k in «d»])\ndef f(): pass\n",
        "@first\n@second([k for k in list(d)])\ndef f(): pass\n",
    ),
    "after a string of several lines on the same line": (
        "a = '''\n'''; x = «d»\n",
        "a = '''\n'''; x = list(d)\n",
    ),
    "quoting and odd spacing elsewhere": (
        "a = 'x' \"y\"  ;b=  0XfF\nx =  «d»   # noqa\n\n\n",
        "a = 'x' \"y\"  ;b=  0XfF\nx =  list(d)   # noqa\n\n\n",
    ),
}

STAR = {
    "name": ("for k in «d»: pass\n", "for k in [*d]: pass\n"),
    "parentheses": ("for k in(«d»): pass\n", "for k in[*d]: pass\n"),
    "walrus": ("for k in («x := d»): pass\n", "for k in [*(x := d)]: pass\n"),
    "two pairs": ("for k in (( «x := d» )): pass\n", "for k in [*( x := d )]: pass\n"),
    "conditional expression": (
        "for k in «a if c else d»: pass\n",
        "for k in [*(a if c else d)]: pass\n",
    ),
    "bare tuple": ("for k in «a, b»: pass\n", "for k in [*(a, b)]: pass\n"),
    "comments": (
        "x = (  # one\n    # two\n    «d»  # three\n)\n",
        "x = [  # one\n    # two\n    *d  # three\n]\n",
    ),
}

COPY = {
    "a list of a view": (
        "for k in «list((self.d).items())»: pass\n",
        "for k in list((self.d).copy().items()): pass\n",
    ),
    "items": ("for k in «d.items()»: pass\n", "for k in d.copy().items(): pass\n"),
    "parenthesised mapping": (
        "for k in «(d).items()»: pass\n",
        "for k in (d).copy().items(): pass\n",
    ),
    "several lines": (
        "x = (\n    «self.d  # all\n    .items()»\n)\n",
        "x = (\n    self.d.copy()  # all\n    .items()\n)\n",
    ),
}

SHADOWED = {
    "module": ("list = 1\nx = «d»\n", "list = 1\nx = [*d]\n"),
    "import": (
        "from a import list\ndef f(): return «d»\n",
        "from a import list\ndef f(): return [*d]\n",
    ),
    "parameter": ("def f(list):\n    x = «d»\n", "def f(list):\n    x = [*d]\n"),
    "later in the function": (
        "def f():\n    x = «d»\n    list = x\n",
        "def f():\n    x = [*d]\n    list = x\n",
    ),
    "enclosing function": (
        "def f(list):\n    def g():\n        x = «d»\n",
        "def f(list):\n    def g():\n        x = [*d]\n",
    ),
    "lambda on the same line": (
        "f = lambda list: [k for k in «d»]\n",
        "f = lambda list: [k for k in [*d]]\n",
    ),
    "class body": (
        "class A:\n    def list(self): pass\n    x = «d»\n",
        "class A:\n    def list(self): pass\n    x = [*d]\n",
    ),
    "a method sees no class body": (
        "class A:\n    def list(self): pass\n    def f(self): x = «d»\n",
        "class A:\n    def list(self): pass\n    def f(self): x = list(d)\n",
    ),
    "another function": (
        "def g(list): pass\ndef f():\n    x = «d»\n",
        "def g(list): pass\ndef f():\n    x = list(d)\n",
    ),
    "declared global elsewhere": (
        "def g():\n    global list\n    list = 1\ndef f():\n    x = «d»\n",
        "def g():\n    global list\n    list = 1\ndef f():\n    x = [*d]\n",
    ),
    "only used": ("y: list = list()\nx = «d»\n", "y: list = list()\nx = list(d)\n"),
}

RETURN = {
    "plain": (
        "def f():\n    yield 1\n    «return a, b»\n",
        "def f():\n    yield 1\n    yield a, b\n    return\n",
    ),
    "comment behind": (
        "def f():\n    yield 1\n    «return a»  # last\n    x = 1\n",
        "def f():\n    yield 1\n    yield a  # last\n    return\n    x = 1\n",
    ),
    "several lines": (
        "def f():\n    yield 1\n    «return (  # both\n        a,\n        b,\n    )»\n",
        "def f():\n    yield 1\n    yield (  # both\n        a,\n        b,\n    )\n    return\n",
    ),
    "glued": (
        "def f():\n    yield 1\n    «return(a)»\n",
        "def f():\n    yield 1\n    yield(a)\n    return\n",
    ),
    "of a yield": (
        "def f():\n    «return (yield 1)»\n",
        "def f():\n    yield (yield 1)\n    return\n",
    ),
    "starred": (
        "def f():\n    yield 1\n    «return *a, b»\n",
        "def f():\n    yield 1\n    yield *a, b\n    return\n",
    ),
    "no newline at the end": (
        "def f():\n    yield 1\n    «return a»",
        "def f():\n    yield 1\n    yield a\n    return",
    ),
    "CRLF and tabs": (
        "def f():\r\n\tyield 1\r\n\tif x:\r\n\t\t«return a»\r\n\tyield 2\r\n",
        "def f():\r\n\tyield 1\r\n\tif x:\r\n\t\tyield a\r\n\t\treturn\r\n\tyield 2\r\n",
    ),
    "CRLF without a newline at the end": (
        "def f():\r\n    yield 1\r\n    «return a»",
        "def f():\r\n    yield 1\r\n    yield a\r\n    return",
    ),
    "form feed": (
        "def f():\n    yield 1\n\x0c    «return a»\n",
        "def f():\n    yield 1\n\x0c    yield a\n    return\n",
    ),
    "one-line if": (
        "def f():\n    yield 1\n    if x: «return a»  # why\n    yield 2\n",
        "def f():\n    yield 1\n    if x:\n        yield a  # why\n        return\n    yield 2\n",
    ),
    "one-line else": (
        "def f():\n  yield 1\n  if x: pass\n  else: «return a»\n",
        "def f():\n  yield 1\n  if x: pass\n  else:\n    yield a\n    return\n",
    ),
    "one-line elif at the end of the file": (
        "def f():\n    yield 1\n    if x: pass\n    elif y:«return a»",
        "def f():\n    yield 1\n    if x: pass\n    elif y:\n        yield a\n        return",
    ),
    "one-line case": (
        "def f():\n  match (yield 1):\n    case 1: «return a»\n",
        "def f():\n  match (yield 1):\n    case 1:\n      yield a\n      return\n",
    ),
    "one-line function": ("def f(): yield 1; «return a»\n", "def f(): yield 1; yield a; return\n"),
    "last of its line": (
        "def f():\n    yield 1; «return a»\n",
        "def f():\n    yield 1; yield a\n    return\n",
    ),
    "semicolon behind": (
        "def f():\n    yield 1\n    «return a»;\n",
        "def f():\n    yield 1\n    yield a;\n    return\n",
    ),
    "dead code on the same line": (
        "def f():\n    yield 1\n    «return a»; b = 1\n",
        "def f():\n    yield 1\n    yield a; return; b = 1\n",
    ),
    "in an ordinary handler": (
        "def f():\n  try: yield 1\n  except (KeyError, a.ValueError):\n    «return a»\n",
        "def f():\n  try: yield 1\n  except (KeyError, a.ValueError):\n    yield a\n    return\n",
    ),
    "in a function inside a finally": (
        "try: pass\nfinally:\n    def f():\n        yield 1\n        «return a»\n",
        "try: pass\nfinally:\n    def f():\n        yield 1\n        yield a\n        return\n",
    ),
}


def cases(*tables: tuple[str, str, dict[str, tuple[str, str]]]):
    return [
        pytest.param(kind, form, before, after, id=f"{form or kind}-{name}")
        for kind, form, table in tables
        for name, (before, after) in table.items()
    ]


@pytest.mark.parametrize(
    ("kind", "form", "before", "after"),
    cases(
        ("snapshot", "list", LIST),
        ("snapshot", "star", STAR),
        ("snapshot", "copy-items", COPY),
        ("snapshot", "list", SHADOWED),
        ("yield-then-return", "", RETURN),
    ),
)
def test_the_node_is_rewritten_and_nothing_else(kind, form, before, after):
    assert fixed(before, kind, form) == after
    ast.parse(after)


def test_the_declared_encoding_stays():
    after = fixed(
        "# -*- coding: latin-1 -*-\na = 'ü'; x = «d»  # ß\n", "snapshot", "list", "latin-1"
    )
    assert after == "# -*- coding: latin-1 -*-\na = 'ü'; x = list(d)  # ß\n"


def test_the_byte_order_mark_stays():
    code, spans = marked("x = «d»\na = 'é'\n")
    edited = apply(
        source_of(b"\xef\xbb\xbf" + code.encode()), [Fix("snapshot", spans[0], "", "safe", "list")]
    )
    assert edited.data == b"\xef\xbb\xbf" + "x = list(d)\na = 'é'\n".encode()


def test_an_encoding_that_would_rewrite_other_bytes_is_left_alone():
    data = b"# coding: utf-7\na = '+AGEA4Q-'\nx = d\n"
    fix = Fix("snapshot", Span(3, 5, 3, 6), "", "safe", "list")
    edited = apply(source_of(data), [fix])
    assert edited == Edited(data, (), ((fix, "cannot be written as utf-7"),))


REFUSED = {
    "unknown kind": ("x = «d»\n", "explode", "", "unknown kind of fix `explode`"),
    "unknown form": ("x = «d»\n", "snapshot", "set", "unknown form of snapshot `set`"),
    "no node there": (
        "xyz = a«bc»d\n",
        "snapshot",
        "list",
        "no expression at the place of the finding",
    ),
    "a statement": ("«x = d»\n", "snapshot", "list", "no expression at the place of the finding"),
    "a backslash in front of everything, which libcst forgets": (
        "\\\nx = «d»\n",
        "snapshot",
        "list",
        "libcst does not give this statement back as it is",
    ),
    "an empty line": (
        "x = 1\n«»\ny = 2\n",
        "snapshot",
        "list",
        "no expression at the place of the finding",
    ),
    "an empty file": ("«»", "snapshot", "list", "no statement at the place of the finding"),
    "no view": ("x = «d.pop()»\n", "snapshot", "copy-items", "not a view of a mapping"),
    "one argument of several": (
        "x = «zip(d.items(), e)»\n",
        "snapshot",
        "copy-items",
        "not a view of a mapping",
    ),
    "a view with an argument": (
        "x = «d.items(1)»\n",
        "snapshot",
        "copy-items",
        "not a view of a mapping",
    ),
    "a bare return": (
        "def f():\n    yield 1\n    «return»\n",
        "yield-then-return",
        "",
        "no `return` with a value at the place of the finding",
    ),
    "in a finally": (
        "def f():\n    try:\n        yield 1\n    finally:\n        «return a»\n",
        "yield-then-return",
        "",
        "a `yield` here would make closing the generator raise RuntimeError",
    ),
    "in a bare except": (
        "def f():\n    try: yield 1\n    except: «return a»\n",
        "yield-then-return",
        "",
        "a `yield` here would make closing the generator raise RuntimeError",
    ),
    "in a handler of GeneratorExit": (
        "def f():\n  try: yield 1\n  except (KeyError, GeneratorExit):\n    if x: «return a»\n",
        "yield-then-return",
        "",
        "a `yield` here would make closing the generator raise RuntimeError",
    ),
    "too deep for libcst": (
        "x = «" + "+".join(["a"] * 900) + "»\n",
        "snapshot",
        "list",
        "nested too deeply for libcst",
    ),
    "too many branches for libcst": (
        "if «a»: pass\n" + "elif a: pass\n" * 900,
        "snapshot",
        "list",
        "nested too deeply for libcst",
    ),
    "a syntax error": (
        "x = «d» +\n",
        "snapshot",
        "list",
        "the file does not parse: invalid syntax",
    ),
    "a result that does not parse": (
        "async def f():\n    yield 1\n    «x»: 1 = 2\n",
        "snapshot",
        "list",
        "the result does not parse: ",
    ),
}


@pytest.mark.parametrize(
    ("code", "kind", "form", "reason"), list(REFUSED.values()), ids=list(REFUSED)
)
def test_what_cannot_be_done_is_dropped_with_its_reason(code, kind, form, reason):
    edited = run(code, kind, form)
    assert edited.data == marked(code)[0].encode()
    assert edited.applied == ()
    [(fix, why)] = edited.dropped
    assert fix.span == marked(code)[1][0]
    assert why.startswith(reason)


def test_a_statement_that_libcst_would_crash_on_is_not_given_to_it():
    # Versions of CPython differ in how deep they parse; either way there is a reason, no crash.
    edited = run("x = «a" + "()" * 2500 + "»\n", "snapshot", "list")
    [(_, reason)] = edited.dropped
    assert "levels deep" in reason or "nested too deeply" in reason


def test_a_deep_statement_elsewhere_is_no_obstacle():
    deep = "x = " + "+".join(["a"] * 900) + "\n"
    assert fixed(f"{deep}y = «d»\n{deep}", "snapshot", "list") == f"{deep}y = list(d)\n{deep}"


def test_of_two_fixes_that_touch_the_first_wins():
    edited = run("x = «f(«d»)»\n", "snapshot", "list")
    assert edited.data == b"x = f(list(d))\n"
    assert [fix.span.column for fix in edited.applied] == [7]
    [(fix, reason)] = edited.dropped
    assert fix.span.column == 5
    assert reason == "overlaps with the fix at 1:7"


def test_the_same_fix_twice_is_done_once():
    code, [span] = marked("x = «d»\n")
    fix = Fix("snapshot", span, "", "safe", "list")
    assert apply(source_of(code.encode()), [fix, fix]) == Edited(b"x = list(d)\n", (fix,), ())


def test_one_bad_fix_does_not_hold_the_others_back():
    code, spans = marked("x = «d»\ny = e«f»g\n")
    fixes = [Fix("snapshot", span, "", "safe", "list") for span in spans]
    edited = apply(source_of(code.encode()), fixes)
    assert edited.data == b"x = list(d)\ny = efg\n"
    assert edited.applied == (fixes[0],)


def test_without_a_fix_the_bytes_are_those_that_were_read():
    source = source_of(b"x = 1\r")
    assert apply(source, []).data is source.data


def test_a_span_outside_of_the_file_is_dropped():
    edited = apply(source_of(b"x = 1\n"), [Fix("snapshot", Span(7, 1, 7, 2), "", "safe", "list")])
    assert edited.data == b"x = 1\n"
    assert len(edited.dropped) == 1
