"""Makers of rows that show only what matters to a rule. The pack is `example`: fictional and fully verified."""

import tomllib
from datetime import UTC, date, datetime
from functools import reduce
from typing import Any
from uuid import UUID

from rules import packs
from rules.packs import Pack
from schemas.application import Application, ApplicationStatus, Organisation
from schemas.commission import Background, Member, Seat, Sheet
from schemas.contest import Contest
from schemas.contract import Contract, ContractStatus, Tranche
from schemas.document import Document
from schemas.facts import BudgetLine, Facts, Indicator, Kind, Seen, Value
from schemas.report import Period, PeriodStatus, Report

PACK = packs.load("example")
NOBODY = UUID(int=0)
OWNED = {"tenant_id": NOBODY, "stream_id": NOBODY, "event_id": NOBODY}
CUTOFF = datetime(2018, 8, 3, 11, 0, tzinfo=UTC)  # 17:00 in Bishkek
SOM = 100


def uid(number: int) -> UUID:
    return UUID(int=number)


def changed(path: str, value: Any, *, status: str = "verified", pack: Pack = PACK) -> Pack:
    """The pack with one item's value (or status) changed."""

    def put(here: Any, steps: list[str]) -> Any:
        if not steps:
            return here.model_copy(update={"value": value, "status": status})
        if isinstance(here, dict):
            return {**here, steps[0]: put(here[steps[0]], steps[1:])}
        return here.model_copy(update={steps[0]: put(getattr(here, steps[0]), steps[1:])})

    return put(pack, path.split("."))


