import pytest

from rules import completeness
from rules.catalog import NOTICE, TO_CURE
from schemas.document import Document
from schemas.facts import BudgetLine, Fault, Indicator, Kind, Media
from schemas.finding import Remark
from tests.rules.makers import PACK, SOM, changed, contest, document, package

FIELDS = PACK.documents[Kind.PROJECT].filled.value
NEXT = changed("documents.D02.form", PACK.documents[Kind.PROJECT].form.value.model_copy(update={"version": 2}))


def found(pack=PACK, /, **replaced: Document | None) -> list[Remark]:
    return completeness.remarks(pack, contest(), package(**replaced))


def told(remarks: list[Remark]) -> list[tuple[str, str, object]]:
    return [(one.rule, one.severity, one.facts.get("fields")) for one in remarks]


def project(*empty: str, **seen) -> Document:
    """A project description with these fields left empty."""
    fields = {field: field not in empty for field in FIELDS}
    return document(Kind.PROJECT, fields=fields, requested=40_000 * SOM, **seen)


def test_a_form_of_the_announced_version_with_every_field_filled_in_has_no_remark():
    assert found(D02=project()) == []


def test_all_empty_fields_of_a_form_are_one_gap():
    assert told(found(D02=project("goal", "problem", "title"))) == [("unfilled", TO_CURE, "title, problem, goal")]


@pytest.mark.parametrize("field", [field for field in FIELDS if field != "requested"])
def test_no_field_that_the_pack_asks_for_may_stay_empty(field: str):
    assert told(found(D02=project(field))) == [("unfilled", TO_CURE, field)]


def test_a_field_whose_value_was_read_elsewhere_is_not_empty():
    assert found(D02=project("title", title="Таза шаар")) == []


def test_a_field_that_the_pack_does_not_ask_for_may_stay_empty():
    asks_less = changed("documents.D02.filled", ["goal"])

    assert found(asks_less, D02=project("title")) == []
    assert told(found(asks_less, D02=project("title", "goal"))) == [("unfilled", TO_CURE, "goal")]


@pytest.mark.parametrize(
    ("empty", "expected"),
    [
        ((), [("not_on_form", NOTICE, "")]),
        (("goal",), [("not_on_form", TO_CURE, "goal")]),
    ],
)
@pytest.mark.parametrize("mark", ["", "application-form", "budget 1 ky"])
def test_another_layout_is_noted_if_all_could_be_read_and_is_to_cure_if_not(mark: str, empty: tuple, expected: list):
    assert told(found(D02=project(*empty, form=mark))) == expected


@pytest.mark.parametrize(
    ("version", "empty", "expected"),
    [
        ("2", (), []),
        ("1", (), [("form_outdated", NOTICE, None)]),
        ("3", (), [("form_outdated", NOTICE, None)]),
        ("1", ("goal",), [("form_outdated", TO_CURE, None), ("unfilled", TO_CURE, "goal")]),
    ],
)
def test_the_form_is_of_the_version_that_was_announced(version: str, empty: tuple, expected: list):
    assert told(found(NEXT, D02=project(*empty, form=f"application-form {version} ru"))) == expected


def test_what_the_versions_are_is_told():
    assert found(NEXT, D02=project())[0].facts == {"code": "D02", "name": "file.pdf", "found": "1", "expected": "2"}


def test_a_form_beside_another_paper_of_the_kind_is_enough():
    assert found(D02=project(), annex=project(*FIELDS, form="", name="annex.docx")) == []
    assert found(D02=project("goal", name="old.docx"), new=project(name="new.docx")) == []


@pytest.mark.parametrize("fault", [Fault.NO_TEXT, Fault.BAD_TEXT, Fault.LEGACY])
def test_the_form_of_a_file_without_readable_words_is_for_the_officer_to_see(fault: Fault):
    remarks = found(D02=project(*FIELDS, form="", faults=[fault]))

    assert [one.rule for one in remarks] == ["flawed"]


def test_the_form_of_a_page_read_by_text_recognition_is_for_the_officer_to_see():
    assert found(D02=project(*FIELDS, form="", recognised=3)) == []


def test_whole_tables_are_filled_in_where_a_row_was_read_and_a_pdf_is_not_asked_for_them():
    row, line = Indicator(name="Урналар", target=40), BudgetLine(name="Урналар", total=1, requested=1)
    budget = {"requested": 4_000_000, "own_contribution": 0, "arithmetic_holds": True, "fields": {}}

    assert found(D02=project("indicators", indicators=[row])) == []
    assert found(D02=project("indicators", media=Media.PDF)) == []
    assert found(D04=document(Kind.BUDGET, lines=[line], **budget)) == []
    assert found(D04=document(Kind.BUDGET, media=Media.PDF, **budget)) == []
    assert told(found(D04=document(Kind.BUDGET, **budget))) == [("unfilled", TO_CURE, "lines")]


def test_a_paper_that_nobody_has_to_hand_in_is_only_noted():
    optional = changed("documents.D02.required", "optional")

    assert told(found(optional, D02=project("goal"))) == [("unfilled", NOTICE, "goal")]
    assert told(found(optional, D02=project("goal", form=""))) == [("not_on_form", NOTICE, "goal")]


def test_a_pack_may_ask_for_a_form_without_asking_for_fields_or_for_none_at_all():
    rule = PACK.documents[Kind.PROJECT]
    loose = rule.model_copy(update={"filled": None})
    free = rule.model_copy(update={"form": None})
    papers = {**PACK.documents}

    assert found(PACK.model_copy(update={"documents": {**papers, Kind.PROJECT: loose}}), D02=project("goal")) == []
    assert found(PACK.model_copy(update={"documents": {**papers, Kind.PROJECT: free}}), D02=project(form="")) == []


def test_what_rests_on_a_placeholder_says_so():
    form = PACK.documents[Kind.PROJECT].form.value
    unsure_form = changed("documents.D02.form", form, status="placeholder")
    unsure_fields = changed("documents.D02.filled", FIELDS, status="placeholder")

    assert found(unsure_form, D02=project(form=""))[0].placeholder
    assert not found(unsure_fields, D02=project(form=""))[0].placeholder
    assert found(unsure_fields, D02=project("goal", form=""))[0].placeholder
    assert found(unsure_fields, D02=project("goal"))[0].placeholder
