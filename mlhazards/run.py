"""The files of one run with their facts, from discovery to the report."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator, Sequence
from zlib import crc32

from msgspec.structs import replace

from mlhazards.config import Settings
from mlhazards.config_file import common_parent, project_root
from mlhazards.facts.model import ModuleFacts
from mlhazards.findings import Failure, Finding, Report
from mlhazards.program import Program, link
from mlhazards.rule import Rule
from mlhazards.rules.precedence import speaking
from mlhazards.scan import Job, Scan, crash, scan
from mlhazards.selection import Selection
from mlhazards.source.discover import Discovery, discover
from mlhazards.source.file import ReadError, SourceFile, Target, read, target
from mlhazards.source.names import Names, absolute_import
from mlhazards.source.suppress import Suppressions
from mlhazards.workers import Here, Workers, workers

Path = str | os.PathLike[str]
#: One path alone is taken for itself, not for a series of characters.
Paths = Path | Iterable[Path]


class Run:
    """The files of one run with their facts; each step of the way may be repeated on top of it."""

    def __init__(self, found: Discovery, settings: Settings, rules: Sequence[Rule] | None) -> None:
        """``settings`` are ``rooted``; ``rules`` None stands for all rules."""
        if rules is None:
            from mlhazards.rules import RULES

            rules = RULES
        self.settings = settings
        self._rules = rules
        self._names = {rule.code: rule.name for rule in rules}
        self._selection = Selection(settings, self._names)
        self._found = found
        self._modules = Names(settings.root, found.folders)
        self._jobs: dict[str, Job] = {}
        self._named: dict[str, str] = {}
        self._known: set[str] = set()
        self._scans: dict[str, Scan] = {}
        #: What was read, or put in the place of what is on the disk, by the path shown.
        self._sources: dict[str, SourceFile] = {}
        self._changed: set[str] = set()
        self._skipped: list[tuple[str, str]] = list(found.skipped)
        for each in found.targets:
            self._add(each)

    @classmethod
    def over(cls, paths: Paths, settings: Settings, rules: Sequence[Rule] | None) -> Run:
        """Return the run over ``paths`` with all its files scanned."""
        several = [paths] if isinstance(paths, str | os.PathLike) else paths
        given = [os.fspath(path) for path in several]
        settings = rooted(settings, given)
        run = cls(discover(given, settings), settings, rules)
        team = workers(settings, run._rules, len(run._jobs))
        try:
            run._scan(team, list(run._jobs.values()))
            run.follow(team)
        finally:
            team.close()
        return run

    def take(self, source: SourceFile, tree: ast.Module | None = None) -> None:
        """Put ``source`` in the place of the file at its path."""
        self._sources[source.path] = source
        self._scans[source.path] = scan(
            source, self._jobs[source.path], self.settings, self._rules, tree
        )

    def fail(self, wanted: Target, message: str) -> None:
        """Note that a file could not be read."""
        failure = Failure("MLH903", wanted.path, "read", message)
        self._scans[wanted.path] = Scan(wanted.path, failures=(failure,))

    def follow(self, team: Workers | None = None) -> None:
        """Scan what the files so far import inside the project, and what that imports."""
        team = team or Here(self.settings, self._rules)
        seen: set[str] = set()
        while fresh := [path for path in self._scans if path not in seen]:
            seen.update(fresh)
            wanted = [found for path in fresh for found in self._imports_of(path)]
            self._scan(team, [self._add(each, reported=False) for each in wanted])

    def source(self, path: str) -> SourceFile | None:
        """Return the file shown as ``path`` (a reported or followed one) as it was scanned.

        None if it is gone or has changed since: what was found there is nothing to show or to fix.
        """
        if path not in self._sources and path not in self._changed and path in self._jobs:
            try:
                source = read(self._jobs[path].target, self.settings)
            except ReadError:
                return None
            if crc32(source.data) == self._scans[path].checksum:
                self._sources[path] = source
            else:
                self._changed.add(path)
        return self._sources.get(path)

    def report(self) -> Report:
        """Link the facts, run the program rules and return all that is to be shown."""
        linked, failures = self._linked()
        findings = [f for scanned in self._scans.values() for f in scanned.findings] + linked
        shown = speaking(f for f in findings if self._is_reported(f) and self._selection.takes(f))
        shown = sorted(shown, key=_place)
        if self.settings.noqa:
            shown = self._unsuppressed(shown)
        lines = self._lines(shown)
        failures += self._found.failures
        for path, scanned in self._scans.items():
            if self._jobs[path].reported:
                failures += scanned.failures
        message = "the file changed while it was analysed"
        failures += [Failure("MLH903", path, "read", message) for path in self._changed]
        return Report(
            tuple(shown),
            tuple(sorted(failures, key=lambda f: (f.path, f.line or 0, f.column or 0, f.code))),
            len(self._found.targets),
            lines,
            tuple(self._skipped),
        )

    def _add(self, wanted: Target, *, reported: bool = True) -> Job:
        self._known.add(wanted.absolute)
        name, is_package = self._modules.module_name(wanted.absolute)
        while self._named.setdefault(name, wanted.path) != wanted.path:
            name += "'"  # a name of its own, that nobody imports
        job = self._jobs[wanted.path] = Job(wanted, name, is_package, reported)
        return job

    def _scan(self, team: Workers, jobs: list[Job]) -> None:
        for job, scanned in zip(jobs, team.scan(jobs), strict=True):
            self._scans[job.target.path] = scanned
            if scanned.failures and not job.reported:
                # Nobody asked for this file: it stays unknown, and no claim rests on it.
                reason = f"imported, but {scanned.failures[0].message}"
                self._skipped.append((job.target.path, reason))

    def _imports_of(self, path: str) -> Iterator[Target]:
        """Yield the files not scanned yet that a module imports."""
        facts = self._scans[path].facts
        if facts is None:
            return
        for written in dict.fromkeys((*facts.imports.values(), *facts.star_imports)):
            dotted = absolute_import(written, facts.name, is_package=facts.is_package)
            if self._is_scanned(dotted):
                continue
            found = self._modules.locate(dotted, self._jobs[path].target.absolute)
            if found and found not in self._known:
                self._known.add(found)
                if self._modules.is_inside(found):
                    yield target(found)

    def _is_scanned(self, dotted: str) -> bool:
        """Return whether no file is left to look for: most imports name what is known already."""
        if dotted in self._named:
            return True
        path = self._named.get(dotted.rpartition(".")[0])
        facts = self._scans[path].facts if path in self._scans else None
        # What a package does not bind itself may be a module of its own.
        return facts is not None and not facts.is_package

    def _linked(self) -> tuple[list[Finding], list[Failure]]:
        """Return what the program rules find, and which of the steps crashed."""
        rules = [
            rule
            for rule in self._rules
            if rule.over == "program" and self._selection.may_take(rule.code, rule.default)
        ]
        if not rules:
            return [], []
        try:
            program = link(self._facts(), self.settings.target_python)
        except Exception as error:  # noqa: BLE001 - the findings of the module rules stand
            return [], [Failure("MLH903", ".", "link", crash(error, "linking"))]
        pairs = [_checked(rule, program) for rule in rules]
        return [f for pair in pairs for f in pair[0]], [f for pair in pairs for f in pair[1]]

    def _facts(self) -> Iterator[ModuleFacts]:
        # Reported files first: of two modules with one name they are the ones meant.
        ordered = sorted(self._scans, key=lambda path: not self._jobs[path].reported)
        return (facts for path in ordered if (facts := self._scans[path].facts))

    def _is_reported(self, finding: Finding) -> bool:
        job = self._jobs.get(finding.path)
        return job is not None and job.reported

    def _unsuppressed(self, findings: list[Finding]) -> list[Finding]:
        comments: dict[str, Suppressions] = {}
        kept = []
        for finding in findings:
            path = finding.path
            if path not in comments and (source := self.source(path)):
                comments[path] = Suppressions(source)
            name = self._names.get(finding.code, "")
            silenced = path in comments and comments[path].covers(
                finding.span.line, finding.code, name
            )
            if not silenced:
                kept.append(finding)
        return kept

    def _lines(self, findings: Iterable[Finding]) -> dict[str, dict[int, str]]:
        """Return the lines that the findings and their witnesses point at."""
        wanted: dict[str, set[int]] = {}
        for finding in findings:
            spans = [(finding.path, finding.span), *((s.path, s.span) for s in finding.witness)]
            for path, span in spans:
                wanted.setdefault(path, set()).update(range(span.line, span.end_line + 1))
        lines: dict[str, dict[int, str]] = {}
        for path, numbers in sorted(wanted.items()):
            if source := self.source(path):
                text = source.lines()
                lines[path] = {n: text[n - 1] for n in sorted(numbers) if n <= len(text)}
        return lines


def _checked(rule: Rule, program: Program) -> tuple[list[Finding], list[Failure]]:
    try:
        return list(rule.check(program)), []
    except Exception as error:  # noqa: BLE001 - one rule must not silence the others
        return [], [Failure("MLH903", ".", "check", crash(error, rule.code))]


def _place(finding: Finding) -> tuple[object, ...]:
    return (finding.path, finding.span, finding.code, finding.message)


def rooted(settings: Settings, paths: Sequence[str]) -> Settings:
    """Return the settings with the project's folder: theirs, else what looks like one."""
    root = os.path.abspath(settings.root) if settings.root else project_root(common_parent(paths))
    return replace(settings, root=root)
