"""A copy from another organisation is a notice; one's own earlier text, a blank form and a sealed case are none."""

import base64
import random
import struct
from collections.abc import Iterable
from math import log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import copying
from rules.catalog import NOTICE
from rules.copying import MOST, SURE, Other
from schemas.application import ApplicationStatus
from schemas.document import Document
from schemas.facts import SKETCH, BudgetLine, Fault, Kind, Sketch
from schemas.finding import INSIDE, Remark
from tests.rules.makers import PACK, application, changed, document, uid

MINE = range(100)


def sketch(numbers: Iterable[int]) -> Sketch:
    lowest = sorted(known := set(numbers))[:SKETCH]
    return Sketch(of=len(known), hashes=base64.b64encode(struct.pack(f">{len(lowest)}I", *lowest)).decode())


def text(numbers: Iterable[int], kind: Kind = Kind.PROJECT) -> Document:
    return document(kind, sketch=sketch(numbers))


def other(number: int = 1, numbers: Iterable[int] = (), *, sha256: str = "theirs", **told: object) -> Other:
    return Other(application(number, **told), f"BATKEN-2018-1/{number}", sha256, sketch(numbers))


def found(*papers: Document, others: Iterable[Other], pack: object = PACK) -> list[Remark]:
    return copying.remarks(pack, application(9, sender="nine@ngo.example"), papers, list(others))  # type: ignore[arg-type]


# -- the text -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("common", "told"), [(50, []), (51, [51])])
def test_more_than_half_of_the_text_is_told_and_just_half_is_not(common: int, told: list[int]):
    remarks = found(text(MINE), others=[other(1, [*range(common), *range(1000, 1000 + 100 - common)])])

    assert [one.facts["percent"] for one in remarks] == told


def test_the_notice_names_the_file_the_share_and_the_other_case():
    [told] = found(text(MINE), others=[other(3, MINE)])

    assert (told.rule, told.severity, told.placeholder) == ("shared_text", NOTICE, False)
    assert told.facts == {"code": "D02", "name": "file.pdf", "percent": 100, "other": "BATKEN-2018-1/3"}


def test_how_much_may_be_shared_is_said_by_the_pack_and_so_is_its_status():
    strict = changed("eligibility.shared_text_percent", 20, status="placeholder")

    assert [one.placeholder for one in found(text(MINE), others=[other(1, range(21))], pack=strict)] == [True]
    assert found(text(MINE), others=[other(1, range(20))], pack=strict) == []


def test_what_stands_in_a_much_longer_text_is_shared_by_the_shorter_one_only():
    short, long = range(100), range(220)

    assert [one.facts["percent"] for one in found(text(short), others=[other(1, long)])] == [100]
    assert found(text(long), others=[other(1, short)]) == []


def test_texts_of_which_too_little_can_be_compared_are_passed_over():
    assert copying.shared(sketch(range(SURE)), sketch(range(SURE))) == (SURE, SURE)
    assert copying.shared(sketch(range(SURE - 1)), sketch(range(SURE - 1))) == (0, 0)
    assert found(text(range(SURE - 1)), others=[other(1, range(SURE - 1))]) == []
    assert found(text(()), others=[other(1, MINE)]) == []


def test_only_projects_and_plans_are_compared_by_their_text():
    assert len(found(text(MINE, Kind.PLAN), others=[other(1, MINE)])) == 1
    assert found(text(MINE, Kind.LETTER), document(Kind.PROJECT), others=[other(1, MINE)]) == []
    assert found(text(MINE), others=[Other(application(1), "x/1", "theirs")]) == []
    assert found(document(Kind.PROJECT, sketch=sketch(MINE), current=False), others=[other(1, MINE)]) == []


def test_of_many_the_likest_are_named_each_once():
    many = [other(number, range(60 + number)) for number in range(1, MOST + 2)]

    told = found(text(MINE), others=[*many, other(1, range(55))])

    assert [(one.facts["other"], one.facts["percent"]) for one in told] == [
        (f"BATKEN-2018-1/{number}", 60 + number) for number in range(MOST + 1, 1, -1)
    ]


# -- who ------------------------------------------------------------------------------------------------------------


def test_an_organisation_may_repeat_itself():
    assert found(text(MINE), others=[other(1, MINE, organisation_id=uid(209))]) == []
    assert len(found(text(MINE), others=[other(1, MINE, organisation_id=uid(201))])) == 1


@pytest.mark.parametrize(("sender", "told"), [("nine@ngo.example", 0), ("one@ngo.example", 1)])
def test_where_the_papers_do_not_say_who_applies_the_sender_counts(sender: str, told: int):
    unknown = other(1, MINE, organisation_id=None, sender=sender)

    assert len(found(text(MINE), others=[unknown])) == told