def told(name: str = "example") -> dict[str, Any]:
    return tomllib.loads((packs.FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def without(text: bytes, *lines: bytes) -> bytes:
    return reduce(lambda left, line: left.replace(line, b""), lines, text)


def contest(**told: Any) -> Contest:
    themes = [{"code": "B1", "title": {"ky": "Таштанды", "ru": "Мусор", "en": "Rubbish"}, "ceiling": 50_000 * SOM}]
    usual: dict[str, Any] = {
        "id": uid(1),
        "programme_id": NOBODY,
        "number": "BATKEN-2018-1",
        "themes": themes,
        "awards": 1,
        "title": {},
        "goal": {},
        "tasks": [],
        "problem": {},
        "budget": 50_000 * SOM,
        "cutoff": CUTOFF,
        "announced_on": date(2018, 7, 2),
        "zone": "Asia/Bishkek",
        "pack": "example",
        "pack_version": "1",
        "project_starts": date(2018, 10, 1),
        "project_ends": date(2019, 3, 31),
        "pack_sha256": "",
    }
    return Contest(**OWNED, **{**usual, **told})


def document(  # the keyword is the column's word
    kind: Kind,
    *,
    name: str = "file.pdf",
    round: int = 1,  # noqa: A002
    current: bool = True,
    sure: int = 100,
    **seen: Any,
) -> Document:
    """A current file; keywords that are no fact fields are values read from it. On its form and filled in, if it has one."""
    rule = PACK.documents.get(kind)
    if rule and rule.form and rule.filled:
        mark = f"{rule.form.value.name} {rule.form.value.version} ky"
        seen = {"form": mark, "fields": dict.fromkeys(rule.filled.value, True), **seen}
    fields = {key: value for key, value in seen.items() if key in Facts.model_fields}
    values = {
        key: Value(value=value.isoformat() if isinstance(value, date) else value, place="page 1", confidence=sure)
        for key, value in seen.items()
        if key not in Facts.model_fields
    }
    facts = Facts(**{"kind": kind, "signed": Seen.SEEN, **fields}, values=values)
    return Document(
        **OWNED,
        subject_id=NOBODY,
        name=name,
        kind=kind,
        sha256="",
        size=1,
        round=round,
        current=current,
        facts=facts.model_dump(mode="json"),
    )


def package(**replaced: Document | None) -> list[Document]:
    """All that the example asks for, in order. `D07=None` leaves a document out, `D07=document(…)` replaces it."""
    name, inn = "«Таза Баткен» коомдук фонду", "01203201510046"
    usual: dict[str, Document | None] = {
        "D01": document(Kind.LETTER, contest="BATKEN-2018-1", organisation=name, inn=inn, dated=date(2018, 8, 1)),
        "D02": document(Kind.PROJECT, theme="Мусор", organisation=name, inn=inn, requested=40_000 * SOM),
        "D03": document(Kind.PLAN, starts=date(2018, 10, 1), ends=date(2019, 3, 31)),
        "D04": document(
            Kind.BUDGET, requested=40_000 * SOM, own_contribution=0, total=40_000 * SOM, arithmetic_holds=True
        ),
        "D05": document(Kind.REGISTRATION, organisation=name, inn=inn, registered_on=date(2015, 3, 12)),
        "D06": document(Kind.CHARTER, organisation=name),
        "D07": document(Kind.TAX_CERTIFICATE, issued_on=date(2018, 7, 20)),
        "D08": document(Kind.SOCIAL_CERTIFICATE, issued_on=date(2018, 7, 20)),
        "D09": document(Kind.HEAD_APPOINTMENT),
        "D15": document(Kind.DECLARATION, dated=date(2018, 8, 1)),
    }
    return [one for one in {**usual, **replaced}.values() if one is not None]


def application(number: int = 1, **told: Any) -> Application:
    usual: dict[str, Any] = {
        "id": uid(100 + number),
        "contest_id": uid(1),
        "organisation_id": uid(200 + number),
        "number": number,
        "received_at": CUTOFF,
        "package_sha256": "",
        "status": ApplicationStatus.IN_REVIEW,
        "theme": "B1",
        "requested": 10_000 * SOM,
    }
    return Application(**OWNED, **{**usual, **told})


def organisation(**told: Any) -> Organisation:
    usual = {"id": uid(201), "name": "Таза Баткен", "inn": "01203201510046", "registered_on": date(2015, 3, 12)}
    return Organisation(**OWNED, **{**usual, **told})


def member(number: int, *, seat: Seat = Seat.MEMBER, background: Background = Background.OFFICIAL, **told: Any):
    return Member(
        **OWNED, id=uid(number), contest_id=uid(1), person_id=uid(number), seat=seat, background=background, **told
    )


def points(**told: int | None) -> dict[str, int | None]:
    """A middling sheet of the example pack."""
    return {"importance": 3, "reach": 100, "costs": 60, "creativity": 3, "on_theme": 1, **told}


def sheet(number: int, total: int, **told: int | None) -> Sheet:
    return Sheet(**OWNED, application_id=uid(1), member_id=uid(number), points=points(**told), total=total)


def contract(**told: Any) -> Contract:
    lines = [
        BudgetLine(name="Салыктар", total=30_000 * SOM, requested=30_000 * SOM),
        BudgetLine(name="Жабдуу", total=20_000 * SOM, requested=20_000 * SOM),
    ]
    usual: dict[str, Any] = {
        "id": uid(300),
        "application_id": uid(101),
        "organisation_id": uid(201),
        "number": "BATKEN-2018-1/1",
        "amount": 50_000 * SOM,
        "starts": date(2018, 10, 1),
        "ends": date(2019, 3, 31),
        "lines": [one.model_dump() for one in lines],
        "signed_on": date(2018, 9, 20),
        "indicators": [Indicator(name="Үй-бүлөлөр", baseline=0, target=100).model_dump()],
        "status": ContractStatus.SIGNED,
    }
    return Contract(**OWNED, **{**usual, **told})


def tranche(number: int = 1, **told: Any) -> Tranche:
    return Tranche(**OWNED, **{"contract_id": uid(300), "number": number, "amount": 1, **told})


def period(number: int = 1, status: PeriodStatus = PeriodStatus.OPEN, **told: Any) -> Period:
    usual = {"id": uid(400 + number), "starts": date(2018, 10, 1), "ends": date(2018, 12, 31), "of": 2}
    return Period(
        **OWNED,
        **{**usual, "contract_id": uid(300), "number": number, "due": date(2019, 1, 11), "status": status, **told},
    )


def report(number: int = 1, **told: Any) -> Report:
    """The report of period `number`; lines as {name: (planned, spent)} in som, indicators as {name: reached}."""
    lines = [
        BudgetLine(name=name, total=spent * SOM, requested=planned * SOM).model_dump()
        for name, (planned, spent) in told.pop("lines", {"Салыктар": (15_000, 15_000)}).items()
    ]
    indicators = [
        Indicator(name=name, target=100, reached=reached).model_dump()
        for name, reached in told.pop("indicators", {"Үй-бүлөлөр": 40}).items()
    ]
    usual: dict[str, Any] = {
        "id": uid(500 + number),
        "period_id": uid(400 + number),
        "package_sha256": "",
        "lines": lines,
        "received_at": datetime(2019, number, 10, tzinfo=UTC),
        "spent": sum(one["total"] for one in lines),
        "indicators": indicators,
        "read": True,
    }
    return Report(**OWNED, **{**usual, **told})


def rules_of(remarks: Any) -> list[str]:
    return [one.rule for one in remarks]
