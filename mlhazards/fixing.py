"""Fix rounds: edits are made, checked as if they were on the disk, and only then written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from mlhazards.findings import Failure, Finding, Fix, Report
from mlhazards.fixes import apply
from mlhazards.replacing import ReplaceError, replace_file
from mlhazards.run import Run
from mlhazards.scan import crash
from mlhazards.source.file import ReadError, SourceFile, Target, from_bytes
from mlhazards.source.regions import Place, Regions
from mlhazards.syntax.parse import ParseError, parse

#: Overlapping edits wait for the next round; more rounds than this are a mistake of ours.
_ROUNDS = 10


class Change(Struct, frozen=True):
    """What the fixes make of one file."""

    path: str
    before: bytes
    after: bytes


class Fixed(Struct, frozen=True):
    """What fixing yields.

    ``report`` is of the files as they are (without writing: would be) afterwards, ``fixed`` are
    the findings whose edits stand, ``left`` those whose wanted fix was not carried out, and why.
    """

    report: Report
    fixed: tuple[Finding, ...]
    left: tuple[tuple[Finding, str], ...]
    changes: tuple[Change, ...]


class _Key(NamedTuple):
    """A finding across rounds, in which its lines move."""

    code: str
    path: str
    identity: str


class _Attempt(NamedTuple):
    """The edits of one file in one round."""

    before: SourceFile
    after: SourceFile
    findings: list[Finding]


def fixed(run: Run, *, unsafe: bool, write: bool) -> Fixed:
    """Carry out the fixes of the run's findings; ``write`` puts the result on the disk."""
    rounds = _Rounds(run, unsafe=unsafe)
    rounds.go()
    changes = rounds.changes()
    failures = rounds.failures
    if write:
        failures = failures + rounds.write(changes)
    lost = {failure.path for failure in failures}
    if lost:
        changes = [change for change in changes if change.path not in lost]
    report = replace(rounds.report, failures=(*rounds.report.failures, *failures))
    return Fixed(
        report,
        tuple(finding for finding in rounds.fixed if finding.path not in lost),
        tuple((finding, rounds.why(finding)) for finding in rounds.wanted()),
        tuple(changes),
    )


