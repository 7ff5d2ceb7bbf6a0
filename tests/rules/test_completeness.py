from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import completeness, packs, papers
from rules.catalog import BLOCKS, NOTICE, RULES, TO_CURE, remark
from schemas.application import ApplicationStatus
from schemas.document import Document
from schemas.event import Act
from schemas.facts import Fault, Kind, Seen
from schemas.finding import Finding, FindingStatus, Remark
from tests.rules.makers import OWNED, PACK, SOM, application, changed, contest, document, package, rules_of, uid

KY = packs.load("kg-814-2017")
TWO_LOTS = [
    {
        "code": "K1",
        "title": {"ky": "Колдоосу жок аялдар", "ru": "Женщины без поддержки", "en": "Women"},
        "ceiling": 100,
    },
    {"code": "K2", "title": {"ky": "Үй-жайсыздар", "ru": "Бездомные", "en": "Homeless"}, "ceiling": 200},
]


def found(pack=PACK, /, **replaced: Document | None) -> list[Remark]:
    return completeness.remarks(pack, contest(), package(**replaced))


def only(remarks: list[Remark]) -> Remark:
    assert len(remarks) == 1, remarks
    return remarks[0]


def test_the_perfect_application_has_no_remark_and_is_admitted():
    assert found() == []
    assert completeness.verdict([], round=1, pack=PACK) is Act.APPLICATION_ADMIT


def test_all_gaps_are_named_at_once_the_gravest_first():
    remarks = found(D03=None, D07=None, D15=document(Kind.DECLARATION, signed=Seen.NOT_SEEN), D11=document(Kind.OTHER))

    assert [(one.rule, one.facts.get("code")) for one in remarks] == [
        ("missing", "D03"),
        ("missing", "D07"),
        ("unsigned", "D15"),
        ("unrecognised", None),
    ]


@pytest.mark.parametrize("code", [kind.value for kind in PACK.documents])
def test_every_document_of_the_catalogue_is_asked_for_when_it_must_be_there(code: str):
    needed = PACK.documents[Kind(code)].required.value == "always"

    assert rules_of(found(**{code: None})) == (["missing"] if needed else [])


def test_partners_letters_are_asked_for_only_if_a_contribution_is_claimed():
    claims = document(Kind.BUDGET, requested=4_000_000, own_contribution=500, arithmetic_holds=True)
    letter = document(Kind.PARTNER_LETTER, own_contribution=500)

    assert only(found(D04=claims)).kind is Kind.PARTNER_LETTER
    assert found(D04=claims, D13=letter) == []


def test_consent_is_asked_for_if_people_are_named():
    assert only(found(D11=document(Kind.STAFF_CV))).kind is Kind.CONSENT


def test_a_replaced_file_no_longer_counts():
    assert found(old=document(Kind.BUDGET, current=False, faults=[Fault.ENCRYPTED])) == []


@pytest.mark.parametrize("fault", Fault)
def test_a_file_with_a_fault_is_sent_again_or_taken_with_a_notice(fault: Fault):
    remark = only(found(D03=document(Kind.PLAN, name="план.pdf", faults=[fault])))

    lesser = fault in papers.LESSER_FAULTS
    assert (remark.rule, remark.severity) == (("flawed", NOTICE) if lesser else ("unreadable", TO_CURE))
    assert remark.facts == {"code": "D03", "name": "план.pdf", "fault": fault.value}


def test_an_unreadable_copy_beside_a_good_one_is_a_notice():
    copy = document(Kind.PLAN, faults=[Fault.ENCRYPTED])

    assert only(found(copy=copy)).severity is NOTICE


def test_an_unreadable_file_of_unknown_kind_matters_only_if_something_is_missing():
    scan = document(Kind.OTHER, name="Скан001.pdf", faults=[Fault.ENCRYPTED])

    assert only(found(scan=scan)).severity is NOTICE
    assert [(one.rule, one.severity) for one in found(scan=scan, D06=None)] == [
        ("missing", TO_CURE),
        ("unreadable", TO_CURE),
    ]


def test_an_unreadable_optional_document_is_a_notice():
    assert only(found(D12=document(Kind.PAST_PROJECTS, faults=[Fault.EMPTY]))).severity is NOTICE


@pytest.mark.parametrize(
    ("named", "sure", "expected"),
    [
        ("BATKEN-2018-1", 100, []),
        ("batken 2018/1", 100, []),
        ("ВАТКЕN-2018-1", 100, []),
        ("OSH-2018-1", 100, [("wrong_contest", TO_CURE)]),
        ("OSH-2018-1", 45, [("wrong_contest", NOTICE)]),
    ],
)
def test_the_papers_name_this_contest(named: str, sure: int, expected: list):
    paper = document(Kind.PLAN, contest=named, sure=sure)

    assert [(one.rule, one.severity) for one in found(D03=paper)] == expected