@pytest.mark.parametrize("status", list(ApplicationStatus))
def test_only_what_has_been_opened_is_compared(status: ApplicationStatus):
    sealed = status in (ApplicationStatus.RECEIVED, ApplicationStatus.TURNED_AWAY)

    assert len(found(text(MINE), others=[other(1, MINE, status=status)])) == (0 if sealed else 1)


# -- the file -------------------------------------------------------------------------------------------------------


def handed_in(kind: Kind, **seen: object) -> Document:
    made = document(kind, **seen)  # type: ignore[arg-type]
    made.sha256 = "same"
    return made


@pytest.mark.parametrize(
    ("paper", "told"),
    [
        pytest.param(handed_in(Kind.CHARTER), True, id="charter"),
        pytest.param(handed_in(Kind.BUDGET), True, id="budget"),
        pytest.param(handed_in(Kind.PRICE_QUOTE), False, id="a shop's price list"),
        pytest.param(handed_in(Kind.CONSENT), False, id="consent"),
        pytest.param(handed_in(Kind.OTHER), False, id="a law"),
        pytest.param(handed_in(Kind.CHARTER, faults=[Fault.EMPTY]), False, id="empty"),
        pytest.param(handed_in(Kind.CHARTER, current=False), False, id="replaced"),
        pytest.param(handed_in(Kind.PROJECT, fields={"title": False}), False, id="a blank form"),
        pytest.param(handed_in(Kind.PROJECT, fields={}, sketch=sketch([])), False, id="nothing but our words"),
        pytest.param(handed_in(Kind.PROJECT, fields={"title": True}), True, id="a filled form"),
        pytest.param(handed_in(Kind.PROJECT, fields={}, sketch=sketch([1])), True, id="words of its own"),
        pytest.param(
            handed_in(Kind.BUDGET, fields={}, lines=[BudgetLine(name="Урналар", total=1, requested=1)]),
            True,
            id="a line",
        ),
    ],
)
def test_the_very_same_file_counts_where_an_organisation_has_it_for_itself(paper: Document, told: bool):
    taken_back = other(3, sha256="same", status=ApplicationStatus.WITHDRAWN)
    others = [other(1, sha256="same"), other(2, sha256="another"), taken_back]

    assert [(one.rule, one.facts["other"]) for one in found(paper, others=others)] == (
        [("same_file", "BATKEN-2018-1/1")] if told else []
    )


def test_the_same_file_is_not_told_again_as_a_shared_text_and_few_cases_are_named():
    paper = text(MINE)
    paper.sha256 = "same"
    others = [other(number, MINE, sha256="same") for number in range(1, MOST + 2)]

    assert [one.rule for one in found(paper, others=others)] == ["same_file"] * MOST


def test_what_tells_of_anothers_case_is_for_the_office_only():
    paper, copied = text(MINE), handed_in(Kind.CHARTER)

    told = found(paper, copied, others=[other(1, MINE), other(2, sha256="same")])

    assert {one.rule for one in told} == INSIDE


# -- the estimate ---------------------------------------------------------------------------------------------------

LENGTHS = st.integers(0, 4_000)


@given(mine=LENGTHS, theirs=LENGTHS, both=LENGTHS, seed=st.integers(0, 10_000))
def test_the_estimated_share_is_near_the_true_one_whatever_the_texts(mine: int, theirs: int, both: int, seed: int):
    draw = random.Random(seed)
    common = {draw.getrandbits(32) for _ in range(both)}
    left = common | {draw.getrandbits(32) for _ in range(mine)}
    right = common | {draw.getrandbits(32) for _ in range(theirs)}

    found, of = copying.shared(sketch(left), sketch(right))

    if of == 0:
        return
    if len(left) <= SKETCH and len(right) <= SKETCH:
        assert (found, of) == (len(left & right), len(left))
    # Hoeffding's inequality: further off than this in one case of a thousand million
    assert abs(found / of - len(left & right) / len(left)) <= sqrt(log(2e9) / (2 * of))


def test_the_share_of_two_texts_of_one_length_is_within_six_points_in_nineteen_of_twenty_cases():
    draw = random.Random(1997)
    near = 0
    for _ in range(400):
        both = draw.randint(0, 2_000)
        common = [draw.getrandbits(32) for _ in range(both)]
        left, right = ([*common, *(draw.getrandbits(32) for _ in range(2_000 - both))] for _ in range(2))
        found, of = copying.shared(sketch(left), sketch(right))
        near += abs(found / of - both / 2_000) <= 0.06
    assert near >= 380


def test_a_sketch_that_is_none_is_no_sketch():
    whole = sketch(MINE)
    for broken in (
        {"of": 99, "hashes": whole.hashes},
        {"of": 2, "hashes": base64.b64encode(struct.pack(">2I", 2, 1)).decode()},
        {"of": 2, "hashes": base64.b64encode(struct.pack(">2I", 1, 1)).decode()},
        {"of": 100, "hashes": "§"},
    ):
        with pytest.raises(ValueError):
            Sketch.model_validate(broken)
    assert whole.numbers() == tuple(MINE)
