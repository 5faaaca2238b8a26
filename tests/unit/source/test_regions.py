from __future__ import annotations

from mlhazards.findings import Span
from mlhazards.source.regions import Regions


def span(line, end=None):
    return Span(line, 5, end or line, 9)


def test_moved_lines_keep_their_place_and_changed_ones_share_a_region():
    regions = Regions(["a", "b", "c"], ["new", "a", "B", "c"])
    assert regions.of_old(span(1)) == regions.of_new(span(2)) == ("line", 2, 5)
    assert regions.of_old(span(2)) == regions.of_new(span(3))
    assert regions.of_old(span(2))[0] == "region"
    assert regions.of_old(span(3)) == regions.of_new(span(4))
    assert regions.of_new(span(1))[0] == "region"


def test_an_edit_changes_the_regions_its_lines_touch():
    regions = Regions(["a", "b", "c", "d"], ["a", "b", "inserted", "c", "D"])
    assert regions.changed_by(span(1)) == []
    assert regions.changed_by(span(2)) == [regions.of_new(span(3))]
    assert regions.changed_by(span(1, 2)) == [regions.of_new(span(3))]
    assert regions.changed_by(span(4)) == [regions.of_new(span(5))]
