from __future__ import annotations

import pytest

from mlhazards.config import USUAL_EXCLUDES, ConfigError, Settings, running_python
from mlhazards.config_file import common_parent, load, parse_python, project_root

KNOWN = {
    "MLH101": "shared-iteration-race",
    "MLH104": "resize-while-iterating",
    "MLH201": "view-on-attribute",
}


def configure(tree, text, name="pyproject.toml"):
    tree({name: text})


def test_nothing_configured_is_the_default(tree, tmp_path):
    tree({})
    settings = load([], KNOWN, isolated=True)
    assert settings == Settings(root=settings.root)
    assert settings.exclude == USUAL_EXCLUDES
    assert settings.target_python == running_python()


def test_every_key_reaches_its_field(tree, tmp_path):
    configure(
        tree,
        """
        [tool.mlhazards]
        select = ["MLH1"]
        ignore = ["shared-iteration-race"]
        extend-select = ["MLH201"]
        exclude = ["gen"]
        extend-exclude = ["t/data"]
        force-exclude = true
        respect-gitignore = false
        min-confidence = "proven"
        target-python = "3.12"
        max-file-size = "1 kB"
        jobs = 3
        cache = false
        """,
    )
    assert load([], KNOWN) == Settings(
        select=("MLH1",),
        ignore=("MLH101",),
        extend_select=("MLH201",),
        exclude=("gen",),
        extend_exclude=("t/data",),
        force_exclude=True,
        respect_gitignore=False,
        min_confidence="proven",
        target_python=(3, 12),
        max_file_size=1000,
        jobs=3,
        cache=False,
        root=str(tmp_path),
        config=str(tmp_path / "pyproject.toml"),
    )


def test_pedantic_is_the_lowest_confidence(tree):
    configure(tree, "[tool.mlhazards]\npedantic = true\n")
    assert load([], KNOWN).min_confidence == "possible"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("slect = []", "slect: unknown key (did you mean `select`?)"),
        ("min_confidence = 'likely'", "unknown key (did you mean `min-confidence`?)"),
        ("select = ['MLH105']", "select: unknown rule `MLH105` (did you mean `MLH10"),
        ("ignore = ['view-on-atribute']", "(did you mean `view-on-attribute`?)"),
        ("extend-select = ['']", "extend-select: unknown rule ``"),
        ("select = 'MLH1'", "select: must be a list of strings"),
        ("exclude = [1]", "exclude: must be a list of strings"),
        ("jobs = -1", "jobs: must be a number, 0 or more"),
        ("jobs = true", "jobs: must be a number, 0 or more"),
        ("force-exclude = 1", "force-exclude: must be true or false"),
        ("target-python = 3.11", "target-python: must be a string"),
        ("target-python = 'new'", "target-python: `new` is no Python version"),
        ("min-confidence = 'sure'", "min-confidence: must be one of proven, likely, possible"),
        ("max-file-size = '1e3'", "max-file-size: `1e3` is no size such as 10000000 or 10MB"),
        ("max-file-size = false", "max-file-size: must be a number, 0 or more"),
        ("pedantic = true\nmin-confidence = 'likely'", "pedantic contradicts min-confidence"),
        ("x =", "no valid TOML"),
    ],
)
def test_mistakes_are_named_with_file_and_key(tree, tmp_path, line, said):
    configure(tree, f"[tool.mlhazards]\n{line}\n")
    with pytest.raises(ConfigError) as caught:
        load([], KNOWN)
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "pyproject.toml"))


@pytest.mark.parametrize("text", ["tool = 3\n", "[tool]\nmlhazards = 3\n"])
def test_what_should_be_a_table_is_said(tree, text):
    configure(tree, text)
    with pytest.raises(ConfigError, match=r"pyproject.toml: `(tool|mlhazards)` is no table"):
        load([], KNOWN)


def test_options_that_name_no_rule_are_errors(tree):
    tree({})
    with pytest.raises(ConfigError, match=r"--extend-select: unknown rule `MLH9`"):
        load([], KNOWN, options={"extend_select": ("MLH9",)})


