"""Scopes: what a name stands for while a function is read in source order.

There is no scope pass before the walk. Each function has an environment, filled as its bindings are
met, and chained to the enclosing ones; functions are read after their enclosing function is done, so
the environment they capture is complete. A name that no environment knows is left to the link.
"""

from __future__ import annotations

from sys import intern

Places = tuple[str, ...]

#: `%name` by name: the same few thousand locals in all modules of a run.
_OWN: dict[str, str] = {}


class Scope:
    """The environment of one function (or class body, or module).

    ``bound`` maps a name to the places it may stand for; ``outer`` keeps what the enclosing
    functions said, ``free`` the names that are nobody's (shared by all scopes of the module); ``via`` is the At where a local became another name for a place, ``aliases`` the attributes that locals stand for; ``declared`` are names under ``global`` or ``nonlocal``.
    """

    __slots__ = (
        "aliases", "bound", "class_index", "class_name", "declared", "free", "is_class", "nested", "number", "outer", "parent",
        "qualname", "rebound", "shadowed", "via",
    )  # fmt: skip

    def __init__(
        self,
        number: int,
        parent: Scope | None,
        qualname: str = "",
        class_name: str = "",
        class_index: int = -1,
        *,
        is_class: bool = False,
    ) -> None:
        """Open the scope of function ``number`` (the enclosing one's for a class body)."""
        self.number = number
        self.parent = parent
        self.qualname = qualname
        self.class_name = class_name
        self.class_index = class_index
        self.is_class = is_class
        self.bound: dict[str, Places] = {}
        self.outer: dict[str, Places] = {}
        self.nested = parent is not None and (parent.nested or parent.number > 0)
        self.free: dict[str, Places] = {} if parent is None else parent.free
        self.via: dict[str, int] = {}
        self.declared: set[str] = set()
        self.shadowed: set[str] = set()
        self.rebound: dict[str, int] = {}
        self.aliases: dict[str, str] = {}

    def look_up(self, name: str) -> Places:
        """Return the places that ``name`` stands for; the name itself when it is free."""
        places = self.bound.get(name)
        if places is None:
            if not self.nested:  # no function around this one: the name is free
                places = self.free.get(name)
                if places is None:
                    places = self.free[name] = (name,)
                return places
            places = self.outer.get(name)
            if places is None:
                # The enclosing functions are read to their end before this one, so what
                # they say of a name is said for good.
                places = self._captured(name)
                if self.number and not self.is_class:
                    self.outer[name] = places
        return places

    def _captured(self, name: str) -> Places:
        scope = self.parent
        while scope is not None:
            if not scope.is_class:
                places = scope.bound.get(name)
                if places is not None:
                    if name in scope.via and scope.is_old(name, places):
                        return (intern(f"^{scope.number}:{name}"),)
                    return captured(places, scope.number)
            scope = scope.parent
        return (name,)

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
        if self.number == 0:
            return intern(name)
        own = _OWN.get(name)
        if own is None:
            own = _OWN[name] = intern(f"%{name}")
        return own


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
    if one == other:
        return one
    merged = dict(one)
    for name, places in other.items():
        known = merged.get(name)
        if known is None or known == places:
            merged[name] = places
        else:
            merged[name] = known + tuple(place for place in places if place not in known)
    return merged
