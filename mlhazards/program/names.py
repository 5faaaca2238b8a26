"""What a dotted name stands for: across imports, re-exports and star imports.

Tables are made for a module when somebody asks for one of its names. Nothing is looked up twice.
What cannot be told is None and never becomes a claim.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping

from msgspec import Struct

from mlhazards.facts.model import Binding, ClassFacts, FunctionFacts, Kind, ModuleFacts
from mlhazards.program.memo import Memo

BUILTINS = frozenset(dir(builtins))
_DEFINITIONS = frozenset({"class", "function"})


# Structs and not tuples: function 3 and class 3 of a module must not be equal.
class FunctionRef(Struct, frozen=True, order=True, gc=False):
    """Function number ``index`` of a module."""

    module: str
    index: int


class ClassRef(Struct, frozen=True, order=True, gc=False):
    """Class number ``index`` of a module."""

    module: str
    index: int


class ModuleRef(Struct, frozen=True, order=True, gc=False):
    """A module or (namespace) package of the program."""

    name: str


class Global(Struct, frozen=True, order=True, gc=False):
    """A variable of a module; of a class, when ``name`` is dotted (``Class.attribute``)."""

    module: str
    name: str


class External(Struct, frozen=True, order=True, gc=False):
    """Something outside the program, by its canonical dotted name (``builtins.list``)."""

    name: str


Symbol = FunctionRef | ClassRef | ModuleRef | Global | External
Found = tuple[Symbol | None, tuple[str, ...]]


class Table(Struct, gc=False):
    """The names that a module's own definitions bind, by qualified name."""

    functions: dict[str, int]
    classes: dict[str, int]


