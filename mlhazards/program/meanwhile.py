"""Meanwhile: who else may touch a shared object while what was started runs."""

from __future__ import annotations

from collections.abc import Iterator

from mlhazards.facts.model import Kind
from mlhazards.program import Program, places
from mlhazards.program.entry_points import EntryPoint, self_bound
from mlhazards.program.locations import Captured, Frame, Location, Root, Shared
from mlhazards.program.names import ClassRef, FunctionRef, Global
from mlhazards.program.ordering import Ordering, bound_places
from mlhazards.program.public import is_public
from mlhazards.program.sides import Side, Sides

#: A variable that more functions use than this is followed into the first of them only.
_MAX_USERS = 60
#: Private functions are taken back to the public ones that call them, so many calls up.
_MAX_CALLERS = 2


class Meanwhile:
    """Finds the other sides of one program."""

    def __init__(self, program: Program, sides: Sides) -> None:
        """Ask ``program`` and ``sides``."""
        self._program = program
        self._sides = sides
        self._ordering = Ordering(program)
        self._named: dict[str, dict[str, set[int]]] = {}
        self._whole: dict[tuple[Frame, Root | None], Side] = {}

    def others(
        self, root: Root, point: EntryPoint, side: Side, wanted: frozenset[Location]
    ) -> Iterator[Side]:
        """Yield the sides that may touch ``wanted``, all from ``root``, while ``point`` runs."""
        outside = self._ordering.outside(point)
        seen: set[Frame] = set()
        path_root = None if isinstance(root, Global) else root
        for frame in self._entries(root, point, side, wanted):
            if frame in seen:
                continue
            seen.add(frame)
            if self._ordering.refuses_when_started(frame.function, point):
                continue
            whole = self._whole_side(frame, path_root)
            if wanted.isdisjoint(whole.touches):
                continue
            yield whole if outside is None else self._sides.side(frame, outside, path_root)

    def _whole_side(self, frame: Frame, root: Root | None) -> Side:
        key = (frame, root)
        side = self._whole.get(key)
        if side is None:
            side = self._whole[key] = self._sides.side(frame, None, root)
        return side

    def _entries(
        self, root: Root, point: EntryPoint, side: Side, wanted: frozenset[Location]
    ) -> Iterator[Frame]:
        touching = {touch.frame.function for at in wanted for touch in side.touches[at]}
        inside = side.functions()
        if isinstance(root, Shared):
            yield from self._public_methods(root.cls, point, inside, touching)
        elif isinstance(root, Captured):
            yield from self._sharing_a_call(root.function, point, inside)
        else:
            yield from self._users(root, inside, touching)

    def _public_methods(
        self,
        cls: ClassRef,
        point: EntryPoint,
        inside: set[FunctionRef],
        touching: set[FunctionRef],
    ) -> Iterator[Frame]:
        names: dict[str, FunctionRef] = {}
        for base in self._program.mro(cls):
            if isinstance(base, ClassRef):
                for name in self._program.class_facts(base).methods:
                    method = self._program.method(cls, name)
                    if method is not None:
                        names.setdefault(name, method)
        for name, method in names.items():
            started_here = method == point.starter and name in ("__init__", "__new__")
            if started_here or (is_public(name) and self._runs_elsewhere(method, inside, touching)):
                yield Frame(method, cls, self_bound(cls))

    def _runs_elsewhere(
        self, function: FunctionRef, inside: set[FunctionRef], touching: set[FunctionRef]
    ) -> bool:
        """Whether somebody else than the started side may run a public function."""
        if function not in inside:
            return True
        return function in touching and any(
            not mention.handed_on and mention.caller not in inside
            for mention in self._program.mentions(function)
        )

    def _sharing_a_call(
        self, function: FunctionRef, point: EntryPoint, inside: set[FunctionRef]
    ) -> Iterator[Frame]:
        """Yield the function whose variables are captured, and what it hands out of them."""
        if function != point.starter:
            return
        frame = Frame(function, point.on, self_bound(point.on))
        yield frame
        bound = tuple(sorted(self._sides.captured(frame, function.index).items()))
        for index in self._handed_out(function):
            nested = FunctionRef(function.module, index)
            if nested not in inside:
                yield Frame(nested, point.on, bound)

    def _handed_out(self, function: FunctionRef) -> Iterator[int]:
        """Yield the nested functions that outlive the call: returned, or bound to an attribute."""
        for result in self._program.function(function).results:
            if result.shape.kind in ("function", "lambda") and result.shape.of.isdigit():
                yield int(result.shape.of)
        for _, value in bound_places(self._program, function):
            if value.startswith(("function:", "lambda:")):
                yield int(value.partition(":")[2])

    def _users(
        self, variable: Global, inside: set[FunctionRef], touching: set[FunctionRef]
    ) -> Iterator[Frame]:
        """Yield the public functions that use a variable, or that call private ones which do."""
        for user in list(self._uses(variable))[:_MAX_USERS]:
            for function in self._public_callers(user, 0):
                if self._runs_elsewhere(function, inside, touching):
                    cls = self._program.defining_class(function)
                    yield Frame(function, cls, self_bound(cls))

    def _public_callers(self, function: FunctionRef, depth: int) -> Iterator[FunctionRef]:
        header = self._program.function(function)
        if header.kind & Kind.MODULE:
            return
        if header.parent > 0:
            yield from self._public_callers(FunctionRef(function.module, header.parent), depth)
        elif is_public(header.name):
            yield function
        elif depth < _MAX_CALLERS:
            for mention in self._program.mentions(function):
                if not mention.handed_on and mention.caller != function:
                    yield from self._public_callers(mention.caller, depth + 1)

    def _uses(self, variable: Global) -> Iterator[FunctionRef]:
        """Yield the functions that speak of a variable of a module or class, its module first."""
        owner, _, name = variable.name.rpartition(".")
        words = {name, owner.rpartition(".")[2], variable.module.rpartition(".")[2]} - {""}
        own = variable.module
        for module in (own, *sorted(self._program.importers(words) - {own})):
            for index in sorted(self._speaking(module).get(name, ())):
                yield FunctionRef(module, index)

    def _speaking(self, module: str) -> dict[str, set[int]]:
        """Return the functions of a module by the names of variables that they speak of."""
        found = self._named.get(module)
        if found is None:
            found = self._named[module] = {}
            facts = self._program.modules[module]
            for index, detail in enumerate(facts.details):
                spoken = {access.place for access in detail.accesses}
                spoken.update(call.callee for call in detail.calls)
                for place in spoken:
                    if place[:1] not in "%$^" and place[:5] != "super":
                        path = places.split(place)
                        root = path.root.lstrip("@.").rpartition(".")[2]
                        for name in (root, *path.steps[:2]):
                            found.setdefault(name, set()).add(index)
        return found
