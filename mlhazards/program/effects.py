"""Effects: what a touch does to the size of a container of some kind, and how sure that is.

The kinds are those of ``facts.model.Shape``, and "mapping" (walked by keys(), values() or items())
and "" (nothing is known but the methods that are called on it).
"""

from __future__ import annotations

from typing import Literal

from mlhazards.facts.model import Access, Bit, Op
from mlhazards.findings import Confidence
from mlhazards.knowledge.effects import ATTRIBUTE_RESIZERS

DICTS = frozenset({
    "Counter", "OrderedDict", "WeakKeyDictionary", "WeakValueDictionary", "defaultdict", "dict",
    "mapping",
})  # fmt: skip
SETS = frozenset({"WeakSet", "set"})
WEAK = frozenset({"WeakKeyDictionary", "WeakSet", "WeakValueDictionary"})

#: How a key or element stands to the loop: the loop's own, reached through it (``task.name``), the
#: number that ``enumerate`` gave, a constant, some other place, or not known at all.
Relation = Literal["own", "derived", "index", "constant", "other", "unknown"]

_GROWS_BY_READING = frozenset({"Counter", "defaultdict"})
_DICT_REMOVERS = frozenset({"clear", "del", "delattr", "pop", "popitem"})
_DICT_ADDERS = frozenset({"move_to_end", "setdefault", "update", "|="})
_SET_REMOVERS = frozenset({
    "&=", "-=", "^=", "clear", "difference_update", "discard", "intersection_update", "pop",
    "remove", "symmetric_difference_update",
})  # fmt: skip
_SET_ADDERS = frozenset({"add", "update", "|="})
_LIST_REMOVERS = frozenset({"clear", "del", "pop", "remove", *ATTRIBUTE_RESIZERS})
#: Methods that no other kind of container has: they tell what they are called on.
_ONLY_OF_SETS = frozenset({
    "difference_update", "discard", "intersection_update", "symmetric_difference_update",
})  # fmt: skip
_ONLY_OF_DEQUES = frozenset({"appendleft", "extendleft", "popleft", "rotate"})


def proven_kind(access: Access, relation: Relation) -> str:
    """Return the kind of container that a resizing access alone proves, "" for none.

    An own element is no index, so ``del x[k]`` and ``x.pop(k)`` with it mean a mapping.
    """
    how = access.how
    if how in ATTRIBUTE_RESIZERS:
        return ATTRIBUTE_RESIZERS[how].kind
    if how in _ONLY_OF_SETS:
        return "set"
    if how in _ONLY_OF_DEQUES:
        return "deque"
    if how == "popitem" or (how in ("del", "pop", "setdefault") and relation == "own"):
        return "mapping"
    if how in ("del", "pop") and relation == "index":
        return "list"
    return "set or list" if how == "remove" and relation == "own" else ""


def effect(kind: str, access: Access, relation: Relation) -> Confidence | None:
    """Return how surely the access resizes a container of that kind while it is walked.

    Of a list only removals count: what is appended is visited in its turn.
    """
    if kind in DICTS:
        return _on_dict(kind, access, relation)
    if kind in SETS:
        return _on_set(access, relation)
    if kind == "deque":
        resizes = access.op in (Op.ADD, Op.REMOVE) and access.how != "sort"
        return "proven" if resizes else None
    if kind in ("list", "set or list"):
        removes = access.op == Op.REMOVE and access.how in _LIST_REMOVERS
        return "proven" if removes else None
    return None


def _on_dict(kind: str, access: Access, relation: Relation) -> Confidence | None:
    op, how = access.op, access.how
    sure: Confidence | None = None
    if op == Op.REMOVE and how in _DICT_REMOVERS:
        sure = "proven" if relation == "own" or how not in {"delattr", "pop"} else "likely"
    elif op == Op.SET_ITEM or (op == Op.ADD and how == "setdefault"):
        sure = _new_key(access, relation)
    elif op == Op.ADD and how in _DICT_ADDERS:
        sure = "likely" if how == "move_to_end" else "possible"
    elif op == Op.DELETE:  # `del self.x` while `self.__dict__` is walked
        sure = "proven"
    elif op == Op.REBIND:
        sure = "likely"
    elif kind in _GROWS_BY_READING and relation in {"constant", "other", "unknown"}:
        grows = op == Op.AUGMENT_ITEM or (op == Op.READ_ITEM and kind == "defaultdict")
        sure = "possible" if grows else None
    return sure


def _new_key(access: Access, relation: Relation) -> Confidence | None:
    """Return how surely a key that is stored is a new one.

    A key that no test looked for may well be one of those that the loop walks.
    """
    if relation in {"own", "derived"} or access.bits & Bit.PRESENT:
        return None
    return "likely" if relation == "constant" or access.bits & Bit.MEMBERSHIP else "possible"


def _on_set(access: Access, relation: Relation) -> Confidence | None:
    if access.op == Op.REMOVE and access.how in _SET_REMOVERS:
        return "proven" if relation == "own" or access.how in ("clear", "pop") else "likely"
    if access.op == Op.ADD and access.how in _SET_ADDERS:
        return None if relation == "own" else "likely"
    return None


def error(kind: str) -> str:
    """Return what happens when a container of that kind is resized while it is walked."""
    if kind in DICTS and kind != "OrderedDict":
        return "RuntimeError: dictionary changed size during iteration"
    return {
        "OrderedDict": "RuntimeError: OrderedDict mutated during iteration",
        "deque": "RuntimeError: deque mutated during iteration",
        "list": "the element after each removed one is skipped without a word",
        "set or list": "a set raises RuntimeError, a list skips the element after each removed one",
    }.get(kind, "RuntimeError: Set changed size during iteration")
