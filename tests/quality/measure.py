"""Reads the labelled set by the real path and counts, for each check, what was found, made up and missed."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import UUID

from documents import ocr
from documents.sandbox import Reader
from flows.steps.monitoring.reports import take_figures
from rules import completeness, likeness
from rules import reports as rules
from schemas.document import Document
from schemas.facts import Facts, Fault, Kind, Seen
from schemas.report import Report
from tests.quality.cases import Case, cases
from tests.quality.labelled import File
from tests.quality.report_cases import ReportCase, report_cases, subject
from tests.quality.spoilt import FILE_LIMIT, spoilt
from tests.quality.unseen import unseen
from tests.quality.unseen_cases import unseen_cases
from tests.quality.unseen_reports import unseen_reports
from tests.quality.whole import of_other_offices, of_the_demo, on_the_forms, scanned, spoilt_scans
from tests.rules.makers import PACK

NOBODY = UUID(int=0)
UNSEEN = "unseen"
_NOW = datetime(2019, 4, 5, tzinfo=UTC)
_OWNED = {"tenant_id": NOBODY, "stream_id": NOBODY, "event_id": NOBODY}
# what is asked of a paper whose label is closed: any of these that it does not state is made up
ASKED = (
    *("organisation", "inn", "okpo", "registration_number", "bank_account", "contest", "theme", "number"),
    *("registered_on", "issued_on", "valid_until", "dated", "starts", "ends", "period"),
    *("requested", "own_contribution", "total", "spent", "balance"),
)


@cache
def files() -> tuple[File, ...]:
    """Every single labelled file."""
    makers = (of_other_offices, of_the_demo, on_the_forms, scanned, spoilt_scans, spoilt, unseen)
    return tuple(file for make in makers for file in make())


@cache
def packages() -> tuple[Case, ...]:
    return (*cases(), *unseen_cases())


@cache
def reports() -> tuple[ReportCase, ...]:
    return (*report_cases(), *unseen_reports())


@dataclass
class Score:
    """How one check did. A miss and a false alarm weigh the same in `f1`."""

    support: int = 0
    right: int = 0
    false: int = 0
    wrong: int = 0  # of a value: read, but otherwise than it stands; a miss and a false alarm at once
    unsaid: int = 0  # of a signature: the reader said that it cannot tell

    @property
    def precision(self) -> float:
        told = self.right + self.false + self.wrong
        return self.right / told if told else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.support if self.support else 1.0

    @property
    def missed(self) -> int:
        return self.support - self.right - self.wrong


@dataclass
class Table:
    """Scores by check, kinds taken for one another, and each slip in words."""

    faults: dict[str, Score] = field(default_factory=dict)
    values: dict[str, Score] = field(default_factory=dict)
    scanned_values: dict[str, Score] = field(default_factory=dict)
    facts: dict[str, Score] = field(default_factory=dict)
    rules: dict[str, Score] = field(default_factory=dict)
    report_rules: dict[str, Score] = field(default_factory=dict)
    figures: dict[str, Score] = field(default_factory=dict)
    kinds: dict[str, Score] = field(default_factory=dict)
    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    slips: list[str] = field(default_factory=list)
    files: int = 0
    packages: int = 0
    reports: int = 0

    def groups(self) -> dict[str, dict[str, Score]]:
        return {
            "rule": self.rules,
            "report rule": self.report_rules,
            "figure": self.figures,
            "fault": self.faults,
            "fact": self.facts,
            "value": self.values,
            "scanned value": self.scanned_values,
            "kind": self.kinds,
        }


class Room:
    """Reads files once each, with text recognition where a file is a scan; `folder` holds them meanwhile."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.reader = Reader(cpu_seconds=20, memory=1_000_000_000, file_limit=FILE_LIMIT)
        self._read: dict[tuple[str, str, bool], Facts] = {}

    def close(self) -> None:
        self.reader.close()

    def facts(self, file: File) -> Facts:
        content = file.make()
        digest = hashlib.sha256(content).hexdigest()
        key = digest, file.name, file.scanned
        if key not in self._read:
            path = self.folder / digest
            path.write_bytes(content)
            facts = self.reader.read(path, file.name)
            if file.scanned and {Fault.NO_TEXT, Fault.BAD_TEXT} & set(facts.faults):
                facts = ocr.recognise(self.reader, path, file.name, facts)
            path.unlink()
            self._read[key] = facts
        return self._read[key]


