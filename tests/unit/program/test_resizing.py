"""What the bodies of loops resize, at any confidence: each case is one condition."""

from __future__ import annotations

from textwrap import dedent

import pytest

from mlhazards.facts.model import Op
from mlhazards.program.effects import effect, proven_kind
from mlhazards.program.loops import container, kind_as_walked, walks
from mlhazards.program.resizing import Resizing
from tests.unit.program.conftest import Linker

Found = list[tuple[int, str, int]]

RESIZING = {
    "a break inside of a comprehension's loop is no break of the outer one": """
        def f(d: dict, rows):
            for k in d:
                for row in rows:
                    d.pop(k)
                    break
    """,
    "what a comprehension removes from itself, in a statement that returns": """
        def f(d: dict):
            return [d.pop(k) for k in d]
    """,
    "the same local alias, into an entry of a table": """
        def f(table, name):
            entry = table[name]
            for k in entry.values():
                entry.pop("x")
    """,
    "another name that was made before the loop": """
        def f():
            d = {}
            other = d
            for k in other:
                del d[k]
    """,
    "a star-star parameter is a dict": """
        def f(name, **d):
            for k in d:
                d.pop(name)
    """,
    "what a function of another package made, with its own element removed": """
        import csv
        def f(path):
            rows = csv.reader(path)
            for row in rows:
                rows.remove(row)
    """,
    "the names of a folder": """
        import os
        def f(path):
            names = os.listdir(path)
            for name in names:
                names.remove("x")
    """,
    "a function nested two deep in the calls": """
        class C:
            d = None
            def __init__(self):
                self.d = {}
            def f(self):
                for k in self.d:
                    self.one()
            def one(self):
                self.two()
            def two(self):
                self.d.clear()
    """,
    "an own element through a closure that it was given as a method": """
        class C:
            def __init__(self):
                self.items = set()
            def add(self, item):
                made = item()
                def leave():
                    self.items.discard(made)
                made.leave = leave
                self.items.add(made)
            def f(self):
                for each in self.items:
                    each.leave()
    """,
    "a method that is called on its class, with the object": """
        class Base:
            def drop(self, k):
                del self.d[k]
        class C(Base):
            def __init__(self):
                self.d = {}
            def drop(self, k):
                pass
            def f(self):
                for k in self.d:
                    Base.drop(self, k)
    """,
    "a global that a function of another module changes": """
        REGISTRY = {}
        def drop(name):
            REGISTRY.pop(name)
        def f():
            for name in REGISTRY:
                drop(name)
    """,
}

