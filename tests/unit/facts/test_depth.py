"""Deep code is read without a RecursionError, and completely."""

from __future__ import annotations

import sys

import pytest

from mlhazards.facts.model import Op


def test_long_chain_of_elif(read):
    chain = "".join(f"    elif x == {n}:\n        d.pop({n})\n" for n in range(2500))
    found = read(f"def f(d, x):\n    if x:\n        pass\n{chain}")
    assert len(found.touches("f", Op.REMOVE)) == 2500


def test_long_sum(read):
    found = read("def f(d):\n    return " + " + ".join(["d.pop()"] * 900) + "\n")
    assert len(found.touches("f", Op.REMOVE)) == 900


def test_long_string_sum_of_names(read):
    terms = 2500 if sys.version_info >= (3, 11) else 900
    try:
        found = read("def f(d):\n    d.clear()\n    return " + " + ".join(["d"] * terms) + "\n")
    except (RecursionError, MemoryError, SyntaxError):
        pytest.skip("this Python cannot parse it")
    assert len(found.touches("f", Op.REMOVE)) == 1


def test_long_chain_of_calls(read):
    found = read("def f(d):\n    d.clear()" + ".then()" * 900 + "\n")
    assert len(found.touches("f", Op.REMOVE)) == 1


def test_long_chain_of_attributes(read):
    found = read("def f(d):\n    d.clear()\n    d" + ".a" * 2500 + ".clear()\n")
    assert [access.place for access in found.touches("f", Op.REMOVE)] == ["$d"]


def test_nested_ifs(read):
    depth = 90
    lines = [" " * n + f"if x == {n}:" for n in range(1, depth)]
    found = read("def f(d, x):\n" + "\n".join(lines) + "\n" + " " * depth + "d.clear()\n")
    assert len(found.touches("f", Op.REMOVE)) == 1


def test_nested_lambdas(read):
    depth = 90
    found = read("def f(d):\n    return " + "lambda: " * depth + "d.clear()\n")
    assert len(found.facts.functions) == depth + 2
    assert [access.op for access in found.facts.details[-1].accesses] == [Op.REMOVE]


def test_nested_subscripts_and_parentheses(read):
    depth = 80
    found = read("def f(d):\n    return " + "d[" * depth + "d.pop()" + "]" * depth + "\n")
    assert len(found.touches("f", Op.REMOVE)) == 1
