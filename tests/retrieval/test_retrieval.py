"""The trail found, compared and taken out, by whoever may read it; and that he has read it is on record."""

import contextlib
import csv
import io
import json
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, timedelta
from email.utils import parseaddr
from itertools import pairwise
from uuid import uuid4

import pytest

from flows.steps import audit, readings, register, retrieval, sealing
from schemas.application import Application
from schemas.customer import Role
from schemas.doer import CLOCK, Doer
from schemas.errors import BadCursor, BrokenTrail, NotAllowed, NotFound, OwnInterest, OwnSheetFirst, Sealed
from schemas.event import Act, Event, Stream
from schemas.finding import INSIDE
from storage.ledger import Because
from storage.search import Query
from storage.state import Place
from tests.offices import Desk

Shared = Callable[[str], Desk]


@pytest.fixture(scope="module")
def shared(played, tmp_path_factory):  # type: ignore[no-untyped-def]
    """An office at a stage, for tests that only read (and are on record for it)."""
    desks: dict[str, Desk] = {}

    def at(stage: str) -> Desk:
        if stage not in desks:
            desks[stage] = played.desk(stage, tmp_path_factory.mktemp("read") / stage)
        return desks[stage]

    yield at
    for desk in desks.values():
        desk.close()


def ngo(desk: Desk, number: int = 1) -> Doer:
    case = desk.case(number)
    return replace(desk.as_role(Role.APPLICANT), id=uuid4(), organisations=frozenset({case.organisation_id or case.id}))


def somebody(desk: Desk, role: Role) -> Doer:
    return replace(desk.as_role(role), id=uuid4())


def acts(desk: Desk, who: Doer, **query: object) -> set[str]:
    found, _ = retrieval.find(desk.office, who, Query(**query), "en", limit=500)  # type: ignore[arg-type]
    return {one.line.entry.act.value for one in found}


def streams(desk: Desk, who: Doer, **query: object) -> set[str]:
    found, _ = retrieval.find(desk.office, who, Query(**query), "en", limit=500)  # type: ignore[arg-type]
    return {one.stream for one in found}


