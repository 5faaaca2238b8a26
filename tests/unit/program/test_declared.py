from __future__ import annotations

import pytest

from mlhazards.program.declared import parse


@pytest.mark.parametrize(
    ("text", "head", "arguments"),
    [
        ("dict", "dict", ()),
        ("'dict[str, X]'", "dict", ("str", "X")),
        ("Optional[typing.Dict[str, list[int]]]", "typing.Dict", ("str", "list[int]")),
        ("None | deque[int]", "deque", ("int",)),
        ("Union[set, None]", "set", ()),
        ("ClassVar['list[int]']", "list", ("int",)),
        ("Annotated[dict, GuardedBy('_lock')]", "dict", ()),
        ("Callable[[int, str], None]", "Callable", ("[int, str]", "None")),
    ],
)
def test_an_annotation_names_one_class(text, head, arguments):
    assert parse(text) == (head, arguments)


@pytest.mark.parametrize("text", ["", "None", "int | str", "Union[int, str]", "Optional[]"])
def test_an_annotation_that_names_no_single_class_says_nothing(text):
    assert parse(text) is None
