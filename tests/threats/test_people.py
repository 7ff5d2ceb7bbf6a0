"""A person who left: erased on request or when the term is over, and not while a hold stands; on both databases."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from docx import Document as Word
from pydantic import SecretStr
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from flows.office import Office
from flows.steps import holds, redaction, register, retention, sealing, verifying, watching
from flows.steps.holds import Order
from schemas.customer import Person, Role
from schemas.document import Document
from schemas.errors import BadSetting, Held, NotDue, StillNeeded
from schemas.event import Act, Disclosure, Event
from schemas.hold import HoldStatus, LegalHold
from schemas.outbox import Letter
from schemas.wording import LANGUAGES, say, say_act
from storage import erasing
from storage.grants import grant
from storage.work import Look, looking
from tests.threats.makers import Attacked, attacked

LAW = Order("«Жеке мүнөздөгү маалымат жөнүндө» мыйзам", "58", date(2008, 4, 14))
COURT = Order("Баткен райондук сотунун аныктамасы", "AC-7/18", date(2018, 11, 1), "Баткен райондук соту")
NAME, EMAIL, PHONE = "Токтогулова Бермет", "bermet@example.kg", "0555 112233"


@pytest.fixture
def home(database: str, tmp_path: Path) -> Iterator[Attacked]:
    """Bermet was a secretary, proposed a problem in her own name, got a letter, and left. Work goes on under roles that own nothing."""
    made = attacked(database, tmp_path)
    if made.postgresql:
        address = make_url(database)
        for name, erases in (("app", False), ("retention", True)):
            grant(database, f"{name}_{address.database}", "secret", erases=erases)
        under = {
            name: SecretStr(
                address.set(username=f"{name}_{address.database}", password="secret").render_as_string(False)
            )
            for name in ("app", "retention")
        }
        made.notary = made.office
        told = {"database_url": under["app"], "retention_url": under["retention"]}
        made.office = Office(made.office.settings.model_copy(update=told))
    head = {"login": "head", "name": "Нурматов Акылбек", "email": "head@example.kg", "roles": {Role.HEAD: None}}
    register.register_person(made.office, register.OPERATOR, tenant_id=made.tenant, **head)
    told = {"login": "b.toktogulova", "name": NAME, "email": EMAIL, "phone": PHONE, "roles": {Role.SECRETARY: None}}
    register.register_person(made.office, register.OPERATOR, tenant_id=made.tenant, **told)
    words = dict.fromkeys(("ky", "ru", "en"), "Жарык")
    told = {"title": words, "description": words, "numbers": "7", "proposed_by": f"{NAME}, {PHONE}"}
    register.propose_problem(made.office, made.doer(Role.COORDINATOR), **told)
    yield made
    made.office.close()
    if made.notary is not None:
        made.notary.close()


def bermet(home: Attacked) -> UUID:
    with looking(home.office.engine, home.office.system) as look:
        return next(one.id for one in look.all(Person) if one.name == NAME)


def leave(home: Attacked) -> UUID:
    who = bermet(home)
    register.revoke_role(home.office, home.doer(Role.HEAD), who, Role.SECRETARY, "иштен кетти")
    return who


def everything(home: Attacked) -> str:
    """All that is written anywhere of events, disclosures, people and letters."""
    with looking(home.office.engine, home.office.system) as look:
        rows = [*look.all(Disclosure), *look.all(Person), *look.all(Letter)]
        return "\n".join(map(repr, rows)) + "\n".join(bytes(one.body).decode() for one in look.all(Event))


def test_whoever_holds_a_role_is_still_needed(home: Attacked):
    with pytest.raises(StillNeeded):
        redaction.of_person(home.office, home.doer(Role.LAWYER), bermet(home), LAW)


def test_who_left_is_named_nowhere_any_more_and_the_trail_is_whole(home: Attacked):
    who = leave(home)
    gone = redaction.of_person(home.office, home.doer(Role.LAWYER), who, LAW)

    assert (gone.held, gone.needed, gone.streams) == ([], [], 2)
    left = everything(home)
    for each in (NAME, EMAIL, PHONE, "toktogulova"):
        assert each not in left
    home.seal()
    sealing.verify_all(home.office)
    again = redaction.of_person(home.office, home.doer(Role.LAWYER), who, LAW)
    assert (again.values, again.streams) == (0, 0)


def test_what_it_says_of_itself_is_said_in_every_language(home: Attacked):
    redaction.of_person(home.office, home.doer(Role.LAWYER), leave(home), LAW)
    with looking(home.office.engine, home.office.system) as look:
        facts = {"values": 3, "order": LAW.act, "number": LAW.number, "on": LAW.on}
        assert look.some(Event, act=Act.TRAIL_REDACT)
    for language in LANGUAGES:
        assert "58" in say("ground.redaction", language, **facts)
        assert "3" in say_act(Act.TRAIL_REDACT, language, actor="head", **facts)


def test_a_hold_on_the_person_keeps_everything(home: Attacked):
    who = leave(home)
    hold = holds.place(home.office, home.doer(Role.LAWYER), who, COURT)
    with pytest.raises(Held):
        redaction.of_person(home.office, home.doer(Role.LAWYER), who, LAW)
    assert NAME in everything(home)
    holds.lift(home.office, home.doer(Role.HEAD), hold, LAW)
    assert redaction.of_person(home.office, home.doer(Role.LAWYER), who, LAW).values > 4


def test_what_a_held_person_did_elsewhere_is_kept_too(home: Attacked):
    who = leave(home)
    words = dict.fromkeys(("ky", "ru", "en"), "Көчө")
    told = {"title": words, "description": words, "numbers": "7", "proposed_by": "Жыпаркул эже"}
    register.propose_problem(home.office, replace(home.doer(Role.COORDINATOR), id=who), **told)
    with looking(home.office.engine, home.office.system) as look:
        seq = look.all(Event, stream_id=home.tenant, order="seq")[-1].seq
    hold = holds.place(home.office, home.doer(Role.LAWYER), who, COURT)
    with pytest.raises(Held):
        redaction.of_event(home.office, home.doer(Role.LAWYER), home.tenant, seq, LAW)
    holds.lift(home.office, home.doer(Role.HEAD), hold, LAW)
    assert redaction.of_event(home.office, home.doer(Role.LAWYER), home.tenant, seq, LAW).values == 2


def test_a_letter_is_not_deleted_and_under_hold_not_silenced(home: Attacked):
    home.propose("Жол")
    home.later(hours=1)
    watching.alarm(home.office)
    holds.place(home.office, home.doer(Role.LAWYER), home.tenant, COURT)
    for statement, match in (
        ("DELETE FROM letter", "deleted|denied"),
        ("UPDATE letter SET \"to\" = ''", "hold covers"),
    ):
        with pytest.raises(DBAPIError, match=match), home.office.engine.begin() as connection:
            connection.exec_driver_sql(statement)


def test_a_hold_on_one_stream_leaves_what_is_in_it_and_names_it(home: Attacked):
    """What is held elsewhere keeps the person's own record too, so that it can be found again."""
    who = leave(home)
    holds.place(home.office, home.doer(Role.LAWYER), home.tenant, COURT)
    with pytest.raises(Held):
        redaction.of_person(home.office, home.doer(Role.LAWYER), who, LAW)


