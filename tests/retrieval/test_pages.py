"""The timeline as a page: every act in words, what changed by it, and a head that says what it is not."""

import json
import re
from collections.abc import Callable
from io import BytesIO
from uuid import uuid4

import pytest
from pypdf import PdfReader

from flows.papers import timeline, values
from flows.steps import retrieval, sealing
from rules import commission, packs
from schemas.commission import Member
from schemas.customer import Role
from schemas.doer import Doer
from schemas.event import Act, Checkpoint, Event
from storage.state import GONE
from storage.work import looking
from tests.offices import Desk
from tests.retrieval.test_retrieval import ngo


@pytest.fixture
def desk(desk_at: Callable[..., Desk]) -> Desk:
    return desk_at("evaluated")


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_every_act_stands_there_in_words_under_the_checkpoint(desk: Desk, language: str):
    sealing.seal(desk.office)
    case = desk.case(1)
    pages = retrieval.pages(desk.office, desk.as_role(Role.HEAD), case.id, language)  # type: ignore[arg-type]
    html = pages["html"].decode()
    pdf = PdfReader(BytesIO(pages["pdf"]))
    text = " ".join(page.extract_text() for page in pdf.pages)

    assert "⟨" not in html
    assert "column." not in html
    assert not re.search(r"\b(?:act|ground|noun|status|paper)\.[a-z]", html)
    count = html.count('<li id="e')
    assert count > 30
    for event in desk.all(Event, stream_id=case.id, order="seq")[:count]:
        assert event.hash in html
    for file in json.loads(desk.all(Event, stream_id=case.id, act=Act.APPLICATION_RECEIVE)[0].body)["files"]:
        assert file in html
    before = desk.all(Checkpoint, order="size")[-1]
    assert before.root in html
    assert before.root in text
    newest = sealing.seal(desk.office)
    assert newest is not None  # the reading itself is an event
    for page in (html, text):
        assert f"№ {count}" in page
        assert newest.root not in page
    assert "<script" not in html
    assert "http" not in html.replace("http-equiv", "")


def test_what_a_stranger_wrote_stays_text(desk: Desk):
    shown = values.value_of("application", "title", "<b>x</b> {cutoff} [a]", "en", "Asia/Bishkek")
    assert shown == "<b>x</b> {cutoff} [a]"
    assert "■" in values.value_of("application", "sender", GONE, "ru", "Asia/Bishkek")


