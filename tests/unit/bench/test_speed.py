"""Costs are of whole processes and of nothing else."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

import pytest

from bench import parse_only
from bench.speed import Cost, Pair, cost, pair


def test_a_process_that_works_costs_more_than_one_that_sleeps() -> None:
    busy = cost([sys.executable, "-c", "sum(range(10_000_000))"])
    idle = cost([sys.executable, "-c", "import time; time.sleep(0.5)"])
    assert busy.seconds > idle.seconds
    assert idle.seconds < 0.4
    assert busy.peak > 1_000_000


def test_a_crash_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        cost([sys.executable, "-c", "1 / 0"])


def test_ratios_reduce_each_side_on_its_own() -> None:
    base = [Cost(2.0, 1), Cost(1.0, 1), Cost(4.0, 1)]
    tool = [Cost(3.0, 5), Cost(6.0, 9), Cost(4.0, 7)]
    measured = Pair(base, tool)
    assert measured.ratio(min) == 3.0
    assert measured.ratio(statistics.median) == 2.0
    assert measured.surplus(min) == 2.0
    assert measured.peak == 9


def test_both_sides_run_in_every_round(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = "import sys, pathlib; pathlib.Path(sys.argv[1]).open('a').write(sys.argv[2])"
    sides = [[sys.executable, "-c", command, str(log), name] for name in "bt"]
    measured = pair(sides[0], sides[1], 3)
    assert log.read_text() == "bt" + "bt" + "tb" + "bt"
    assert len(measured.base) == len(measured.tool) == 3


def test_the_yardstick_parses_what_it_can(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "latin.py").write_bytes(b"# -*- coding: latin-1 -*-\nx = '\xe9'\n")
    (tmp_path / "mark.py").write_bytes(b"\xef\xbb\xbfx = 1\n")
    (tmp_path / "wrong.py").write_text("x = (")
    (tmp_path / "notes.txt").write_text("x = (")
    assert parse_only.main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == "3\n"
