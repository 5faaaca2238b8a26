"""Exits: whether the loop goes on after an access."""

from __future__ import annotations

import pytest

from mlhazards.facts.model import Op

LEFT = 99

# How many loops are left after `d.pop(k)` in `for k in d:`.
EXITS = {
    "d.pop(k)": 0,
    "d.pop(k)\n        break": 1,
    "d.pop(k)\n        return": LEFT,
    "d.pop(k)\n        raise E": LEFT,
    "d.pop(k)\n        continue": 0,
    "d.pop(k)\n        if k: break": 0,
    "d.pop(k)\n        if k: break\n        else: return": 1,
    "d.pop(k)\n        if k: break\n        break": 1,
    "if k:\n            d.pop(k)\n            break": 1,
    "if k:\n            d.pop(k)\n        break": 1,
    "if k:\n            d.pop(k)\n        return": LEFT,
    "try:\n            d.pop(k)\n        finally:\n            return": LEFT,
    "try:\n            d.pop(k)\n            return\n        except E:\n            pass": LEFT,
    "try:\n            d.pop(k)\n            return\n        except E:\n            raise": LEFT,
    "with k:\n            d.pop(k)\n            break": 1,
    "while k:\n            d.pop(k)\n            break": 1,
    "while k:\n            d.pop(k)\n            return": LEFT,
    "while k:\n            d.pop(k)\n            break\n        break": 2,
}


@pytest.mark.parametrize(("body", "exits"), EXITS.items(), ids=EXITS)
def test_loops_left_after_an_access(read, body: str, exits: int):
    found = read(f"def f(d):\n    for k in d:\n        {body}\n")
    (access,) = found.touches("f", Op.REMOVE)
    assert access.exits == exits


UNREACHABLE = {
    "after return": "return\n    d.clear()",
    "after raise": "raise E\n    d.clear()",
    "after both ways left": "if d: return\n    else: raise E\n    d.clear()",
    "under if False": "if False:\n        d.clear()",
    "under TYPE_CHECKING": "if TYPE_CHECKING:\n        d.clear()",
    "after an endless loop": "while True: pass\n    d.clear()",
    "after sys.exit": "import sys\n    sys.exit(1)\n    d.clear()",
    "after assert False": "assert False\n    d.clear()",
}


@pytest.mark.parametrize("body", UNREACHABLE.values(), ids=UNREACHABLE)
def test_what_cannot_be_reached_is_not_recorded(read, body: str):
    found = read(f"from typing import TYPE_CHECKING\ndef f(d):\n    {body}\n")
    assert found.touches("f", Op.REMOVE) == []


REACHABLE = {
    "an endless loop with a break": "while True:\n        if d: break\n    d.clear()",
    "one way goes on": "if d: return\n    d.clear()",
    "a caught error": "try:\n        raise E\n    except E:\n        pass\n    d.clear()",
    "the else of TYPE_CHECKING": "if TYPE_CHECKING:\n        pass\n    else:\n        d.clear()",
}


@pytest.mark.parametrize("body", REACHABLE.values(), ids=REACHABLE)
def test_what_can_be_reached_is_recorded(read, body: str):
    found = read(f"from typing import TYPE_CHECKING\ndef f(d):\n    {body}\n")
    assert len(found.touches("f", Op.REMOVE)) == 1