class TestWhoFindsWhat:
    def test_before_the_cutoff_nobody_finds_anything_of_a_package_but_the_applicant(self, shared: Shared):
        desk = shared("received")
        case = desk.case(1)
        for role in (Role.HEAD, Role.SECRETARY, Role.AUDITOR, Role.CHAIR, Role.CONSULTANT):
            assert acts(desk, desk.as_role(role), streams=(case.id,)) == set()
            assert acts(desk, desk.as_role(role), words=case.sender) == set()
            assert acts(desk, desk.as_role(role), sha256=case.package_sha256) == set()
            assert "contest:announce" in acts(desk, desk.as_role(role))
        who = desk.ngo(1)
        address = parseaddr(case.sender)[1]
        register.register_person(
            desk.office,
            register.OPERATOR,
            tenant_id=case.tenant_id,
            login="batken.clerk",
            name="А",
            email=address,
            roles={},
        )
        clerk = desk.office.doer("batken", "batken.clerk")  # by the address alone
        for one in (who, replace(clerk, roles=frozenset({Role.APPLICANT}))):
            assert acts(desk, one) >= {"application:receive"}
            assert acts(desk, one, streams=(desk.case(2).id,)) == set()

    def test_a_sealed_package_is_not_shown_as_of_any_day(self, shared: Shared):
        desk = shared("received")
        for ask in (
            lambda: retrieval.as_of(desk.office, desk.as_role(Role.AUDITOR), desk.case(1).id, None),
            lambda: retrieval.differences(desk.office, desk.as_role(Role.HEAD), desk.case(1).id, 0, None),
            lambda: retrieval.pages(desk.office, desk.as_role(Role.HEAD), desk.case(1).id, "en"),
        ):
            with pytest.raises(Sealed):
                ask()

    def test_an_applicant_sees_his_own_case_and_nothing_else(self, shared: Shared):
        desk = shared("published")
        mine = {one.stream for one in retrieval.find(desk.office, ngo(desk), Query(), "en", limit=500)[0]}
        assert len(mine) == 1
        with pytest.raises(NotFound):
            retrieval.as_of(desk.office, ngo(desk), desk.case(2).id, None)
        with pytest.raises(NotFound):
            retrieval.as_of(desk.office, ngo(desk), desk.contest.id, None)
        assert acts(desk, ngo(desk), under=desk.contest.id) <= acts(desk, ngo(desk))

    def test_an_applicant_is_shown_no_sheet_before_the_results_are_public_and_no_finding_of_anothers_case(
        self, shared: Shared
    ):
        before, after = shared("decided"), shared("published")
        assert "sheet:submit" not in acts(before, ngo(before))
        assert "sheet:submit" in acts(after, ngo(after))
        held, _ = retrieval.as_of(before.office, ngo(before), before.case(1).id, None)
        assert {place.noun for place in held} >= {"application", "document"}
        assert "sheet" not in {place.noun for place in held}
        held, _ = retrieval.as_of(after.office, ngo(after), after.case(1).id, None)
        assert "sheet" in {place.noun for place in held}
        assert not {row.values.get("rule") for row in held.values()} & INSIDE

    def test_another_customer_finds_none_of_it(self, shared: Shared):
        desk = shared("published")
        ours, theirs = streams(desk, desk.as_role(Role.AUDITOR)), streams(desk, desk.stranger(Role.AUDITOR))
        assert ours
        assert theirs
        assert not ours & theirs
        assert streams(desk, desk.stranger(Role.HEAD), words="Баткен", streams=(desk.case(1).id,)) == set()
        with pytest.raises(NotFound):
            retrieval.as_of(desk.office, desk.stranger(Role.HEAD), desk.case(1).id, None)

    @pytest.mark.parametrize("role", [Role.PUBLIC, Role.OPERATOR, Role.DONOR, Role.COUNCIL])
    def test_who_may_read_no_trail_is_refused(self, shared: Shared, role: Role):
        desk = shared("published")
        for ask in (
            lambda who: retrieval.find(desk.office, who, Query(), "en"),
            lambda who: retrieval.as_of(desk.office, who, desk.case(1).id, None),
            lambda who: list(retrieval.csv_lines(desk.office, who, Query(), "en")),
        ):
            with pytest.raises(NotAllowed):
                ask(desk.as_role(role))

    def test_a_member_finds_others_sheets_after_his_own_is_in(self, desk_at: Callable[..., Desk]):
        desk = desk_at("routed")
        case = desk.case(1)
        member = desk.member(2)
        with pytest.raises((OwnSheetFirst, OwnInterest)):
            retrieval.as_of(desk.office, member, case.id, None)


