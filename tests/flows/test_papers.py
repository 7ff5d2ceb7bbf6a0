"""Rows become papers: what is on record stands in the docx, in Kyrgyz with Russian beside it."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from documents import papers
from flows.papers import announcement as announcement_page
from flows.papers import closing as closing_page
from flows.papers import contract as contract_page
from flows.papers import minutes as minutes_page
from flows.papers.announcement import announcement
from flows.papers.cover import cover
from flows.papers.minutes import minutes
from flows.papers.parties import contractor_party, customer_party, requisites
from flows.papers.receipt import receipt
from rules.catalog import PLACINGS
from rules.packs import load, names
from schemas.application import ApplicationStatus, Organisation
from schemas.commission import ItemStatus
from schemas.customer import Customer
from schemas.facts import Kind
from schemas.finding import Finding, FindingStatus, Severity
from schemas.wording import knows
from tests.flows import paper_rows as rows
from tests.flows.paper_rows import (
    CONTEST,
    CUSTOMER,
    HEAD,
    ORGANISATION,
    PACK,
    PROGRAMME,
    application,
    file,
    no_code_shows,
    said,
)

# -- parties ----------------------------------------------------------------------------------------------------------


def test_a_customer_is_named_in_both_languages_with_its_requisites():
    party = customer_party(CUSTOMER, HEAD)

    assert (party.name.ky, party.name.ru) == ("Баткен шаарынын мэриясы", "Мэрия города Баткен")
    assert (party.post.ky, party.post.ru) == ("Баткен шаарынын мэри", "Мэр города Баткен")
    assert party.address.ru == "г. Баткен, ул. А. Навои, 12"
    assert (party.inn, party.bik, party.account) == ("02503200010118", "440504", "4405042100001144")
    assert party.bank == "Баткен райондук казыналык бөлүмү"
    assert party.head.ru == "Нурматов Акылбек Сапарович"


def test_requisites_are_read_as_officers_write_them():
    told = requisites("Дареги: Баткен ш.\nИНН: 1\nЭ/э = 440: 5\nбез двоеточия\nЧто-то: иное\n\nE-mail: a@b.example")

    assert told == {
        "address": {"ky": "Баткен ш."},
        "inn": {"ky": "1"},
        "account": {"ky": "440: 5"},
        "email": {"ky": "a@b.example"},
    }


def test_what_a_customer_did_not_tell_stays_empty_and_one_language_stands_for_both():
    party = customer_party(Customer(code="x", name={"ky": "Мэрия"}, city={"ky": "Баткен"}), None)

    assert (party.name.ru, party.address.ru, party.inn, party.head.ky) == ("Мэрия", "Баткен", "", "")


def test_an_organisation_is_the_other_side():
    party = contractor_party(ORGANISATION)

    assert (party.name.ky, party.inn, party.account) == (ORGANISATION.name, "01707201410029", "1350100020003000")
    assert party.acts_on.ky == "Уставдын"


# -- announcement -----------------------------------------------------------------------------------------------------


def test_an_announcement_says_what_is_wanted_how_it_is_judged_and_when():
    text = said(announcement(PACK, CONTEST, PROGRAMME, CUSTOMER, HEAD))

    for each in (
        "КУЛАКТАНДЫРУУ № BATKEN-2018-1",
        "50 000 (элүү миң) сом 00 тыйын",
        "2018-жылдын 3-августу, саат 17:00:00",
        "Нурматов Акылбек Сапарович",
        "D07",
        "30 календардык күн ашпаган",
        "Чечимдин чыгармачылыгы",
        "жыйынтыктар жарыялангандан кийин 5 жумуш күнү ичинде / в течение 5 рабочих дней после публикации итогов*",
        "кемчиликтерди жоюу мөөнөтү / срок устранения недостатков: 5 жумуш күнү / 5 рабочих дней",
    ):
        assert each in text
    assert no_code_shows(text)


def test_weights_of_criteria_are_per_cent_of_the_whole():
    paper = announcement(PACK, CONTEST, PROGRAMME, CUSTOMER, HEAD)

    assert sum(each.weight for each in paper.criteria) == 100
    assert [each.scale for each in paper.criteria] == ["0–5"] * len(PACK.criteria)


def test_a_pack_that_lawyers_have_finished_leaves_no_star():
    paper = announcement(load("example"), CONTEST, PROGRAMME, CUSTOMER, HEAD)

    assert paper.placeholders == ()
    assert "*" not in said(paper)


# -- receipt ----------------------------------------------------------------------------------------------------------


def test_a_receipt_names_every_file_with_its_hash_and_the_second_of_its_arrival():
    text = said(receipt(CONTEST, CUSTOMER, application(), [file("Скан001.pdf"), file("смета & долбоор <2>.xlsx")]))

    for each in ("BATKEN-2018-1/1", "Скан001.pdf", "смета & долбоор <2>.xlsx", "60303ae22b998861" * 4):
        assert each in text
    assert "2018-жылдын 2-августу, саат 11:15:00" in text
    assert "Мөөнөтүндө алынды" in text


def test_a_late_package_gets_a_receipt_that_says_so():
    late = application(status=ApplicationStatus.TURNED_AWAY, received_at=datetime(2018, 8, 3, 11, 0, 1, tzinfo=UTC))

    assert "Мөөнөттөн кийин алынды" in said(receipt(CONTEST, CUSTOMER, late, []))


# -- minutes ----------------------------------------------------------------------------------------------------------


def the_minutes(**changed: object) -> papers.Minutes:
    given: dict[str, object] = {
        "customer": CUSTOMER,
        "contest": CONTEST,
        "sitting": rows.SITTING,
        "members": rows.MEMBERS,
        "secretary": rows.SECRETARY,
        "items": rows.agenda(),
        "applications": {one.id: one for one in rows.ranked()},
        "organisations": {
            ORGANISATION.id: ORGANISATION,
            UUID(int=402): Organisation(id=UUID(int=402), name=rows.OTHERS[2][0], inn="0"),
        },
        "declarations": [rows.declared()],
        "sheets": rows.sheets(),
    }
    return minutes(PACK, **given | changed)  # pyright: ignore[reportArgumentType]


def test_minutes_say_who_came_who_stood_aside_and_what_was_decided_on_each():
    text = said(the_minutes())

    for each in (
        "ПРОТОКОЛ № BATKEN-2018-1-1",
        "2018-жылдын 24-августу",
        "10:00 – __:__",
        "Жоробекова Айнура Кубанычевна",
        "катышкан жок",
        "укуктуу: 5; катышты: 4; кворум үчүн керек: 4. Кворум бар.",
        "Эргешов Тимур Асанович (Арыз ээсинин жетекчиси – бир тууган агам)",
        "макул – 2, каршы – 2, калыс – 1. Добуштар тең бөлүнгөндүктөн төраганын добушу чечүүчү болду.",
        "BATKEN-2018-1/1 билдирмеси («Таза Көчө» коомдук фонду) жеңүүчү деп табылсын; каржылоонун суммасы – 49 000 сом.",
        "резервдик тизмеге киргизилсин; рейтингдеги орду – 2.",
        "«Өнүгүү & Үмүт» коомдук фонду) каржылоосуз калтырылсын.",
        "комиссия каржылоого сунуштаган жок; балл – 42,10",
        "81,50",
    ):
        assert each in text
    assert no_code_shows(text)


def test_the_ranking_holds_those_that_have_a_place_with_the_mean_of_each_criterion():
    paper = the_minutes()

    assert [(rank.place, rank.score, rank.outcome) for rank in paper.ranking] == [
        (1, Decimal("81.50"), "жеңүүчү"),
        (2, Decimal("74.25"), "резервдик тизмеде"),
    ]
    by_code = dict(zip(PACK.criteria, paper.ranking[0].scores, strict=True))
    assert by_code["importance"] == Decimal("4.5")
    assert by_code["contribution"] == 5  # the one who abstained is left out
    assert [rank.place for rank in paper.reserve] == [2]


def test_one_who_was_found_in_conflict_and_said_nothing_is_recused_by_what_the_register_shows():
    paper = the_minutes(declarations=[rows.declared("", ("surname", "address"))])

    assert [one.reason for one in paper.items[1].recusals] == [
        "реестр боюнча арыз ээси менен дал келген маалымат: фамилиясы, дареги"
    ]


def test_an_item_without_a_quorum_is_put_off():
    items = rows.agenda()
    items[1] = items[1].model_copy(
        update={"status": ItemStatus.OPEN, "entitled": 0, "present": 0, "needed": 0, "reason": ""}
    )
    sitting = rows.SITTING.model_copy(update={"present": rows.PRESENT[:4]})

    item = the_minutes(items=items, sitting=sitting).items[1]

    assert (item.entitled, item.present, item.needed, item.quorum) == (5, 3, 4, False)
    assert (item.decision, item.reason) == ("маселе кийинки отурумга калтырылсын", "кворум жок")


def test_the_deputy_leads_when_the_chair_is_away():
    sitting = rows.SITTING.model_copy(update={"present": rows.PRESENT[1:]})

    assert the_minutes(sitting=sitting).chair == "Кадырова Зулфия Ормоновна"


def test_minutes_give_the_end_of_the_sitting_when_it_is_known():
    assert the_minutes(closed_at=datetime(2018, 8, 24, 6, 40, tzinfo=UTC)).closed == "12:40"


# -- cover ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "sum_", "found"),
    [
        ("ky", "49 000 (кырк тогуз миң) сом 00 тыйын", "жоюла турган кемчилик: 1"),
        ("ru", "49 000 (сорок девять тысяч) сомов 00 тыйынов", "устранимый недостаток: 1"),
        ("en", "49,000 (forty-nine thousand) som 00 tyiyn", None),
    ],
)
def test_the_cover_says_whose_when_how_much_and_what_is_still_open(language, sum_, found):
    open_, cured = (
        Finding(application_id=UUID(int=101), rule="missing", severity=Severity.TO_CURE, kind=Kind.PLAN, status=status)
        for status in (FindingStatus.OPEN, FindingStatus.CURED)
    )

    front = cover(CONTEST, CUSTOMER, application(), ORGANISATION, [file("а.pdf")], [open_, cured], language)

    values = [value.replace("\u00a0", " ") for _, value in front.rows]
    assert (front.number, front.language) == ("BATKEN-2018-1/1", language)
    assert sum_ in values
    assert found is None or found in values
    assert CUSTOMER.name[language] in values
    assert no_code_shows(" ".join(label for label, _ in front.rows))


def test_the_cover_of_an_application_whose_organisation_is_not_known_names_its_sender():
    front = cover(CONTEST, CUSTOMER, application(title=""), None, [], [], "ky")

    assert front.title == CONTEST.title["ky"]
    assert ORGANISATION.name in [value for _, value in front.rows]


# -- every pack -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", names())
def test_whatever_a_pack_says_is_worded_on_paper(name):
    pack = load(name)
    announced = announcement(pack, CONTEST, PROGRAMME, CUSTOMER, HEAD)
    codes = {*pack.tranches.first.value, *pack.tranches.later.value}

    assert no_code_shows(announced.model_dump_json(exclude={"customer"}).replace("null", ""))
    assert [code for code in codes if not knows(f"condition.{code}")] == []
    for path in {*announcement_page.SHOWN, *minutes_page.SHOWN, *contract_page.SHOWN, *closing_page.SHOWN}:
        assert knows(f"pack.{path}")
        assert path in dict(pack.items()) or hasattr(pack, path)


def test_every_reason_of_the_ranking_is_worded():
    assert [why for why in PLACINGS if not knows(f"paper.placing.{why}")] == []