@pytest.mark.parametrize(
    ("theme", "sure", "expected"),
    [
        ("Таштанды", 100, []),
        ("Лот B1", 100, []),
        ("Проблема: мусор", 100, []),
        ("Дороги", 100, [TO_CURE]),
        ("Дороги", 40, [NOTICE]),
        ("—", 100, [TO_CURE]),
    ],
)
def test_the_theme_is_one_that_was_announced(theme: str, sure: int, expected: list):
    paper = document(Kind.PROJECT, theme=theme, requested=40_000 * SOM, sure=sure)

    assert [one.severity for one in found(D02=paper)] == expected


@pytest.mark.parametrize(
    ("signed", "expected"),
    [(Seen.SEEN, []), (Seen.NOT_SEEN, ["unsigned"]), (Seen.CANNOT_TELL, ["signature_cannot_tell"])],
)
def test_a_signature_is_seen_not_seen_or_cannot_be_told(signed: Seen, expected: list[str]):
    assert rules_of(found(D09=document(Kind.HEAD_APPOINTMENT, signed=signed))) == expected


def test_one_signed_copy_is_enough_and_an_optional_paper_unsigned_is_a_notice():
    assert found(copy=document(Kind.LETTER, signed=Seen.NOT_SEEN)) == []
    assert only(found(D13=document(Kind.PARTNER_LETTER, signed=Seen.NOT_SEEN))).severity is NOTICE


def test_a_certificate_counts_on_its_last_day_and_not_after():
    def until(day: date) -> list[Remark]:
        return found(D07=document(Kind.TAX_CERTIFICATE, issued_on=date(2018, 7, 20), valid_until=day))

    assert until(date(2018, 8, 3)) == []
    assert only(until(date(2018, 8, 2))).facts == {
        "code": "D07",
        "name": "file.pdf",
        "valid_until": "2018-08-02",
        "needed_until": "2018-08-03",
    }


def test_a_licence_is_valid_through_the_end_of_the_project():
    assert found(D14=document(Kind.LICENCE, valid_until=date(2019, 3, 31))) == []
    assert rules_of(found(D14=document(Kind.LICENCE, valid_until=date(2019, 3, 30)))) == ["expired"]
    assert rules_of(found(D03=document(Kind.PLAN, valid_until=date(2001, 1, 1)))) == []
    never = changed("documents.D14.valid_on", "none")
    assert found(never, D14=document(Kind.LICENCE, valid_until=date(2019, 3, 30))) == []


def test_a_certificate_is_as_old_as_the_pack_allows_and_no_older():
    def issued(day: date | None) -> list[Remark]:
        told = {"issued_on": day} if day else {}
        return found(D08=document(Kind.SOCIAL_CERTIFICATE, **told))

    assert issued(date(2018, 7, 4)) == []
    assert only(issued(date(2018, 7, 3))).facts["oldest"] == "2018-07-04"
    assert (only(issued(None)).rule, only(issued(None)).severity) == ("age_cannot_tell", NOTICE)


def test_an_optional_paper_that_is_too_old_is_a_notice():
    assert only(found(D18=document(Kind.PRICE_QUOTE, dated=date(2017, 1, 1)))).severity is NOTICE


def test_a_letter_bears_no_date_after_the_cutoff_unless_it_cures():
    def dated(day: date, hand_in: int = 1) -> list[str]:
        return rules_of(found(D15=document(Kind.DECLARATION, dated=day, round=hand_in)))

    assert dated(date(2018, 8, 3)) == []
    assert dated(date(2018, 8, 4)) == ["dated_late"]
    assert dated(date(2018, 8, 10), hand_in=2) == []


@pytest.mark.parametrize(
    ("name", "sure", "expected"),
    [
        ("ОФ «ТАЗА БАТКЕН»", 100, []),
        ("Таза Баткен коомдук фонду", 100, [NOTICE]),
        ("«Таза Баткет»", 100, [NOTICE]),
        ("«Жашыл Кыштак»", 100, [TO_CURE]),
        ("«Жашыл Кыштак»", 50, [NOTICE]),
        ("«—»", 100, [TO_CURE]),
    ],
)
def test_the_organisation_bears_one_name(name: str, sure: int, expected: list):
    remarks = found(D06=document(Kind.CHARTER, organisation=name, sure=sure))

    assert [one.severity for one in remarks] == expected
    assert all(one.rule == "names_unequal" and one.facts["other"] == "D05" for one in remarks)