class TestTheReadingIsOnRecord:
    @pytest.mark.parametrize("role", [Role.AUDITOR, Role.HEAD, Role.SECRETARY, Role.CONSULTANT])
    def test_of_whoever_reads_what_others_did(self, desk_at: Callable[..., Desk], role: Role):
        desk = desk_at("published")
        who, case = desk.as_role(role), desk.case(1)

        def reads() -> list[tuple[str, object]]:
            rows = desk.all(Event, act=Act.TRAIL_READ, actor_id=who.id, order="at seq")
            return [(one.actor_role, one.stream_id) for one in rows]

        retrieval.find(desk.office, who, Query(), "en")
        assert reads() == [(role.value, case.tenant_id)]
        retrieval.as_of(desk.office, who, case.id, None)
        retrieval.differences(desk.office, who, case.id, 0, None)
        retrieval.pages(desk.office, who, case.id, "en")
        assert sorted(map(str, reads())) == sorted(
            map(str, [(role.value, case.tenant_id), *[(role.value, case.id)] * 3])
        )
        audit.timeline(desk.office, who, case.id, "en")
        assert len(reads()) == 5

    def test_with_what_was_asked_for(self, desk_at: Callable[..., Desk]):
        desk = desk_at("published")
        who, case = somebody(desk, Role.AUDITOR), desk.case(1)
        person, at = uuid4(), desk.contest.cutoff
        asked = Query(
            streams=(case.id,), actor=person, acts=(Act.ITEM_VOTE,), since=at, rule="cutoff", words="Осмонова"
        )
        retrieval.find(desk.office, who, asked, "en")
        retrieval.find(desk.office, who, Query(under=desk.contest.id, rule="Осмонова Айгүл", until=at), "en")
        retrieval.as_of(desk.office, who, case.id, at)
        retrieval.differences(desk.office, who, case.id, 1, None)
        name, home = desk.get(Stream, case.id).name, desk.get(Stream, desk.contest.id).name
        bodies = [json.loads(one.body) for one in desk.all(Event, actor_id=who.id, order="at id")]
        told = [one["facts"] for one in bodies]
        first = {"asked": "find", "case": [name], "person": str(person), "act": ["item:vote"], "rule": "cutoff"}
        assert {**told[0], **first, "words": True, "order": "newest_first"} == told[0]
        assert told[0]["since"].startswith(f"{at.astimezone(UTC):%Y-%m-%dT%H:%M}")
        assert (told[1]["contest"], told[1]["words"], "rule" in told[1]) == (home, True, False)
        assert [one["asked"] for one in told] == ["find", "find", "as_of", "diff"]
        assert (told[3]["since"], "until" in told[3]) == (1, False)
        assert not [one for one in bodies if "Осмонова" in json.dumps(one, ensure_ascii=False)]

        for language, words in (("en", "words: “Осмонова”"), ("ru", "слова: «Осмонова»"), ("ky", "сөздөр: «Осмонова»")):
            page, _ = retrieval.find(desk.office, who, Query(acts=(Act.TRAIL_READ,), newest_first=False), language)
            assert name in page[0].line.ground
            assert words in page[0].line.ground
            assert "⟨" not in "".join(one.line.ground + one.line.what for one in page)
        # a search is not found by the next one
        assert acts(desk, who, words="Осмонова") == acts(desk, who, words="Осмонова") != {"trail:read"}
        assert "trail:read" not in acts(desk, who, words="Осмонова")

    def test_of_each_who_goes_on_with_a_mark_that_was_not_given_to_him(self, desk_at: Callable[..., Desk]):
        desk = desk_at("published")
        query, other = Query(acts=(Act.ITEM_VOTE,)), Query(acts=(Act.SHEET_SUBMIT,))
        head, auditor = somebody(desk, Role.HEAD), somebody(desk, Role.AUDITOR)

        def reads(who: Doer) -> int:
            return len(desk.all(Event, act=Act.TRAIL_READ, actor_id=who.id))

        def go_on(who: Doer, mark: str, asked: Query = query) -> str:
            return retrieval.find(desk.office, who, asked, "en", cursor=mark, limit=2)[1]

        mark = go_on(head, "")
        second = go_on(head, mark)
        assert (reads(head), second.partition(".")[2]) == (1, mark.partition(".")[2])  # one walk, one event

        his = go_on(auditor, mark)
        assert reads(auditor) == 1
        go_on(auditor, his)
        assert reads(auditor) == 1
        place = mark.partition(".")[0]
        for forged in (place, f"{place}.", f"{place}.x", f"{place}.{uuid4().hex}", mark, second):
            before = reads(auditor)
            go_on(auditor, forged)
            assert reads(auditor) == before + 1, forged
        # his own reading, of another question
        begun = go_on(auditor, "", other).partition(".")[2]
        before = reads(auditor)
        go_on(auditor, f"{place}.{begun}")
        assert reads(auditor) == before + 1
        for wrong in (f".{begun}", f"x.{begun}"):
            before = reads(auditor)
            with contextlib.suppress(BadCursor):
                go_on(auditor, wrong)
                assert reads(auditor) == before + 1
        # and his own of long ago
        before = reads(auditor)
        desk.at(desk.office.now() + timedelta(days=2))
        go_on(auditor, his)
        assert reads(auditor) == before + 1

    @pytest.mark.parametrize("take", [retrieval.csv_lines, retrieval.json_lines])
    def test_a_table_asks_for_the_right_to_take_out_and_is_on_record_as_that_once(
        self, desk_at: Callable[..., Desk], take: Callable[..., Iterator[bytes]], monkeypatch: pytest.MonkeyPatch
    ):
        desk = desk_at("published")
        monkeypatch.setattr(retrieval, "MOST", 10)
        before = len(desk.all(Event))
        for role in (Role.COORDINATOR, Role.MEMBER, Role.CHAIR, Role.FINANCE, Role.CONSULTANT):
            with pytest.raises(NotAllowed):
                next(take(desk.office, somebody(desk, role), Query(), "en"))
        assert len(desk.all(Event)) == before
        for role in (Role.HEAD, Role.SECRETARY, Role.LAWYER, Role.AUDITOR):
            who = somebody(desk, role)
            assert len(list(take(desk.office, who, Query(), "en"))) > 50
            (event,) = desk.all(Event, actor_id=who.id)
            assert (event.act, json.loads(event.body)["facts"]["asked"]) == (Act.TRAIL_EXPORT, "table")

    def test_a_member_who_also_stands_for_an_applicant_takes_out_his_own_case_alone(self, desk_at: Callable[..., Desk]):
        desk = desk_at("published")
        both = replace(ngo(desk), roles=frozenset({Role.MEMBER, Role.APPLICANT}))
        lines = [json.loads(one) for one in retrieval.json_lines(desk.office, both, Query(), "en")]
        assert {one["event"]["stream"] for one in lines} == {str(desk.case(1).id)}
        assert [one.act for one in desk.all(Event, actor_id=both.id)] == [Act.TRAIL_EXPORT]

    def test_not_of_an_applicant_in_his_own_case(self, desk_at: Callable[..., Desk]):
        desk = desk_at("published")
        before = len(desk.all(Event))
        retrieval.find(desk.office, ngo(desk), Query(), "en")
        retrieval.as_of(desk.office, ngo(desk), desk.case(1).id, None)
        assert len(desk.all(Event)) == before


