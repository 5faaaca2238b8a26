"""Classes over files: bases, method resolution order, methods, attributes, subclasses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlhazards.facts.model import Binding
from mlhazards.program.memo import Memo
from mlhazards.program.names import ClassRef, External, FunctionRef, Global, Names, Symbol

Base = ClassRef | External

#: Bases that bind nothing a rule asks for.
_EMPTY_BASES = frozenset({
    "builtins.object", "typing.Generic", "typing.Protocol", "typing_extensions.Generic",
    "typing_extensions.Protocol",
})  # fmt: skip


class Origin(NamedTuple):
    """A binding and where it stands; ``owner`` is the class whose attribute it binds, if any."""

    module: str
    owner: ClassRef | None
    binding: Binding


class Ancestry(NamedTuple):
    """The classes that an attribute of a class is looked up in, and whether that is all of them."""

    order: tuple[Base, ...]
    known: bool


class Classes:
    """The classes of a program."""

    def __init__(self, names: Names, memo: Memo) -> None:
        """Take the bases' names from ``names``."""
        self._names = names
        self._ask = memo.ask
        self._children: dict[str, list[ClassRef]] | None = None

    def ancestry(self, cls: ClassRef) -> Ancestry:
        """Return the method resolution order of ``cls``, itself first."""
        return self._ask(Ancestry((cls,), known=False), self._linearise, cls)

    def method(self, cls: ClassRef, name: str) -> FunctionRef | None:
        """Return the method that ``name`` is on an instance of ``cls``."""
        return self._first_method(self.ancestry(cls).order, name)

    def method_after(self, cls: ClassRef, defining: ClassRef, name: str) -> FunctionRef | None:
        """Return what ``super().name`` is in ``defining``, on an instance of ``cls``."""
        order = self.ancestry(cls).order
        if defining not in order:
            order = self.ancestry(defining).order
        return self._first_method(order[order.index(defining) + 1 :], name)

    def attribute_bindings(self, cls: ClassRef, attribute: str) -> tuple[Origin, ...]:
        """Return every binding of an attribute of ``cls``, in its own methods and its bases'."""
        return self._ask((), self._bindings, cls, attribute)

    def resolve(self, module: str, dotted: str) -> Symbol | None:
        """Return what ``dotted`` stands for in ``module``, members of classes included."""
        symbol, rest = self._names.resolve(module, dotted)
        while rest and isinstance(symbol, ClassRef):
            symbol = self.member(symbol, rest[0])
            symbol, rest = self._names.walk(symbol, rest[1:])
        return None if rest else symbol

    def annotated(self, module: str, head: str) -> Base | None:
        """Return the class that the head of an annotation names.

        Facts keep it with its first name replaced by what was imported for it; only inside of
        quotes it is as written.
        """
        first, dot, _ = head.partition(".")
        if dot and (not first or not self._names.binds(module, first)):
            symbol = self.resolve(module, f"@{head}")
        else:
            symbol = self.resolve(module, head)
        return symbol if isinstance(symbol, (ClassRef, External)) else None

    def member(self, cls: ClassRef, name: str) -> Symbol | None:
        """Return what ``cls.name`` stands for: a method, a nested class, or a variable."""
        for base in self.ancestry(cls).order:
            if isinstance(base, External):
                continue
            method = self._own_method(base, name)
            if method is not None:
                return method
            nested, rest = self._names.walk(base, (name,))
            if not rest:
                return nested
            facts = self._names.class_facts(base)
            if any(binding.function < 0 for binding in facts.attributes.get(name, ())):
                return Global(base.module, f"{facts.qualname}.{name}")
        return None

    def subclasses(self, cls: ClassRef) -> tuple[ClassRef, ...]:
        """Return the classes of the program that derive from ``cls``, directly or not."""
        found: dict[ClassRef, None] = {}
        waiting = [cls]
        while waiting:
            for child in self._direct_subclasses(waiting.pop()):
                if child not in found and child != cls:
                    found[child] = None
                    waiting.append(child)
        return tuple(sorted(found))

    def defining_class(self, function: FunctionRef) -> ClassRef | None:
        """Return the class whose ``self`` a function sees: its own, or that it is nested in."""
        functions = self._names.modules[function.module].functions
        index = function.index
        while index > 0:
            header = functions[index]
            if header.class_index >= 0:
                return ClassRef(function.module, header.class_index)
            index = header.parent
        return None

    def overridden(self, function: FunctionRef) -> bool:
        """Return whether a subclass of the method's class defines it anew."""
        header = self._names.function(function)
        if header.class_index < 0:
            return False
        owner = ClassRef(function.module, header.class_index)
        if self._names.class_facts(owner).methods.get(header.name) != function.index:
            return False  # nested in a method
        return any(
            header.name in facts.methods or header.name in facts.attributes
            for facts in map(self._names.class_facts, self.subclasses(owner))
        )

    def _first_method(self, order: tuple[Base, ...], name: str) -> FunctionRef | None:
        for base in order:
            if isinstance(base, ClassRef):
                method = self._own_method(base, name)
                if method is not None:
                    return method
        return None

    def _own_method(self, cls: ClassRef, name: str) -> FunctionRef | None:
        facts = self._names.class_facts(cls)
        index = facts.methods.get(name)
        if index is not None:
            return FunctionRef(cls.module, index)
        in_body = [b for b in facts.attributes.get(name, ()) if b.function < 0]
        if len(in_body) == 1 and in_body[0].shape.kind in {"function", "lambda"}:
            # `run = _run` in the class body: another name for a method.
            return FunctionRef(cls.module, int(in_body[0].shape.of))
        return None

    def _bindings(self, cls: ClassRef, attribute: str) -> tuple[Origin, ...]:
        return tuple(
            Origin(base.module, base, binding)
            for base in self.ancestry(cls).order
            if isinstance(base, ClassRef)
            for binding in self._names.class_facts(base).attributes.get(attribute, ())
        )

    def _bases(self, cls: ClassRef) -> Iterator[Base | None]:
        facts = self._names.class_facts(cls)
        for written in facts.bases:
            symbol = None if "(" in written else self.resolve(cls.module, written)
            if isinstance(symbol, External) and symbol.name in _EMPTY_BASES:
                continue
            yield symbol if isinstance(symbol, (ClassRef, External)) and symbol != cls else None

    def _linearise(self, cls: ClassRef) -> Ancestry:
        """Merge the bases' orders as C3 does; a hierarchy that Python would refuse is unknown."""
        known = True
        bases: list[Base] = []
        sequences: list[list[Base]] = []
        for base in self._bases(cls):
            if base is None:
                known = False
                continue
            bases.append(base)
            above = (
                self.ancestry(base) if isinstance(base, ClassRef) else Ancestry((base,), known=True)
            )
            known = known and above.known
            sequences.append(list(above.order))
        order: list[Base] = [cls]
        sequences.append(bases)
        while sequences := [sequence for sequence in sequences if sequence]:
            tails = [sequence[1:] for sequence in sequences]
            for sequence in sequences:
                if not any(sequence[0] in tail for tail in tails):
                    following = sequence[0]
                    break
            else:
                return Ancestry(tuple(order), known=False)
            if following not in order:
                order.append(following)
            for sequence in sequences:
                if sequence[0] == following:
                    del sequence[0]
        return Ancestry(tuple(order), known)

    def _direct_subclasses(self, cls: ClassRef) -> list[ClassRef]:
        if self._children is None:
            self._children = {}
            for module, facts in self._names.modules.items():
                for index, entry in enumerate(facts.classes):
                    for base in entry.bases:
                        key = self._index_name(module, base)
                        self._children.setdefault(key, []).append(ClassRef(module, index))
        name = self._names.class_facts(cls).name
        return [
            child
            for child in self._children.get(name, ())
            if child != cls and any(base == cls for base in self._bases(child))
        ]

    def _index_name(self, module: str, base: str) -> str:
        """Return the last part of a base's name, seen through an import or a renaming."""
        facts = self._names.modules[module]
        sort, _, dotted = base.rpartition(":")
        if sort == "class":
            return facts.classes[int(dotted)].name
        if "." in dotted:
            return dotted.rsplit(".", 1)[1]
        bindings = facts.names.get(dotted)
        if bindings and bindings[0].shape.kind == "place":
            dotted = bindings[0].shape.of
        return facts.imports.get(dotted, dotted).rsplit(".", 1)[-1]
