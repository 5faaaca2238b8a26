from __future__ import annotations

import pytest

from mlhazards.program import ClassRef, External, FunctionRef, Global, ModuleRef

PACKAGE = {
    "app/": """
        from .core import run as start
        from . import core
        from .tools import *
        VERSION = 1
        """,
    "app.core": "import threading\ndef run(): pass\nclass Engine:\n    def go(self): pass\n",
    "app.tools": """
        __all__ = ["saw", "_hidden"]
        from .core import Engine as Motor
        def saw(): pass
        def _hidden(): pass
        def drill(): pass
        """,
    "app.deep/": "",
    "app.deep.leaf": "from ... import app\nfrom ..core import Engine\nfrom .. import tools as t\n",
    "main": """
        import app
        import app.deep.leaf
        import app.core as c
        from app import start, saw, drill, VERSION
        from app.deep.leaf import Engine
        from threading import Thread as T
        import os.path
        _run = start
        go = _run
        list_of = list
        twice = 1
        twice = 2
        """,
}


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("app", ModuleRef("app")),
        ("app.start", FunctionRef("app.core", 1)),
        ("start", FunctionRef("app.core", 1)),
        ("go", FunctionRef("app.core", 1)),
        ("c.run", FunctionRef("app.core", 1)),
        ("app.core.run", FunctionRef("app.core", 1)),
        ("app.deep.leaf.Engine", ClassRef("app.core", 0)),
        ("app.deep.leaf.t.saw", FunctionRef("app.tools", 1)),
        ("Engine", ClassRef("app.core", 0)),
        ("Engine.go", FunctionRef("app.core", 2)),
        ("saw", FunctionRef("app.tools", 1)),
        ("app._hidden", FunctionRef("app.tools", 2)),
        ("drill", None),
        ("VERSION", Global("app", "VERSION")),
        ("twice", Global("main", "twice")),
        ("T", External("threading.Thread")),
        ("T.run", External("threading.Thread.run")),
        ("c.threading.Lock", External("threading.Lock")),
        ("os.path.join", External("os.path.join")),
        ("list", External("builtins.list")),
        ("list_of", External("builtins.list")),
        ("nobody", None),
        ("app.nobody", None),
        ("@app.core.run", FunctionRef("app.core", 1)),
        ("@queue.Queue", External("queue.Queue")),
    ],
)
def test_a_name_is_followed_to_what_it_stands_for(linked, name, symbol):
    assert linked(PACKAGE).program.resolve("main", name) == symbol


def test_an_import_inside_a_function_is_relative_to_its_module(linked):
    program = linked(PACKAGE).program
    assert program.resolve("app.tools", "@.core.run") == FunctionRef("app.core", 1)
    assert program.resolve("app", "@.core.run") == FunctionRef("app.core", 1)


def test_reexports_in_a_circle_stand_for_nothing(linked):
    program = linked({
        "a": "from b import x\nfrom b import y\n",
        "b": "from a import x\nfrom c import *\n",
        "c": "from b import *\ndef y(): pass\n",
    }).program  # fmt: skip
    assert program.resolve("a", "x") is None
    assert program.resolve("a", "y") == FunctionRef("c", 1)


def test_a_function_named_as_its_module_is_the_function(linked):
    program = linked({
        "p/": "from .load import load\n",
        "p.load": "def load(): pass\ndef more(): pass\n",
        "user": "import p.load\nfrom p import load\n",
    }).program  # fmt: skip
    assert program.resolve("user", "load") == FunctionRef("p.load", 1)
    assert program.resolve("user", "p.load.more") == FunctionRef("p.load", 2)


@pytest.mark.parametrize(
    "text",
    [
        "if A:\n    def f(): pass\nelse:\n    def f(): return 1\n",
        "try:\n    from fast import f\nexcept ImportError:\n    def f(): pass\n",
    ],
)
def test_a_name_with_two_meanings_is_unknown(linked, text):
    assert linked({"m": text}).program.resolve("m", "f") is None


def test_the_last_of_two_plain_definitions_holds(linked):
    program = linked({"m": "def f(): pass\ndef f(): return 1\n"}).program
    assert program.resolve("m", "f") == FunctionRef("m", 2)


def test_a_function_that_is_wrapped_afterwards_is_a_variable(linked):
    program = linked({"m": "def f(): pass\nf = wrap(f)\n"}).program
    assert program.resolve("m", "f") == Global("m", "f")


def test_a_name_imported_for_type_checkers_alone_is_followed(linked):
    program = linked({
        "m": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from n import C\n",
        "n": "class C: pass\n",
    }).program  # fmt: skip
    assert program.resolve("m", "C") in {ClassRef("n", 0), None}


def test_a_long_chain_of_names_ends(linked):
    lines = ["def x0(): pass"] + [f"x{i} = x{i - 1}" for i in range(1, 3000)]
    program = linked({"m": "\n".join(lines)}).program
    program.resolve("m", "x2999")
    assert program.resolve("m", "x20") == FunctionRef("m", 1)


def test_class_and_function_of_one_number_differ():
    assert len({ClassRef("m", 1): 0, FunctionRef("m", 1): 0}) == 2