@pytest.mark.parametrize(
    ("noun", "name", "value", "said"),
    [
        ("application", "requested", 20_000_000, "200\u00a0000\u00a0сом"),
        ("application", "score", 8000, "80,00"),
        ("application", "status", "in_review", None),
        ("document", "kind", "D04", None),
        ("document", "current", True, "да"),
        ("application", "cure_until", "2018-08-06", "6\u00a0августа 2018\u00a0г."),
        ("application", "received_at", "2018-07-29T11:00:00.000000Z", "29\u00a0июля 2018\u00a0г., 17:00"),
        ("programme", "title", {"ky": "а", "ru": "б", "en": "c"}, "б"),
        ("sheet", "points", [["relevance", 4], ["costs", 5]], "relevance: 4; Обоснованность затрат: 5"),
        (
            "contract",
            "refunds",
            [[["amount", 150_000], ["reference", "№ 7"]]],
            "сумма: 1\u00a0500\u00a0сом; платёжный документ: № 7",
        ),
        (
            "contract",
            "lines",
            [{"own": 0, "name": "Аренда", "requested": 5_000_000, "total": 5_000_000, "place": "sheet A, B13"}],
            "наименование: Аренда, собственный вклад: 0\u00a0сом, запрашиваемая сумма: 50\u00a0000\u00a0сом, всего: 50\u00a0000\u00a0сом",
        ),
        (
            "tranche",
            "unmet",
            [{"rule": "no_report", "severity": "to_cure", "facts": {"period": 2, "of": 3}, "placeholder": False}],
            "Нет отчёта за период № 2 из 3.",
        ),
        (
            "sheet",
            "comments",
            '{"costs":"Негиздүү","relevance":""}',  # as a personal value is disclosed
            "Обоснованность затрат: Негиздүү",
        ),
        ("sheet", "comments", "[1, 2", "[1, 2"),
        ("sheet", "comments", "[1.5, null]", "1.5; —"),
        ("sheet", "comments", "[" * 500 + "]" * 500, "…"),
        (
            "tranche",
            "lifted",
            [{"condition": "report_accepted", "reason": "иск", "on": "2019-02-01"}],
            "условие: отчёт за предыдущий период принят, причина: иск, дата: 1\u00a0февраля 2019\u00a0г.",
        ),
        ("declaration", "found", ["surname"], "фамилия"),
        ("organisation", "name", '["Айпери"]', '["Айпери"]'),
        (
            "member",
            "relations",
            [{"kind": "surname", "of": {"ky": "а", "ru": "сестра", "en": "c"}, "value": "Байсалова"}],
            "вид: фамилия, чьи данные: сестра, значение: Байсалова",
        ),
        ("assignment", "because", "no conflict (5 of 7 free); load 3", None),
        ("assignment", "because", "по жребию", "по жребию"),
        ("application", "ground", None, "—"),
        ("application", "ground", "above_cut", "место достаточно для финансирования"),
    ],
)
def test_values_are_said_as_people_say_them(noun: str, name: str, value: object, said: str | None):
    told = values.value_of(noun, name, value, "ru", "Asia/Bishkek")
    assert told == said if said else re.search("[а-я]", told)


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_why_a_member_was_given_a_case_is_told_in_words(language: str):
    [case], members = [uuid4()], [uuid4() for _ in range(7)]
    pack = packs.load(packs.names()[0])
    given = {"seed": 1, "applications": [case], "members": members, "conflicts": {(members[0], case)}}
    fresh = commission.assign(pack, **given)[0]
    [stays] = [
        one
        for one in commission.assign(pack, **given, kept=[(fresh.member_id, case)])
        if one.member_id == fresh.member_id
    ]
    told, again = (
        values.value_of("assignment", "because", one.because, language, "Asia/Bishkek") for one in (fresh, stays)
    )
    assert "6" in told
    assert "7" in told
    assert "load" not in told
    assert again.endswith(told)
    assert again != told


def test_a_criterion_is_called_the_same_in_every_pack():
    titles: dict[str, set[str]] = {}
    for pack in map(packs.load, packs.names()):
        for code, one in pack.criteria.items():
            titles.setdefault(code, set()).add(str(one.title.value))
    assert {code: len(told) for code, told in titles.items() if len(told) > 1} == {}


def test_a_finding_is_called_by_what_it_says():
    row = {
        "rule": "over_line",
        "facts": '{"line":"Аренда","planned_tyiyn":100,"spent_tyiyn":200}',
        "placeholder": False,
    }
    told = timeline.called("finding", row, "ru")
    assert told == "замечание проверки: По строке «Аренда» расход больше плана — 2\u00a0сом при плане 1\u00a0сом."
    assert "■" in timeline.called("finding", {**row, "facts": GONE}, "ky")


def test_an_assignment_names_its_member_to_an_applicant_once_the_results_are_public(desk_at: Callable[..., Desk]):
    def named(desk: Desk, doer: Doer) -> set[str]:
        with looking(desk.office.engine, desk.office.system) as look:
            names = {one.name for one in look.all(Member, contest_id=desk.contest.id)}
        page = retrieval.pages(desk.office, doer, desk.case(1).id, "en")["html"].decode()
        return {one for one in names if f"assignment: {one}" in page}

    decided = desk_at("decided")
    assert len(named(decided, decided.as_role(Role.HEAD))) > 1
    assert not named(decided, ngo(decided))
    published = desk_at("published")
    shown = named(published, ngo(published))
    assert len(shown) > 1
    assert shown == named(published, published.as_role(Role.HEAD))