def test_the_term_over_the_head_disposes_and_a_certificate_says_so(home: Attacked):
    office, head = home.office, home.office.doer("batken", "head")
    who = leave(home)
    home.at(home.office.now() + timedelta(days=366 * 5))
    assert retention.due(office, head) == []
    with pytest.raises(NotDue):
        retention.dispose(office, head, [who], LAW)
    home.at(home.office.now() + timedelta(days=366 * 2))
    [due] = retention.due(office, head)
    assert (due.stream_id, due.record, due.held, due.placeholder) == (who, retention.Record.PERSON, False, True)
    assert retention.propose(office) == 1
    assert retention.propose(office) == 0  # told this month
    with looking(office.engine, office.system) as look:
        [letter] = look.all(Letter, code="retention_due")
        assert (letter.to, letter.facts["count"]) == ("head@example.kg", 1)

    gone = retention.dispose(office, head, [who], LAW)

    assert (gone.number, gone.records, gone.files) == (f"{office.now():%Y}/1", 1, 0)
    assert retention.due(office, head) == []
    with looking(office.engine, office.system) as look:
        assert look.get(Person, who).name == ""
        paper = look.get(Document, gone.document_id)
        event = look.all(Event, stream_id=who, act=Act.TRAIL_DISPOSE)[-1]
        assert event.hash in bytes(look.all(Event, stream_id=home.tenant, order="seq")[-1].body).decode()
    assert paper.blob_id is not None
    word = Word(io.BytesIO(office.blobs.read(paper.blob_id, 10_000_000)))
    said = "\n".join(one.text for table in word.tables for row in table.rows for one in row.cells)
    for each in ("№ 58", say("paper.record.person", "ru"), event.hash, "Нурматов"):
        assert each in said
    assert NAME not in said
    assert "toktogulova" not in said
    home.seal()
    sealing.verify_all(office)


