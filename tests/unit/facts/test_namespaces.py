"""Which `x.__dict__` belongs to a module, by what the code says of `x`."""

from __future__ import annotations

import ast
import textwrap

import pytest

from mlhazards.facts.extract import extract_facts
from mlhazards.facts.model import Bit, Op
from mlhazards.knowledge import START_NAMES


def walked_namespaces(text: str) -> list[str]:
    """Return the places of the modules whose namespaces ``text`` iterates."""
    facts = extract_facts(
        ast.parse(text),
        text,
        name="m",
        path="m.py",
        is_package=False,
        start_names=START_NAMES,
    )
    return [
        access.place
        for detail in facts.details
        for access in detail.accesses
        if access.op == Op.ITERATE and access.bits & Bit.MODULE_NAMESPACE
    ]


def within(body: str, parameters: str = "o") -> str:
    imports = "import importlib, inspect, sys, types\nfrom types import ModuleType\n"
    return f"{imports}def f({parameters}):\n" + textwrap.indent(textwrap.dedent(body), "    ")


MODULES = {
    "imported": ("import os\nfor k in os.__dict__: pass", "os.__dict__"),
    "imported with a dot": ("import a.b\nfor k in a.b.__dict__: pass", "a.b.__dict__"),
    "imported under another name": ("import a.b as c\nfor k in vars(c): pass", "c.__dict__"),
    "imported inside a function": (
        within("import a.b as c\nfor k in vars(c): pass"),
        "@a.b.__dict__",
    ),
    "imported by name": (
        within("m = importlib.import_module(o)\nfor k in m.__dict__: pass"),
        "%m.__dict__",
    ),
    "imported or None": (
        within("m = None\nm = importlib.import_module(o)\nfor k in m.__dict__: pass"),
        "%m.__dict__",
    ),
    "looked up": (within("for k in sys.modules[o].__dict__: pass"), "sys.modules[].__dict__"),
    "each of all": (
        within("for m in sys.modules.values():\n    [k for k in vars(m)]"),
        "sys.modules[].__dict__",
    ),
    "declared": (within("for k in vars(o): pass", "o: types.ModuleType"), "$o.__dict__"),
    "declared in quotes": (
        within("for k in vars(o): pass", "o: 'ModuleType | None'"),
        "$o.__dict__",
    ),
    "one of a declared list": (
        within("for m in o:\n    [k for k in vars(m)]", "o: list[ModuleType]"),
        "$o[].__dict__",
    ),
    "kept on self": (
        textwrap.dedent("""\
            import importlib
            class C:
                def __init__(self, n):
                    self.m = importlib.import_module(n)
                def f(self):
                    return [k for k in self.m.__dict__]
        """),
        "self.m.__dict__",
    ),
    "captured": (
        within(
            "m = importlib.import_module(o)\ndef g():\n    return [k for k in m.__dict__]\nreturn g"
        ),
        "^1:m.__dict__",
    ),
    "a local name of its namespace": (
        within("ns = vars(o)\nfor k in ns: pass", "o: ModuleType"),
        "$o.__dict__",
    ),
    "tested": (
        within("if isinstance(o, ModuleType):\n    for k in vars(o): pass"),
        "$o.__dict__",
    ),
    "tested among others": (
        within("if isinstance(o, (type, ModuleType)):\n    it = iter(o.__dict__.items())"),
        "$o.__dict__",
    ),
    "tested by a union": (
        within("if isinstance(o, type | ModuleType):\n    for k in vars(o): pass"),
        "$o.__dict__",
    ),
    "tested with inspect": (
        within("if o and inspect.ismodule(o):\n    for k in vars(o): pass"),
        "$o.__dict__",
    ),
    "refused otherwise": (
        within("if not isinstance(o, ModuleType):\n    return\nfor k in vars(o): pass"),
        "$o.__dict__",
    ),
    "refused otherwise, together with more": (
        within(
            "if o is None or not isinstance(o, ModuleType):\n    raise E\nfor k in vars(o): pass"
        ),
        "$o.__dict__",
    ),
    "asserted": (
        within("assert isinstance(o, ModuleType)\nfor k in vars(o): pass"),
        "$o.__dict__",
    ),
    "tested in the else": (
        within("if not isinstance(o, ModuleType):\n    pass\nelse:\n    for k in vars(o): pass"),
        "$o.__dict__",
    ),
    "tested in a comprehension": (
        within("return [k for m in o if isinstance(m, ModuleType) for k in vars(m)]"),
        "$o[].__dict__",
    ),
    "tested in an expression": (
        within("return isinstance(o, ModuleType) and max(vars(o), key=f)"),
        "$o.__dict__",
    ),
}

OTHERS = {
    "unknown": within("for k in vars(o): pass"),
    "an object": "class C:\n    def f(self):\n        return [k for k in self.__dict__]\n",
    "imported from somewhere": "from a import b\nfor k in b.__dict__: pass",
    "imported, then replaced": "import os\nos = wrap(os)\nfor k in os.__dict__: pass",
    "sometimes another object": within(
        "m = importlib.import_module(o)\nif o:\n    m = o.owner()\nfor k in m.__dict__: pass"
    ),
    "not it": within("if isinstance(o, ModuleType):\n    pass\nelse:\n    for k in vars(o): pass"),
    "a branch later": within(
        "if isinstance(o, ModuleType):\n    pass\nelif o:\n    for k in vars(o): pass"
    ),
    "one of several": within("return isinstance(o, ModuleType) or max(vars(o), key=f)"),
    "another was tested": within(
        "if isinstance(p, ModuleType):\n    for k in vars(o): pass", "o, p"
    ),
    "another class was tested": within("if isinstance(o, type):\n    for k in vars(o): pass"),
    "tested without leaving": within(
        "if not isinstance(o, ModuleType):\n    log(o)\nfor k in vars(o): pass"
    ),
    "bound anew after the test": within(
        "assert isinstance(o, ModuleType)\no = wrap(o)\nfor k in vars(o): pass"
    ),
    "a copy": within("for k in vars(o).copy(): pass", "o: ModuleType"),
    "just made, seen by nobody": within("m = types.ModuleType(o)\nfor k in vars(m): pass"),
    "the variables of a function": within("for k in locals(): pass"),
}


@pytest.mark.parametrize(("text", "place"), MODULES.values(), ids=MODULES)
def test_namespaces_of_modules_are_marked(text: str, place: str):
    assert walked_namespaces(text) == [place]


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_other_namespaces_are_not(text: str):
    assert walked_namespaces(text) == []