@dataclass
class Measured:
    """`known`: words of offices that the readers were mended against. `unseen`: words that no reader is mended against."""

    known: Table
    unseen: Table


def measured(room: Room, *, quick: bool) -> Measured:
    """The whole set; `quick` leaves out what takes text recognition."""
    these = [file for file in files() if not (quick and file.scanned)]
    wholes = [case for case in packages() if not (quick and case.scanned)]

    def table(*, unseen: bool) -> Table:
        return measure(
            room,
            [file for file in these if (file.wording == UNSEEN) is unseen],
            [case for case in wholes if (case.wording == UNSEEN) is unseen],
            [case for case in reports() if (case.wording == UNSEEN) is unseen],
        )

    return Measured(known=table(unseen=False), unseen=table(unseen=True))


def measure(room: Room, these: Iterable[File], wholes: Iterable[Case], told: Iterable[ReportCase] = ()) -> Table:
    """The table of these files, packages and reports."""
    table = Table()
    for file in these:
        table.files += 1
        _judge(table, file, room.facts(file))
    for case in wholes:
        table.packages += 1
        _judge_package(table, case, [(file, room.facts(file)) for file in case.files])
    for case in told:
        table.reports += 1
        _judge_report(table, case, [(file, room.facts(file)) for file in case.files])
    return table


def _of(scores: dict[str, Score], name: str) -> Score:
    return scores.setdefault(name, Score())


def _judge(table: Table, file: File, facts: Facts) -> None:
    found = {fault.value for fault in facts.faults}
    due = {fault.value for fault in file.faults}
    _sets(table, table.faults, file.name, due, found)
    if file.kind is not None:
        score = _of(table.kinds, file.kind.value)
        score.support += 1
        table.confusion[file.kind.value, facts.kind.value] += 1
        if facts.kind is file.kind:
            score.right += 1
        else:
            _of(table.kinds, facts.kind.value).false += facts.kind is not Kind.OTHER
            table.slips.append(f"{file.name}: kind {facts.kind.value}, not {file.kind.value}")
    if file.language and file.kind is not None:
        _one(table, table.facts, file.name, f"language {file.language}", file.language, facts.language)
    if file.signed is not None:
        _sign(table, file, facts)
    if file.adds_up is not None:
        holds = None if facts.arithmetic_holds is None else str(facts.arithmetic_holds)
        _one(table, table.facts, file.name, "adds up", str(file.adds_up), holds)
    scores = table.scanned_values if file.scanned else table.values
    for key, due_value in file.values.items():
        _one(table, scores, file.name, key, _plain(key, due_value), _read(facts, key))
    if file.closed:
        for key in ASKED:
            told = _read(facts, key)
            if told is not None and key not in file.values:
                _of(scores, key).false += 1
                table.slips.append(f"{file.name}: {key} made up: {told}")


def _sign(table: Table, file: File, facts: Facts) -> None:
    assert file.signed is not None
    score = _of(table.facts, f"signature {file.signed.value}")
    score.support += 1
    if facts.signed is file.signed:
        score.right += 1
    elif facts.signed is Seen.CANNOT_TELL:
        score.unsaid += 1
        table.slips.append(f"{file.name}: signature {file.signed.value}, reader cannot tell")
    else:
        _of(table.facts, f"signature {facts.signed.value}").false += 1
        table.slips.append(f"{file.name}: signature {facts.signed.value}, not {file.signed.value}")


def _read(facts: Facts, key: str) -> str | None:
    found = facts.values.get(key)
    return None if found is None else _plain(key, found.value)


def _plain(key: str, value: str | int) -> str:
    """A value as it is compared: names by what stands in the quotes, as the rules do."""
    if key == "organisation":
        return likeness.name(str(value))
    if key in ("title", "target_group", "theme", "head"):
        return likeness.plain(str(value))
    return re.sub(r"\s", "", str(value))


