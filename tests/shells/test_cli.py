"""The command line, end to end: each test starts the command as a user does."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

import mlhazards
from mlhazards.rules import RULES
from tests.shells.conftest import CLEAN, LOST, ROOT, VIEW, Run, environment

SCHEMA = json.loads(
    (ROOT / "mlhazards" / "report" / "findings.schema.json").read_text(encoding="utf-8")
)
pytestmark = pytest.mark.usefixtures("project")

FIXED_VIEW = VIEW.replace("ranges.keys()", "list(ranges.keys())")


def codes(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line.split()[1] for line in done.stdout.splitlines()]


def test_a_folder_is_checked_by_default_and_findings_give_1(run: Run):
    done = run("--format", "concise")
    lines = done.stdout.splitlines()
    assert [line.split(" ")[:2] for line in lines] == [
        ["lost.py:3:9:", "MLH301"],
        ["view.py:3:22:", "MLH201"],
    ]
    assert (done.returncode, done.stderr) == (1, "")
    assert run("check", ".", "--format", "concise").stdout == done.stdout


def test_text_shows_code_fix_and_summary(run: Run):
    done = run("view.py")
    assert done.stdout.startswith(run("view.py", "--format=concise").stdout)
    assert "3 │" in done.stdout
    assert "self.names = ranges.keys()" in done.stdout
    assert "\n  fix (safe): " in done.stdout
    assert done.stdout.endswith("1 finding in 1 file (1 fixable with --fix)\n")
    assert "1 file" not in run("view.py", "--quiet").stdout


def test_no_findings_give_0(run: Run):
    done = run("clean.py")
    assert (done.returncode, done.stdout) == (0, "no findings in 1 file\n")


@pytest.mark.parametrize("word", ["rules", "check", "explain"])
def test_a_path_named_as_a_command_is_written_with_a_dot(run: Run, tmp_path: Path, word: str):
    (tmp_path / word).mkdir()
    (tmp_path / word / "view.py").write_text(VIEW, encoding="utf-8")
    done = run(f"./{word}", "--format=concise")
    assert done.stdout.startswith(f"{word}/view.py:3:22: MLH201 ")


def test_the_json_is_as_its_schema_says(run: Run, project: Path):
    (project / "broken.py").write_text("def f(:\n", encoding="utf-8")
    done = run("--format", "json")
    document = json.loads(done.stdout)
    jsonschema.validate(document, SCHEMA)
    assert [each["code"] for each in document["findings"]] == ["MLH301", "MLH201"]
    assert [(each["code"], each["path"], each["line"]) for each in document["errors"]] == [
        ("MLH902", "broken.py", 1)
    ]
    assert document["summary"]["files"] >= 3
    assert done.returncode == 2
    assert re.fullmatch(r"broken\.py:1:\d+: MLH902 .+\n", done.stderr)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--select", "MLH2"], ["MLH201"]),
        (["--select", "view-on-attribute"], ["MLH201"]),
        (["--select", "MLH2,MLH301"], ["MLH301", "MLH201"]),
        (["--ignore", "MLH301"], ["MLH201"]),
        (["--select", "MLH", "--ignore", "MLH3"], ["MLH201"]),
        (["--ignore", "MLH", "--extend-select", "MLH301"], ["MLH301"]),
    ],
    ids=" ".join,
)
def test_rules_are_selected(run: Run, words: list[str], expected: list[str]):
    assert codes(run("--format=concise", *words)) == expected


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--select", "MLH999"], "MLH999"),
        (["--ignore", "view-on-atribute"], "view-on-attribute"),
        (["--config", "missing.toml"], "missing.toml"),
        (["--output", "missing/report.txt"], "missing"),
        (["--no-such-option"], "--no-such-option"),
        (["-", "view.py"], "stdin"),
        ([""], "empty"),
    ],
    ids=" ".join,
)
def test_a_wrong_option_gives_2_and_names_it(run: Run, words, named):
    done = run(*words)
    assert done.returncode == 2
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_the_configuration_of_the_project_counts_unless_isolated(run: Run, project: Path):
    (project / "pyproject.toml").write_text('[tool.mlhazards]\nignore = ["MLH201"]\n', "utf-8")
    (project / "other.toml").write_text('[tool.mlhazards]\nselect = ["MLH201"]\n', "utf-8")
    assert codes(run("--format=concise")) == ["MLH301"]
    assert codes(run("--format=concise", "--isolated")) == ["MLH301", "MLH201"]
    assert codes(run("--format=concise", "--config", "other.toml")) == ["MLH201"]


def test_an_unknown_key_of_the_configuration_is_named(run: Run, project: Path):
    (project / "pyproject.toml").write_text("[tool.mlhazards]\nselct = []\n", "utf-8")
    done = run()
    assert (done.returncode, done.stdout) == (2, "")
    assert "selct" in done.stderr


def test_exit_zero_turns_1_into_0_and_never_2(run: Run, project: Path):
    assert run("--exit-zero").returncode == 0
    (project / "broken.py").write_text("def f(:\n", encoding="utf-8")
    assert run("--exit-zero").returncode == 2


def test_a_missing_path_is_an_error_and_the_rest_goes_on(run: Run):
    done = run("missing.py", "view.py", "--format=concise")
    assert done.returncode == 2
    assert done.stderr.startswith("missing.py: MLH903 ")
    assert codes(done) == ["MLH201"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_what_cannot_be_read_is_an_error_when_named_and_skipped_when_met(run: Run, project: Path):
    os.mkfifo(project / "pipe.py")
    (project / "latin.py").write_bytes(b"name = '\xe9'\n")
    named = run("pipe.py", "latin.py", "clean.py")
    assert sorted(line.split(" ")[0] for line in named.stderr.splitlines()) == [
        "latin.py:",
        "pipe.py:",
    ]
    met = run("--verbose", "--exclude", "latin.py")
    assert met.returncode == 1
    assert "pipe.py: skipped: " in met.stderr


def test_a_file_above_the_largest_size_is_an_error(run: Run):
    done = run("view.py", "--max-file-size", "20")
    assert done.returncode == 2
    assert re.match(r"view\.py: MLH903 .*max-file-size", done.stderr)


def test_excluded_files_are_left_out_also_when_named_if_forced(run: Run):
    assert codes(run("--format=concise", "--extend-exclude", "view.py")) == ["MLH301"]
    named = ("--format=concise", "--extend-exclude", "view.py", "view.py")
    assert codes(run(*named)) == ["MLH201"]
    assert codes(run(*named, "--force-exclude")) == []


def test_patterns_of_the_command_line_start_where_the_user_is(run: Run, project: Path):
    for name in ("a/b/view.py", "a/b/a/b/view.py"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(VIEW, encoding="utf-8")
    (project / "pyproject.toml").write_text('[tool.mlhazards]\nexclude = ["*.py"]\n', "utf-8")
    words = [sys.executable, "-m", "mlhazards", "--format=concise", "--exclude", "b/view.py"]
    done = subprocess.run(
        words, cwd=project / "a", env=environment(), capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[0].startswith("b/a/b/view.py:3:22: MLH201")
    assert len(done.stdout.splitlines()) == 1


def test_output_goes_to_a_file_whole(run: Run, project: Path):
    shown = run("--format=json", FORCE_COLOR="1")
    done = run("--format=json", "--output", "report.json", FORCE_COLOR="1")
    assert (done.stdout, done.returncode) == ("", 1)
    assert (project / "report.json").read_text(encoding="utf-8") == shown.stdout
    run("-o", "report.txt", FORCE_COLOR="1")
    assert "\x1b" not in (project / "report.txt").read_text(encoding="utf-8")


def test_colours_come_when_they_are_forced_only(run: Run):
    assert "\x1b[" not in run().stdout
    assert "\x1b[" in run(FORCE_COLOR="1").stdout
    assert "\x1b[" not in run(FORCE_COLOR="1", NO_COLOR="1").stdout


def test_a_terminal_without_box_characters_gets_ascii(run: Run):
    done = run("view.py", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert "3 |" in done.stdout
    assert done.returncode == 1


def test_control_characters_of_the_code_are_escaped(run: Run, tmp_path: Path):
    text = VIEW.replace("ranges.keys()", "ranges.keys()  # \x1b[2J\u202e")
    (tmp_path / "evil\x1b[31m.py").write_text(text, encoding="utf-8")
    done = run()
    assert "evil\\x1b[31m.py:3:22" in done.stdout
    assert "# \\x1b[2J\\u202e" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


def test_stdin_is_checked_under_the_given_name(run: Run):
    done = run("-", "--stdin-filename", "pkg/new.py", "--format=concise", stdin=VIEW)
    assert done.stdout.startswith("pkg/new.py:3:22: MLH201 ")
    assert done.returncode == 1
    assert run("-", stdin=CLEAN).returncode == 0
    broken = run("-", stdin="def f(:\n")
    assert broken.returncode == 2
    assert "MLH902" in broken.stderr


def test_stdin_is_fixed_to_stdout(run: Run, project: Path):
    done = run("-", "--fix", stdin=VIEW)
    assert (done.stdout, done.returncode) == (FIXED_VIEW, 0)
    told = run("-", "--fix", "-o", "left.json", "--format=json", stdin=VIEW + LOST)
    assert (told.stdout, told.stderr, told.returncode) == (FIXED_VIEW + LOST, "", 1)
    left = json.loads((project / "left.json").read_text(encoding="utf-8"))["findings"]
    assert [each["code"] for each in left] == ["MLH301"]
    diff = run("-", "--diff", "--stdin-filename", "new.py", stdin=VIEW)
    assert diff.stdout.startswith("--- new.py\n+++ new.py\n")
    assert diff.returncode == 1


def test_fix_changes_the_file_and_counts_what_is_left(run: Run, project: Path):
    done = run("--fix", "view.py")
    assert (project / "view.py").read_text(encoding="utf-8") == FIXED_VIEW
    assert done.returncode == 0
    assert done.stdout == "1 finding fixed in 1 file\nno findings in 1 file\n"
    again = run("--fix", ".", "--format=concise")
    assert (codes(again), again.returncode) == (["MLH301"], 1)
    assert (project / "lost.py").read_text(encoding="utf-8") == LOST


def test_unsafe_fixes_are_carried_out_on_request_only(run: Run, project: Path):
    done = run("--fix", "--unsafe-fixes", "lost.py")
    assert done.returncode == 0
    assert (project / "lost.py").read_text(encoding="utf-8") == LOST.replace(
        'return ["none"]', 'yield ["none"]\n        return'
    )


def test_diff_shows_the_fixes_and_changes_nothing(run: Run, project: Path):
    done = run("--diff")
    assert done.returncode == 1
    assert done.stdout == (
        "--- view.py\n+++ view.py\n@@ -1,6 +1,6 @@\n"
        " class Config:\n     def __init__(self, ranges):\n"
        "-        self.names = ranges.keys()\n+        self.names = list(ranges.keys())\n"
        " \n     def show(self):\n         for name in self.names:\n"
    )
    assert (project / "view.py").read_text(encoding="utf-8") == VIEW
    assert run("--fix", "--diff").stdout == done.stdout
    assert (project / "view.py").read_text(encoding="utf-8") == VIEW
    assert run("--diff", "lost.py").returncode == 0
    assert run("--diff", "lost.py", "--unsafe-fixes").returncode == 1


def test_a_read_only_file_is_said_and_kept(run: Run, project: Path):
    (project / "view.py").chmod(0o444)
    done = run("--fix", "view.py", "--format=concise")
    assert (codes(done), done.returncode) == (["MLH201"], 2)
    assert done.stderr == (
        "view.py:3:22: MLH201 not fixed: the file is read-only\n"
        "view.py: MLH903 not fixed: the file is read-only\n"
    )
    assert (project / "view.py").read_text(encoding="utf-8") == VIEW


@pytest.mark.skipif(sys.platform == "win32", reason="the current folder cannot be removed there")
def test_a_current_folder_that_is_gone_is_said(project: Path):
    (project / "gone").mkdir()
    done = subprocess.run(
        ["sh", "-c", f"rmdir ../gone; '{sys.executable}' -m mlhazards"],
        cwd=project / "gone",
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("mlhazards: the current folder is gone\n")
    assert "Traceback" not in done.stderr


def test_comments_silence_findings(run: Run, project: Path):
    silenced = VIEW.replace("ranges.keys()", "ranges.keys()  # noqa: view-on-attribute")
    (project / "view.py").write_text(silenced, encoding="utf-8")
    (project / "lost.py").write_text(f"# mlhazards: ignore-file[MLH301]\n{LOST}", encoding="utf-8")
    assert run().returncode == 0


def test_all_rules_are_listed(run: Run):
    done = run("rules")
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["code", "name", "default", "fix", "title"]
    assert [line.split()[:3] for line in lines[1:]] == [
        [rule.code, rule.name, rule.default] for rule in RULES
    ]
    listed = json.loads(run("rules", "--format", "json").stdout)
    assert [each["code"] for each in listed] == [rule.code for rule in RULES]
    assert {each["code"]: each["fixable"] for each in listed}["MLH201"] is True
    assert {each["code"]: each["fixable"] for each in listed}["MLH302"] is False


@pytest.mark.parametrize("word", ["MLH201", "mlh201", "view-on-attribute"])
def test_a_rule_is_explained_by_code_or_name(run: Run, word: str):
    done = run("explain", word)
    assert done.stdout.startswith("MLH201 view-on-attribute\n")
    assert "What it does" in done.stdout
    assert "```" not in done.stdout
    assert "expect:" not in done.stdout
    assert done.returncode == 0


def test_codes_of_errors_are_explained_too(run: Run):
    assert run("explain", "MLH902").stdout.startswith("MLH902 syntax-error\n")


@pytest.mark.parametrize(
    ("word", "near"), [("MLH2O1", "MLH201"), ("view-on-atribute", "view-on-attribute")]
)
def test_an_unknown_rule_is_answered_with_the_nearest(run: Run, word: str, near: str):
    done = run("explain", word)
    assert done.returncode == 2
    assert word in done.stderr
    assert near in done.stderr


def test_the_version_is_told_without_loading_the_analysis(run: Run):
    assert run("--version").stdout == f"mlhazards {mlhazards.__version__}\n"
    heavy = ["importlib.metadata", "json", "libcst", "mlhazards.engine", "mlhazards.facts"]
    code = (
        "import sys; from mlhazards.shells.cli import main; main(['--version'])\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[1] == "[]"


def test_a_check_loads_nothing_that_it_does_not_use(project: Path):
    heavy = [
        "asyncio",
        "concurrent.futures",
        "dataclasses",
        "difflib",
        "hashlib",
        "importlib.metadata",
        "json",
        "libcst",
        "multiprocessing",
        "pathspec",
        "pebble",
        "sqlite3",
    ]
    code = (
        "import sys; from mlhazards.shells.cli import main\n"
        "main(['view.py', '--format=concise'])\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_names_every_option(run: Run):
    shown = run("--help").stdout
    names = """
        fix unsafe-fixes diff select ignore extend-select pedantic min-confidence format output
        jobs no-cache exit-zero config isolated quiet verbose stdin-filename target-python exclude
        extend-exclude force-exclude max-file-size version
    """
    assert [name for name in names.split() if f"--{name}" not in shown] == []


def test_the_results_are_the_same_with_several_processes(run: Run):
    alone = run("--format=json", "--jobs", "1")
    assert run("--format=json", "--jobs", "2").stdout == alone.stdout


def test_an_interrupted_run_says_so_in_one_line(project: Path):
    os.mkfifo(project / "slow")
    with subprocess.Popen(
        [sys.executable, "-m", "mlhazards", "-"],
        cwd=project,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "mlhazards: interrupted\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_trouble_and_said(project: Path):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mlhazards"],
            cwd=project,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert re.fullmatch(r"mlhazards: cannot write to stdout: .+\n", done.stderr)


@pytest.mark.skipif(sys.platform == "win32", reason="closes streams as a POSIX shell does")
@pytest.mark.parametrize(
    ("closed", "status"), [(">&-", 1), ("2>&-", 1), ("- <&-", 2)], ids=["out", "err", "in"]
)
def test_closed_streams_are_no_reason_to_crash(project: Path, closed: str, status: int):
    done = subprocess.run(
        ["sh", "-c", f"'{sys.executable}' -m mlhazards {closed}"],
        cwd=project,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
