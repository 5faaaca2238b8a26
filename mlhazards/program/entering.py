"""Entering: a call, followed into the function that it runs, with what it passes."""

from __future__ import annotations

from mlhazards.facts.model import Argument, Call, FunctionFacts, Kind
from mlhazards.knowledge.decorators import undecorated
from mlhazards.program import ClassRef, FunctionRef, Program, places
from mlhazards.program.binding import bound_arguments, is_bound_method
from mlhazards.program.locations import Frame, Location, Locator
from mlhazards.program.loops import runs_when_called

_OWN = ("self", "super()", "cls")


class Entering:
    """Makes the frames of callees, for one program."""

    def __init__(self, program: Program, locator: Locator) -> None:
        """Ask ``program`` and ``locator``."""
        self._program = program
        self._locator = locator

    def enter(
        self, frame: Frame, call: Call, named: str = "", location: Location | None = None
    ) -> Frame | None:
        """Return the frame of what ``call`` runs before it returns; None where that is unknown.

        Places that begin with the place ``named`` are taken to be at ``location``; an object made
        from one of them by a call is something inside of it.
        """
        function = frame.function
        callee = self._program.callee(
            function.module, function.index, call.callee, frame.self_class
        )
        if callee is None or callee == function:
            return None
        header = self._program.function(callee)
        if not runs_when_called(header.kind, call.use) or not undecorated(header.decorators):
            return None
        own = _Own(named, location)
        inner, skip_first = self._on_receiver(frame, call, callee, own)
        bound = dict(inner.bound)
        for parameter, argument in bound_arguments(header, call, skip_first=skip_first):
            found = self._argument(frame, argument, own)
            if found is not None:
                bound[f"${parameter}"] = found
        if "." in call.callee and not skip_first and is_bound_method(header) and header.parameters:
            receiver = bound.pop(f"${header.parameters[0].name}", None)
            if receiver is not None:  # Class.method(object, ...)
                bound["self"] = receiver
        return inner._replace(bound=tuple(sorted(bound.items(), key=lambda item: item[0])))

    def given_out(self, frame: Frame, callee: str) -> tuple[Location, FunctionRef, int] | None:
        """Return the live object that a call of ``callee`` gives out, and the return statement."""
        function = frame.function
        found = self._program.callee(function.module, function.index, callee, frame.self_class)
        receiver = callee.rpartition(".")[0]
        if (
            found is None
            or not receiver
            or not undecorated(self._program.function(found).decorators)
        ):
            return None
        on = frame.look_up("self") if receiver in _OWN else self._locator.locate(frame, receiver)
        cls = self._class_of(frame, receiver) or self._program.defining_class(found)
        if on is None or cls is None:
            return None
        location = self._locator.accessor(found, cls, on)
        if location is None:
            return None
        return location, found, self._program.function(found).results[0].at

    def _on_receiver(
        self, frame: Frame, call: Call, callee: FunctionRef, own: _Own
    ) -> tuple[Frame, bool]:
        """Return the frame before its parameters, and whether the call passes ``self`` itself."""
        header = self._program.function(callee)
        receiver = call.callee.rpartition(".")[0]
        if header.parent > 0 and callee.module == frame.function.module:
            return Frame(callee, frame.self_class, _captured(frame, header.parent)), False
        if not is_bound_method(header) or not receiver or self._is_class(frame, receiver, header):
            return Frame(callee, self._program.defining_class(callee)), False
        if receiver in _OWN:
            location, cls = frame.look_up("self"), frame.self_class
        else:
            location = own.locate(receiver) or self._locator.locate(frame, receiver)
            cls = self._class_of(frame, receiver) or self._program.defining_class(callee)
        return Frame(callee, cls, () if location is None else (("self", location),)), True

    def _is_class(self, frame: Frame, receiver: str, header: FunctionFacts) -> bool:
        """Return whether it is ``Class.method(object, ...)``: the object is an argument."""
        if receiver[0] in "%$^" or receiver in _OWN or header.kind & Kind.CLASS_METHOD:
            return False
        symbol = self._program.resolve(frame.function.module, receiver)
        return isinstance(symbol, ClassRef)

    def _class_of(self, frame: Frame, place: str) -> ClassRef | None:
        if place in _OWN:
            return frame.self_class
        function = frame.function
        found = self._program.type_of(function.module, function.index, place, frame.self_class)
        return found if isinstance(found, ClassRef) else None

    def _argument(self, frame: Frame, argument: Argument, own: _Own) -> Location | None:
        if argument.partial or argument.place.startswith(("function:", "lambda:", "class:")):
            return None
        located = own.locate(argument.place)
        if located is not None:
            return located
        for place in argument.made_of:
            made_of = own.locate(place) or self._locator.locate(frame, place)
            if made_of is not None and own.location and made_of.root == own.location.root:
                return made_of / (places.CALL,)
        return self._locator.locate(frame, argument.place)


class _Own:
    """What stands for the places that begin with a given one."""

    __slots__ = ("location", "named")

    def __init__(self, named: str, location: Location | None) -> None:
        self.named = named
        self.location = location

    def locate(self, place: str) -> Location | None:
        """Return the location of ``place`` if it begins with the given one."""
        if self.location is None or not place.startswith(self.named):
            return None
        rest = place[len(self.named) :]
        if not rest:
            return self.location
        return self.location / (rest.strip(".[]()") or places.ELEMENT,) if rest[0] in ".[" else None


def _captured(frame: Frame, parent: int) -> tuple[tuple[str, Location], ...]:
    """Return what a function nested in function ``parent`` sees of the frame around it."""
    found = []
    for name, location in frame.bound:
        if name[0] != "$":
            found.append((name, location))
        elif frame.function.index == parent:
            found.append((f"^{parent}:{name[1:]}", location))
    return tuple(found)