class TestFinding:
    def test_each_filter_narrows_what_is_found(self, shared: Shared):
        desk = shared("evaluated")
        who, case = desk.as_role(Role.HEAD), desk.case(1)
        sealing.seal(desk.office)
        assert retrieval.index(desk.office) > 100
        assert acts(desk, who, acts=(Act.CONTRACT_SIGN,)) == {"contract:sign"}
        assert acts(desk, who, streams=(case.id,), rule="cutoff") <= {"application:open", "application:receive"}
        assert streams(desk, who, sha256=case.package_sha256) | {desk.all(Event)[0].noun}
        cited = desk.contest.pack
        assert acts(desk, who, pack=cited) >= {"application:open", "contract:sign"}
        assert acts(desk, who, words="негиздүү") >= {"item:decide"}
        assert acts(desk, who, words="НЕГИЗДYY") >= {"item:decide"}
        assert acts(desk, who, since=desk.contest.cutoff, until=desk.contest.cutoff + timedelta(hours=1)) >= {
            "contest:close"
        }

    def test_an_event_that_was_changed_is_not_told(self, desk_at: Callable[..., Desk]):
        desk = desk_at("announced")
        with desk.office.engine.begin() as connection:
            connection.exec_driver_sql('DROP TRIGGER "guard_event_update"')
            connection.exec_driver_sql(
                "UPDATE event SET body = CAST(replace(CAST(body AS TEXT), 'Баткен', 'Баткэн') AS BLOB)"
            )
        with pytest.raises(BrokenTrail):
            retrieval.find(desk.office, desk.as_role(Role.AUDITOR), Query(), "en")

    def test_an_application_is_as_it_was_on_the_day(self, shared: Shared):
        desk = shared("evaluated")
        case, who = desk.case(2), desk.as_role(Role.AUDITOR)
        place = Place("application", str(case.id))
        at = desk.contest.cutoff
        told = [
            retrieval.as_of(desk.office, who, case.id, at + later)[0][place].values["status"]
            for later in (timedelta(minutes=-1), timedelta(minutes=5), timedelta(days=3), timedelta(days=400))
        ]
        assert told == ["received", "to_cure", "eligible", desk.get(Application, case.id).status.value]
        assert retrieval.as_of(desk.office, who, case.id, at - timedelta(days=300)) == ({}, 0)


