"""Locations: absolute access paths, the identity of what two sides share.

A place is relative to a function; a location starts at a root that exists once: the object that a
thread was started on, a variable of a module or a class, a captured local variable. (class,
attribute) is never an identity: two instances of one class are two objects.
"""

from __future__ import annotations

from typing import NamedTuple

from mlhazards.facts.model import Kind
from mlhazards.program import Program, places
from mlhazards.program.classes import Origin
from mlhazards.program.names import ClassRef, FunctionRef, Global

#: Longer paths from a root are unknown: nothing real was ever proven through them.
MAX_DEPTH = 3
#: Properties that give out properties are followed so far.
MAX_ACCESSORS = 2


class Shared(NamedTuple):
    """An object that is shared because something was started on it: an instance of ``cls``."""

    cls: ClassRef


class Captured(NamedTuple):
    """A local variable (or parameter) of a call of ``function``, seen by functions nested in it."""

    function: FunctionRef
    name: str


Root = Shared | Captured | Global


class Location(NamedTuple):
    """An access path: a root and the attributes and elements that lead from it."""

    root: Root
    path: tuple[str, ...] = ()

    def __truediv__(self, steps: tuple[str, ...]) -> Location | None:
        """Return the location that ``steps`` lead to, None when that is too far to be known."""
        path = self.path + steps
        return Location(self.root, path) if len(path) <= MAX_DEPTH else None


class Frame(NamedTuple):
    """A function as one side runs it: on which object, with which parameters known.

    ``bound`` maps ``self``, ``$parameter`` and ``^function:name`` to locations; ``self_class`` is
    the class of the object behind ``self``.
    """

    function: FunctionRef
    self_class: ClassRef | None = None
    bound: tuple[tuple[str, Location], ...] = ()

    def look_up(self, root: str) -> Location | None:
        """Return the location that a root of a place is bound to."""
        for name, location in self.bound:
            if name == root:
                return location
        return None


