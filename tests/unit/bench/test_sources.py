"""The corpus is the pinned bytes, from a ready folder or from a wheel."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

import mlhazards
from bench import packages
from bench.corpus import pins
from bench.labels import Label, Verdict, judge
from bench.packages import FetchError, digest, folder_of
from bench.precision import known_wrong, rows
from bench.sightings import Place, Sighting, look, sighted, warn
from mlhazards.findings import Failure, Finding, Report, Span, Step


def test_the_digest_sees_names_and_bytes_of_python_files_alone(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1\n")
    first = digest(tmp_path)
    (tmp_path / "a.txt").write_text("2\n")
    assert digest(tmp_path) == first
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    assert digest(tmp_path) != first


def test_a_ready_folder_is_taken_before_any_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "two" / "a-1").mkdir(parents=True)
    monkeypatch.setenv(packages.READY, f"{tmp_path / 'one'}:{tmp_path / 'two'}")
    monkeypatch.setattr(packages, "_download", pytest.fail)
    assert folder_of("a==1") == tmp_path / "two" / "a-1"


def test_a_wheel_is_unpacked_whole_below_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wheel(_package: str, scratch: Path) -> Path:
        path = scratch / "a-1-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for name in ("a/__init__.py", "a/data.bin", "../../out.py"):
                archive.writestr(name, "x = 1\n")
        return path

    monkeypatch.delenv(packages.READY, raising=False)
    monkeypatch.setattr(packages, "HOME", tmp_path / "home")
    monkeypatch.setattr(packages, "_wheel", wheel)
    folder = folder_of("a==1")
    found = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert folder == tmp_path / "home" / "a-1"
    assert found == {"home/a-1/a/__init__.py", "home/a-1/out.py"}


def test_a_package_that_cannot_be_had_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(packages.READY, raising=False)
    monkeypatch.setattr(packages, "HOME", tmp_path)
    monkeypatch.setattr(packages, "_pip", lambda *_: ["false"])
    with pytest.raises(FetchError, match="no-such==9"):
        folder_of("no-such==9")
    assert not list(tmp_path.iterdir())


def test_the_pins_are_the_small_corpus() -> None:
    found = pins()
    assert len(found) == 16
    assert sum(pin.lines for pin in found) == 821_326
    assert pins("# head\na==1 2 3 4 abcd\n")[0].digest == "abcd"


def test_findings_get_paths_inside_their_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    span = Span(5, 1, 5, 2)
    step = Step("home/a-1/a/c.py", Span(9, 1, 9, 2), "pops")
    report = [Finding("MLH101", "home/a-1/a/b.py", span, "m", "i", witness=(step,))]
    (found,) = sighted("a==1", tmp_path / "home" / "a-1", report)
    assert found.place == Place("a/b.py", 5)
    assert found.witness == (Place("a/c.py", 9),)


def test_precision_is_of_labelled_findings() -> None:
    places = [Place("a.py", 10 * number) for number in range(1, 6)]
    sightings = [Sighting("a==1", place, "MLH101") for place in places]
    verdicts: tuple[Verdict, ...] = ("true", "true", "benign", "false")
    labels = [
        Label("a==1", place.path, place.line, "MLH101", verdict, "1 2")
        for place, verdict in zip(places[:4], verdicts, strict=True)
    ]
    expected = (5, 4, 2, 1, 1, "50 %", "75 %")
    assert rows(judge(sightings, labels)) == [("MLH101", *expected), ("all", *expected)]


def test_known_wrong_fixtures_are_counted(tmp_path: Path) -> None:
    for name in ("MLH101/fp_a.py", "MLH101/fn_b.py", "MLH101/bad_c.py", "MLH104/good.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "MLH101" / "fn_folder").mkdir()
    assert known_wrong(tmp_path) == {"MLH101": (1, 2)}


def test_a_file_that_was_not_analysed_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failure = Failure("MLH902", str(tmp_path / "a.py"), "parse", "invalid syntax")
    monkeypatch.setattr(mlhazards, "check", lambda *_: Report(failures=(failure,)), raising=False)
    warn(look("a==1", tmp_path, "all").failures)
    assert capsys.readouterr().out == "NOT ANALYSED: 1 files\n  a==1 a.py: parse: invalid syntax\n"