def test_numbers_are_the_same_wherever_they_stand():
    paper = document(Kind.LETTER, inn="01203201510047", okpo="22518107")

    remark = only(found(D01=paper))
    assert (remark.rule, remark.facts["field"], remark.facts["expected"]) == (
        "numbers_unequal",
        "inn",
        "01203201510046",
    )
    assert only(found(D01=document(Kind.LETTER, inn="1", sure=50))).severity is NOTICE


def test_the_sum_asked_for_is_one_sum():
    letter = document(Kind.LETTER, requested=41_000 * SOM)

    assert only(found(D01=letter)).facts == {
        "code": "D01",
        "other": "D04",
        "found_tyiyn": 4_100_000,
        "expected_tyiyn": 4_000_000,
    }
    assert only(found(D01=document(Kind.LETTER, requested=1, sure=45))).severity is NOTICE


def test_partners_letters_add_up_to_the_contribution_of_the_budget():
    budget = document(Kind.BUDGET, requested=4_000_000, own_contribution=700, arithmetic_holds=True)
    letters = {"a": document(Kind.PARTNER_LETTER, own_contribution=500), "c": document(Kind.PARTNER_LETTER)}

    assert found(D04=budget, **letters, b=document(Kind.PARTNER_LETTER, own_contribution=200)) == []
    assert rules_of(found(D04=budget, **letters)) == ["contribution_unequal"]


@pytest.mark.parametrize(
    ("holds", "expected"),
    [(True, []), (False, [("arithmetic", TO_CURE)]), (None, [("arithmetic_cannot_tell", NOTICE)])],
)
def test_the_budget_adds_up(holds: bool | None, expected: list):
    paper = document(Kind.BUDGET, requested=4_000_000, own_contribution=0, arithmetic_holds=holds)

    assert [(one.rule, one.severity) for one in found(D04=paper)] == expected


def test_nobody_asks_for_more_than_the_ceiling():
    def asks(som: int) -> list[str]:
        paper = document(Kind.BUDGET, requested=som * SOM, own_contribution=0, arithmetic_holds=True)
        return rules_of(found(D04=paper, D02=document(Kind.PROJECT, theme="B1")))

    assert asks(50_000) == []
    assert asks(50_001) == ["over_ceiling"]


@pytest.mark.parametrize(
    ("theme", "asked", "over"),
    [("K1", 100, False), ("Колдоосу жок аялдар", 101, True), ("K2", 200, False), (None, 200, False), (None, 201, True)],
)
def test_the_ceiling_is_that_of_the_theme_and_the_highest_if_no_theme_can_be_told(theme, asked: int, over: bool):
    project = document(Kind.PROJECT, **({"theme": theme} if theme else {}))
    budget = document(Kind.BUDGET, requested=asked, own_contribution=0, arithmetic_holds=True)

    remarks = completeness.remarks(PACK, contest(themes=TWO_LOTS), package(D02=project, D04=budget))
    assert rules_of(remarks) == (["over_ceiling"] if over else [])


def test_a_budget_without_a_sum_is_for_the_officer_to_read():
    paper = document(Kind.BUDGET, arithmetic_holds=True)

    remarks = found(D02=document(Kind.PROJECT, theme="B1"), D04=paper)
    assert sorted(rules_of(remarks)) == ["contribution_not_shown", "sum_cannot_tell"]
    assert rules_of(found(D02=document(Kind.PROJECT), D04=None)) == ["missing"]


def test_the_own_contribution_is_as_large_as_the_pack_asks_for():
    pack = changed("eligibility.contribution_percent", 10, status="placeholder")

    def gives(own: int) -> list[Remark]:
        budget = document(Kind.BUDGET, requested=900, own_contribution=own, arithmetic_holds=True)
        papers = package(
            D02=document(Kind.PROJECT), D04=budget, D13=document(Kind.PARTNER_LETTER, own_contribution=own)
        )
        return completeness.remarks(pack, contest(), papers)

    assert gives(100) == []
    remark = only(gives(99))
    assert (remark.rule, remark.facts["needed_tyiyn"], remark.placeholder) == ("contribution_low", 100, True)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"starts": date(2018, 10, 1), "ends": date(2019, 3, 31)}, []),
        ({"starts": date(2018, 9, 30)}, [TO_CURE]),
        ({"ends": date(2019, 4, 1)}, [TO_CURE]),
        ({"ends": date(2019, 4, 1), "sure": 45}, [NOTICE]),
    ],
)
def test_the_project_lies_within_the_announced_term(told: dict, expected: list):
    assert [one.severity for one in found(D03=document(Kind.PLAN, **told))] == expected


def test_what_rests_on_a_placeholder_says_so():
    assert only(found(KY, D07=None)).placeholder
    assert not only(found(D07=None)).placeholder


