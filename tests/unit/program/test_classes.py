from __future__ import annotations

from mlhazards.program import ClassRef, External, FunctionRef, Global

SHAPES = {
    "base": """
        import threading
        class Root:
            limit = 3
            def run(self): pass
            def stop(self): pass
        class Left(Root):
            def run(self): super().run()
        class Right(Root):
            def run(self): pass
            again = run
        class Both(Left, Right):
            class Inner:
                def go(self): pass
        class Worker(threading.Thread, Left): pass
        class Open(Unknown, Root): pass
        class Typed(Generic[T], Root): pass
        class Twisted(Root, Both): pass
        """,
    "user": """
        from base import Left as L
        import base as b
        Base = b.Right
        class One(L):
            def run(self): pass
        class Two(Base): pass
        class Three(One): pass
        """,
}


def names(linked, module, cls):
    order = linked.program.mro(linked.cls(module, cls))
    return [
        base.name if isinstance(base, External) else linked.program.class_facts(base).name
        for base in order
    ]


def test_the_order_is_that_of_python(linked):
    program = linked(SHAPES)
    assert names(program, "base", "Both") == ["Both", "Left", "Right", "Root"]
    assert names(program, "user", "Three") == ["Three", "One", "Left", "Root"]
    assert names(program, "base", "Worker") == ["Worker", "threading.Thread", "Left", "Root"]


def test_unknown_bases_are_left_out_and_said(linked):
    program = linked(SHAPES)
    assert names(program, "base", "Open") == ["Open", "Root"]
    assert not program.program.bases_known(program.cls("base", "Open"))
    assert program.program.bases_known(program.cls("base", "Worker"))
    assert not program.program.bases_known(program.cls("base", "Twisted"))


def test_methods_are_looked_up_in_that_order(linked):
    program = linked(SHAPES)
    both, left, right = (program.cls("base", name) for name in ("Both", "Left", "Right"))
    assert program.program.method(both, "run") == program.function("base", "Left.run")
    after = program.program.method_after(both, left, "run")
    assert after == program.function("base", "Right.run")
    assert program.program.method_after(left, left, "run") == program.function("base", "Root.run")
    assert program.program.method(right, "again") == program.function("base", "Right.run")
    assert program.program.method(both, "fly") is None


def test_members_of_a_class_are_methods_variables_and_classes(linked):
    program = linked(SHAPES)
    resolve = program.program.resolve
    assert resolve("base", "Both.limit") == Global("base", "Root.limit")
    assert resolve("base", "Both.stop") == program.function("base", "Root.stop")
    assert resolve("base", "Both.Inner.go") == program.function("base", "Both.Inner.go")
    assert len(program.program.global_bindings(Global("base", "Root.limit"))) == 1


def test_subclasses_are_found_over_files_and_under_other_names(linked):
    program = linked(SHAPES)
    root = program.cls("base", "Root")
    found = {program.program.class_facts(cls).name for cls in program.program.subclasses(root)}
    assert found >= {"Left", "Right", "Both", "Worker", "Open", "Typed", "One", "Two", "Three"}
    left = program.program.subclasses(program.cls("base", "Left"))
    assert program.cls("user", "Three") in left
    assert program.cls("user", "Two") not in left


def test_overridden_methods_are_known(linked):
    program = linked(SHAPES)
    assert program.program.overridden(program.function("base", "Left.run"))
    assert not program.program.overridden(program.function("base", "Root.stop"))
    assert not program.program.overridden(program.function("user", "One.run"))


def test_a_class_derived_from_itself_is_no_endless_question(linked):
    program = linked({"m": "class A(A): pass\nclass B(C): pass\nclass C(B): pass\n"})
    for cls in ("A", "B", "C"):
        assert program.program.mro(program.cls("m", cls))[0] == program.cls("m", cls)
        program.program.subclasses(program.cls("m", cls))


def test_a_function_inside_a_method_sees_its_self(linked):
    program = linked({
        "m": "class A:\n    def f(self):\n        def g():\n            return self\n",
    })  # fmt: skip
    inner = program.function("m", "A.f.<locals>.g")
    assert program.program.defining_class(inner) == ClassRef("m", 0)
    assert program.program.defining_class(FunctionRef("m", 0)) is None
