from __future__ import annotations

import pytest

from mlhazards.program import External

TEXT = {
    "m": """
        import threading
        from typing import Optional
        import other

        class Clock:
            def tick(self): pass
            def __call__(self): pass

        class Fast(Clock):
            def tick(self): pass

        def make(): return Clock()
        def maybe(flag):
            if flag:
                return None
            return make()
        def declared(x) -> "Clock": return x
        def either(flag):
            if flag:
                return Clock()
            return other.Clock()
        async def later(): return Clock()

        shared = Clock()

        class Owner:
            template: Clock
            parts: "list[Clock]"

            def __init__(self, given: Clock, loose, perhaps: Optional["Clock"] = None):
                self.clock = Clock()
                self.given = given
                self.loose = loose
                self.perhaps = perhaps
                self.made = make()
                self.none = None
                self.none = maybe(1)
                self.mixed = Clock()
                self.mixed = other.Clock()
                self.thread = threading.Thread(target=self.run)
                self.lock = threading.Lock()
                self.table = {}
                self.loop = self.loop.next()
                self.nested = Box(given)
                self.hook = lambda: None

            @property
            def current(self):
                return self.clock

            def run(self, clock: Clock, any):
                local = make()
                mine = self.clock
                def inner():
                    return local.tick
                for each in self.parts:
                    each.tick()

            async def wait(self):
                self.late = await later()
                self.lazy = later()

        class Box:
            def __init__(self, clock: Clock):
                self.clock = clock
        """,
    "other": "class Clock:\n    def tick(self): pass\n",
}


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("self", "Owner"),
        ("self.clock", "Clock"),
        ("self.given", "Clock"),
        ("self.perhaps", "Clock"),
        ("self.made", "Clock"),
        ("self.none", "Clock"),
        ("self.template", "Clock"),
        ("self.current", "Clock"),
        ("self.nested.clock", "Clock"),
        ("self.parts[]", "Clock"),
        ("self.late", "Clock"),
        ("$clock", "Clock"),
        ("%local", "Clock"),
        ("shared", "Clock"),
        ("Clock()", "Clock"),
        ("declared()", "Clock"),
        ("maybe()", "Clock"),
        ("self.loose", None),
        ("self.mixed", None),
        ("self.lazy", None),
        ("self.loop", None),
        ("self.unbound", None),
        ("$any", None),
        ("either()", None),
        ("later()", None),
        ("make", None),
    ],
)
def test_the_class_of_a_place(linked, place, name):
    program = linked(TEXT)
    run = program.function("m", "Owner.run")
    found = program.program.type_of("m", run.index, place)
    assert found == (None if name is None else program.cls("m", name))


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("self.thread", "threading.Thread"),
        ("self.lock", "threading.Lock"),
        ("self.table", "builtins.dict"),
        ("self.parts", "builtins.list"),
    ],
)
def test_the_class_of_what_the_program_does_not_define(linked, place, name):
    program = linked(TEXT)
    run = program.function("m", "Owner.run")
    assert program.program.type_of("m", run.index, place) == External(name)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("make", "make"),
        ("self.run", "Owner.run"),
        ("self.clock.tick", "Clock.tick"),
        ("self.nested.clock.tick", "Clock.tick"),
        ("make().tick", "Clock.tick"),
        ("shared.tick", "Clock.tick"),
        ("shared", "Clock.__call__"),
        ("Clock.tick", "Clock.tick"),
        ("Clock", None),
        ("self.parts.append", None),
        ("self.loose.tick", None),
        ("len", None),
    ],
)
def test_the_function_behind_a_call(linked, place, name):
    program = linked(TEXT)
    run = program.function("m", "Owner.run")
    expected = None if name is None else program.function("m", name)
    assert program.program.callee("m", run.index, place) == expected


def test_self_is_the_class_of_the_object_not_of_the_method(linked):
    program = linked({
        "m": """
            class Base:
                def start(self):
                    self.step()
                    super().start()
                def step(self): pass
                def __init__(self): self.part = self.make()
                def make(self): return Base()
            class Mixin:
                def start(self): pass
            class Derived(Base, Mixin):
                def step(self): pass
                def make(self): return Derived()
            """,
    })  # fmt: skip
    start, derived = program.function("m", "Base.start"), program.cls("m", "Derived")
    callee = program.program.callee
    assert callee("m", start.index, "self.step") == program.function("m", "Base.step")
    assert callee("m", start.index, "self.step", derived) == program.function("m", "Derived.step")
    assert callee("m", start.index, "super().start") is None
    after = callee("m", start.index, "super().start", derived)
    assert after == program.function("m", "Mixin.start")
    assert program.program.type_of("m", start.index, "self.part", derived) == derived


def test_a_captured_local_keeps_its_class(linked):
    program = linked(TEXT)
    run = program.function("m", "Owner.run")
    inner = program.function("m", "Owner.run.<locals>.inner")
    place = f"^{run.index}:local"
    assert program.program.type_of("m", inner.index, place) == program.cls("m", "Clock")


def test_answers_do_not_depend_on_what_was_asked_before(linked):
    text = {
        "m": """
            class A:
                def __init__(self):
                    self.x = self.y
                    self.y = self.x
                    self.y = A()
            """,
    }
    places = ["self.x", "self.y"]
    answers = set()
    for order in (places, places[::-1]):
        program = linked(text)
        answers.add(tuple(sorted(
            (place, str(program.program.type_of("m", 1, place))) for place in order
        )))  # fmt: skip
    assert len(answers) == 1
    assert all("ClassRef" in found for _, found in answers.pop())


def test_annotations_name_what_was_imported(linked):
    program = linked({
        "app/": "",
        "app.core": "class Engine: pass\nclass Part:\n    class Bolt: pass\n",
        "app.user": """
            from .core import Engine as E
            from app import core
            import app.core as c
            class User:
                def __init__(self, one: E, two: "E", three: core.Engine, four: c.Part.Bolt):
                    self.one, self.two, self.three, self.four = one, two, three, four
            """,
    })  # fmt: skip
    engine = program.cls("app.core", "Engine")
    init = program.function("app.user", "User.__init__").index
    for attribute in ("one", "two", "three"):
        assert program.program.type_of("app.user", init, f"self.{attribute}") == engine
    bolt = program.cls("app.core", "Part.Bolt")
    assert program.program.type_of("app.user", init, "self.four") == bolt