def test_a_hold_ends_the_day_after_its_last_and_says_why(home: Attacked):
    who = leave(home)
    last = home.office.today("Asia/Bishkek") + timedelta(days=10)
    holds.place(home.office, home.doer(Role.LAWYER), who, COURT, last)
    home.later(days=10)
    assert holds.lapse(home.office) == 0
    home.later(days=1)
    assert holds.lapse(home.office) == 1
    with looking(home.office.engine, home.office.system) as look:
        assert [one.status for one in look.all(LegalHold)] == [HoldStatus.LIFTED]
        assert look.all(Event, act=Act.HOLD_LIFT)[0].rule == "hold_over"


@pytest.mark.server
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_on_postgresql_the_applications_own_role_erases_nothing(home: Attacked):
    who = leave(home)
    home.office.close()
    home.office = Office(home.office.settings.model_copy(update={"retention_url": None}))
    with pytest.raises(BadSetting):
        redaction.of_person(home.office, home.doer(Role.LAWYER), who, LAW)
    assert NAME in everything(home)


def test_what_is_erased_while_all_is_verified_is_no_fault(home: Attacked, monkeypatch: pytest.MonkeyPatch):
    who, told, gone = leave(home), verifying._told, []
    home.seal()

    def then(look: Look) -> object:
        found = told(look)
        gone.append(redaction.of_person(home.office, home.doer(Role.LAWYER), who, LAW))
        return found

    monkeypatch.setattr(verifying, "_told", then)
    sealing.verify_all(home.office)
    assert gone[0].values > 0


@pytest.mark.server
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_nothing_comes_in_between_what_is_read_and_what_is_erased(home: Attacked, monkeypatch: pytest.MonkeyPatch):
    """What came into a stream meanwhile would stay for good, since nobody finds the person in it any more."""
    who, read, held = leave(home), erasing.disclosures, list[bool]()

    def reading(look: Look, stream_id: UUID) -> list[Disclosure]:
        with home.office.engine.connect() as other:
            taken = other.execute(
                text("SELECT 1 FROM stream WHERE id = :one FOR NO KEY UPDATE SKIP LOCKED"), {"one": stream_id}
            )
            held.append(taken.first() is None)
        return read(look, stream_id)

    monkeypatch.setattr(erasing, "disclosures", reading)
    redaction.of_person(home.office, home.doer(Role.LAWYER), who, LAW)
    assert held
    assert all(held)
