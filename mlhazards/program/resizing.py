"""Resizing: what the body of a loop does to the size of the very container that it walks.

Directly, under another name, through an accessor that gives out the live container, or in the
functions that the body calls, at most two deep. Only functions that touch a container of that name
are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlhazards.facts.model import Access, Bit, Call, Op
from mlhazards.knowledge.containers import ADDERS
from mlhazards.knowledge.effects import ATTRIBUTE_RESIZERS
from mlhazards.program import FunctionRef, Program, places
from mlhazards.program.effects import Relation
from mlhazards.program.entering import Entering
from mlhazards.program.keys import is_constant, own_relation
from mlhazards.program.locations import Captured, Frame, Location, Locator, Shared
from mlhazards.program.loops import Walked, is_sure, same_expression
from mlhazards.program.new_names import bound_in_walked
from mlhazards.program.reach import ATTRIBUTE_NAMES, Reach, last_name

#: What may change the size of something, for one kind of container or another.
_TOUCHES = frozenset({Op.ADD, Op.REMOVE, Op.SET_ITEM, Op.READ_ITEM, Op.AUGMENT_ITEM})
#: Calls between the body of the loop and the resize.
MAX_CALLS = 2


class Resize(NamedTuple):
    """A touch that may resize the walked container, and how the body gets there.

    ``calls`` are the calls on the way, each with the function that makes it; ``accessor`` is the
    return statement of the function that gave the container out. ``doubtful`` says that the walked
    expression or the touched one may be another object.
    """

    function: FunctionRef
    access: Access
    relation: Relation
    calls: tuple[tuple[FunctionRef, Call], ...] = ()
    accessor: tuple[FunctionRef, int] | None = None
    doubtful: bool = False


class Target(NamedTuple):
    """The walked container as a location, and the last name on the way to it."""

    walked: Walked
    location: Location
    name: str
    accessor: tuple[FunctionRef, int] | None

    @property
    def element(self) -> Location:
        """What one turn of the loop yields, as a root of its own."""
        return Location(Captured(self.walked.function, self.walked.element))


class Resizing:
    """Answers what loops do to what they walk, for one program."""

    def __init__(self, program: Program) -> None:
        """Ask ``program``."""
        self._program = program
        self._locator = Locator(program)
        self._entering = Entering(program, self._locator)
        self._reach = Reach(program)

    def by(self, walked: Walked) -> Iterator[Resize]:
        """Yield what the body of the loop may do to the size of the container that it walks."""
        if walked.access.bits & Bit.REBOUND:
            return
        yield from self._directly(walked)
        for access in bound_in_walked(self._program, walked):
            yield Resize(walked.function, access, "other")
        names = self._names(walked)
        if names is None:
            return
        calls = [call for call in walked.calls() if self._may_reach(walked, names, call)]
        if calls or self._named_again(walked, names):
            target = self._target(walked)
            if target is not None:
                yield from self._elsewhere(target, calls)

    def _directly(self, walked: Walked) -> Iterator[Resize]:
        place, ambiguous = walked.access.place, _is_ambiguous(walked.access.place)
        for access in walked.detail.accesses:
            if access.place != place or access.op not in _TOUCHES or access.bits & Bit.REBOUND:
                continue
            if not walked.goes_on_after(access) or walked.rebound_before(access):
                continue
            relation = own_relation(walked, access.key)
            if ambiguous and not _same_object(walked.access, access, relation):
                continue
            touched = same_expression(walked.detail, access)
            if not access.key and access.op != Op.REMOVE and len(walked.alternatives()) > 1:
                continue  # of several objects the element has several names: the key has none
            doubtful = len(touched) > 1 and touched != walked.alternatives()
            yield Resize(walked.function, access, relation, doubtful=doubtful)

    def _names(self, walked: Walked) -> frozenset[str] | None:
        """Return what may be the last name of the walked container; None to give up."""
        place = walked.access.place
        callee = _giver(walked)
        given = self._reach.given_out(last_name(callee)) if callee else None
        if given is not None:
            return given
        if place[0] in "%$^" and "." not in place:
            return frozenset()
        name = last_name(place)
        behind = self._reach.given_out(name)  # a property
        if not self._reach.resized(name):
            return behind
        return behind | {name} if behind else frozenset((name,))

    def _named_again(self, walked: Walked, names: frozenset[str]) -> bool:
        """Return whether the body touches a container of these names under another place."""
        place, start = walked.access.place, walked.access.loop
        return bool(names) and any(
            access.loop >= start
            and access.op in _TOUCHES
            and access.place != place
            and last_name(access.place) in names
            for access in walked.detail.accesses
        )

    def _target(self, walked: Walked) -> Target | None:
        """Return where the walked container is, through the accessor that gave it out."""
        frame = self._first_frame(walked)
        callee = _giver(walked)
        given = self._entering.given_out(frame, callee) if callee else None
        if given is not None:
            return Target(walked, given[0], _name_of(given[0], callee), (given[1], given[2]))
        location = self._locator.locate(frame, walked.access.place)
        return location and Target(walked, location, _name_of(location, walked.access.place), None)

    def _first_frame(self, walked: Walked) -> Frame:
        cls = self._program.defining_class(walked.function)
        bound = () if cls is None else (("self", Location(Shared(cls))),)
        return Frame(walked.function, cls, bound)

    def _elsewhere(self, target: Target, calls: list[Call]) -> Iterator[Resize]:
        """Yield what happens under another name, or in the functions that the body calls."""
        walked = target.walked
        frame = self._first_frame(walked)
        for resize in self._touches(target, frame, (), sure=True):
            if walked.goes_on_after(resize.access):
                yield resize
        for call in calls:
            if walked.goes_on_after(call) and not walked.rebound_before(call):
                for callee in self._callees(target, frame, call):
                    way = ((walked.function, call),)
                    yield from self._inside(target, callee, way, sure=True)

    def _may_reach(self, walked: Walked, names: frozenset[str], call: Call) -> bool:
        callee, place = call.callee, walked.access.place
        for argument in call.arguments:
            if argument.place == place:
                return True
        if not names:  # a local variable: only functions nested here can see it
            return callee[:9] == "function:"
        function = last_name(callee)
        return (
            any(self._reach.leads_to(function, name) for name in names)
            or callee[:9] == "function:"
            or (callee == f"{walked.element}.{function}" and self._reach.patched(function) != ())
            or (function in ATTRIBUTE_RESIZERS and not names.isdisjoint(ATTRIBUTE_NAMES))
        )

    def _callees(self, target: Target, frame: Frame, call: Call) -> Iterator[Frame]:
        name = last_name(call.callee)
        if call.callee == f"{target.walked.element}.{name}":
            yield from self._patched(target, frame, name)
        entered = self._entering.enter(frame, call, target.walked.element, target.element)
        if entered is not None and entered.function != target.walked.function:
            yield entered

    def _patched(self, target: Target, frame: Frame, name: str) -> Iterator[Frame]:
        """Yield the closures that are bound as method ``name`` of the elements of the container."""
        for maker, variable, number in self._reach.patched(name):
            if self._program.defining_class(maker) != frame.self_class:
                continue
            making = Frame(maker, frame.self_class, frame.bound)
            if self._puts_in(making, variable, target.location):
                bound = dict(frame.bound)
                bound[f"^{maker.index}:{variable[1:]}"] = target.element
                closure = FunctionRef(maker.module, number)
                yield Frame(closure, frame.self_class, tuple(sorted(bound.items())))

    def _puts_in(self, frame: Frame, variable: str, location: Location) -> bool:
        return any(
            call.callee.rpartition(".")[2] in ADDERS
            and any(argument.place == variable for argument in call.arguments)
            and self._locator.locate(frame, call.callee.rpartition(".")[0]) == location
            for call in self._program.detail(frame.function).calls
        )

    def _inside(
        self, target: Target, frame: Frame, way: tuple[tuple[FunctionRef, Call], ...], *, sure: bool
    ) -> Iterator[Resize]:
        yield from self._touches(target, frame, way, sure=sure)
        if len(way) >= MAX_CALLS:
            return
        for call in self._program.detail(frame.function).calls:
            passes = any(frame.look_up(a.place) == target.location for a in call.arguments)
            if passes or self._reach.resizes(last_name(call.callee), target.name):
                entered = self._entering.enter(frame, call)
                if entered is not None and entered.function not in {f for f, _ in way}:
                    further = (*way, (frame.function, call))
                    yield from self._inside(
                        target, entered, further, sure=sure and is_sure(call.bits)
                    )

    def _touches(
        self, target: Target, frame: Frame, way: tuple[tuple[FunctionRef, Call], ...], *, sure: bool
    ) -> Iterator[Resize]:
        for access in self._accesses(target, frame):
            if self._rebound(frame, access):
                continue
            relation = self._relation(target, frame, access.key)
            own = access.op == Op.REMOVE and relation in ("own", "derived")
            if not own and places.ELEMENT in target.location.path:
                continue
            if own or not way or (sure and is_sure(access.bits)):
                yield Resize(frame.function, access, relation, way, target.accessor)

    def _accesses(self, target: Target, frame: Frame) -> Iterator[Access]:
        """Yield the accesses of a frame that touch the walked container."""
        detail = self._program.detail(frame.function)
        walked = target.walked
        done = walked.access.place if frame.function == walked.function else ""
        for access in detail.accesses:
            touches = access.op in _TOUCHES and access.place != done
            if touches and self._is_target(target, frame, access.place):
                yield access
        for call in detail.calls:
            receiver, _, method = call.callee.rpartition(".")
            known = ATTRIBUTE_RESIZERS.get(method)
            if known is not None and known.attribute == target.name and known.removes:
                place = f"{receiver}.{known.attribute}"
                if place == target.walked.access.place or self._is_target(target, frame, place):
                    key = call.arguments[0].place if call.arguments else ""
                    yield Access(
                        place, Op.REMOVE, call.at, call.lockset, call.loop, call.bits, method,
                        key, call.exits,
                    )  # fmt: skip

    def _is_target(self, target: Target, frame: Frame, place: str) -> bool:
        if last_name(place) != target.name and frame.look_up(place) is None:
            return False
        return self._locator.locate(frame, place) == target.location

    def _rebound(self, frame: Frame, access: Access) -> bool:
        return any(
            other.op == Op.REBIND and other.place == access.place and other.at < access.at
            for other in self._program.detail(frame.function).accesses
        )

    def _relation(self, target: Target, frame: Frame, key: str) -> Relation:
        if frame.function == target.walked.function:
            return own_relation(target.walked, key)
        if not key or is_constant(key):
            return "constant" if key else "unknown"
        location = self._locator.locate(frame, key)
        if location is None or location.root != target.element.root:
            return "unknown"
        return "derived" if location.path else "own"


def _is_ambiguous(place: str) -> bool:
    """Return whether two objects may be written as this same place: ``x[a]`` and ``x[b]``."""
    return "[]" in place or (place.endswith("()") and place != "globals()")


def _same_object(iteration: Access, access: Access, relation: Relation) -> bool:
    if access.op == Op.REMOVE and relation == "own":
        return True
    return iteration.via >= 0 and iteration.via == access.via


def _name_of(location: Location, place: str) -> str:
    """Return the last name of a location, or that of the place where it is a variable."""
    names = [step for step in location.path if step != places.ELEMENT]
    return names[-1] if names else last_name(place)


def _giver(walked: Walked) -> str:
    """Return the callee whose result is walked, directly or by a local name, "" for none."""
    place = walked.access.place
    if place[0] == "%":
        bindings = walked.detail.locals.get(place[1:], ())
        if len(bindings) == 1 and bindings[0].shape.kind == "call":
            return bindings[0].shape.of
        return ""
    return place[:-2] if place[-2:] == "()" and place.count("(") == 1 else ""