SILENT = {
    "a comprehension counts for nothing on the way out": """
        def f(d: dict, rows):
            for k in d:
                [d.pop(row) for row in rows]
                break
    """,
    "the variable is another object by then": """
        def f():
            d = {1: 1}
            for k in d:
                d = dict(d)
                del d[k]
    """,
    "the alias was made before the variable got another object": """
        def f():
            d = {1: 1}
            old = d
            d = {}
            for k in old:
                del d[k]
    """,
    "the alias was swapped for a new object": """
        def f():
            d = {1: 1}
            old, d = d, {}
            for k in old:
                d[k + 1] = 1
    """,
    "the attribute got another object": """
        class C:
            def f(self):
                self.d = {1: 1}
                old = self.d
                self.d = {}
                for k in old:
                    self.d.clear()
    """,
    "the touched alias is of the object before": """
        class C:
            def f(self):
                old = self.d
                self.d = {1: 1}
                for k in self.d.values():
                    old.clear()
    """,
    "the body gives the attribute another object before the call": """
        class C:
            def __init__(self):
                self.d = {}
            def f(self):
                for k in self.d:
                    self.d = dict(self.d)
                    self.drop(k)
            def drop(self, k):
                del self.d[k]
    """,
    "the call removes from an alias of the object before": """
        class C:
            def __init__(self):
                self.d = {}
            def f(self):
                for k in self.d:
                    self.drop(k)
            def drop(self, k):
                old = self.d
                self.d = {}
                old.pop(k)
    """,
    "the source of a comprehension is read once, before it runs": """
        def f(d: dict, other):
            return [x for x in (d.pop("a"), *d)] + [x for x in d.setdefault("b", [])]
    """,
    "the names in a function are a copy": """
        def f(k):
            for name in locals():
                locals().pop(name)
    """,
    "the keys of a foreign mapping may be a list": """
        import email
        def f(text):
            message = email.message_from_string(text)
            for name in message.keys():
                del message[name]
    """,
    "a tuple does not change": """
        def f():
            t = (1, 2)
            for x in t:
                t.remove(x)
    """,
    "one of several objects, stored under the own key": """
        def f(d: dict, given):
            if given:
                d = dict(d)
            for k, v in d.items():
                d[k] = v
    """,
    "the call happens on the way out": """
        class C:
            def __init__(self):
                self.d = {}
            @property
            def live(self):
                return self.d
            def f(self):
                for k in self.live:
                    self.d.pop(k)
                    break
    """,
    "the call in the called function depends on something else": """
        class C:
            def __init__(self):
                self.d = {}
            def f(self):
                for k in self.d:
                    self.one()
            def one(self):
                if self.ready:
                    self.two()
            def two(self):
                self.d.clear()
    """,
    "three calls deep": """
        class C:
            def __init__(self):
                self.d = {}
            def f(self):
                for k in self.d:
                    self.one()
            def one(self):
                self.two()
            def two(self):
                if self.ready:
                    self.d.clear()
                self.three()
            def three(self):
                self.d.clear()
    """,
    "another entry of the same table, in a called function": """
        class C:
            def __init__(self):
                self.d = {}
            def f(self, name):
                for k in self.d[name].values():
                    self.drop()
            def drop(self):
                self.d["x"].clear()
    """,
    "the closure is a method of the elements of another class": """
        class Other:
            def add(self, item):
                made = item()
                def leave():
                    self.items.discard(made)
                made.leave = leave
                self.items.add(made)
        class C:
            def __init__(self):
                self.items = set()
            def f(self):
                for each in self.items:
                    each.leave()
    """,
    "the closure is a method of something that is not put in": """
        class C:
            def __init__(self):
                self.items = set()
                self.others = set()
            def add(self, item):
                made = item()
                def leave():
                    self.items.discard(made)
                made.leave = leave
                self.others.add(made)
            def f(self):
                for each in self.items:
                    each.leave()
    """,
    "a handler that is added is visited in its turn": """
        def f(logger, handler):
            for each in logger.handlers:
                logger.addHandler(handler)
    """,
    "the key that is stored is made from the own one": """
        class C:
            def __init__(self):
                self.d = {}
            def f(self):
                for k in self.d:
                    self.put(Task(name=k))
            def put(self, task):
                self.d[task.name] = task
    """,
    "a method that is called on its class, with another object": """
        class C:
            def __init__(self):
                self.d = {}
            def f(self, other):
                for k in self.d:
                    C.drop(other, k)
            def drop(self, k):
                del self.d[k]
    """,
    "a callable wrapped in partial is not the container": """
        from functools import partial
        def later(given, k):
            given.pop(k)
        def f(d: dict):
            for k in d:
                later(partial(d, k), k)
    """,
    "the target was one of an earlier loop": """
        for name in range(3):
            pass
        for name in globals():
            pass
    """,
    "the target was imported": """
        import name
        for name in globals():
            pass
    """,
    "a comprehension binds nothing in the module": """
        names = [name for name in globals()]
    """,
    "the global is bound by another function as well": """
        def g():
            global made
            made = 0
        def f():
            global made
            for name in globals():
                made = 1
    """,
    "the new attribute is bound on the way out": """
        class C:
            def f(self):
                for name in vars(self):
                    self.made = name
                    break
    """,
    "a key of the literal": """
        def f():
            d = {"a": 1, "b": 2}
            for k in d:
                d["a"] = 2
                d.setdefault("b", 2)
    """,
}


def resizes(linked: Linker, text: str) -> Found:
    program = linked({"case": dedent(text)}).program
    resizing = Resizing(program)
    facts = program.modules["case"]
    found = []
    for walked in walks(program):
        known = container(program, walked.function, walked.access.place)
        for resize in resizing.by(walked):
            kind = kind_as_walked(known, walked.access)
            kind = kind or proven_kind(resize.access, resize.relation)
            key = resize.access.key
            in_literal = known.bound and key in known.bound.binding.keys
            if effect(kind, resize.access, resize.relation) and not in_literal:
                line = facts.span(walked.access.at).line
                found.append((line, kind, facts.span(resize.access.at).line))
    return found


@pytest.mark.parametrize("text", RESIZING.values(), ids=RESIZING)
def test_the_body_resizes_what_it_walks(linked: Linker, text: str):
    assert resizes(linked, text)


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_the_body_does_not(linked: Linker, text: str):
    assert resizes(linked, text) == []


def test_an_expression_that_may_be_two_things_is_doubtful(linked: Linker):
    program = linked(
        {
            "case": dedent("""
            def f(a: dict, b: dict, given):
                chosen = a if given else b
                for k in a:
                    del chosen[k]
                for k in chosen:
                    del chosen[k]
        """)
        }
    ).program
    doubts = [
        (program.modules["case"].span(walked.access.at).line, resize.doubtful)
        for walked in walks(program)
        for resize in Resizing(program).by(walked)
        if resize.access.op == Op.REMOVE
    ]
    assert sorted(doubts) == [(4, True), (6, False), (6, False)]


def test_a_call_with_an_iterator_is_no_loop(linked: Linker):
    text = """
        def f(d: dict):
            while d:
                d.pop(max(d, key=len))
    """
    assert resizes(linked, text) == []