def _one(table: Table, scores: dict[str, Score], name: str, key: str, due: str, told: str | None) -> None:
    score = _of(scores, key)
    score.support += 1
    if told == due:
        score.right += 1
    elif told is None:
        table.slips.append(f"{name}: {key} not read: {due}")
    else:
        score.wrong += 1
        table.slips.append(f"{name}: {key} read as {told}, not {due}")


def _sets(table: Table, scores: dict[str, Score], name: str, due: set[str], found: set[str]) -> None:
    for one in due:
        _of(scores, one).support += 1
        _of(scores, one).right += one in found
    for one in found - due:
        _of(scores, one).false += 1
    table.slips += [f"{name}: {one} missed" for one in sorted(due - found)]
    table.slips += [f"{name}: {one} is a false alarm" for one in sorted(found - due)]


def _documents(read: list[tuple[File, Facts]]) -> Iterator[Document]:
    for at, (file, facts) in enumerate(read, 1):
        told = facts.model_dump(mode="json")
        yield Document(
            **_OWNED, id=UUID(int=at), subject_id=NOBODY, name=file.name, kind=facts.kind, sha256="", size=1, facts=told
        )


def _judge_package(table: Table, case: Case, read: list[tuple[File, Facts]]) -> None:
    told = completeness.remarks(case.pack, case.contest, list(_documents(read)))
    found = Counter({(one.rule, one.kind.value if one.kind else "") for one in told})
    for rule, code in case.expected:
        score = _of(table.rules, rule)
        score.support += 1
        score.right += (rule, code) in found
    table.slips += [f"{case.name}: {rule} {code} missed" for rule, code in sorted(case.expected - set(found))]
    for rule, code in sorted(set(found) - case.expected):
        _of(table.rules, rule).false += 1
        table.slips.append(f"{case.name}: {rule} {code} is a false alarm")


def _judge_report(table: Table, case: ReportCase, read: list[tuple[File, Facts]]) -> None:
    """What the rules say of a report, where they point to, and the figures that were read for them."""
    documents, report = list(_documents(read)), Report(**_OWNED, period_id=NOBODY, package_sha256="", received_at=_NOW)
    report.whole = case.period.whole
    take_figures(report, documents)
    found = rules.remarks(PACK, case.agreed, case.period, report, case.earlier, documents)
    said = {subject(one.rule, one.facts): str(one.facts.get("place", "")) for one in found}
    for rule, about in case.expected | set(said):
        score = _of(table.report_rules, rule)
        due, told = (rule, about) in case.expected, (rule, about) in said
        score.support += due
        score.right += due and told
        score.false += told and not due
        if due is not told:
            table.slips.append(f"{case.name}: {rule} {about} {'missed' if due else 'is a false alarm'}")
    for one, place in case.places.items():
        _one(table, table.figures, case.name, "place of a fault", place, said.get(one))
    for key, due, told in _figures(case, report):
        _one(table, table.figures, case.name, key, due, told)


def _figures(case: ReportCase, report: Report) -> Iterator[tuple[str, str, str | None]]:
    """What the files of a report state and what was read: which figure, due, told."""
    kinds = {file.kind for file in case.files}
    if Kind.FINANCIAL_REPORT in kinds:
        lines = {one["name"]: str(one["total"]) for one in report.lines}
        for name, _, spent in case.told.lines:
            yield "line spent", str(round(spent * 100)), lines.get(name)
        told = [f"{one['number']} {one['dated']} {one['line']} {one['amount']}" for one in report.expenses]
        for at, (number, day, line, som) in enumerate(case.told.receipts):
            due = f"{number} {day.isoformat()} {line} {round(som * 100)}"
            yield "receipt", due, told[at] if at < len(told) else None
        for key, som, value in zip(
            ("opening", "closing"), case.told.cash[::2], (report.opening, report.closing), strict=True
        ):
            yield key, str(round(som * 100)), None if value is None else str(value)
    if Kind.PROGRAMME_REPORT in kinds:
        reached = {one["name"]: str(one["reached"]) for one in report.indicators}
        for name, _, _, count in case.told.indicators:
            yield "indicator reached", str(count), reached.get(name)
        steps = {one["name"]: f"{one['planned']} {one['actual']}" for one in report.checkpoints}
        for name, planned, done in case.told.steps:
            yield "checkpoint", f"{planned.isoformat()} {done.isoformat() if done else ''}", steps.get(name)
