"""Guard candidates: classes that may guard a container, by a first look at their facts.

Most classes that own a lock end here, before any call is followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from mlhazards.facts.model import Access, Bit, Op, Shape
from mlhazards.program import Program
from mlhazards.program.class_code import APART
from mlhazards.program.class_text import ClassText
from mlhazards.program.classes import Origin
from mlhazards.program.locations import Location, Locator, Shared
from mlhazards.program.names import ClassRef, FunctionRef
from mlhazards.program.owned_locks import leaves
from mlhazards.program.public import is_public
from mlhazards.program.resizes import RAISING

#: So many places have to hold the lock before it is a rule and no accident.
ENOUGH = 2
#: What may change the size of a container.
CHANGES = frozenset({Op.ADD, Op.REMOVE, Op.SET_ITEM})

_ASKED = CHANGES | {Op.ITERATE, Op.SNAPSHOT}


class Counts:
    """How often the methods of a class touch one attribute of ``self``.

    ``changes`` and ``reads`` (iterations and snapshots) are those that may hold a lock, ``locked``
    the changes that surely do; ``bare`` are the methods that anybody may call and that change it
    without. ``locksets`` are the locks around the changes, as written.
    """

    __slots__ = ("bare", "changes", "locked", "locksets", "reads")

    def __init__(self) -> None:
        """Count from nothing."""
        self.bare: set[str] = set()
        self.locksets: set[tuple[str, ...]] = set()
        self.changes = self.reads = self.locked = 0

    def add(self, access: Access, locks: tuple[str, ...], anybody: str) -> None:
        """Count an access; ``anybody`` names the public method it stands in, "" for others."""
        locked = bool(access.lockset)
        if access.op not in CHANGES:
            self.reads += locked
        elif anybody and not locked:
            self.bare.add(anybody)
        else:
            self.changes += 1
            self.locked += locked
            if locked:
                self.locksets.add(locks)

    def merge(self, other: Counts, hidden: set[str]) -> None:
        """Add what was counted in a base class, of which the methods ``hidden`` are overridden."""
        self.bare |= other.bare - hidden
        self.locksets |= other.locksets
        self.changes += other.changes
        self.locked += other.locked
        self.reads += other.reads

    @property
    def may_be_guarded(self) -> bool:
        """Whether enough of the touches may hold a lock, and none surely does not."""
        if self.bare:
            return False
        return self.reads >= ENOUGH or (self.locked > 0 and self.changes >= ENOUGH)


class Candidates:
    """Looks for classes that may guard a container which is walked without the lock."""

    def __init__(self, program: Program, locator: Locator, text: ClassText) -> None:
        """Ask ``program`` and ``locator``; find functions in ``text``."""
        self._program = program
        self._locator = locator
        self._text = text
        self._counted: dict[ClassRef, dict[str, Counts]] = {}

    def may_guard(self, cls: ClassRef) -> bool:
        """Return whether an object of ``cls`` may guard one of its containers."""
        bases = self._bases(cls)
        bound = self._program.class_facts(cls).attributes
        for name in {*self._counts(cls), *bound}:
            found, hidden = Counts(), set[str]()
            for base in bases:
                if name in self._counts(base):
                    found.merge(self._counts(base)[name], hidden)
                hidden.update(self._program.class_facts(base).methods)
            if (
                found.may_be_guarded
                and self._walked_otherwise(cls, name, found.locksets)
                and name.isidentifier()
                and self.kind(Location(Shared(cls), (name,))) is not None
            ):
                return True
        return False

    def names_of(self, cls: ClassRef, attribute: str) -> set[str]:
        """Return the names of an attribute and of what gives it out alive."""
        given_out = [pair for base in self._bases(cls) for pair in self._given_out(base).items()]
        return {attribute, *(name for name, of in given_out if of == attribute)}

    def kind(self, location: Location) -> str | None:
        """Return the kind of a container whose iterator raises when its size changes, else None.

        What was given as an argument, or restored by ``__setstate__``, is taken to be of the kind
        that the class itself makes where it is given none.
        """
        origins = self._locator.origins(location)
        kind = self._locator.kind(location)
        if kind is None:
            made = [origin for origin in origins if not self._is_restored(origin)]
            kinds = {kind for origin in made for kind in _kinds(origin.binding.shape)}
            kind = kinds.pop() if len(kinds) == 1 else None
        return kind if kind in RAISING else None

    def accesses(self, function: FunctionRef) -> Iterator[Access]:
        """Yield the changes, iterations and snapshots in a function."""
        detail = self._program.detail(function)
        for access in detail.accesses:
            if access.op in _ASKED and not access.bits & Bit.REBOUND:
                yield access
        for call in detail.calls:
            if call.callee.endswith(".copy"):
                yield Access(call.callee[:-5], Op.SNAPSHOT, call.at, call.lockset, how="copy")

    def _bases(self, cls: ClassRef) -> list[ClassRef]:
        return [base for base in self._program.mro(cls) if isinstance(base, ClassRef)]

    def _counts(self, cls: ClassRef) -> dict[str, Counts]:
        """Count what the functions that stand in a class do to the attributes of ``self``."""
        counts = self._counted.get(cls)
        if counts is None:
            counts = self._counted[cls] = {}
            given_out = self._given_out(cls)
            locksets = self._program.modules[cls.module].locksets
            for function, header in self._text.standing_in(cls):
                if header.name not in APART:
                    public = header.parent <= 0 and is_public(header.name)
                    anybody = header.name if public else ""
                    for access in self.accesses(function):
                        if access.place.startswith(("self.", "cls.")):
                            name = access.place.partition(".")[2]
                            name = given_out.get(name.removesuffix("()"), name)
                            counts.setdefault(name, Counts()).add(
                                access, locksets[access.lockset], anybody
                            )
        return counts

    def _given_out(self, cls: ClassRef) -> dict[str, str]:
        """Return the methods and properties that give out an attribute alive, and which one."""
        found: dict[str, str] = {}
        for _, header in self._text.standing_in(cls):
            if len(header.results) == 1 and header.results[0].shape.kind == "place":
                root, _, attribute = header.results[0].shape.of.partition(".")
                if root == "self":
                    found[header.name] = attribute
        return found

    def _walked_otherwise(self, cls: ClassRef, name: str, locksets: set[tuple[str, ...]]) -> bool:
        """Whether something of that name is walked under other locks than these, or none."""
        empty: set[tuple[str, ...]] = set()
        return any(self._walked.get(each, empty) - locksets for each in self.names_of(cls, name))

    @cached_property
    def _walked(self) -> dict[str, set[tuple[str, ...]]]:
        """The last names of whatever is walked anywhere, with the locks around it as written."""
        found: dict[str, set[tuple[str, ...]]] = {}
        for module in self._program.modules.values():
            for detail in module.details:
                for access in detail.accesses:
                    if access.op == Op.ITERATE:
                        name = access.place.rpartition(".")[2].removesuffix("()")
                        found.setdefault(name, set()).add(module.locksets[access.lockset])
        return found

    def _is_restored(self, origin: Origin) -> bool:
        function = FunctionRef(origin.module, max(origin.binding.function, 0))
        return self._program.function(function).name == "__setstate__"


def _kinds(shape: Shape) -> Iterable[str]:
    """Return the kinds that a binding may make itself."""
    if shape.kind != "either":
        return [shape.kind]
    return [
        leaf.kind
        for leaf in leaves(shape)
        if leaf.kind not in {"none", "parameter"} and not leaf.of.startswith("$")
    ]
