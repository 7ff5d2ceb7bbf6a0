"""Every finding that rests on a value says where the value stands."""

from datetime import date

import pytest

from rules import completeness, eligibility
from schemas.document import Document
from schemas.facts import Kind, Seen, Value
from schemas.finding import Remark
from schemas.places import form_of, page_of
from tests.rules.makers import PACK, SOM, application, changed, contest, document, organisation, package


def at(place: str, key: str, paper: Document) -> Document:
    """The paper with one of its values standing elsewhere than on the first page."""
    facts = paper.seen()
    facts.values[key] = facts.values[key].model_copy(update={"place": place})
    paper.facts = facts.model_dump(mode="json")
    return paper


def found(paper: Document, pack=PACK) -> list[Remark]:
    papers = [one for one in package() if one.kind is not paper.kind]
    return completeness.remarks(pack, contest(), [*papers, paper])


LATE, OLD = date(2018, 8, 4), date(2018, 1, 1)
BUDGET = {"requested": 40_000 * SOM, "own_contribution": 0, "total": 40_000 * SOM, "arithmetic_holds": True}
CASES = {
    "wrong_contest": ("contest", document(Kind.PLAN, contest="OSH-2018-1")),
    "wrong_theme": ("theme", document(Kind.PROJECT, theme="Дороги", requested=40_000 * SOM)),
    "expired": ("valid_until", document(Kind.TAX_CERTIFICATE, issued_on=date(2018, 7, 20), valid_until=OLD)),
    "too_old": ("issued_on", document(Kind.TAX_CERTIFICATE, issued_on=OLD)),
    "dated_late": ("dated", document(Kind.DECLARATION, dated=LATE)),
    "names_unequal": ("organisation", document(Kind.CHARTER, organisation="«Жашыл Кыштак»")),
    "numbers_unequal": ("inn", document(Kind.LETTER, inn="01203201510047")),
    "sums_unequal": ("requested", document(Kind.LETTER, requested=1)),
    "arithmetic": ("total", document(Kind.BUDGET, **{**BUDGET, "arithmetic_holds": False})),
    "over_ceiling": ("requested", document(Kind.BUDGET, **{**BUDGET, "requested": 50_001 * SOM})),
    "contribution_low": ("own_contribution", document(Kind.BUDGET, **BUDGET)),
    "outside_term": ("ends", document(Kind.PLAN, starts=date(2018, 10, 1), ends=date(2019, 4, 1))),
}


@pytest.mark.parametrize("rule", CASES)
@pytest.mark.parametrize(
    ("place", "page", "told"),
    [("page 7", 7, None), ("table 1, row 3", None, "table 1, row 3"), ("sheet Смета, B12", None, "sheet Смета, B12")],
)
def test_a_finding_says_where_its_value_stands(rule: str, place: str, page: int | None, told: str | None):
    key, paper = CASES[rule]
    pack = changed("eligibility.contribution_percent", 10) if rule == "contribution_low" else PACK

    one = next(one for one in found(at(place, key, paper.model_copy()), pack) if one.rule == rule)
    assert (one.page, one.facts.get("place")) == (page, told)


def test_a_project_that_begins_too_early_is_told_where_its_beginning_stands():
    plan = document(Kind.PLAN, starts=date(2018, 9, 30), ends=date(2019, 4, 1))

    assert found(at("page 2", "starts", plan))[0].page == 2


def test_a_partners_letter_is_told_where_its_sum_stands():
    letter = at("page 3", "own_contribution", document(Kind.PARTNER_LETTER, own_contribution=500))
    budget = document(Kind.BUDGET, **{**BUDGET, "own_contribution": 700})

    remarks = completeness.remarks(PACK, contest(), [*package(D04=budget), letter])
    assert [(one.rule, one.page) for one in remarks] == [("contribution_unequal", 3)]


def test_a_debt_is_told_where_the_certificate_states_it():
    owing = at("page 2", "arrears", document(Kind.TAX_CERTIFICATE, arrears=700))

    remarks = eligibility.remarks(PACK, contest(), application(), organisation(), [owing], [])
    assert [(one.rule, one.page) for one in remarks] == [("arrears", 2)]


def test_a_finding_that_rests_on_no_value_has_no_place():
    one = found(document(Kind.DECLARATION, signed=Seen.NOT_SEEN))[0]

    assert (one.rule, one.page, one.facts) == ("unsigned", None, {"code": "D15", "name": "file.pdf"})


@pytest.mark.parametrize(
    ("place", "page"), [("page 1", 1), ("page 300", 300), ("page", None), ("page 2, row 1", None), ("", None)]
)
def test_a_page_is_known_by_its_number(place: str, page: int | None):
    assert page_of(place) == page


@pytest.mark.parametrize("place", ["hidden field", "text", "", "table 1", "sheet , 12", "row 3"])
def test_what_helps_nobody_to_find_a_place_is_no_place(place: str):
    assert form_of(place) is None


def test_a_sheet_may_bear_any_name():
    value = Value(value="1", place="sheet 1, B2, B12")

    assert form_of(value.place) == ("place.sheet", {"sheet": "1, B2", "cell": "B12"})
