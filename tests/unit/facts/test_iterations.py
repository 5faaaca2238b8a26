"""Iterations and resizes: what is walked, and what changes the size of a container."""

from __future__ import annotations

import pytest

from mlhazards.facts.model import Bit, Op

# (place, form) of every iteration of a statement.
WALKED = {
    "for k in d: pass": [("$d", "")],
    "for k in d.keys(): pass": [("$d", "keys")],
    "for k, v in d.items(): pass": [("$d", "items")],
    "for k, v in six.iteritems(d): pass": [("$d", "items")],
    "for i, k in enumerate(d): pass": [("$d", "enumerate")],
    "for k, w in zip(d, e.values()): pass": [("$d", "zip"), ("$e", "values")],
    "for k in reversed(d): pass": [("$d", "reversed")],
    "for k in map(str, d): pass": [("$d", "map")],
    "for k in list(d): pass": [],
    "for k in sorted(d.items()): pass": [],
    "for k in list(map(str, d)): pass": [("$d", "map")],
    "[k for k in d]": [("$d", "")],
    "{k: v for k, v in d.items()}": [("$d", "items")],
    "[k for x in e for k in d]": [("$e", ""), ("$d", "")],
    "any(k for k in d)": [("$d", "")],
    "list(k for k in d.values())": [("$d", "values")],
    "max(d, key=len)": [("$d", "max")],
    "max(d)": [],
    "len(d)": [],
    "x = iter(d)": [("$d", "iter")],
    "return iter(d.items())": [("$d", "items")],
    "next(iter(d))": [],
    "yield from d": [("$d", "")],
    "yield from d.values()": [("$d", "values")],
    "yield from list(d)": [],
    "print(*d)": [],
    "v = d.items()\n    for k in v: pass": [("$d", "items")],
    "for k in d[1]: pass": [("$d[]", "")],
    "for k in d.get(1): pass": [("$d.get()", "")],
}


@pytest.mark.parametrize(("body", "walked"), WALKED.items(), ids=WALKED)
def test_what_is_walked(read, body: str, walked: list[tuple[str, str]]):
    found = read(f"import six\ndef f(d, e):\n    {body}\n")
    found = [(access.place, access.how) for access in found.touches("f", Op.ITERATE)]
    assert found == walked


# (operation, how, key) of every resize of `d`.
RESIZED = {
    "d[k] = 1": [("SET_ITEM", "[]=", "$k")],
    "d['a'] = 1": [("SET_ITEM", "[]=", "'a'")],
    "d[k] += 1": [("AUGMENT_ITEM", "[]", "$k")],
    "d[k()] = 1": [("SET_ITEM", "[]=", "$k()")],
    "del d[k]": [("REMOVE", "del", "$k")],
    "d.pop('a', None)": [("REMOVE", "pop", "'a'")],
    "d.update(e)": [("ADD", "update", "$e")],
    "d.setdefault(k, 1)": [("ADD", "setdefault", "$k")],
    "d |= e": [("ADD", "|=", "")],
    "d -= e": [("REMOVE", "-=", "")],
    "d ^= e": [("REMOVE", "^=", "")],
    "d.appendleft(k)": [("ADD", "appendleft", "")],
    "d[1:2] = e": [("ADD", "[:]=", "")],
    "x = d\n    x.clear()": [("REMOVE", "clear", "")],
    "x = d\n    del x[k]": [("REMOVE", "del", "$k")],
    "d.get(k)": [],
    "d.copy()": [],
}


@pytest.mark.parametrize(("body", "resized"), RESIZED.items(), ids=RESIZED)
def test_what_changes_the_size(read, body: str, resized: list[tuple[str, str, str]]):
    names = {Op.ADD: "ADD", Op.REMOVE: "REMOVE", Op.SET_ITEM: "SET_ITEM"}
    names[Op.AUGMENT_ITEM] = "AUGMENT_ITEM"
    found = read(f"def f(d, e, k):\n    {body}\n")
    found = [
        (names[access.op], access.how, access.key)
        for access in found.touches("f", *names)
        if access.place == "$d"
    ]
    assert found == resized


