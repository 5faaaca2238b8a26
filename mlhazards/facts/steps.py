"""Places by their parts: each place that a run keeps naming is made once and then looked up.

Half of what a walk asks for is ``self.x``, ``%x`` and ``x``, in every module anew. A dictionary
answers that in C code, where joining and interning a string took a call of Python code.
"""

from __future__ import annotations

from sys import intern

Places = tuple[str, ...]

#: Tables larger than this are emptied before the next module: memory must not grow with the run.
_MAX_ENTRIES = 1 << 14


class Names(dict[str, Places]):
    """The places that begin with one text and end with a name, by that name.

    A name that Python mangles inside of a class has no place of its own: ().
    """

    __slots__ = ("start",)
    start: str

    def __missing__(self, name: str) -> Places:
        """Make the place that ends with ``name``."""
        start = self.start
        if name[:2] == "__" and name[-2:] != "__" and start[-1:] == ".":
            places: Places = ()
        else:
            places = (intern(start + name),)
        self[name] = places
        return places


def _beginning(start: str) -> Names:
    """Return the table of the places that begin with ``start``."""
    names = Names()  # no __init__: a run makes thousands of these
    names.start = start
    return names


class _Attributes(dict[str, Names]):
    """For each place the places of its attributes."""

    def __missing__(self, place: str) -> Names:
        names = self[place] = _beginning(f"{place}.")
        return names


#: Names that no scope around them binds: `x` is left to the link.
FREE = _beginning("")
#: Variables that hold an object of their own: `%x`.
OWN = _beginning("%")
#: Parameters: `$x`.
PARAMETERS = _beginning("$")
#: Attributes of a place: ``ATTRIBUTES["self"]["x"]`` is ``("self.x",)``.
ATTRIBUTES = _Attributes()


def forget() -> None:
    """Empty the tables that have become large."""
    for table in (FREE, OWN, PARAMETERS):
        if len(table) > _MAX_ENTRIES:
            table.clear()
    if len(ATTRIBUTES) > _MAX_ENTRIES or len(ATTRIBUTES["self"]) > 2 * _MAX_ENTRIES:
        ATTRIBUTES.clear()
