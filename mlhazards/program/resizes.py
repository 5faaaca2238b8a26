"""Resizes: which accesses change the size of a container, and how surely."""

from __future__ import annotations

from typing import Final

from mlhazards.facts.model import Access, Bit, Op
from mlhazards.program import places
from mlhazards.program.locations import Locator
from mlhazards.program.sides import Side, Touch

DICTS = frozenset({"dict", "defaultdict", "OrderedDict", "Counter"})
SETS = frozenset({"set"})
WEAK = frozenset({"WeakSet", "WeakValueDictionary", "WeakKeyDictionary"})
#: Containers whose iterator raises when their size changes.
RAISING = DICTS | SETS | WEAK | {"deque"}
#: Dicts in which reading (or adding to) a missing key puts it in.
_GROWS_BY = {
    Op.READ_ITEM: frozenset({"defaultdict"}),
    Op.AUGMENT_ITEM: frozenset({"Counter", "defaultdict"}),
}
#: Removing methods that move elements and take none out.
_MOVES = frozenset({"rotate", "sort"})
_CONSTANT = (*"'\"-0123456789", "b'", 'b"', "True", "False", "None")


class Surety:
    """How surely an access changes the size: the smaller, the surer."""

    SURE: Final = 0
    #: A key is stored that may be there already.
    MAY: Final = 1
    #: The code looks as if the key were there.
    DOUBTFUL: Final = 2
    NEVER: Final = 3


class Resizes:
    """Judges the touches of one program."""

    def __init__(self, locator: Locator) -> None:
        """Ask ``locator`` what is bound where."""
        self._locator = locator

    def resizes(self, touch: Touch, kind: str) -> bool:
        """Return whether a touch is known to change the size of a container of that kind."""
        return self.surety(touch, kind) < Surety.DOUBTFUL

    def surety(self, touch: Touch, kind: str, side: Side | None = None) -> int:
        """Return how surely a touch changes the size of a container of that kind (``Surety``).

        What else ``side`` does with the container can raise doubts.
        """
        access = touch.access
        op = access.op
        if op == Op.REMOVE:
            never = access.how in _MOVES and kind not in ("list", "deque")
            return Surety.NEVER if never else Surety.SURE
        if op == Op.ADD:
            # Adding to a list hurts no iterator over it.
            never = kind == "list" or (access.how == "+=" and kind != "deque")
            if not never and access.how == "update" and kind in DICTS:
                return _updated(access)
            return Surety.NEVER if never else Surety.SURE
        if op == Op.SET_ITEM:
            return self._stored(touch, side) if kind in DICTS | WEAK else Surety.NEVER
        grows = kind in _GROWS_BY.get(op, ()) and not self._known_key(touch)
        return Surety.DOUBTFUL if grows else Surety.NEVER

    def _stored(self, touch: Touch, side: Side | None) -> int:
        if self._known_key(touch):
            return Surety.NEVER
        if not touch.access.bits & Bit.HANDLER and side is not None and _reads_key(touch, side):
            return Surety.DOUBTFUL
        return Surety.MAY

    def _known_key(self, touch: Touch) -> bool:
        """Whether an item is stored under a key that is there already."""
        access = touch.access
        if access.bits & (Bit.PRESENT | Bit.OWN_KEY) or access.key == f"{access.place}[]":
            return True
        if not access.key.startswith(_CONSTANT):
            return False
        origins = self._locator.origins(touch.location)
        return any(access.key in origin.binding.keys for origin in origins)


def _updated(access: Access) -> int:
    """Judge ``d.update(other)``: from a table of the same name it brings what is known already."""
    same = bool(access.key) and places.last(access.key) == places.last(access.place)
    return Surety.DOUBTFUL if same else Surety.MAY


def _reads_key(touch: Touch, side: Side) -> bool:
    """Whether the same side reads an item under the same name: it expects the key to be there."""
    name = _key_name(touch.access)
    if not name:
        return False
    for other in side.touches.get(touch.location, ()):
        access = other.access
        if access.op not in (Op.READ_ITEM, Op.AUGMENT_ITEM) or _key_name(access) != name:
            continue
        afterwards = other.frame.function == touch.frame.function and access.at > touch.access.at
        if not afterwards and not access.bits & Bit.MEMBERSHIP:
            return True
    return False


def _key_name(access: Access) -> str:
    if not access.key or access.key.startswith(_CONSTANT):
        return access.key
    return places.last(access.key)


def believability(touch: Touch, surety: int, side: Side, iteration: Touch) -> tuple[object, ...]:
    """Return a sort key: the resize that a reader believes at once comes first.

    One that no way through the function of the loop leads to, that is done whatever else holds, a
    few calls away.
    """
    access = touch.access
    way = [frame.function for frame, _ in side.chain(touch.frame)]
    return (
        surety == Surety.DOUBTFUL,
        iteration.frame.function in way,
        surety,
        bool(access.bits & Bit.CONDITIONAL),
        len(way),
        access.op != Op.REMOVE,
        touch.frame.function,
        access.at,
    )
