from __future__ import annotations

from itertools import permutations

import pytest

from mlhazards.findings import Span, Step
from mlhazards.rules.precedence import SPEAKING_ORDER, speaking


@pytest.mark.parametrize("codes", list(permutations(["MLH101", "MLH104", "MLH105"])))
def test_one_speaks_whatever_the_order(finding, codes):
    (spoken,) = speaking([finding(code) for code in codes])
    assert spoken.code == "MLH104"
    assert spoken.folded == ("MLH101", "MLH105")


def test_the_losers_lend_their_steps_and_notes(finding):
    mine = Step("a.py", Span(1, 1, 1, 5), "iterates here", "one")
    other = Step("b.py", Span(7, 1, 7, 5), "changes the size", "other")
    loop = finding("MLH104", witness=(mine,), notes=("kept",))
    race = finding("MLH101", witness=(mine, other), notes=("no common lock", "kept"))
    (spoken,) = speaking([race, loop])
    assert spoken.witness == (mine, other)
    assert spoken.notes == ("kept", "no common lock")
    assert spoken.message == loop.message


def test_other_places_and_other_causes_speak_for_themselves(finding):
    apart = [
        finding("MLH101", line=1),
        finding("MLH104", line=2),
        finding("MLH104", line=1, path="b.py"),
        finding("MLH301", line=1),
    ]
    spoken = speaking(apart)
    assert len(spoken) == len(apart)
    assert all(each in spoken for each in apart)


def test_a_generator_that_returns_in_finally_is_said_twice(finding):
    assert len(speaking([finding("MLH301"), finding("MLH307")])) == 2


def test_of_one_code_at_one_place_the_most_trusted_is_kept(finding):
    spoken = speaking([finding(confidence="likely"), finding(), finding(confidence="possible")])
    assert [f.confidence for f in spoken] == ["proven"]


def test_a_code_folds_into_one_row_only(finding):
    (spoken,) = speaking([finding(code) for code in ("MLH114", "MLH117")])
    assert spoken.code == "MLH117"
    assert all(len(set(row)) == len(row) for row in SPEAKING_ORDER)
