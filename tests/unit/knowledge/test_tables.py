"""The tables of what starts code: compiled, true of the standard library, and checked."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mlhazards.knowledge import START_NAMES
from mlhazards.knowledge.schema import (
    DOMAINS,
    KnowledgeError,
    Start,
    read_starts,
    read_subclasses,
)
from mlhazards.knowledge.tables import STARTS, SUBCLASSES

ROOT = Path(__file__).resolve().parents[3]
START = {
    "call": "m.Thread",
    "target": ["0", "target"],
    "domain": "pool",
    "description": "thread",
    "source": "https://example.org",
}
SUBCLASS = {
    "base": "m.Thread",
    "method": "run",
    "domain": "new-thread",
    "description": "thread",
    "source": "https://example.org",
}


def named(dotted: str) -> Any:
    """Return the object of that name: the longest part that is a module, then attributes."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        return found
    return getattr(importlib.import_module("builtins"), dotted)


def test_the_compiled_tables_are_current():
    command = [sys.executable, str(ROOT / "tools" / "compile_knowledge.py"), "--check"]
    ran = subprocess.run(
        command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, check=False, capture_output=True
    )
    assert ran.returncode == 0, ran.stderr.decode()


@pytest.mark.parametrize("start", STARTS, ids=[start.call for start in STARTS])
def test_each_start_exists_and_takes_its_target_there(start: Start):
    callee = named(start.call)
    assert callable(callee)
    try:
        signature = inspect.signature(callee)
    except ValueError:  # written in C
        return
    parameters = [name for name in signature.parameters if name != "self"]
    takes_any = any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values())
    for slot in (*start.target, *start.arguments, *([start.keywords] if start.keywords else [])):
        position = slot.removesuffix("+")
        if position.isdigit():
            variadic = any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values())
            assert variadic or int(position) < len(parameters), slot
        else:
            assert takes_any or slot in parameters, slot


@pytest.mark.parametrize("start", STARTS, ids=[start.call for start in STARTS])
def test_position_and_keyword_of_a_target_are_one_parameter(start: Start):
    callee = named(start.call)
    try:
        parameters = [name for name in inspect.signature(callee).parameters if name != "self"]
    except ValueError:
        return
    for position, keyword in zip(start.target, start.target[1:], strict=False):
        if position.isdigit() and keyword in parameters:
            assert parameters.index(keyword) == int(position)


@pytest.mark.parametrize("entry", SUBCLASSES, ids=[entry.base for entry in SUBCLASSES])
def test_each_base_class_exists(entry):
    base = named(entry.base)
    assert isinstance(base, type)
    if base is not object:
        assert callable(getattr(base, entry.method))
        assert callable(getattr(base, entry.begins))
        assert all(callable(getattr(base, join)) for join in entry.joins)


@pytest.mark.parametrize("entry", [*STARTS, *SUBCLASSES], ids=str)
def test_each_entry_names_its_source_and_a_domain(entry):
    assert entry.source.startswith("https://docs.python.org/")
    assert entry.domain in DOMAINS
    assert entry.description


def test_what_a_start_gives_has_the_methods_that_the_tables_speak_of():
    for start in STARTS:
        if start.gives:
            given = named(start.gives)
            for join in set(start.joins) - {"shutdown"}:
                assert callable(getattr(given, join))


def test_start_names_are_the_last_names():
    assert {"Thread", "Timer", "submit", "run_in_executor", "to_thread", "finalize"} <= START_NAMES


def test_an_entry_becomes_a_record():
    (start,) = read_starts({"start": [START]})
    assert start.target == ("0", "target")
    assert start.joins == ()
    (subclass,) = read_subclasses({"subclass": [SUBCLASS]})
    assert subclass.method == "run"
    assert read_starts({}) == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tarket": ["0"]}, "tarket is unknown"),
        ({"target": "0"}, "target is unknown or no list"),
        ({"any_receiver": "yes"}, "any_receiver is unknown or no bool"),
        ({"description": 3}, "description is unknown or no str"),
        ({"domain": "cloud"}, "domain is none of"),
    ],
)
def test_a_wrong_entry_is_refused_by_name(change: dict[str, object], message: str):
    with pytest.raises(KnowledgeError, match=rf"m\.Thread: {message}"):
        read_starts({"start": [START | change]})


@pytest.mark.parametrize("key", ["target", "domain", "description", "source"])
def test_a_missing_key_is_named(key: str):
    entry = {name: value for name, value in START.items() if name != key}
    with pytest.raises(KnowledgeError, match=rf"m\.Thread: {key} is missing"):
        read_starts({"start": [entry]})


def test_a_list_holds_strings():
    with pytest.raises(KnowledgeError, match="target"):
        read_starts({"start": [START | {"target": [0]}]})
