"""The class of a place, and the function behind a callee.

A type finds methods and names containers; it is never an identity (two instances of a class are
not one object). Whatever is not known, or is one thing here and another there, is None.
"""

from __future__ import annotations

from collections.abc import Iterable

from mlhazards.facts.model import Binding, Kind, Parameter, Shape
from mlhazards.knowledge.classes import CONTAINER_CLASSES
from mlhazards.knowledge.decorators import undecorated
from mlhazards.program import declared, places
from mlhazards.program.classes import Base, Classes, Origin
from mlhazards.program.memo import Memo
from mlhazards.program.names import (
    ClassRef,
    External,
    FunctionRef,
    Global,
    ModuleRef,
    Names,
)
from mlhazards.program.values import NOTHING, Instance, Super, Value, agreed, same_class

_NAMES = {kind: name for name, kind in CONTAINER_CLASSES.items()}
_NO_VALUE = Kind.GENERATOR | Kind.COROUTINE | Kind.CONTEXT_MANAGER


class Types:
    """What the places of a program hold."""

    def __init__(self, names: Names, classes: Classes, memo: Memo) -> None:
        """Rest on the names and classes of the same program."""
        self._names = names
        self._classes = classes
        self._ask = memo.ask

    def value(
        self, module: str, function: int, place: str, self_class: ClassRef | None = None
    ) -> Value:
        """Return what ``place`` is in a function, on an object of class ``self_class``."""
        return self._ask(NOTHING, self._value, module, function, place, self_class)

    def type_of(
        self, module: str, function: int, place: str, self_class: ClassRef | None = None
    ) -> Base | None:
        """Return the class of the object at ``place``."""
        value = self.value(module, function, place, self_class)
        if isinstance(value, Global):
            value = self.joined(self.global_bindings(value), None)
        return value.cls if isinstance(value, Instance) and value != NOTHING else None

    def callee(
        self, module: str, function: int, place: str, self_class: ClassRef | None = None
    ) -> FunctionRef | None:
        """Return the function of the program that a call of ``place`` runs."""
        value = self.value(module, function, place, self_class)
        if isinstance(value, Global):
            value = self.joined(self.global_bindings(value), None)
        if isinstance(value, Instance) and isinstance(value.cls, ClassRef):
            value = self._classes.method(value.cls, "__call__")
        return value if isinstance(value, FunctionRef) else None

    def global_bindings(self, variable: Global) -> tuple[Origin, ...]:
        """Return every binding of a module's or a class's variable."""
        if "." in variable.name:
            owner, _, attribute = variable.name.rpartition(".")
            cls, rest = self._names.resolve(variable.module, owner)
            if rest or not isinstance(cls, ClassRef):
                return ()
            return self._classes.attribute_bindings(cls, attribute)
        bindings = self._names.modules[variable.module].names.get(variable.name, ())
        return tuple(Origin(variable.module, None, binding) for binding in bindings)

    def local_bindings(self, module: str, function: int, name: str) -> tuple[Origin, ...]:
        """Return every binding of a local variable."""
        details = self._names.modules[module].details
        if not 0 <= function < len(details):
            return ()
        return tuple(Origin(module, None, b) for b in details[function].locals.get(name, ()))

    def joined(self, origins: Iterable[Origin], self_class: ClassRef | None) -> Value:
        """Return what all bindings of a place agree on."""
        return agreed(
            self._ask(NOTHING, self._bound, origin.module, origin.binding, self_class)
            for origin in origins
        )

    def annotated(self, module: str, text: str, cls: ClassRef | None) -> Value:
        """Return an object of the class that an annotation names; NOTHING where it names none."""
        annotation = declared.parse(text) if text else None
        if annotation is None:
            return NOTHING
        if annotation.head.rsplit(".", 1)[-1] == "Self":
            return Instance(cls) if cls else NOTHING
        named = self._classes.annotated(module, annotation.head)
        return Instance(named, annotation, module) if named else NOTHING

    def _value(self, module: str, function: int, place: str, self_class: ClassRef | None) -> Value:
        path = places.split(place)
        value = self._root(module, function, path.root, self_class)
        for step in path.steps:
            if isinstance(value, Global):
                value = self.joined(self.global_bindings(value), None)
            if value is None or value == NOTHING:
                return value
            if step == places.CALL:
                value = self._called(value)
            elif step == places.ELEMENT:
                value = self._element(value)
            else:
                value = self._attribute(value, step)
        return value

    def _root(self, module: str, function: int, root: str, self_class: ClassRef | None) -> Value:
        if root in {"self", "cls", "super()"}:
            return self._receiver(FunctionRef(module, function), root, self_class)
        if root[0] == "^":
            number, _, name = root[1:].partition(":")
            return self._variable(module, int(number), name, self_class)
        if root[0] in "%$":
            return self._variable(module, function, root[1:], self_class)
        symbol, rest = self._names.resolve(module, root)
        # Only an `@a.b.c` comes whole; everything else walks step by step.
        for part in rest:
            symbol = self._classes.member(symbol, part) if isinstance(symbol, ClassRef) else None
        return symbol

    def _receiver(self, function: FunctionRef, root: str, self_class: ClassRef | None) -> Value:
        own = self._classes.defining_class(function)
        if own is None:
            return None
        if root == "super()":
            return Super(self_class or own, own)
        return Instance(self_class or own) if root == "self" else self_class or own

    def _variable(
        self, module: str, function: int, name: str, self_class: ClassRef | None
    ) -> Value:
        header = self._names.modules[module].functions[function]
        origins = self.local_bindings(module, function, name)
        parameter = next((p for p in header.parameters if p.name == name), None)
        if parameter is None:
            return self.joined(origins, self_class) if origins else None
        declared = self._parameter(module, function, parameter)
        if not origins or declared is None or declared == NOTHING:
            return declared
        bound = self.joined(origins, self_class)
        return declared if bound == NOTHING or same_class(bound, declared) else None

    def _parameter(self, module: str, function: int, parameter: Parameter) -> Value:
        if parameter.kind in {"*", "**"} or not parameter.annotation:
            return None
        cls = self._classes.defining_class(FunctionRef(module, function))
        value = self.annotated(module, parameter.annotation, cls)
        return None if value == NOTHING else value

    def _bound(self, module: str, binding: Binding, self_class: ClassRef | None) -> Value:
        if binding.annotation:
            value = self.annotated(module, binding.annotation, self_class)
            if value != NOTHING:
                return value
        return self._shaped(module, max(binding.function, 0), binding.shape, self_class)

    def _shaped(
        self, module: str, function: int, shape: Shape, self_class: ClassRef | None
    ) -> Value:
        kind = shape.kind
        value: Value = None
        if kind == "none":
            value = NOTHING
        elif kind in {"call", "awaited"}:
            called = self.value(module, function, shape.of, self_class)
            if isinstance(called, Global):
                called = self.joined(self.global_bindings(called), None)
            value = self._called(called, awaited=kind == "awaited")
        elif kind == "place":
            value = self.value(module, function, shape.of, self_class)
        elif kind == "parameter":
            value = self._variable(module, function, shape.of, self_class)
        elif kind in {"function", "lambda"} and shape.of.isdigit():
            value = FunctionRef(module, int(shape.of))
        elif kind == "class":
            value = self._made_class(module, function, shape.of)
        elif kind == "either":
            value = agreed(
                [self._shaped(module, function, item, self_class) for item in shape.items]
            )
        elif kind == "lock" or kind in _NAMES:
            value = Instance(External(_NAMES.get(kind, shape.of)))
        return value

    def _made_class(self, module: str, function: int, name: str) -> Value:
        facts = self._names.modules[module]
        if name.isdigit():
            return ClassRef(module, int(name))
        for index, entry in enumerate(facts.classes):
            if entry.parent == function and entry.name == name:
                return ClassRef(module, index)
        return None

    def _called(self, value: Value, *, awaited: bool = False) -> Value:
        if isinstance(value, (ClassRef, External)):
            return None if awaited else Instance(value)
        if isinstance(value, Instance) and isinstance(value.cls, ClassRef):
            value = self._classes.method(value.cls, "__call__")
        if isinstance(value, FunctionRef):
            return self._ask(NOTHING, self._returned, value, int(awaited))
        return value if value == NOTHING else None

    def _returned(self, function: FunctionRef, awaited: int) -> Value:
        header = self._names.function(function)
        lazy = header.kind & _NO_VALUE
        if lazy and not (awaited and lazy == Kind.COROUTINE):
            return None
        owner = self._classes.defining_class(function)
        if header.returns:
            value = self.annotated(function.module, header.returns, owner)
            if value != NOTHING:
                return value
        if not undecorated(header.decorators) or not header.results:
            return None
        return agreed(
            self._shaped(function.module, function.index, result.shape, owner)
            for result in header.results
        )

    def _attribute(self, value: Value, name: str) -> Value:
        if isinstance(value, Super):
            return self._classes.method_after(value.cls, value.defining, name)
        if isinstance(value, Instance):
            return self._instance_attribute(value.cls, name)
        if isinstance(value, ClassRef):
            return self._classes.member(value, name)
        if isinstance(value, (ModuleRef, External)):
            symbol, rest = self._names.walk(value, (name,))
            return None if rest else symbol
        return None

    def _instance_attribute(self, cls: Base, name: str) -> Value:
        if isinstance(cls, External):
            return None
        method = self._classes.method(cls, name)
        origins = self._classes.attribute_bindings(cls, name)
        if method is not None:
            if origins and any(origin.binding.function >= 0 for origin in origins):
                return None  # the method is rebound on the instance
            if self._names.function(method).kind & Kind.PROPERTY:
                return self._ask(NOTHING, self._returned, method, 0)
            return method
        return self.joined(origins, cls) if origins else None

    def _element(self, value: Value) -> Value:
        if not isinstance(value, Instance) or value.annotation is None:
            return None
        arguments = value.annotation.arguments
        if not arguments or not isinstance(value.cls, External):
            return None
        found = self.annotated(value.module, arguments[-1], None)
        return None if found == NOTHING else found
