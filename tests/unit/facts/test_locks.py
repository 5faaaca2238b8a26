"""Locks: what is held at a place, by identity."""

from __future__ import annotations

import pytest

# The locks held at `mark()` in a method of a class.
HELD = {
    "mark()": (),
    "with self.lock:\n            mark()": ("self.lock",),
    "with self.lock, self.other:\n            mark()": ("self.lock", "self.other"),
    "with self.lock:\n            with self.other:\n                mark()": (
        "self.lock",
        "self.other",
    ),
    "with self.lock: pass\n        mark()": (),
    "with self.guard():\n            mark()": ("self.guard()",),
    "with open(self.x) as f:\n            mark()": ("open()",),
    "self.lock.acquire()\n        mark()": ("self.lock",),
    "self.lock.acquire(True)\n        mark()": ("self.lock",),
    "self.lock.acquire(False)\n        mark()": (),
    "self.lock.acquire(timeout=1)\n        mark()": (),
    "self.lock.acquire()\n        self.lock.release()\n        mark()": (),
    "self.lock.acquire()\n        try:\n            mark()\n        finally:\n"
    "            self.lock.release()": ("self.lock",),
    "self.lock.acquire()\n        try: pass\n        finally: self.lock.release()\n"
    "        mark()": (),
    "if self.lock.acquire(timeout=1):\n            mark()": ("self.lock",),
    "if not self.lock.acquire(timeout=1): return\n        mark()": ("self.lock",),
    "if self.lock.acquire(False): pass\n        else:\n            mark()": (),
    "assert self.lock.locked()\n        mark()": ("self.lock",),
    "lock = self.lock\n        with lock:\n            mark()": ("self.lock",),
    "with stack:\n            stack.enter_context(self.lock)\n            mark()": (
        "stack",
        "self.lock",
    ),
    "with self.lock:\n            [mark() for x in y]": ("self.lock",),
    "if a: self.lock.acquire()\n        mark()": ("maybe self.lock",),
    "if a: self.lock.acquire()\n        else: self.lock.acquire()\n        mark()": ("self.lock",),
    "self.lock.acquire()\n        if a: self.lock.release()\n        mark()": ("maybe self.lock",),
    "if a: self.lock.acquire()\n        self.lock.release()\n        mark()": (),
    "if a: self.lock.acquire()\n        self.lock.acquire()\n        mark()": ("self.lock",),
    "if a:\n            self.lock.acquire()\n            return\n        mark()": (),
    "with a if b else c:\n            mark()": (),
}


@pytest.mark.parametrize(("body", "locks"), HELD.items(), ids=HELD)
def test_locks_held_at_a_call(read, body: str, locks: tuple[str, ...]):
    found = read(f"class C:\n    def f(self):\n        {body}\n")
    assert found.locks("C.f", "mark") == locks


def test_a_lock_of_the_loop_is_of_another_kind(read):
    found = read(
        "class C:\n    async def f(self):\n        async with self.lock:\n            mark()\n"
    )
    assert found.locks("C.f", "mark") == ("async self.lock",)


def test_a_nested_function_holds_nothing_of_its_surroundings(read):
    text = """
        class C:
            def f(self):
                with self.lock:
                    def g(): mark()
                    return g
    """
    assert read(text).locks("C.f.<locals>.g", "mark") == ()


def test_what_a_context_manager_holds_while_it_yields(read):
    text = """
        from contextlib import contextmanager
        class C:
            @contextmanager
            def guard(self):
                with self.lock:
                    yield
            @contextmanager
            def loose(self):
                with self.lock: pass
                yield
    """
    found = read(text)
    assert found.header("C.guard").holds_at_yield == ("self.lock",)
    assert found.header("C.loose").holds_at_yield == ()


def test_a_condition_knows_the_lock_that_it_wraps(read):
    text = """
        import threading
        class C:
            def __init__(self):
                self.lock = threading.Lock()
                self.changed = threading.Condition(self.lock)
                self.own = threading.Condition()
    """
    found = read(text)
    (cls,) = found.facts.classes
    shape = cls.attributes["changed"][0].shape
    assert (shape.kind, shape.of) == ("lock", "threading.Condition")
    assert [item.of for item in shape.items] == ["self.lock"]
    assert cls.attributes["own"][0].shape.items == ()


def test_a_refusal_names_what_it_tests(read):
    text = """
        class C:
            def add(self):
                if self.started:
                    raise RuntimeError
                self.x = 1
            def late(self):
                self.x = 1
    """
    found = read(text)
    assert found.header("C.add").raises_if == ("self.started",)
    assert found.header("C.late").raises_if == ()
