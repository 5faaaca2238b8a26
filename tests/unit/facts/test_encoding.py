"""Facts survive being written and read; anything else is refused."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlhazards.facts.model import FORMAT_VERSION, ModuleFacts, decode, encode

TEXT = '''
"""Something of everything."""
from __future__ import annotations
import threading, os.path
from typing import TYPE_CHECKING
from .other import *
if TYPE_CHECKING:
    from x import Y
__all__ = ["C"]
TABLE: dict[str, int] = {"a": 1, 2: 3}
class C(Base, metaclass=Meta):
    __slots__ = ("x",)
    shared = {}
    def __init__(self, a: "int" = 1, *b, c=None, **d):
        self.lock = threading.Condition(threading.Lock())
        self.x, self.y = {}, [z for z in a]
        threading.Thread(target=lambda: self.run(1), args=(a, self.x)).start()
    @property
    def run(self):
        with self.lock:
            for k, (v, w) in self.x.items():
                if k in self.x and "ünï" in w:
                    del self.x[k]
                    break
        yield from self.y
        return k
    async def wait(self):
        async with self.lock:
            async for x in self.x:
                await x
def f():
    a, b = C().run
    while a:
        try: return {**b}
        except ValueError: raise
'''


@pytest.fixture(scope="module")
def written(read) -> bytes:
    return encode(read(TEXT).facts)


def test_what_is_written_is_read_again(read):
    facts = read(TEXT).facts
    again = decode(encode(facts))
    assert again == facts
    assert encode(again) == encode(facts)
    assert again.span(3) == facts.span(3)


def test_the_same_text_gives_the_same_bytes(read):
    assert encode(read(TEXT).facts) == encode(read(TEXT).facts)


def test_moved_lines_change_the_spans_alone(read):
    facts = read(TEXT).facts
    moved = read("\n\n# moved\n" + TEXT).facts
    assert moved.spans != facts.spans
    moved.spans = facts.spans
    assert encode(moved) == encode(facts)


def test_half_a_surrogate_pair_in_a_literal_is_written_escaped(read):
    text = '__all__ = ["\\ud800"]\ndef f(d: "\\ud800x"):\n    setattr(d, "\\udfff", d["\\ud800"])\n'
    facts = read(text).facts
    again = decode(encode(facts))
    assert (again.spans, again.functions[1].name) == (facts.spans, "f")
    assert again.exported == (r"\ud800",)


def test_facts_of_another_version_are_refused(read):
    facts = read(TEXT).facts
    facts.format = FORMAT_VERSION + 1
    with pytest.raises(ValueError, match=f"format {FORMAT_VERSION + 1}"):
        decode(encode(facts))


@pytest.mark.parametrize("data", [b"", b"\x00", b"\xc1", b"[]", msgspec.msgpack.encode({"a": 1})])
def test_what_are_no_facts_is_refused(data: bytes):
    with pytest.raises(ValueError, match="damaged facts"):
        decode(data)


def test_truncated_facts_are_refused(written: bytes):
    for length in range(0, len(written), 97):
        with pytest.raises(ValueError, match="damaged facts"):
            decode(written[:length])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(position=st.integers(0, 10**6), value=st.integers(0, 255))
def test_a_damaged_byte_gives_facts_or_a_value_error(written: bytes, position: int, value: int):
    data = bytearray(written)
    data[position % len(data)] = value
    try:
        found = decode(bytes(data))
    except ValueError:
        return
    assert isinstance(found, ModuleFacts)
