"""Locations and locks: which places of which frames are one object."""

from __future__ import annotations

import pytest

from mlhazards.program.entry_points import self_bound
from mlhazards.program.locations import MAX_DEPTH, Captured, Frame, Location, Locator, Shared
from mlhazards.program.locks import Locks
from mlhazards.program.names import FunctionRef, Global

TEXT = {
    "m": """
        import threading
        from contextlib import contextmanager
        from n import TABLE, other

        JOBS = {}
        LOCK = threading.Lock()

        class Box:
            def __init__(self):
                self.items = {}

        class Base:
            shared = {}
            lock = threading.Lock()

            def __init__(self, given):
                self.box = Box()
                self.own = threading.RLock()
                self.changed = threading.Condition(self.own)
                self.alone = threading.Condition()
                self.second = self.own
                self.third = threading.Condition(self.second)
                self.file = open("x")
                self.given = given

            @property
            def current(self):
                return self.box

            @property
            def made(self):
                return Box()

            def guard(self):
                return self.own

            @contextmanager
            def exclusive(self):
                with self.own:
                    yield

            def f(self, a):
                with self.own, self.changed: mark()
                with self.alone: mark2()
                with self.third: mark3()
                with self.file: mark4()
                with self.guard(): mark5()
                with self.exclusive(): mark6()
                with self.lock: mark7()
                with LOCK: mark8()
                with Base.lock: mark9()
                with self.given: mark10()
                with unknown(): mark11()

            @classmethod
            def c(cls):
                cls.shared

        class Child(Base):
            pass
    """,
    "n": """
        TABLE = {}
        class other:
            table = {}
    """,
}


@pytest.fixture
def program(linked):
    return linked(TEXT)


def frame(program, function="Base.f", cls="Base"):
    own = program.cls("m", cls)
    return Frame(program.function("m", function), own, self_bound(own))


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("self", ()),
        ("self.box", ("box",)),
        ("self.box.items", ("box", "items")),
        ("self.box.items[]", ("box", "items", "[]")),
        ("self.current.items", ("box", "items")),
    ],
)
@pytest.mark.parametrize("cls", ["Base", "Child"])
def test_paths_from_the_shared_object(program, cls, place, path):
    locator = Locator(program.program)
    found = locator.locate(frame(program, cls=cls), place)
    assert found == Location(Shared(program.cls("m", cls)), path)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("JOBS", "m.JOBS"),
        ("TABLE", "n.TABLE"),
        ("self.shared", "m.Base.shared"),
        ("Base.shared", "m.Base.shared"),
        ("Child.shared", "m.Base.shared"),
        ("other.table", "n.other.table"),
    ],
)
def test_variables_of_modules_and_classes_exist_once(program, place, name):
    module, _, variable = name.partition(".")
    found = Locator(program.program).locate(frame(program), place)
    assert found == Location(Global(module, variable))


def test_locals_and_parameters_belong_to_a_call(program):
    function = program.function("m", "Base.f")
    locator = Locator(program.program)
    assert locator.locate(frame(program), "$a") == Location(Captured(function, "a"))
    assert locator.locate(frame(program), "%b.x") == Location(Captured(function, "b"), ("x",))


@pytest.mark.parametrize(
    "place", ["self.box()", "super().box", "unknown.x", "self.a.b.c.d", "make().x"]
)
def test_what_has_no_known_path(program, place):
    assert place.count(".") != MAX_DEPTH + 1 or place == "self.a.b.c.d"
    assert Locator(program.program).locate(frame(program), place) is None


def test_two_attributes_of_one_class_are_two_objects(program):
    locator = Locator(program.program)
    one, other = (locator.locate(frame(program), f"self.{name}.items") for name in ("box", "made"))
    assert one != other


@pytest.mark.parametrize(
    ("mark", "names"),
    [
        ("mark", {"Base.own"}),
        ("mark2", {"Base.alone"}),
        ("mark3", {"Base.own"}),
        ("mark4", set()),
        ("mark5", {"Base.own"}),
        ("mark6", {"Base.own"}),
        ("mark7", {"Base.lock"}),
        ("mark8", {"LOCK"}),
        ("mark9", {"Base.lock"}),
        ("mark10", {"Base.given"}),
        ("mark11", {"unknown()"}),
    ],
)
def test_locks_are_compared_by_what_lies_behind_them(program, mark, names):
    locator = Locator(program.program)
    locks = Locks(program.program, locator)
    function = program.function("m", "Base.f")
    (call,) = [c for c in program.program.detail(function).calls if c.callee == mark]
    held = locks.held(frame(program), call.lockset)
    assert {lock if isinstance(lock, str) else locator.name(lock) for lock in held} == names


def test_the_kind_of_a_container(program):
    locator = Locator(program.program)
    assert locator.kind(Location(Shared(program.cls("m", "Base")), ("box", "items"))) == "dict"
    assert locator.kind(Location(Global("n", "TABLE"))) == "dict"
    assert locator.kind(Location(Shared(program.cls("m", "Base")), ("given",))) is None
    assert locator.kind(Location(Shared(program.cls("m", "Base")), ("box", "items", "[]"))) is None
    assert isinstance(program.function("m", "Base.f"), FunctionRef)