# Whether the store in `d[k] = 1` is under a test that the key is there.
PRESENT = {
    "if k in d: d[k] = 1": True,
    "if k in d and e: d[k] = 1": True,
    "if e and k in d: d[k] = 1": True,
    "if k in d.keys(): d[k] = 1": True,
    "if not k not in d: d[k] = 1": True,
    "if k not in d: pass\n    else: d[k] = 1": True,
    "if e: pass\n    elif k in d: d[k] = 1": True,
    "if k in d:\n        if e: d[k] = 1": True,
    "if k not in d: d[k] = 1": False,
    "if k in d or e: d[k] = 1": False,
    "if k in e: d[k] = 1": False,
    "if e in d: d[k] = 1": False,
    "if k in d: pass\n    else: d[k] = 1": False,
    "if k in d: pass\n    d[k] = 1": False,
    "if k in d: pass\n    elif e: d[k] = 1": False,
    "if k in d: return\n    d[k] = 1": False,
}


@pytest.mark.parametrize(("body", "present"), PRESENT.items(), ids=PRESENT)
def test_a_key_that_was_tested_for(read, body: str, *, present: bool):
    found = read(f"def f(d, e, k):\n    {body}\n")
    (access,) = found.touches("f", Op.SET_ITEM)
    assert bool(access.bits & Bit.PRESENT) is present


@pytest.mark.parametrize(
    ("walked", "key"),
    [("d", "$d[]"), ("list(d)", "$d[]"), ("sorted(d.keys())", "$d[]"), ("e", "$e[]")],
)
def test_the_key_that_a_loop_gives(read, walked: str, key: str):
    found = read(f"def f(d, e):\n    for k in {walked}:\n        d[k] = 1\n")
    (access,) = found.touches("f", Op.SET_ITEM)
    assert access.key == key


def test_each_item_that_is_read_is_told_once(read):
    found = read(
        "class C:\n    def f(self, k):\n        self.d[k]\n        self.d[k]\n        self.d[1]\n"
    )
    assert [access.key for access in found.touches("C.f", Op.READ_ITEM)] == ["$k", "1"]


@pytest.mark.parametrize(
    ("expression", "how"),
    [("list(d)", "list"), ("list(d.items())", "items"), ("sorted(d.values())", "values")],
)
def test_snapshots_are_told(read, expression: str, how: str):
    found = read(f"def f(d):\n    for k in {expression}: pass\n")
    (access,) = found.touches("f", Op.SNAPSHOT)
    assert (access.place, access.how) == ("$d", how)


def test_an_iteration_whose_error_is_caught_is_marked(read):
    text = """
        def f(d):
            try:
                for k in d: pass
            except RuntimeError:
                pass
            try:
                for k in d: pass
            except KeyError:
                pass
    """
    bits = [bool(a.bits & Bit.RETRIED) for a in read(text).touches("f", Op.ITERATE)]
    assert bits == [True, False]


def test_a_loop_knows_what_it_walks_and_binds(read):
    found = read("async def f(d):\n    for k, v in d.items():\n        await v\n")
    loop = found.loop("f")
    assert (loop.places, loop.targets, loop.arity, loop.awaits) == (("$d",), ("k", "v"), 2, True)


@pytest.mark.parametrize("body", ["return await v", "await v\n        break"])
def test_a_loop_that_ends_with_the_await_does_not_survive_it(read, body: str):
    assert not read(f"async def f(d):\n    for v in d:\n        {body}\n").loop("f").awaits


@pytest.mark.parametrize(
    ("call", "started"),
    [
        ("threading.Thread(target=f)", 1),
        ("NativeThread(1, target=f)", 1),
        ("m.PeriodicThread(target=f)", 1),
        ("super().__init__(target=f)", 1),
        ("pool.submit(f)", 1),
        ("NativeThread(1)", 0),
        ("Worker(target=f)", 1),
        ("Worker(goal=f)", 0),
    ],
)
def test_which_calls_may_start_something(read, call: str, started: int):
    assert len(read(f"def f(pool, m):\n    {call}\n").facts.starts) == started
