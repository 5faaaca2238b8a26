from __future__ import annotations

import pytest

HEAD = """
import collections
import weakref
from collections import OrderedDict, defaultdict, deque
from dataclasses import dataclass, field
from typing import ClassVar, Dict, MutableMapping, Optional, Union

def made(): return {}
def made_sometimes(flag):
    if flag:
        return {}
    return []
def unknown(x): return x
class Registry(dict): pass
"""


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("x = {}", "dict"),
        ("x = {k: 1 for k in y}", "dict"),
        ("x = dict(a=1)", "dict"),
        ("x = {1, 2}", "set"),
        ("x = []", "list"),
        ("x = deque(maxlen=3)", "deque"),
        ("x = collections.OrderedDict()", "OrderedDict"),
        ("x = defaultdict(list)", "defaultdict"),
        ("x = collections.Counter()", "Counter"),
        ("x = weakref.WeakSet()", "WeakSet"),
        ("x = None\nx = {}", "dict"),
        ("x = made()", "dict"),
        ("y = {}\nx = y", "dict"),
        ("y = set()\nx = y.copy()", "set"),
        ("x = Registry()", "dict"),
        ("x = {} if made() else {1: 2}", "dict"),
        ("x: Dict[str, int] = unknown(1)", "dict"),
        ("x: 'Optional[dict[str, int]]' = None", "dict"),
        ("x: deque[int] | None = None", "deque"),
        ("x: collections.OrderedDict[str, int]", "OrderedDict"),
        ("x: MutableMapping[str, int] = {}", "dict"),
        ("x: MutableMapping[str, int] = unknown(1)", None),
        ("x: Union[dict, list] = unknown(1)", None),
        ("x = {}\nx = []", None),
        ("x = {}\nx = unknown(1)", None),
        ("x = made_sometimes(1)", None),
        ("x = unknown(1)", None),
        ("x = 1", None),
        ("x = x", None),
    ],
)
def test_all_bindings_of_a_name_decide(linked, text, kind):
    assert linked({"m": f"{HEAD}{text}\n"}).kind("m", "x") == kind


@pytest.mark.parametrize(
    ("attribute", "kind"),
    [
        ("plain", "dict"),
        ("typed", "dict"),
        ("loose", None),
        ("given", "dict"),
        ("own", "dict"),
        ("fields", "dict"),
        ("many", "set"),
        ("shared", "list"),
        ("inherited", "deque"),
        ("again", "dict"),
        ("late", "dict"),
    ],
)
def test_attributes_are_bound_in_methods_bodies_and_bases(linked, attribute, kind):
    text = (
        HEAD
        + """
class Base:
    def __init__(self):
        self.inherited = deque()

@dataclass
class C(Base):
    fields: dict = field(default_factory=dict)
    many: "set[int]" = field(default_factory=set)
    shared: ClassVar[list] = []

    def __init__(self, loose, given: dict, own=None):
        self.plain = {}
        self.typed: Dict[str, int] = loose
        self.loose = loose
        self.given = given
        self.own: dict = own or {}
        self.again = {}
        self.late = None

    def reset(self):
        self.again = self.again.copy()
        self.late = self._load()

    def _load(self):
        return dict(self.plain)
"""
    )
    assert linked({"m": text}).kind("m", f"C.{attribute}") == kind
