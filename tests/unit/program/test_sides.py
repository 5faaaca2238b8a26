"""Sides: what runs from an entry, on which object, holding which locks."""

from __future__ import annotations

from mlhazards.program.entry_points import EntryPoints, self_bound
from mlhazards.program.locations import Frame, Location, Locator, Shared
from mlhazards.program.locks import Locks
from mlhazards.program.sides import Sides

TEXT = {
    "m": """
        import threading
        from concurrent.futures import ThreadPoolExecutor

        def helper(table, *, key):
            table.pop(key)

        class Part:
            def __init__(self):
                self.rows = {}
            def drop(self):
                self.rows.clear()

        class Owner:
            def __init__(self):
                self.lock = threading.Lock()
                self.part = Part()
                self.other = Part()
                self.jobs = {}

            def run(self):
                with self.lock:
                    self.one()
                    self.both()
                self.both()
                self.part.drop()
                helper(self.jobs, key=1)
                Part().drop()
                self.run()

            def one(self):
                self.jobs["one"] = 1

            def both(self):
                self.jobs["both"] = 1
                def inner():
                    self.jobs["inner"] = 1
                inner()

            async def later(self):
                self.jobs["later"] = 1

            def makes_later(self):
                self.later()

            async def awaits(self):
                await self.later()

        class Special(Owner):
            def one(self):
                super().one()
                self.jobs["special"] = 1
    """,
}


def side(linked, method: str, cls: str = "Owner"):
    program = linked(TEXT)
    locator = Locator(program.program)
    sides = Sides(program.program, locator, Locks(program.program, locator))
    own = program.cls("m", cls)
    owner = program.program.method(own, method)
    assert owner is not None
    return program, locator, sides.side(Frame(owner, own, self_bound(own)))


def stored(linked, method: str, cls: str = "Owner") -> dict[str, tuple[str, ...]]:
    """Return the keys that a side stores or removes, with the locks held there."""
    _, locator, found = side(linked, method, cls)
    return {
        touch.access.key: tuple(sorted(locator.name(lock) for lock in touch.held))
        for touches in found.touches.values()
        for touch in touches
        if touch.access.key
    }


def test_locks_count_when_they_are_held_on_every_way(linked):
    assert stored(linked, "run") == {
        "'one'": ("Owner.lock",),
        "'both'": (),
        "'inner'": (),
        "$key": (),
    }


def test_a_subclass_runs_its_own_methods_on_the_same_object(linked):
    keys = stored(linked, "run", "Special")
    assert keys["'special'"] == ("Special.lock",)
    assert keys["'one'"] == ("Special.lock",)


def test_paths_follow_attributes_and_arguments(linked):
    program, _, found = side(linked, "run")
    root = Shared(program.cls("m", "Owner"))
    assert Location(root, ("part", "rows")) in found.touches
    assert Location(root, ("other", "rows")) not in found.touches
    names = {program.program.function(f.function).qualname for f in found.frames}
    assert {"Owner.run", "Owner.one", "Part.drop", "helper", "Owner.both.<locals>.inner"} <= names


def test_a_coroutine_runs_where_it_is_awaited_only(linked):
    assert "'later'" not in stored(linked, "makes_later")
    assert "'later'" in stored(linked, "awaits")


def test_the_way_to_a_frame_is_told_from_the_entry(linked):
    program, _, found = side(linked, "run")
    (inner,) = [f for f in found.frames if "inner" in program.program.function(f.function).name]
    chain = [program.program.function(f.function).name for f, _ in found.chain(inner)]
    assert chain == ["run", "both", "inner"]


def entry_points(linked, text: str):
    program = linked({"m": text})
    locator = Locator(program.program)
    sides = Sides(program.program, locator, Locks(program.program, locator))
    points = EntryPoints(program.program, locator, sides)
    return program.program, list(points.all())


def test_entry_points_are_told_with_their_starter_and_domain(linked):
    text = """
        import threading, weakref
        from concurrent.futures import ThreadPoolExecutor, ProcessPoolExecutor
        from native import QuickThread, Quick

        def work(): pass
        async def coroutine(): pass

        class Worker(threading.Thread):
            def run(self): pass

        class Owner:
            def start(self):
                threading.Thread(target=work)
                threading.Thread(target=coroutine)
                threading.Thread(target=unknown)
                threading.Thread(name="x")
                QuickThread(target=work)
                Quick(target=work)
                ThreadPoolExecutor().submit(work)
                ProcessPoolExecutor().submit(work)
                weakref.finalize(self, work)
                Worker(target=work)
            def __del__(self): pass
    """
    program, points = entry_points(linked, text)
    told = [
        (program.function(p.entry.function).qualname, p.domain, p.certain, p.description)
        for p in points
    ]
    assert told == [
        ("work", "new-thread", True, "thread"),
        ("work", "new-thread", False, "thread"),
        ("work", "pool", True, "pool thread"),
        ("work", "collection", True, "finaliser"),
        ("work", "new-thread", False, "thread"),
        ("Worker.run", "new-thread", True, "thread"),
        ("Owner.__del__", "collection", True, "finaliser"),
    ]


def test_each_class_that_inherits_a_start_is_looked_at(linked):
    text = """
        import threading
        class Base:
            def start(self):
                threading.Thread(target=self.run).start()
            def run(self): pass
        class One(Base):
            def run(self): pass
        class Two(One): pass
    """
    program, points = entry_points(linked, text)
    entries = {
        program.class_facts(p.on).name: program.function(p.entry.function).qualname
        for p in points
        if p.on is not None
    }
    assert entries == {"Base": "Base.run", "One": "One.run", "Two": "One.run"}