class TestTables:
    def test_a_table_holds_each_event_once_and_opens_in_excel(self, shared: Shared):
        desk = shared("evaluated")
        who = desk.as_role(Role.AUDITOR)
        query = Query(newest_first=False, until=desk.office.now())
        count = len(retrieval.find(desk.office, who, query, "ru", limit=500)[0])
        for language, part in (("ru", ";"), ("ky", ";"), ("en", ",")):
            raw = b"".join(retrieval.csv_lines(desk.office, who, query, language))
            assert raw.startswith(b"\xef\xbb\xbf")
            rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=part))
            assert {len(one) for one in rows} == {len(retrieval.COLUMNS)}
            assert len({one[-1] for one in rows[1:]}) == len(rows) - 1
            assert len(rows) - 1 >= count > 100

    def test_lines_are_the_events_as_they_were_hashed(self, shared: Shared):
        desk = shared("evaluated")
        lines = list(
            retrieval.json_lines(
                desk.office, desk.as_role(Role.AUDITOR), Query(streams=(desk.case(1).id,), newest_first=False), "ru"
            )
        )
        told = [json.loads(one) for one in lines]
        assert [one["event"]["seq"] for one in told] == list(range(1, len(told) + 1))
        assert all(one["event"]["previous"] == before["hash"] for before, one in pairwise(told))

    @pytest.mark.parametrize(
        ("cell", "safe"),
        [
            ("=1+1", "'=1+1"),
            ("+996", "'+996"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            (" =cmd|' /C calc'!A0", "' =cmd|' /C calc'!A0"),
            ("＝1", "'＝1"),
            ("Таштанды", "Таштанды"),
            ("", ""),
            ("2018-06-29", "2018-06-29"),
        ],
    )
    def test_no_cell_is_reckoned_out(self, cell: str, safe: str):
        assert retrieval._safe(cell) == safe

    def test_what_a_stranger_wrote_stays_text_in_the_table(self, desk_at: Callable[..., Desk]):
        desk = desk_at("announced")
        evil = '=HYPERLINK("http://x.example";"y")'
        with desk.office.acting(CLOCK, Act.AGENDA_CORRECT) as work:
            work.record(
                Act.AGENDA_CORRECT, readings.Place(desk.contest.id, desk.contest.id), because=Because(reason=evil)
            )
        raw = b"".join(retrieval.csv_lines(desk.office, desk.as_role(Role.HEAD), Query(), "en")).decode("utf-8-sig")
        cells = [cell for row in csv.reader(io.StringIO(raw, newline="")) for cell in row]
        assert f"'{evil}" in cells
        assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "@"))]

    def test_memory_stays_flat(self, desk_at: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch):
        desk = desk_at("evaluated")
        monkeypatch.setattr(retrieval, "MOST", 10)
        who = desk.as_role(Role.AUDITOR)
        tracemalloc.start()
        for count, _ in enumerate(retrieval.json_lines(desk.office, who, Query(), "en")):
            if count == 50:
                early = tracemalloc.get_traced_memory()[0]
        late = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert late - early < 2_000_000


class TestTheNightlyCheck:
    def test_it_finds_a_row_that_was_changed_past_its_events(self, desk_at: Callable[..., Desk]):
        desk = desk_at("evaluated")
        assert retrieval.apart(desk.office) > 5
        with desk.office.engine.begin() as connection:
            connection.exec_driver_sql('DROP TRIGGER "guard_contract_update"')
            connection.exec_driver_sql("UPDATE contract SET amount = amount + 1")
        with pytest.raises(BrokenTrail) as broken:
            retrieval.apart(desk.office)
        assert broken.value.facts["why"] == "apart"
        assert broken.value.facts["field"] == "amount"