class _Rounds:
    def __init__(self, run: Run, *, unsafe: bool) -> None:
        self._run = run
        self._safeties = {"safe", "unsafe"} if unsafe else {"safe"}
        self._refused: dict[_Key, str] = {}
        self._reasons: dict[_Key, str] = {}
        self._originals: dict[str, SourceFile] = {}
        self.failures: list[Failure] = []
        self.fixed: list[Finding] = []
        self.report = run.report()

    def go(self) -> None:
        """Apply and check until nothing changes."""
        for _ in range(_ROUNDS):
            attempts = self._attempts(self.wanted())
            if not attempts:
                return
            while left_out := self._take(attempts):
                attempts = self._without(attempts, left_out)
            self.fixed += [finding for each in attempts for finding in each.findings]

    def wanted(self) -> list[Finding]:
        """Return the findings of now that are to be fixed, whether that works or not."""
        return [f for f in self.report.findings if f.fix and f.fix.safety in self._safeties]

    def why(self, finding: Finding) -> str:
        """Return why a wanted fix was not carried out."""
        key = _key(finding)
        return self._refused.get(key) or self._reasons.get(key) or "no round was left for it"

    def changes(self) -> list[Change]:
        """Return what the rounds made of the files, without those that came out as they were."""
        pairs = [
            (self._originals[path], self._run.source(path)) for path in sorted(self._originals)
        ]
        return [Change(a.path, a.data, b.data) for a, b in pairs if b and a.data != b.data]

    def write(self, changes: Iterable[Change]) -> list[Failure]:
        """Write the files; what cannot be written is as before, and the report says so."""
        failures = []
        for change in changes:
            original = self._originals[change.path]
            try:
                replace_file(original.absolute, change.before, change.after)
            except (ReplaceError, OSError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                failures.append(Failure("MLH903", change.path, "fix", f"not fixed: {reason}"))
                self._reasons |= {_key(f): reason for f in self.fixed if f.path == change.path}
                self._run.take(original)
        if failures:
            self.report = self._run.report()
        return failures

    def _attempts(self, findings: Iterable[Finding]) -> list[_Attempt]:
        by_path: dict[str, list[Finding]] = {}
        for finding in findings:
            if _key(finding) not in self._refused:
                by_path.setdefault(finding.path, []).append(finding)
        attempts = []
        for path, of_file in by_path.items():
            source = self._run.source(path)
            if source is None:
                self._refuse(of_file, "the file changed since it was read")
            elif attempt := self._attempt(source, of_file):
                self._originals.setdefault(path, source)
                attempts.append(attempt)
        return attempts

    def _attempt(self, source: SourceFile, findings: list[Finding]) -> _Attempt | None:
        """Return the edited file, None where no edit works out."""
        fixes = tuple(dict.fromkeys(finding.fix for finding in findings if finding.fix))
        try:
            edited = apply(source, fixes)
            after = from_bytes(edited.data, Target(source.path, source.absolute))
            parse(after)
        except (ParseError, ReadError) as error:
            self._refuse(findings, f"the file would not parse any more: {error}")
            return None
        except Exception as error:  # noqa: BLE001 - the other files are fixed all the same
            message = crash(error, "the fix")
            self.failures.append(Failure("MLH903", source.path, "fix", message))
            self._refuse(findings, message)
            return None
        reasons: dict[Fix, str] = dict(edited.dropped)
        for finding in findings:
            if finding.fix in reasons:
                self._reasons[_key(finding)] = reasons[finding.fix]
        if after.data == source.data:
            return None
        return _Attempt(source, after, [f for f in findings if f.fix in edited.applied])

    def _refuse(self, findings: Iterable[Finding], reason: str) -> None:
        self._refused.update((_key(finding), reason) for finding in findings)

    def _take(self, attempts: list[_Attempt]) -> set[_Key]:
        """Check the files with their edits; return the findings whose edits have to go.

        Of several edits that may be to blame for the same thing only the first is kept, so that
        it is judged alone; the others wait for the next round.
        """
        for each in attempts:
            self._run.take(each.after)
        report = self._run.report()
        left_out: set[_Key] = set()
        for each in attempts:
            for suspects in _blamed(each, self.report, report):
                if len(suspects) == 1:
                    self._refused.update(suspects)
                    left_out.update(suspects)
                else:
                    left_out.update(list(suspects)[1:])
        if not left_out:
            self.report = report
        return left_out

    def _without(self, attempts: list[_Attempt], left_out: set[_Key]) -> list[_Attempt]:
        """Return the attempts again, without the edits of the findings left out."""
        again = []
        for each in attempts:
            kept = [finding for finding in each.findings if _key(finding) not in left_out]
            attempt: _Attempt | None = each
            if len(kept) < len(each.findings):
                self._run.take(each.before)
                attempt = self._attempt(each.before, kept) if kept else None
            if attempt:
                again.append(attempt)
        return again


def _blamed(attempt: _Attempt, before: Report, after: Report) -> list[dict[_Key, str]]:
    """Return what the edits did not cure or did wrong: whose may have, each with the reason."""
    path = attempt.before.path
    known = {failure.message for failure in before.failures if failure.path == path}
    for failure in after.failures:
        if failure.path == path and failure.message not in known:
            reason = f"the file could not be analysed: {failure.message}"
            return [{_key(finding): reason for finding in attempt.findings}]
    regions = Regions(attempt.before.lines(), attempt.after.lines())
    was = Counter((f.code, regions.of_old(f.span)) for f in before.findings if f.path == path)
    now = Counter((f.code, regions.of_new(f.span)) for f in after.findings if f.path == path)
    gone = Counter((f.code, regions.of_old(f.span)) for f in attempt.findings)
    too_many = [place for place, count in now.items() if count > was[place] - gone[place]]
    groups = [_suspects(code, place, attempt.findings, regions) for code, place in too_many]
    return [group for group in groups if group]


def _suspects(
    code: str, place: Place, findings: list[Finding], regions: Regions
) -> dict[_Key, str]:
    """Return the fixed findings that explain a finding of ``code`` at ``place``."""
    uncured = [f for f in findings if (f.code, regions.of_old(f.span)) == (code, place)]
    if uncured:
        return {_key(f): "the finding is still there after the fix" for f in uncured}
    return {
        _key(f): f"the fix brings {code} at the lines it changes"
        for f in findings
        if f.code[:4] == code[:4] and place in regions.changed_by(_fix(f).span)
    }


def _fix(finding: Finding) -> Fix:
    assert finding.fix is not None  # noqa: S101 - only findings with a fix are attempted
    return finding.fix


def _key(finding: Finding) -> _Key:
    return _Key(finding.code, finding.path, finding.identity)
