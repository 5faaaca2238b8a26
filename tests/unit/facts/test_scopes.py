"""Scopes: what a free or captured name stands for."""

from __future__ import annotations


def test_captured_locals_and_parameters(read):
    text = """
        def outer(a):
            b = {}
            def inner():
                a.mark()
                b.mark()
                free.mark()
    """
    found = read(text)
    number = found.number("outer")
    inner = found.callees("outer.<locals>.inner")
    assert inner == [f"^{number}:a.mark", f"^{number}:b.mark", "free.mark"]


def test_a_captured_alias_of_self_is_self(read):
    text = """
        class C:
            def f(self):
                this = self
                return lambda: this.x.mark()
    """
    assert read(text).callees("C.f.<locals>.<lambda>") == ["self.x.mark"]


def test_the_names_of_a_class_body_are_no_scope_of_its_methods(read):
    text = """
        class C:
            table = {}
            def f(self):
                table.mark()
    """
    assert read(text).callees("C.f") == ["table.mark"]


def test_a_name_bound_later_in_the_enclosing_function_is_known(read):
    text = """
        def outer():
            def inner():
                x.mark()
            x = {}
    """
    found = read(text)
    assert found.callees("outer.<locals>.inner") == [f"^{found.number('outer')}:x.mark"]


def test_global_and_nonlocal_reach_outwards(read):
    text = """
        def outer():
            count = {}
            def inner():
                nonlocal count
                global TABLE
                count = {}
                TABLE = {}
                TABLE.mark()
    """
    found = read(text)
    rebound = [place for op, place, _ in found.operations("outer.<locals>.inner") if op == "REBIND"]
    assert rebound == [f"^{found.number('outer')}:count", "TABLE"]
    assert "TABLE" in found.facts.names
    assert found.callees("outer.<locals>.inner") == ["TABLE.mark"]


def test_comprehension_variables_end_with_it(read):
    text = """
        def f(self_like):
            x = self_like
            [x for x in range(3)]
            x.mark()
    """
    assert read(text).callees("f") == ["$self_like.mark"]


def test_attributes_of_self_are_bound_to_the_class_also_by_setattr(read):
    text = """
        class C:
            shared = {}
            def __init__(self, given):
                self.x = []
                self.__y = given
                setattr(self, "z", set())
            @classmethod
            def m(cls):
                cls.w = {}
    """
    found = read(text)
    (cls,) = found.facts.classes
    kinds = {name: [b.shape.kind for b in bindings] for name, bindings in cls.attributes.items()}
    assert kinds == {
        "shared": ["dict"], "x": ["list"], "_C__y": ["place"], "z": ["set"], "w": ["dict"],
    }  # fmt: skip
    assert [b.function for b in cls.attributes["shared"]] == [-1]
    assert not found.facts.opaque


def test_setattr_under_an_unknown_name_makes_the_module_opaque(read):
    assert read("class C:\n    def f(self, n):\n        setattr(self, n, 1)\n").facts.opaque


def test_a_rebound_builtin_is_told(read):
    text = """
        def f(list):
            return [x for x in list]
        def g():
            return 1
    """
    found = read(text)
    assert found.header("f").shadowed == ("list",)
    assert found.header("g").shadowed == ()
