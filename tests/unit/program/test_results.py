from __future__ import annotations

from mlhazards.program import FunctionRef


def kinds(linked, module, name):
    ends = linked.program.results(linked.function(module, name))
    return sorted((end.shape.kind, linked.program.function(end.function).name) for end in ends)


TEXT = {
    "m": """
        from n import pair, endless, numbers

        def direct(): return pair()
        def twice(flag):
            if flag:
                return direct()
            return None
        def generator():
            yield 1
            return 2
        def over(): return generator()
        async def later(): return {}
        def unawaited(): return later()
        async def awaited(): return await later()
        def falls(flag):
            if flag:
                return 1
        def raises(): raise ValueError
        def circle(): return round_trip()
        def round_trip():
            if circle: return circle()
            return {}
        class Base:
            def value(self): return {}
            def get(self): return self.value()
        class Derived(Base):
            def other(self): return self.value()
            def mine(self): return super().get()
        """,
    "n": "def pair(): return 1, 2\n",
}


def test_results_are_followed_through_calls_and_files(linked):
    program = linked(TEXT)
    assert kinds(program, "m", "direct") == [("tuple", "pair")]
    assert kinds(program, "m", "twice") == [("none", "twice"), ("tuple", "pair")]
    through = program.program.results(program.function("m", "twice"))[0].through
    assert [program.program.function(each).name for each in through] == ["twice", "direct"]


def test_a_generator_yields_a_generator_and_a_coroutine_something_to_await(linked):
    program = linked(TEXT)
    assert kinds(program, "m", "generator") == [("generator", "generator")]
    assert kinds(program, "m", "over") == [("generator", "generator")]
    assert kinds(program, "m", "unawaited") == [("coroutine", "later")]
    awaited = program.program.awaited_results(program.function("m", "awaited"))
    assert [end.shape.kind for end in awaited] == ["dict"]


def test_reaching_the_end_is_a_result_and_raising_is_none(linked):
    program = linked(TEXT)
    assert kinds(program, "m", "falls") == [("none", "falls"), ("number", "falls")]
    assert kinds(program, "m", "raises") == []
    assert program.program.never_returns(program.function("m", "raises"))
    assert not program.program.never_returns(program.function("m", "falls"))


def test_functions_that_return_each_other_end(linked):
    assert kinds(linked(TEXT), "m", "circle") == [("dict", "round_trip")]


def test_methods_are_followed_on_self_and_super(linked):
    program = linked(TEXT)
    assert kinds(program, "m", "Base.get") == [("dict", "value")]
    assert kinds(program, "m", "Derived.other") == [("dict", "value")]
    assert kinds(program, "m", "Derived.mine") == [("dict", "value")]


def test_mentions_are_found_from_the_function(linked):
    program = linked({
        "m": "def f(): yield 1\n",
        "a": "from m import f as g\nfor x in g(): pass\n",
        "b": "import m\nclass C:\n    def run(self): return m.f()\n",
        "c": "import m\nrun(m.f)\n",
        "d": "def f(): yield 2\nfor x in f(): pass\n",
    })  # fmt: skip
    found = program.program.mentions(FunctionRef("m", 1))
    shown = {(each.caller.module, each.call.use, each.handed_on) for each in found}
    assert shown == {("a", "looped", False), ("b", "returned", False), ("c", "dropped", True)}