class Locator:
    """Turns places of a frame into locations, and tells what lies there."""

    def __init__(self, program: Program) -> None:
        """Ask ``program`` for names, classes and bindings."""
        self._program = program

    def locate(self, frame: Frame, place: str, depth: int = 0) -> Location | None:
        """Return the location of ``place`` in ``frame``; None where it is unknown."""
        path = places.split(place)
        if places.CALL in path.steps or (path.root == "super()" and path.steps):
            return None
        base = self._root(frame, path.root, path.steps)
        if base is None:
            return None
        location, rest = base
        for step in rest:
            following = self._step(location, step, depth)
            if following is None:
                return None
            location = following
        return location

    def _root(
        self, frame: Frame, root: str, steps: tuple[str, ...]
    ) -> tuple[Location, tuple[str, ...]] | None:
        bound = frame.look_up(root)
        if bound is not None:
            return bound, steps
        if root in ("self", "super()"):
            return None
        if root == "cls":
            return self._class_attribute(frame.self_class, steps)
        if root[0] in "$%":
            return Location(Captured(frame.function, root[1:])), steps
        if root[0] == "^":
            number, _, name = root[1:].partition(":")
            return Location(Captured(FunctionRef(frame.function.module, int(number)), name)), steps
        return self._global(frame, root, steps)

    def _global(
        self, frame: Frame, root: str, steps: tuple[str, ...]
    ) -> tuple[Location, tuple[str, ...]] | None:
        names = [root]
        for step in steps:
            if step in (places.CALL, places.ELEMENT):
                break
            names.append(step)
        # The longest prefix that is a variable: `module.table`, `Class.table`, `table.attribute`.
        for count in range(1, len(names) + 1):
            symbol = self._program.resolve(frame.function.module, ".".join(names[:count]))
            if isinstance(symbol, Global):
                return Location(symbol), steps[count - 1 :]
        return None

    def _class_attribute(
        self, cls: ClassRef | None, steps: tuple[str, ...]
    ) -> tuple[Location, tuple[str, ...]] | None:
        if cls is None or not steps:
            return None
        owner = self._owner_of_class_attribute(cls, steps[0])
        return None if owner is None else (Location(owner), steps[1:])

    def _owner_of_class_attribute(self, cls: ClassRef, name: str) -> Global | None:
        """Return the class variable that ``name`` is on a ``cls``, if it is nothing else."""
        origins = self._program.attribute_bindings(cls, name)
        if not origins or any(origin.binding.function >= 0 for origin in origins):
            return None
        owner = origins[0].owner
        if owner is None or self._is_record(owner):
            return None
        return Global(owner.module, f"{self._program.class_facts(owner).qualname}.{name}")

    def _is_record(self, cls: ClassRef) -> bool:
        """Whether the names in the body of a class declare fields of its instances."""
        facts = self._program.class_facts(cls)
        return bool(facts.decorators) or any("BaseModel" in base for base in facts.bases)

    def _step(self, location: Location, step: str, depth: int) -> Location | None:
        if step == places.ELEMENT:
            return location / (step,)
        cls = self.class_of(location)
        if cls is not None:
            owner = self._owner_of_class_attribute(cls, step)
            if owner is not None:
                return Location(owner)
            method = self._program.method(cls, step)
            if method is not None and self._program.function(method).kind & Kind.PROPERTY:
                return self.accessor(method, cls, location, depth)
        return location / (step,)

    def accessor(
        self, method: FunctionRef, cls: ClassRef, on: Location, depth: int = 0
    ) -> Location | None:
        """Return the live location that a method or property of the object at ``on`` gives out."""
        header = self._program.function(method)
        if (
            depth > MAX_ACCESSORS
            or len(header.results) != 1
            or header.kind & (Kind.GENERATOR | Kind.COROUTINE)
        ):
            return None
        shape = header.results[0].shape
        if shape.kind != "place" or not shape.of.startswith("self"):
            return None
        return self.locate(Frame(method, cls, (("self", on),)), shape.of, depth + 1)

    def class_of(self, location: Location) -> ClassRef | None:
        """Return the class of the object at a location."""
        function, place, self_class = self._as_place(location)
        if place == "self":
            return self_class
        found = self._program.type_of(function.module, function.index, place, self_class)
        return found if isinstance(found, ClassRef) else None

    def external_type(self, location: Location) -> str:
        """Return the canonical name of the library class at a location, "" when unknown."""
        function, place, self_class = self._as_place(location)
        found = self._program.type_of(function.module, function.index, place, self_class)
        return "" if found is None or isinstance(found, ClassRef) else found.name

    def origins(self, location: Location) -> tuple[Origin, ...]:
        """Return every binding of the variable or attribute at a location."""
        root = location.root
        if isinstance(root, Global) and not location.path:
            return self._program.global_bindings(root)
        function, place, self_class = self._as_place(location)
        return self._program.bindings(function, place, self_class)

    def _as_place(self, location: Location) -> tuple[FunctionRef, str, ClassRef | None]:
        """Return (function, place, class of self) by which the program speaks of a location."""
        root = location.root
        steps = "".join(step if step == places.ELEMENT else f".{step}" for step in location.path)
        if isinstance(root, Shared):
            methods = self._program.class_facts(root.cls).methods
            number = next(iter(methods.values()), 0)
            return FunctionRef(root.cls.module, number), f"self{steps}", root.cls
        if isinstance(root, Captured):
            header = self._program.function(root.function)
            parameter = any(p.name == root.name for p in header.parameters)
            owner = self._program.defining_class(root.function)
            return root.function, f"{'$' if parameter else '%'}{root.name}{steps}", owner
        return FunctionRef(root.module, 0), f"{root.name}{steps}", None

    def kind(self, location: Location) -> str | None:
        """Return the kind of container at a location, None when it is none or unknown."""
        if location.path and location.path[-1] == places.ELEMENT:
            return None
        root = location.root
        cls = root.cls if isinstance(root, Shared) else None
        return self._program.container_kind(self.origins(location), cls)

    def name(self, location: Location) -> str:
        """Return a location as a reader of the source would call it."""
        root = location.root
        steps = "".join(step if step == places.ELEMENT else f".{step}" for step in location.path)
        if isinstance(root, Shared):
            return f"{self._program.class_facts(root.cls).name}{steps}"
        if isinstance(root, Captured):
            return f"{root.name}{steps}"
        return f"{root.name}{steps}"