class Names:
    """The names of all modules of a program."""

    def __init__(self, modules: Mapping[str, ModuleFacts], memo: Memo) -> None:
        """Look names up in ``modules``."""
        self.modules = modules
        self._ask = memo.ask
        self._tables: dict[str, Table] = {}
        self._packages: frozenset[str] | None = None

    def function(self, ref: FunctionRef) -> FunctionFacts:
        """Return the header of a function."""
        return self.modules[ref.module].functions[ref.index]

    def class_facts(self, ref: ClassRef) -> ClassFacts:
        """Return the facts of a class."""
        return self.modules[ref.module].classes[ref.index]

    def resolve(self, module: str, dotted: str) -> Found:
        """Return what ``dotted`` stands for in ``module``, and the parts that lead on from there.

        Parts are left over where a class, a function or a variable does not bind the next one
        itself. A leading ``@`` marks a dotted name that was imported as such.
        """
        if dotted[:1] == "@":
            return self.absolute(module, dotted[1:])
        name, *rest = dotted.split(".")
        if ":" in name:
            return self.walk(self._numbered(module, name), tuple(rest))
        symbol = self._ask(None, self._name, module, name)
        if symbol is None and not self.binds(module, name):
            symbol = External(f"builtins.{name}") if name in BUILTINS else None
        return self.walk(symbol, tuple(rest))

    def absolute(self, module: str, dotted: str) -> Found:
        """Return what an imported dotted name stands for, as seen from ``module``."""
        if dotted[:1] == ".":
            dotted = self._absolute_name(module, dotted)
        parts = tuple(dotted.split("."))
        if not parts[0]:
            return None, ()
        if self.is_module(parts[0]):
            return self.walk(ModuleRef(parts[0]), parts[1:])
        beside = f"{module.rpartition('.')[0]}.{parts[0]}"
        if self.is_module(beside) and self._is_script(module):
            return self.walk(ModuleRef(beside), parts[1:])
        return External(dotted), ()

    def walk(self, symbol: Symbol | None, parts: tuple[str, ...]) -> Found:
        """Follow ``parts`` from ``symbol`` as far as modules and nested classes bind them."""
        for done, part in enumerate(parts):
            if isinstance(symbol, External):
                return External(".".join((symbol.name, *parts[done:]))), ()
            following: Symbol | None = None
            if isinstance(symbol, ModuleRef):
                following = self._attribute(symbol.name, part, more=done + 1 < len(parts))
            elif isinstance(symbol, ClassRef):
                following = self._nested(symbol, part)
                if following is None:
                    return symbol, parts[done:]
            elif symbol is not None:
                return symbol, parts[done:]
            if following is None:
                return None, ()
            symbol = following
        return symbol, ()

    def is_module(self, name: str) -> bool:
        """Return whether the program has a module, or modules below a package, of that name."""
        if name in self.modules:
            return True
        if self._packages is None:
            self._packages = frozenset(
                name[:end] for name in self.modules for end in range(len(name)) if name[end] == "."
            )
        return name in self._packages

    def binds(self, module: str, name: str) -> bool:
        """Return whether the module itself binds the name at its top level."""
        facts = self.modules[module]
        table = self.table(module)
        return (
            name in facts.names
            or name in facts.imports
            or name in table.functions
            or name in table.classes
        )

    def table(self, module: str) -> Table:
        """Return the names that the definitions of ``module`` bind at its top level."""
        table = self._tables.get(module)
        if table is None:
            facts = self.modules[module]
            functions = {
                function.name: index
                for index, function in enumerate(facts.functions)
                if function.parent == 0
                and function.class_index < 0
                and not function.kind & (Kind.OVERLOAD | Kind.LAMBDA | Kind.MODULE)
            }
            classes = {
                entry.qualname: index
                for index, entry in enumerate(facts.classes)
                if entry.parent == 0
            }
            table = self._tables[module] = Table(functions, classes)
        return table

    def _is_script(self, module: str) -> bool:
        """Return whether no package holds the module: a script imports its neighbours."""
        folders = module.split(".")[:-1]
        return not any(".".join(folders[: n + 1]) in self.modules for n in range(len(folders)))

    @staticmethod
    def _numbered(module: str, name: str) -> Symbol | None:
        """Return the function or class that ``function:3``, ``lambda:3`` or ``class:3`` names."""
        sort, _, number = name.partition(":")
        if not number.isdigit():
            return None
        return (ClassRef if sort == "class" else FunctionRef)(module, int(number))

    def _attribute(self, module: str, name: str, *, more: bool) -> Symbol | None:
        symbol = self._ask(None, self._name, module, name) if module in self.modules else None
        if symbol is None or (more and not isinstance(symbol, (ClassRef, ModuleRef, External))):
            # `import package.name.x` takes the submodule even where the package rebinds `name`.
            submodule = f"{module}.{name}"
            if self.is_module(submodule):
                return ModuleRef(submodule)
        return symbol

    def _nested(self, cls: ClassRef, name: str) -> ClassRef | None:
        qualname = f"{self.class_facts(cls).qualname}.{name}"
        index = self.table(cls.module).classes.get(qualname)
        return None if index is None else ClassRef(cls.module, index)

    def _name(self, module: str, name: str) -> Symbol | None:
        """Return what the module binds the name to; None for unbound and for ambiguous names."""
        facts = self.modules[module]
        table = self.table(module)
        imported = facts.imports.get(name) if name not in facts.type_checking else None
        defined: Symbol | None = None
        if name in table.functions:
            defined = FunctionRef(module, table.functions[name])
        elif name in table.classes:
            defined = ClassRef(module, table.classes[name])
        bindings = facts.names.get(name, ())
        bound = [b for b in bindings if b.shape.kind not in _DEFINITIONS]
        if defined and self._either(facts, [b for b in bindings if b.shape.kind in _DEFINITIONS]):
            return None
        if defined or bound:
            if imported is not None or (defined and bound):
                # try/except import, or a definition replaced by a decorator call: either of them.
                return Global(module, name) if bound else None
            return defined or self._variable(module, name)
        dotted = facts.imports.get(name)
        if dotted is not None:
            symbol, rest = self.absolute(module, dotted)
            return None if rest else symbol
        return self._from_star(module, name)

    @staticmethod
    def _either(facts: ModuleFacts, definitions: list[Binding]) -> bool:
        """Return whether one of several definitions holds, as a condition decides."""
        real = [
            made
            for made in definitions
            if made.shape.kind == "class"
            or not facts.functions[int(made.shape.of)].kind & Kind.OVERLOAD
        ]
        return len(real) > 1 and any(made.conditional for made in real)

    def _variable(self, module: str, name: str) -> Symbol | None:
        bindings = self.modules[module].names[name]
        if len(bindings) == 1 and not bindings[0].annotation:
            shape = bindings[0].shape
            if shape.kind == "lambda" and shape.of.isdigit():
                return FunctionRef(module, int(shape.of))
            if shape.kind == "place" and not any(mark in shape.of for mark in "([%$^"):
                symbol, rest = self.resolve(module, shape.of)
                if symbol is not None and not rest:
                    return symbol
        return Global(module, name)

    def _from_star(self, module: str, name: str) -> Symbol | None:
        if not self.modules[module].star_imports:
            return None
        for source in self._ask((), self._stars, module):
            exported = self.modules[source].exported
            if name in exported if exported is not None else not name.startswith("_"):
                symbol = self._ask(None, self._name, source, name)
                if symbol is not None:
                    return symbol
        return None

    def _stars(self, module: str) -> tuple[str, ...]:
        """Return the modules of the program that ``module`` takes all names of, last one first."""
        found = (self.absolute(module, dotted)[0] for dotted in self.modules[module].star_imports)
        names = [each.name for each in found if isinstance(each, ModuleRef)]
        return tuple(name for name in reversed(names) if name in self.modules)

    def _absolute_name(self, module: str, dotted: str) -> str:
        name = dotted.lstrip(".")
        level = len(dotted) - len(name) - self.modules[module].is_package
        parts = module.split(".")
        package = parts[: max(len(parts) - level, 0)]
        return ".".join(part for part in (*package, name) if part)
