from __future__ import annotations

import os
import sys
import time

import pytest

from mlhazards import workers
from mlhazards.config import Settings
from mlhazards.engine import check
from mlhazards.rule import Rule
from mlhazards.workers import Pool, balanced, packed, unpacked


def test_chunks_are_balanced_by_bytes():
    sizes = [1000, 1, 1, 1, 500, 499, 1]
    chunks = balanced(sizes, 2)
    assert sorted(index for chunk in chunks for index in chunk) == list(range(7))
    assert abs(sum(sizes[i] for i in chunks[0]) - sum(sizes[i] for i in chunks[1])) <= 5
    assert balanced([5, 5], 8) == [[0], [1]]
    assert balanced([], 8) == []


def test_any_number_of_processes_gives_the_same(tree, rules):
    tree({f"m{n}.py": f"def f{n % 7}(): HAZARD\n{'# filler' * n}\n" for n in range(40)})
    tree({"bad.py": "def f(:\n", "undecodable.py": b"'\xff'\n"})
    alone = check([], Settings(jobs=1), rules=rules)
    assert len(alone.findings) > 40
    assert len(alone.failures) == 2
    assert check([], Settings(jobs=2), rules=rules) == alone
    assert check([], Settings(jobs=3), rules=rules) == alone


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="file names are Unicode there")
def test_names_and_literals_that_are_no_unicode_pass_between_processes(tree, rules):
    tree({os.fsdecode(b"bad\xff.py"): "HAZARD\n", "a.py": '__all__ = ["\\ud800"]\nHAZARD\n'})
    alone = check([], Settings(jobs=1), rules=rules)
    assert [f.path for f in alone.findings] == ["a.py", r"bad\xff.py"]
    assert check([], Settings(jobs=2), rules=rules) == alone


def test_scans_survive_the_way_between_processes(tree, rules):
    tree({"a.py": "def f(): HAZARD\n", "b.py": "(\n"})
    here = workers.Here(Settings(), rules)
    from mlhazards.scan import Job
    from mlhazards.source.file import target

    scans = here.scan([Job(target(name), name[0], is_package=False) for name in ("a.py", "b.py")])
    assert unpacked(packed(scans)) == scans


def _dies(module):
    if "die" in module.source.text:
        os._exit(7)
    yield from ()


def _hangs(module):
    while "hang" in module.source.text:
        time.sleep(0.01)
    yield from ()


@pytest.fixture
def short_limit(monkeypatch):
    monkeypatch.setattr(
        workers, "Pool", lambda settings, rules, size: Pool(settings, rules, size, limit=1.0)
    )


@pytest.mark.parametrize(
    "culprit",
    [(_dies, "die", "its process died (exit code 7)"), (_hangs, "hang", "it took too long")],
)
@pytest.mark.usefixtures("short_limit")
def test_a_worker_that_dies_or_hangs_costs_one_file(tree, rules, culprit):
    check_module, word, said = culprit
    tree({f"m{n}.py": "HAZARD\n" for n in range(12)})
    tree({"bad.py": f"HAZARD  # {word}\n"})
    rule = Rule("MLH999", "trouble", "Trouble.", "module", check_module)
    report = check([], Settings(jobs=2), rules=(*rules, rule))
    assert [f.path for f in report.findings] == sorted(f"m{n}.py" for n in range(12))
    assert [(f.path, f.message) for f in report.failures] == [("bad.py", f"not analysed: {said}")]


def test_where_no_process_can_be_started_this_one_does_the_work(tree, rules, monkeypatch):
    def refused(*_: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(Pool, "_started", refused)
    tree({f"m{n}.py": "HAZARD\n" for n in range(4)})
    assert len(check([], Settings(jobs=2), rules=rules).findings) == 4


def test_few_files_take_this_process_and_no_pool(rules):
    assert isinstance(workers.workers(Settings(), rules, 99), workers.Here)
    assert isinstance(workers.workers(Settings(jobs=1), rules, 1000), workers.Here)
    assert isinstance(workers.workers(Settings(jobs=2), rules, 1), Pool)


def test_more_processes_than_the_machine_can_run_are_not_started(rules, monkeypatch):
    most = 4 * workers.processors()
    for jobs, started in ((2, 2), (1_000_000, most)):
        sizes: list[int] = []

        def pool(settings, rules, size, sizes=sizes):
            sizes.append(size)

        monkeypatch.setattr(workers, "Pool", pool)
        workers.workers(Settings(jobs=jobs), rules, 1)
        assert sizes == [started]