def test_the_nearest_file_above_the_common_parent_counts(tree, tmp_path):
    configure(tree, "[tool.mlhazards]\njobs = 1\n")
    configure(tree, "[tool.mlhazards]\njobs = 2\n", "sub/pyproject.toml")
    tree({"sub/p/a.py": "", "sub/q/b.py": "", "c.py": ""})
    assert load(["sub/p/a.py", "sub/q"], KNOWN).jobs == 2
    assert load(["sub/p", "c.py"], KNOWN).jobs == 1
    named = load(["sub/p"], KNOWN, config="pyproject.toml")
    assert (named.jobs, named.root) == (1, str(tmp_path / "sub"))
    isolated = load(["sub/p"], KNOWN, isolated=True)
    assert (isolated.jobs, isolated.config) == (0, "")
    assert isolated.root == str(tmp_path / "sub")


def test_another_file_may_hold_the_keys_at_its_top(tree):
    configure(tree, "jobs = 4\n", "mlhazards.toml")
    assert load([], KNOWN, config="mlhazards.toml").jobs == 4
    with pytest.raises(ConfigError, match=r"gone.toml: No such file"):
        load([], KNOWN, config="gone.toml")


def test_options_are_stronger_than_the_file(tree):
    configure(tree, "[tool.mlhazards]\njobs = 2\nmin-confidence = 'proven'\n")
    settings = load([], KNOWN, options={"jobs": 1, "min_confidence": None})
    assert (settings.jobs, settings.min_confidence) == (1, "proven")


@pytest.mark.parametrize(
    ("file", "options", "expected"),
    [
        ('ignore = ["MLH101"]', {"select": ("MLH101",)}, (("MLH101",), (), ())),
        ('select = ["MLH1"]', {"ignore": ("MLH104",)}, (("MLH1",), ("MLH104",), ())),
        ('ignore = ["MLH101"]', {"extend_select": ("MLH1",)}, ((), (), ("MLH1",))),
        ('select = ["MLH104"]', {"ignore": ("MLH1",)}, (("MLH104",), ("MLH1", "MLH104"), ())),
        ('extend-select = ["MLH104"]', {}, ((), (), ("MLH104",))),
        (
            'select = ["view-on-attribute"]', {"ignore": ("mlh2",)},
            (("MLH201",), ("MLH2", "MLH201"), ()),
        ),
        ('ignore = ["View-on-Attribute"]', {"extend_select": ("MLH2",)}, ((), (), ("MLH2",))),
    ],
    ids=[
        "select starts afresh", "ignore is added", "extend-select beats an old ignore",
        "ignore beats an old longer select", "nothing given", "ignore beats an old name",
        "extend-select beats an old name",
    ],
)  # fmt: skip
def test_selectors_are_layers(tree, file, options, expected):
    configure(tree, f"[tool.mlhazards]\n{file}\n")
    settings = load([], KNOWN, options=options)
    assert (settings.select, settings.ignore, settings.extend_select) == expected


@pytest.mark.parametrize(
    ("requires", "target"),
    [
        (">=3.9", (3, 9)),
        (">= 3.10.4, <4", (3, 10)),
        ("~=3.8", (3, 8)),
        ("~=3.8.1", (3, 8)),
        ("==3.12.*", (3, 12)),
        (">3.7,!=3.7.*,!=3.8.*", (3, 9)),
        ("<3.9,>=3.6", (3, 6)),
        ("<4", None),
        ("<3.13", None),
        ("nonsense", None),
        (">=3.12,<3.11", None),
    ],
)
def test_the_target_is_the_lowest_python_that_is_admitted(tree, requires, target):
    configure(tree, f'[project]\nrequires-python = "{requires}"\n')
    assert load([], KNOWN).target_python == (target or running_python())
    assert load([], KNOWN, options={"target_python": (3, 14)}).target_python == (3, 14)


def test_versions_are_read_in_both_spellings():
    assert parse_python("3.11") == parse_python("py311") == (3, 11)
    with pytest.raises(ValueError, match="no Python version"):
        parse_python("2.7")


def test_the_project_is_the_nearest_folder_that_looks_like_one(tree, tmp_path):
    tree({"setup.cfg": "", "p/q/a.py": ""})
    assert common_parent(["p/q/a.py"]) == str(tmp_path / "p" / "q")
    assert common_parent(["p/q/a.py", "setup.cfg"]) == str(tmp_path)
    assert project_root(str(tmp_path / "p" / "q")) == str(tmp_path)
