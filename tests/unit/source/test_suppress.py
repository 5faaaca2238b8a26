from __future__ import annotations

import pytest

from mlhazards.source.file import from_bytes, target
from mlhazards.source.suppress import Suppressions

NAME = "shared-iteration-race"


def covers(text, line=1, code="MLH101", name=NAME):
    return Suppressions(from_bytes(text.encode(), target("a.py"))).covers(line, code, name)


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa",
        "#noqa",
        "# NOQA",
        "# noqa: MLH101",
        "# noqa:mlh101",
        "# noqa : MLH101",
        "# noqa: E501,MLH101",
        "# noqa: E501 MLH101  because it is read under the lock",
        "# noqa: MLH1",
        "# noqa: MLH",
        "# noqa: shared-iteration-race",
        "# noqa: E501, shared-iteration-race",
        "# noqa: E501 # noqa: MLH101",
        "# type: ignore # noqa: MLH101",
        "# noqa: this has no code, so it means everything, as in flake8",
    ],
)
def test_comments_that_silence(comment):
    assert covers(f"for x in d: pass  {comment}\n")


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa: MLH104",
        "# noqa: E501",
        "# noqa: MLH1011",
        "# noqa: MLH2",
        "# noqa: view-on-attribute",
        "# noqa-MLH101",
        "# noqab",
        "# no qa",
    ],
)
def test_comments_that_do_not(comment):
    assert not covers(f"for x in d: pass  {comment}\n")


def test_a_string_is_no_comment():
    assert not covers("for x in '# noqa': pass\n")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("for x in f(\n    d,\n    1,  # noqa\n):\n    pass\n", 1),
        ("for x in f(  # noqa\n    d,\n):\n    pass\n", 2),
        ("x = 1 + \\\n    f(d)  # noqa\n", 1),
        ('x = f("""\na\n""", d)  # noqa\n', 1),
        ("x = [\n    # noqa\n    d,\n]\n", 3),
        ("if a:\n    x = (  # noqa\r\n        d)\r\n", 3),
    ],
    ids=["below", "above", "backslash", "string", "own line inside", "line ends"],
)
def test_the_whole_logical_line_counts(text, line):
    assert covers(text, line)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("for x in d:  # noqa\n    f(x)\n", 2),
        ("for x in d:\n    f(x)  # noqa\n", 1),
        ("# noqa\nfor x in d: pass\n", 2),
        ("for x in d: pass\n# noqa\n", 1),
        ("x = 1\n# noqa\n\ny = 2\n", 4),
    ],
    ids=["header", "body", "line above", "line below", "between"],
)
def test_other_logical_lines_do_not(text, line):
    assert not covers(text, line)


@pytest.mark.parametrize(
    ("comment", "silenced"),
    [
        ("# mlhazards: ignore-file", True),
        ("# mlhazards:ignore-file[MLH101]", True),
        ("# mlhazards: ignore-file[MLH2, MLH1]", True),
        ("# mlhazards: ignore-file[shared-iteration-race]", True),
        ("# mlhazards: ignore-file[MLH104]", False),
        ("# mlhazards: ignore-files", False),
        ("# mlhazards: ignore-file[MLH104", False),
        ("'# mlhazards: ignore-file'", False),
    ],
)
def test_ignore_file_counts_for_every_line(comment, silenced):
    assert covers(f"for x in d: pass\n\n\n{comment}\n") is silenced
