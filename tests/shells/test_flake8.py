"""The flake8 plugin, end to end: each test starts the real flake8.

flake8 finds the plugin by its entry point where the package is installed, and by the configuration
``local-plugins`` here, where it may be not.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mlhazards.shells.flake8 import Plugin
from tests.shells.conftest import LOST, ROOT, VIEW, environment

pytest.importorskip("flake8", reason="flake8 is an extra")

#: A list is emptied on another thread while it is walked: a shape of MLH101 in no default set.
DRAIN = """\
import threading


class Drain:
    def __init__(self):
        self.items = []
        threading.Thread(target=self._run).start()

    def _run(self):
        self.items.pop()

    def show(self):
        for item in self.items:
            print(item)
"""
CONFIG = """\
[flake8]
{options}
[flake8:local-plugins]
extension =
    MLH = mlhazards.shells.flake8:Plugin
paths = {root}
"""

Flake8 = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def flake8(project: Path) -> Flake8:
    def start(*words: str, options: str = "", stdin: str | None = None):
        (project / "setup.cfg").write_text(CONFIG.format(options=options, root=ROOT), "utf-8")
        return subprocess.run(
            [sys.executable, "-m", "flake8", *words],
            cwd=project,
            env=environment(),
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )

    return start


def findings(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert "Traceback" not in done.stderr
    return sorted(line.split(" ")[0] + line.split(" ")[1] for line in done.stdout.splitlines())


def test_plain_flake8_reports_the_default_set_once(flake8: Flake8):
    done = flake8()
    assert findings(done) == ["./lost.py:3:9:MLH301", "./view.py:3:22:MLH201"]
    assert done.returncode == 1


def test_entry_point_and_local_plugin_together_report_each_finding_once(
    flake8: Flake8, project: Path
):
    metadata = project / "twice-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: twice\nVersion: 1\n", "utf-8")
    (metadata / "entry_points.txt").write_text(
        "[flake8.extension]\nMLH = mlhazards.shells.flake8:Plugin\n", "utf-8"
    )
    assert "twice: 1" in flake8("--version").stdout
    assert findings(flake8()) == ["./lost.py:3:9:MLH301", "./view.py:3:22:MLH201"]


def test_messages_and_places_are_those_of_the_command(flake8: Flake8, project: Path):
    command = subprocess.run(
        [sys.executable, "-m", "mlhazards", "--format=concise"],
        cwd=project,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert flake8().stdout.replace("./", "").splitlines() == command.stdout.splitlines()


def test_columns_count_code_points(flake8: Flake8, project: Path):
    text = VIEW.replace("self.names = ranges", "é = 'ü'; self.names = ranges")
    (project / "view.py").write_text(text, encoding="utf-8")
    assert findings(flake8("view.py", "--select=MLH")) == ["view.py:3:31:MLH201"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--select", "MLH"], ["MLH201", "MLH301"]),
        (["--select", "MLH2"], ["MLH201"]),
        (["--select", "E,W"], []),
        (["--ignore", "MLH2"], ["MLH301"]),
        (["--extend-ignore", "MLH3"], ["MLH201"]),
        (["--per-file-ignores", "view.py:MLH"], ["MLH301"]),
    ],
    ids=" ".join,
)
def test_the_options_of_flake8_decide(flake8: Flake8, words: list[str], expected: list[str]):
    assert sorted(each.rsplit(":", 1)[1] for each in findings(flake8(*words))) == expected


def test_shapes_outside_of_the_default_set_appear_when_their_code_is_selected(
    flake8: Flake8, project: Path
):
    (project / "drain.py").write_text(DRAIN, encoding="utf-8")
    assert findings(flake8("drain.py")) == []
    found = ["drain.py:13:21:MLH101"]
    for words in (["--select", "MLH"], ["--select", "MLH1"], ["--extend-select", "MLH101"]):
        assert findings(flake8("drain.py", *words)) == found
    assert findings(flake8("drain.py", options="extend-select = MLH101")) == found


@pytest.mark.parametrize(
    "comment",
    ["# noqa", "# noqa: MLH201", "# noqa: MLH2", "# noqa: E501, view-on-attribute"],
)
def test_noqa_silences(flake8: Flake8, project: Path, comment: str):
    (project / "view.py").write_text(
        VIEW.replace("ranges.keys()", f"ranges.keys()  {comment}"), encoding="utf-8"
    )
    assert findings(flake8("view.py", "--select=MLH")) == []
    assert findings(flake8("view.py", "--select=MLH", "--disable-noqa")) == ["view.py:3:22:MLH201"]


def test_noqa_for_another_code_does_not_silence(flake8: Flake8, project: Path):
    (project / "view.py").write_text(
        VIEW.replace("ranges.keys()", "ranges.keys()  # noqa: MLH101"), encoding="utf-8"
    )
    assert findings(flake8("view.py")) == ["view.py:3:22:MLH201"]


def test_ignore_file_silences(flake8: Flake8, project: Path):
    text = f"# mlhazards: ignore-file[MLH301]\n{LOST}"
    (project / "lost.py").write_text(text, encoding="utf-8")
    assert findings(flake8("lost.py")) == []


def test_a_syntax_error_is_said_by_flake8_alone(flake8: Flake8, project: Path):
    (project / "broken.py").write_text("def f(:\n", encoding="utf-8")
    done = flake8("broken.py")
    assert "E999" in done.stdout
    assert "MLH" not in done.stdout


def test_what_could_not_be_analysed_is_said(monkeypatch: pytest.MonkeyPatch):
    def crashing(*_: object, **__: object) -> None:
        message = "on purpose"
        raise RuntimeError(message)

    monkeypatch.setattr("mlhazards.scan.extract", crashing)
    found = list(Plugin(ast.parse(VIEW), "view.py", VIEW.splitlines(keepends=True)).run())
    said = "MLH903 the analysis crashed: RuntimeError: on purpose"
    assert found == [(1, 0, said, Plugin)]


def test_stdin_has_the_name_that_flake8_gives_it(flake8: Flake8):
    done = flake8("-", "--stdin-display-name", "pkg/new.py", stdin=VIEW)
    assert findings(done) == ["pkg/new.py:3:22:MLH201"]


def test_several_processes_report_the_same(flake8: Flake8):
    assert findings(flake8("-j", "2")) == findings(flake8("-j", "1"))


def test_a_mistake_in_the_configuration_is_told_in_one_line(flake8: Flake8, project: Path):
    (project / "pyproject.toml").write_text("[tool.mlhazards]\nselct = []\n", "utf-8")
    done = flake8()
    assert done.returncode == 1
    assert "selct" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_importing_the_plugin_imports_neither_libcst_nor_the_command_line():
    code = (
        "import sys, mlhazards.shells.flake8\n"
        "from mlhazards.engine import check_text\n"
        "print(sorted(name for name in sys.modules if name.startswith(('libcst', "
        "'mlhazards.shells.cli', 'mlhazards.shells.options', 'mlhazards.report', 'pathspec'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_the_configuration_of_this_repository_runs_the_plugin_from_the_checkout(tmp_path: Path):
    (tmp_path / "view.py").write_text(VIEW, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "flake8", str(tmp_path / "view.py")],
        cwd=ROOT,
        env={key: value for key, value in environment().items() if key != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.count("MLH201") == 1
