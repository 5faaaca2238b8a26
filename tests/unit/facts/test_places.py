"""Places: which object an expression names."""

from __future__ import annotations

import pytest

from mlhazards.facts.model import Bit, Op

# The receiver of the only call of `mark` in `C.f`, whose parameters are `a` and `b`.
PLACES = {
    "self.x.mark()": "self.x",
    "self.x.y.z.mark()": "self.x.y.z",
    "a.mark()": "$a",
    "a.x.mark()": "$a.x",
    "self.__x.mark()": "self._C__x",
    "self.__x__.mark()": "self.__x__",
    "cls_of = type(self)\n        free.mark()": "free",
    "x = self.x\n        x.mark()": "self.x",
    "x = y = self.x\n        y.mark()": "self.x",
    "x, y = self.x, self.y\n        y.mark()": "self.y",
    "x = {}\n        x.mark()": "%x",
    "x = make()\n        x.mark()": "%x",
    "x = self.x[0]\n        x.mark()": "self.x[]",
    "self.x['k'].mark()": "self.x[]",
    "make().mark()": "make()",
    "self.x().y.mark()": "self.x().y",
    "super().x.mark()": "super().x",
    "getattr(self, 'x').mark()": "self.x",
    "getattr(self, a).mark()": "self.?",
    "cast(int, self.x).mark()": "self.x",
    "vars(self).mark()": "self.__dict__",
    "(x := self.x).mark()": "self.x",
    "import m.n\n        m.n.mark()": "@m.n",
    "from m import n\n        n.mark()": "@m.n",
    "from .m import n as o\n        o.mark()": "@.m.n",
    "for x in self.x: x.mark()": "self.x[]",
    "for k, v in self.x.items(): v.mark()": "self.x[]",
    "for i, x in enumerate(self.x): x.mark()": "self.x[]",
    "for x, y in zip(self.x, self.y): y.mark()": "self.y[]",
    "for x in list(self.x): x.mark()": "self.x[]",
    "for k, v in sorted(self.x.items()): v.mark()": "self.x[]",
    "for x in reversed(self.x): x.mark()": "self.x[]",
    "for x in map(str, self.x): x.mark()": "%x",
    "for x in dict(self.x): x.mark()": "%x",
    "[x.mark() for x in self.x]": "self.x[]",
}


@pytest.mark.parametrize(("body", "place"), PLACES.items(), ids=PLACES)
def test_the_place_of_a_receiver(read, body: str, place: str):
    text = f"class C:\n    def f(self, a, b):\n        {body}\n"
    assert read(text).call("C.f", ".mark").callee == f"{place}.mark"


# All that the receiver may be.
SEVERAL = {
    "x = self.x if a else self.y": ["self.x", "self.y"],
    "x = self.x or self.y": ["self.x", "self.y"],
    "x = [a] if a else self.x": ["self.x", "%x"],
    "x = self.x\n        if a: x = self.y": ["self.x", "self.y"],
    "x = self.x\n        if a: x = self.y\n        else: x = {}": ["%x", "self.y"],
    "if a: x = self.x\n        else: x = self.y": ["self.x", "self.y"],
    "x = self.x\n        if a:\n            x = self.y\n            return": ["self.x"],
    "x = self.x\n        for _ in a: x = self.y": ["self.x", "self.y"],
    "x = self.x\n        while a: x = self.y": ["self.x", "self.y"],
    "try: x = self.x\n        except E: x = self.y": ["self.x", "self.y"],
}


@pytest.mark.parametrize(("body", "places"), SEVERAL.items(), ids=SEVERAL)
def test_what_a_name_may_stand_for(read, body: str, places: list[str]):
    found = read(f"class C:\n    def f(self, a):\n        {body}\n        x.mark()\n")
    assert sorted(found.callees("C.f")) == sorted(f"{place}.mark" for place in places)


def test_one_name_for_several_objects_is_marked(read):
    found = read(
        "def f(a, b):\n    x = a if b else b\n    for i in x: pass\n    for i in a: pass\n"
    )
    bits = {access.place: access.bits & Bit.EITHER for access in found.touches("f", Op.ITERATE)}
    first, *_, last = found.touches("f", Op.ITERATE)
    assert first.bits & Bit.EITHER
    assert not last.bits & Bit.EITHER
    assert set(bits) == {"$a", "$b"}


def test_an_alias_knows_where_it_was_made(read):
    found = read("class C:\n    def f(self):\n        x = self.x\n        for i in x: pass\n")
    (access,) = found.touches("C.f", Op.ITERATE)
    assert found.line(access.via) == 3
    assert access.bits & Bit.ALIAS


@pytest.mark.parametrize(
    "body",
    [
        "x = self.x\n        self.x = {}",
        "x, self.x = self.x, {}",
        "self.x, x = {}, self.x",
        "x = self.x\n        self.x = {}\n        x = x",
    ],
)
@pytest.mark.parametrize("walked", ["x", "x.items()", "enumerate(x)", "x.values()"])
def test_an_alias_of_what_was_swapped_out_is_a_private_object(read, body: str, walked: str):
    found = read(f"class C:\n    def f(self):\n        {body}\n        for i in {walked}: pass\n")
    (access,) = found.touches("C.f", Op.ITERATE)
    assert access.bits & Bit.REBOUND


@pytest.mark.parametrize(
    "body", ["self.x = {}\n        x = self.x", "x = self.x\n        self.y = {}"]
)
def test_an_alias_made_after_the_swap_is_the_place(read, body: str):
    found = read(f"class C:\n    def f(self):\n        {body}\n        for i in x.items(): pass\n")
    (access,) = found.touches("C.f", Op.ITERATE)
    assert access.place == "self.x"
    assert not access.bits & Bit.REBOUND


def test_a_closure_over_what_was_swapped_out_sees_a_private_object(read):
    text = """
        class C:
            def f(self):
                x = self.x
                self.x = {}
                def g():
                    for i in x.values(): pass
            def h(self):
                x = self.x
                def g():
                    for i in x.values(): pass
    """
    found = read(text)
    assert found.iterated("C.f.<locals>.g") == [f"^{found.number('C.f')}:x"]
    assert found.iterated("C.h.<locals>.g") == ["self.x"]


def test_deep_access_paths_are_unknown(read):
    path = ".".join("abcdefghijkl")
    assert read(f"def f(x):\n    x.{path}.mark()\n").callees("f") == []
