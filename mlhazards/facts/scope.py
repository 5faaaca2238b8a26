"""Scopes: what a name stands for while a function is read in source order.

There is no scope pass before the walk. Each function has an environment, filled as its bindings are
met, and chained to the enclosing ones; functions are read after their enclosing function is done, so
the environment they capture is complete. A name that no environment knows is left to the link.
"""

from __future__ import annotations

from sys import intern

from mlhazards.facts.steps import FREE, OWN, Places

_NOTHING: frozenset[str] = frozenset()


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
        scope: Scope | None = self._around
        while scope is not None:
            if not scope.is_class:
                places = scope.bound.get(name)
                if places is not None:
                    if name in scope.via and scope.is_old(name, places):
                        places = (intern(f"^{scope.number}:{name}"),)
                    else:
                        places = captured(places, scope.number)
                    break
            scope = scope.parent
        else:
            places = (name,)
        if self._lasting:
            self[name] = places
        return places


class Scope:
    """The environment of one function (or class body, or module).

    ``bound`` maps a name to the places it may stand for; ``unbound`` answers for all other names
    (the places that enclosing functions give them, the name itself when it is nobody's); ``via``
    is the At where a local became another name for a place, ``aliases`` the attributes that locals
    stand for; ``declared`` are names under ``global`` or ``nonlocal``, ``shadowed`` the builtins
    that are rebound; ``rebound`` is the At where a place was bound to another object; names bound in
    an ``is_local`` scope are variables of a function.
    """

    __slots__ = (
        "aliases", "bound", "class_index", "class_name", "declared", "is_class", "is_local", "nested",
        "number", "parent", "qualname", "rebound", "shadowed", "unbound", "via",
    )  # fmt: skip

    def __init__(  # noqa: PLR0913 (positional, since one is made for each function)
        self,
        number: int,
        parent: Scope | None,
        qualname: str = "",
        class_name: str = "",
        class_index: int = -1,
        is_class: bool = False,  # noqa: FBT001, FBT002
    ) -> None:
        """Open the scope of function ``number`` (the enclosing one's for a class body)."""
        self.number = number
        self.parent = parent
        self.qualname = qualname
        self.class_name = class_name
        self.class_index = class_index
        self.is_class = is_class
        self.is_local = number > 0 and not is_class
        self.bound: dict[str, Places] = {}
        self.via: dict[str, int] = {}
        self.rebound: dict[str, int] = {}
        self.aliases: dict[str, str] = {}
        self.declared = self.shadowed = _NOTHING
        self.unbound: dict[str, Places]
        if parent is None or not (parent.nested or parent.number):
            self.nested = False  # no function around this one: other names are free
            self.unbound = FREE
        else:
            self.nested = True
            # The enclosing functions are read to their end before a function in them, so what they
            # say of a name is said for good; a class body is read while they still go on.
            self.unbound = _Captured(parent, lasting=not is_class)

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
