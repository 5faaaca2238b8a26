"""Starts: what a call makes run concurrently, by the knowledge tables."""

from __future__ import annotations

from mlhazards.facts.model import Argument, Call
from mlhazards.knowledge.schema import Start, Subclass
from mlhazards.knowledge.tables import STARTS, SUBCLASSES
from mlhazards.program import Program, places
from mlhazards.program.names import ClassRef, External, FunctionRef, Symbol

#: The base of everything: a method of any class that the tables name.
ANY_CLASS = "object"
_PROCESSES = "ProcessPoolExecutor"


class Starts:
    """The starts of one program."""

    def __init__(self, program: Program) -> None:
        """Ask ``program`` for names and types."""
        self._program = program
        self._by_name: dict[str, list[Start]] = {}
        for start in STARTS:
            self._by_name.setdefault(start.call.rpartition(".")[2], []).append(start)
        self._bases = {subclass.base: subclass for subclass in SUBCLASSES}
        self._base_names = {base.rpartition(".")[2] for base in self._bases}
        self._given = {start.gives for start in STARTS} - {""}
        self._thread = self._by_name["Thread"][0]

    def meaning(
        self, starter: FunctionRef, call: Call, self_class: ClassRef | None
    ) -> tuple[Start, bool] | None:
        """Return what a call starts, and whether the callable is known and not judged by its name.

        None when it starts nothing known.
        """
        callee = call.callee
        symbol = self._program.resolve(starter.module, callee) if _is_plain(callee) else None
        name = symbol.name if isinstance(symbol, External) else ""
        for start in self._by_name.get(places.last(callee), ()):
            if name == start.call:
                return start, True
            if "." not in callee:
                continue
            if start.any_receiver or self._made_by(start, starter, callee, self_class):
                return None if self._in_process(starter, call, self_class) else (start, True)
        return self._thread_like(callee, name, symbol, self_class)

    def _made_by(
        self, start: Start, starter: FunctionRef, callee: str, self_class: ClassRef | None
    ) -> bool:
        """Whether the receiver of a method call is of the class that the table names."""
        owner = start.call.rpartition(".")[0]
        if not owner[:1].islower() or not owner.rpartition(".")[2][:1].isupper():
            return False
        receiver = callee.rpartition(".")[0]
        found = self._program.type_of(starter.module, starter.index, receiver, self_class)
        if isinstance(found, External):
            return found.name == owner
        return owner in self._given and self._given_by(owner, starter, receiver, self_class)

    def _given_by(
        self, owner: str, starter: FunctionRef, receiver: str, self_class: ClassRef | None
    ) -> bool:
        """Whether ``receiver`` is what another start gave back: ``pool.submit(f)``."""
        for call in self._program.detail(starter).calls:
            if receiver in (call.assigned, f"{call.callee}()"):
                meaning = self.meaning(starter, call, self_class)
                if meaning is not None and meaning[0].gives == owner:
                    return True
        return False

    def _in_process(self, starter: FunctionRef, call: Call, self_class: ClassRef | None) -> bool:
        """Whether an executor that is given is one of processes, which share no memory."""
        for argument in call.arguments:
            if argument.slot == "0":
                found = self._program.type_of(
                    starter.module, starter.index, argument.place, self_class
                )
                if isinstance(found, External) and found.name.endswith(_PROCESSES):
                    return True
        return False

    def _thread_like(
        self, callee: str, name: str, symbol: Symbol | None, self_class: ClassRef | None
    ) -> tuple[Start, bool] | None:
        """Take a subclass of Thread, or a class called so that cannot be seen, for a Thread."""
        if callee == "super().__init__" and self_class is not None:
            symbol = self_class
        if isinstance(symbol, ClassRef):
            if self.thread_base(symbol) is None:
                return None
            return self._thread, False
        unseen = name or (callee if symbol is None and _is_plain(callee) else "")
        last = unseen.rpartition(".")[2]
        if last.endswith("Thread") and last != "Thread" and not unseen.startswith("builtins."):
            return self._thread, False
        return None

    def thread_base(self, cls: ClassRef) -> Subclass | None:
        """Return what the tables say of a base class of ``cls``, None where they say nothing."""
        for base in self._program.mro(cls):
            if isinstance(base, External) and base.name in self._bases:
                return self._bases[base.name]
        return None

    def named_like_threads(self) -> set[str]:
        """Return the names of the classes that may derive from one of the tables' base classes.

        Names prove nothing: they only save looking at the bases of every class.
        """
        bases: list[tuple[str, str]] = []
        found: set[str] = set()
        for module in self._program.modules.values():
            aliases = {alias for alias, dotted in module.imports.items() if dotted in self._bases}
            for facts in module.classes:
                for base in facts.bases:
                    last = base.rpartition(".")[2]
                    bases.append((facts.name, last))
                    if last in aliases or last in self._base_names:
                        found.add(facts.name)
        known = -1
        while known < len(found):
            known = len(found)
            found.update(name for name, base in bases if base in found)
        return found

    def of_any_class(self) -> Subclass | None:
        """Return the method that runs concurrently in whatever class defines it."""
        return self._bases.get(ANY_CLASS)


def arguments_passed(call: Call, start: Start) -> list[Argument]:
    """Return the arguments of a start as those of the call that the new side begins with."""
    found = []
    for slot in start.arguments:
        for argument in call.arguments:
            if slot.endswith("+") and argument.slot.isdigit():
                position = int(argument.slot) - int(slot[:-1])
                if position >= 0:
                    found.append(Argument(str(position), argument.place, argument.partial))
            elif argument.slot.startswith(f"{slot}."):
                found.append(Argument(argument.slot.partition(".")[2], argument.place))
    return found


def _is_plain(callee: str) -> bool:
    return not any(mark in callee for mark in "%$^([") and not callee.startswith(("self", "super"))