@given(st.permutations(range(10)), st.sets(st.sampled_from([f"D{n:02}" for n in range(1, 10)])))
def test_the_order_of_the_files_changes_no_finding(order: list[int], left_out: set[str]):
    papers = [one for one in package() if one.kind.value not in left_out]
    shuffled = [papers[n] for n in order if n < len(papers)]

    plainly = completeness.remarks(PACK, contest(), papers)
    assert completeness.remarks(PACK, contest(), shuffled) == plainly
    assert {one.facts["code"] for one in plainly if one.rule == "missing"} == left_out


def gap(severity=TO_CURE) -> Remark:
    return remark("missing", severity, kind=Kind.PLAN)


@pytest.mark.parametrize(
    ("severities", "hand_in", "expected"),
    [
        ([], 1, Act.APPLICATION_ADMIT),
        ([NOTICE], 1, Act.APPLICATION_ADMIT),
        ([TO_CURE, NOTICE], 1, Act.APPLICATION_ASK_FOR_MORE),
        ([TO_CURE], 2, Act.APPLICATION_REFUSE),
        ([NOTICE], 2, Act.APPLICATION_ADMIT),
        ([BLOCKS], 1, Act.APPLICATION_REFUSE),
        ([BLOCKS, TO_CURE], 1, Act.APPLICATION_REFUSE),
    ],
)
def test_the_verdict_admits_asks_once_or_refuses(severities: list, hand_in: int, expected: Act):
    assert completeness.verdict([gap(one) for one in severities], round=hand_in, pack=PACK) is expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (FindingStatus.OPEN, Act.APPLICATION_ASK_FOR_MORE),
        (FindingStatus.OVERRIDDEN, Act.APPLICATION_ADMIT),
        (FindingStatus.CURED, Act.APPLICATION_ADMIT),
    ],
)
def test_a_finding_that_an_officer_set_aside_no_longer_stands(status: FindingStatus, expected: Act):
    finding = Finding(**OWNED, application_id=uid(1), rule="missing", severity=TO_CURE, status=status)

    assert completeness.verdict([finding], round=1, pack=PACK) is expected


def test_gaps_are_refused_the_day_after_the_cure_term_and_not_on_its_last_day():
    waiting = application(status=ApplicationStatus.TO_CURE, cure_until=date(2018, 8, 13))

    assert completeness.refuse_uncured(PACK, waiting, date(2018, 8, 13)) is None
    ground = completeness.refuse_uncured(PACK, waiting, date(2018, 8, 14))
    assert ground is not None
    assert (ground.rule, ground.severity) == ("uncured", BLOCKS)
    assert completeness.refuse_uncured(PACK, application(), date(2018, 8, 14)) is None
    assert completeness.refuse_uncured(PACK, application(status=ApplicationStatus.TO_CURE), date(2030, 1, 1)) is None


def test_every_rule_says_in_its_docstring_what_an_officer_would_say():
    assert all(rule.__doc__ and rule.__doc__.endswith(".") for rule in completeness.RULES)
    assert len(RULES) == len(set(RULES))


def test_what_text_recognition_read_is_believed_on_days_where_it_was_sure_and_nowhere_else():
    def told(**replaced: Document) -> list[tuple[str, str]]:
        return [(one.rule, one.severity) for one in found(**replaced)]

    old = date(2018, 1, 1)
    for sure, severity in ((90, TO_CURE), (60, NOTICE)):
        expired = document(Kind.TAX_CERTIFICATE, recognised=1, valid_until=old, issued_on=date(2018, 7, 20), sure=sure)
        assert told(D07=expired) == [("expired", severity)]
        aged = document(Kind.TAX_CERTIFICATE, recognised=1, issued_on=old, sure=sure)
        assert told(D07=aged) == [("too_old", severity)]
        late = document(Kind.DECLARATION, recognised=1, dated=date(2018, 12, 1), sure=sure)
        assert told(D15=late) == [("dated_late", severity)]
    number = document(Kind.REGISTRATION, recognised=1, inn="99999999999999", sure=95)
    assert {severity for _, severity in told(D05=number)} == {NOTICE}
    assert not papers.Paper(number, number.seen()).sure("no such value")


def test_what_an_officer_set_aside_stays_set_aside_in_the_next_round():
    found = [remark("missing", TO_CURE, kind=kind) for kind in (Kind.CHARTER, Kind.LETTER)]
    told = {"application_id": uid(1), "rule": "missing", "severity": TO_CURE}
    before = [
        Finding(kind=Kind.CHARTER, status=FindingStatus.OVERRIDDEN, **told),
        Finding(kind=Kind.LETTER, status=FindingStatus.CURED, **told),
    ]
    assert [one.kind for one in completeness.standing(found, before)] == [Kind.LETTER]
