"""Rows become papers: what is on record stands in the docx, in Kyrgyz with Russian beside it."""

from datetime import UTC, datetime

from flows.papers.announcement import announcement
from flows.papers.parties import contractor_party, customer_party, requisites
from flows.papers.receipt import receipt
from rules.packs import load
from schemas.application import ApplicationStatus
from schemas.customer import Customer
from tests.flows.paper_rows import CONTEST, CUSTOMER, HEAD, ORGANISATION, PACK, PROGRAMME, application, file, said

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
    assert "paper." not in text
    assert "⟨" not in text


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

    for each in ("BATKEN-2018-1/001", "Скан001.pdf", "смета & долбоор <2>.xlsx", "60303ae22b998861" * 4):
        assert each in text
    assert "2018-жылдын 2-августу, саат 11:15:00" in text
    assert "Мөөнөтүндө алынды" in text


def test_a_late_package_gets_a_receipt_that_says_so():
    late = application(status=ApplicationStatus.TURNED_AWAY, received_at=datetime(2018, 8, 3, 11, 0, 1, tzinfo=UTC))

    assert "Мөөнөттөн кийин алынды" in said(receipt(CONTEST, CUSTOMER, late, []))
