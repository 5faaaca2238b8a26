from __future__ import annotations

import re

import pytest

from mlhazards.config import ConfigError, Settings
from mlhazards.source.globs import Excluder, translate


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("*.py", "a.py", True),
        ("*.py", "a.pyx", False),
        ("a/*.py", "a/b/c.py", True),
        ("**/gen", "gen", True),
        ("**/gen", "a/b/gen", True),
        ("**/gen", "a/regen", False),
        ("a/**", "a/b/c", True),
        ("?.py", "ab.py", False),
        ("[!a].py", "b.py", True),
        ("[!a].py", "a.py", False),
        ("{a,b}.py", "b.py", True),
        ("{a,b}.py", "c.py", False),
        ("a,b}.py", "a,b}.py", True),
        (r"\*.py", "*.py", True),
        (r"\*.py", "a.py", False),
        ("a.py", "axpy", False),
    ],
)
def test_globs_match_as_ruff_matches(glob, path, matches):
    assert bool(re.match(translate(glob), path)) is matches


def test_a_name_counts_anywhere_and_a_path_from_the_root():
    excluder = Excluder(Settings(exclude=("gen", "tests/data/", "*_pb2.py"), root="/p[1]"), "/")
    assert excluder.excludes("/p[1]/a/gen")
    assert excluder.excludes("/p[1]/a/x_pb2.py")
    assert excluder.excludes("/p[1]/tests/data")
    assert not excluder.excludes("/p[1]/a/tests/data")
    assert not excluder.excludes("/p[1]/gen/a.py")
    assert excluder.excludes_above("/p[1]/gen/a.py")
    assert not excluder.excludes_above("/p[1]/a/b.py")


def test_a_dot_in_front_means_the_root_alone():
    excluder = Excluder(Settings(exclude=("./gen", "./t/"), root="/p"), "/")
    assert excluder.excludes("/p/gen")
    assert excluder.excludes("/p/t")
    assert not excluder.excludes("/p/a/gen")


def test_folders_above_the_root_do_not_count():
    excluder = Excluder(Settings(root="/build/p"), "/")
    assert not excluder.excludes_above("/build/p/a.py")
    assert excluder.excludes_above("/build/p/build/a.py")


def test_a_pattern_that_is_none_is_named():
    with pytest.raises(ConfigError, match=r"`\[z-a\]`"):
        Excluder(Settings(exclude=("[z-a]",)), "/")
