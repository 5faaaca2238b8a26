"""Scopes: what a name stands for while a function is read in source order.

There is no scope pass before the walk. Each function has an environment, filled as its bindings are
met, and chained to the enclosing ones; functions are read after their enclosing function is done,
so the environment they capture is complete. A name that no environment knows is left to the link.
"""

from __future__ import annotations

from sys import intern

from msgspec import Struct, field

from mlhazards.facts.steps import FREE, OWN, Places


class _Captured(dict[str, Places]):
    """What a function nested in another one, or a class body in it, does not bind itself."""

    __slots__ = ("_around", "_lasting")

    def __init__(self, around: Scope, *, lasting: bool) -> None:
        """Ask the scopes from ``around`` outwards; ``lasting`` answers are given once for all."""
        super().__init__()
        self._around = around
        self._lasting = lasting

    def __missing__(self, name: str) -> Places:
        """Find out what ``name`` stands for."""
        places: Places = (name,)
        scope: Scope | None = self._around
        while scope is not None:
            bound = None if scope.is_class else scope.bound.get(name)
            if bound is not None:
                old = name in scope.via and scope.is_old(name, bound)
                own = (intern(f"^{scope.number}:{name}"),)
                places = own if old else captured(bound, scope.number)
                break
            scope = scope.parent
        if self._lasting:
            self[name] = places
        return places


def _free() -> dict[str, Places]:
    return FREE


class Scope(Struct, gc=False):
    """The environment of one function (or class body, or module).

    ``bound`` maps a name to the places it may stand for; ``unbound`` answers for all other names
    (the places that enclosing functions give them, the name itself when it is nobody's); ``via``
    is the At where a local became another name for a place, ``aliases`` the attributes that locals
    stand for; ``declared`` are names under ``global`` or ``nonlocal``, ``shadowed`` the builtins
    that are rebound; ``rebound`` is the At where a place was bound to another object. ``number``
    is that of the function (the enclosing one's for a class body), ``nested`` tells that another
    function is around it, ``is_local`` that the names it binds are variables of a function.
    """

    number: int
    parent: Scope | None
    qualname: str = ""
    class_name: str = ""
    class_index: int = -1
    is_class: bool = False
    is_local: bool = False
    nested: bool = False
    unbound: dict[str, Places] = field(default_factory=_free)
    bound: dict[str, Places] = {}
    via: dict[str, int] = {}
    rebound: dict[str, int] = {}
    aliases: dict[str, str] = {}
    declared: frozenset[str] = frozenset()
    shadowed: frozenset[str] = frozenset()

    def inside(
        self,
        number: int,
        qualname: str,
        class_name: str,
        class_index: int,
        is_class: bool,  # noqa: FBT001
    ) -> Scope:
        """Open the scope of a function or class body that is defined in this one."""
        is_local = number > 0 and not is_class
        if not (self.nested or self.number):  # no function around it: other names are free
            return Scope(
                number,
                self,
                qualname,
                class_name,
                class_index,
                is_class,
                is_local,
                False,
                FREE,
            )
        # The enclosing functions are read to their end before a function in them, so what they say
        # of a name is said for good; a class body is read while they still go on.
        unbound = _Captured(self, lasting=not is_class)
        return Scope(
            number,
            self,
            qualname,
            class_name,
            class_index,
            is_class,
            is_local,
            True,
            unbound,
        )

    def look_up(self, name: str) -> Places:
        """Return the places that ``name`` stands for; the name itself when it is free."""
        return self.bound.get(name) or self.unbound[name]

    def is_old(self, name: str, places: Places) -> bool:
        """Return whether an alias is the object that its place held before it was bound anew."""
        made = self.via[name]
        return any(self.rebound.get(place, -1) >= made for place in places)

    def mangle(self, attribute: str) -> str:
        """Return the attribute's name as Python mangles it inside a class body."""
        if attribute.startswith("__") and not attribute.endswith("__") and self.class_name:
            return f"_{self.class_name.lstrip('_')}{attribute}"
        return attribute

    def own(self, name: str) -> str:
        """Return the place of a variable of this scope that holds an object of its own."""
        if self.is_class:
            return intern(f"{self.qualname}.{name}")
        return OWN[name][0] if self.number else name


def captured(places: Places, number: int) -> Places:
    """Return ``places`` of function ``number`` as a function nested in it sees them."""
    for place in places:
        if place[0] in "%$":
            return tuple(
                intern(f"^{number}:{place[1:]}") if place[0] in "%$" else place for place in places
            )
    return places


def merge(one: dict[str, Places], other: dict[str, Places]) -> dict[str, Places]:
    """Return the environment after a branch: what a name may stand for on either way."""
    if one is other or one == other:
        return one
    merged = one.copy()
    for name, places in other.items():
        known = merged.get(name)
        if known is places:
            continue
        if known is None or known == places:
            merged[name] = places
        else:
            merged[name] = known + tuple([place for place in places if place not in known])
    return merged
