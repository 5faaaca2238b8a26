from __future__ import annotations

import os

import pytest

from mlhazards.source.names import Names, absolute_import


@pytest.fixture
def tree(tmp_path):
    """Return a function that makes empty files and gives their absolute paths."""

    def make(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        return [str(tmp_path / name) for name in names]

    return make


@pytest.fixture
def root(tmp_path):
    return str(tmp_path)


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (["a.py"], ("a", False)),
        (["p/a.py", "p/__init__.py"], ("p.a", False)),
        (["p/__init__.py"], ("p", True)),
        (["src/p/q/a.py", "src/p/__init__.py", "src/p/q/__init__.py"], ("p.q.a", False)),
        (["src/a.py"], ("a", False)),
        (["lib/p/a.py", "lib/p/__init__.py"], ("p.a", False)),
        (["p/plain/a.py", "p/__init__.py"], ("p.plain.a", False)),
        (["src/space/p/a.py"], ("space.p.a", False)),
        (["tools/a.py"], ("tools.a", False)),
    ],
    ids=[
        "script", "module", "package", "src layout", "module in src", "other layout",
        "folder without init in a package", "namespace package", "folder of scripts",
    ],
)  # fmt: skip
def test_names_are_those_that_imports_use(tree, root, files, name):
    path = tree(*files)[0]
    assert Names(root).module_name(path) == name


def test_one_given_folder_of_scripts_is_a_root_and_several_are_told_apart(tree, root):
    one, two = tree("x/main.py", "y/main.py")
    folders = [os.path.dirname(one), os.path.dirname(two)]
    assert Names(root, folders[:1]).module_name(one) == ("main", False)
    names = Names(root, folders)
    assert [names.module_name(p)[0] for p in (one, two)] == ["x.main", "y.main"]


def test_a_given_folder_below_src_is_part_of_its_package(tree, root):
    path = tree("src/space/p/a.py")[0]
    for folder in ("src/space/p", "src/space", "src", ""):
        names = Names(root, [os.path.join(root, folder)])
        assert names.module_name(path) == ("space.p.a", False)


def test_a_package_outside_of_the_root_ends_where_its_inits_end(tree, root):
    path = tree("p/q/a.py", "p/q/__init__.py", "p/__init__.py", "other/x.py")[0]
    assert Names(os.path.join(root, "other")).module_name(path) == ("p.q.a", False)


def test_modules_are_found_below_the_roots_and_beside_a_script(tree, root):
    importer, script, package, module, helper = tree(
        "p/a.py", "tools/run.py", "p/__init__.py", "p/b.py", "tools/helper.py"
    )
    names = Names(root)
    assert names.locate("p.b", importer) == module
    assert names.locate("p.b.name", importer) == module
    assert names.locate("p.name", importer) == package
    assert names.locate("helper", script) == helper
    assert names.locate("helper", importer) is None
    assert names.locate("b", importer) is None
    assert names.locate("os.path", importer) is None


def test_a_link_does_not_lead_out(tree, tmp_path):
    importer, _ = tree("w/a.py", "outside/secret.py")
    os.symlink(tmp_path / "outside" / "secret.py", tmp_path / "w" / "secret.py")
    names = Names(str(tmp_path / "w"))
    link = names.locate("secret", importer)
    assert link
    assert not names.is_inside(link)
    assert names.is_inside(importer)


@pytest.mark.parametrize(
    ("written", "is_package", "absolute"),
    [
        ("os.path", False, "os.path"),
        (".c", False, "a.b.c"),
        ("..c", False, "a.c"),
        (".c", True, "a.b.m.c"),
        (".", False, "a.b"),
        (".....c", False, ""),
    ],
)
def test_relative_imports_count_from_the_package(written, is_package, absolute):
    assert absolute_import(written, "a.b.m", is_package=is_package) == absolute
