from __future__ import annotations

import pytest

from mlhazards.shells.options import check_parser, split_command


@pytest.mark.parametrize(
    ("words", "command", "rest"),
    [
        ([], "check", []),
        (["src"], "check", ["src"]),
        (["check", "src"], "check", ["src"]),
        (["rules"], "rules", []),
        (["./rules"], "check", ["./rules"]),
        (["--fix", "src"], "check", ["--fix", "src"]),
        (["--fix", "check", "src"], "check", ["--fix", "src"]),
        (["src", "rules"], "check", ["src", "rules"]),
        (["check", "rules"], "check", ["rules"]),
        (["--select", "rules", "src"], "check", ["--select", "rules", "src"]),
        (["--select=MLH1", "rules"], "rules", ["--select=MLH1"]),
        (["-o", "check", "src"], "check", ["-o", "check", "src"]),
        (["--", "rules"], "check", ["--", "rules"]),
        (["-", "rules"], "check", ["-", "rules"]),
    ],
)
def test_the_first_word_is_the_command_if_it_names_one(words, command, rest):
    assert split_command(words, check_parser()) == (command, rest)


def parse(*words: str):
    return check_parser().parse_intermixed_args(words)


def test_selectors_are_parted_by_commas_and_may_be_repeated():
    assert parse("--select", "MLH101,MLH2", "--select", "view-on-attribute").select == [
        "MLH101",
        "MLH2",
        "view-on-attribute",
    ]


def test_options_and_paths_may_be_mixed():
    options = parse("a.py", "--fix", "b.py", "--", "--fix")
    assert (options.paths, options.fix) == (["a.py", "b.py", "--fix"], True)


def test_an_option_that_was_not_given_is_none_so_that_the_configuration_counts():
    options = parse()
    for name in ("select", "ignore", "extend_select", "exclude", "extend_exclude", "jobs"):
        assert getattr(options, name) is None
    for name in ("min_confidence", "force_exclude", "max_file_size", "target_python"):
        assert getattr(options, name) is None


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        (["--pedantic"], "min_confidence", "possible"),
        (["--min-confidence", "proven"], "min_confidence", "proven"),
        (["--target-python", "3.12"], "target_python", (3, 12)),
        (["--exclude", "a, {b,c}.py,d"], "exclude", ["a", "{b,c}.py", "d"]),
        (["--max-file-size", "10MB"], "max_file_size", 10_000_000),
        (["--max-file-size", "512"], "max_file_size", 512),
        (["--max-file-size", "2k"], "max_file_size", 2_000),
        (["-j", "3"], "jobs", 3),
        (["--exclude", "a, b/*"], "exclude", ["a", "b/*"]),
    ],
)
def test_values_are_read(words, name, value):
    assert getattr(parse(*words), name) == value


@pytest.mark.parametrize(
    "words",
    [
        ["--target-python", "2.7"],
        ["--max-file-size", "big"],
        ["--jobs", "-1"],
        ["--min-confidence", "sure"],
        ["--format", "xml"],
        ["--sel", "MLH1"],
        ["--config", "a.toml", "--isolated"],
    ],
    ids=" ".join,
)
def test_nonsense_is_refused_with_exit_code_2(words, capsys):
    with pytest.raises(SystemExit) as caught:
        parse(*words)
    assert caught.value.code == 2
    assert words[0] in capsys.readouterr().err
