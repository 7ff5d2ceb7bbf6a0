from collections.abc import Collection
from datetime import date
from uuid import UUID

import pytest

from rules import eligibility
from rules.catalog import BLOCKS, NOTICE, remark
from rules.packs import Pack
from schemas.application import Application, ApplicationStatus, Organisation
from schemas.document import Document
from schemas.event import Act
from schemas.facts import Kind
from schemas.finding import Finding, FindingStatus, Remark
from tests.rules.makers import OWNED, PACK, application, changed, contest, document, organisation, rules_of, uid


def found(
    pack: Pack = PACK,
    *,
    who: Organisation | None = None,
    papers: tuple[Document, ...] = (),
    others: tuple[Application, ...] = (),
    proven: Collection[UUID] = (),
) -> list[Remark]:
    return eligibility.remarks(pack, contest(), application(2), who or organisation(), papers, others, proven)


def test_a_non_commercial_organisation_of_age_is_qualified():
    assert found() == []
    assert eligibility.verdict([]) is Act.APPLICATION_QUALIFY


def test_a_commercial_organisation_is_refused_unless_the_pack_lets_it_in():
    assert rules_of(found(who=organisation(commercial=True))) == ["commercial"]
    assert found(changed("eligibility.non_commercial", False), who=organisation(commercial=True)) == []


@pytest.mark.parametrize(("day", "young"), [(date(2017, 8, 3), False), (date(2017, 8, 4), True)])
def test_an_organisation_is_old_enough_on_the_day_of_the_cutoff(day: date, young: bool):
    assert rules_of(found(who=organisation(registered_on=day))) == (["too_young"] if young else [])
    paper = document(Kind.REGISTRATION, registered_on=day)
    assert rules_of(found(who=organisation(registered_on=None), papers=(paper,))) == (["too_young"] if young else [])


def test_an_unknown_age_is_for_the_officer():
    assert rules_of(found(who=organisation(registered_on=None))) == ["registration_cannot_tell"]
    unread = document(Kind.REGISTRATION)
    assert rules_of(found(who=organisation(registered_on=None), papers=(unread,))) == ["registration_cannot_tell"]


def test_arrears_block_and_a_clean_certificate_does_not():
    owing = document(Kind.TAX_CERTIFICATE, arrears=500)

    assert [(one.rule, one.severity, one.facts) for one in found(papers=(owing,))] == [
        ("arrears", BLOCKS, {"code": "D07", "amount_tyiyn": 500})
    ]
    assert found(papers=(document(Kind.SOCIAL_CERTIFICATE, arrears=0), document(Kind.PLAN, arrears=7))) == []
    assert found(changed("eligibility.no_arrears", False), papers=(owing,)) == []
    assert found(papers=(document(Kind.TAX_CERTIFICATE, arrears=500, current=False),)) == []


def test_the_second_application_of_one_organisation_is_blocked_and_the_first_is_told():
    def other(number: int, status: ApplicationStatus = ApplicationStatus.COMPLETE) -> Application:
        return application(number, organisation_id=uid(202), status=status)

    assert [one.severity for one in found(others=(other(1),), proven=[other(1).id])] == [BLOCKS]
    assert [one.severity for one in found(others=(other(1),))] == [NOTICE]
    assert [one.severity for one in found(others=(other(3),), proven=[other(3).id])] == [NOTICE]
    assert found(others=(other(1, ApplicationStatus.WITHDRAWN), application(1), application(2))) == []
    assert found(changed("eligibility.one_application", False), others=(other(1),)) == []


@pytest.mark.parametrize(("word", "expected"), [("refuse", [BLOCKS]), ("notice", [NOTICE]), ("ignore", [])])
def test_money_won_in_another_contest_is_looked_into_as_the_pack_says(word: str, expected: list):
    before = application(9, organisation_id=uid(202), contest_id=uid(7), status=ApplicationStatus.WINNER)
    lost = application(8, organisation_id=uid(202), contest_id=uid(7), status=ApplicationStatus.PASSED_OVER)

    remarks = found(changed("eligibility.funded_before", word), others=(before, lost))
    assert [one.severity for one in remarks] == expected


def test_the_goals_of_a_charter_and_an_unknown_organisation_are_for_the_officer():
    assert rules_of(found(papers=(document(Kind.CHARTER), document(Kind.PLAN)))) == ["goals_cannot_tell"]
    remarks = eligibility.remarks(PACK, contest(), application(2), None, [], [])
    assert rules_of(remarks) == ["registration_cannot_tell", "organisation_unknown"]
    assert eligibility.verdict(remarks) is Act.APPLICATION_QUALIFY


def test_only_what_blocks_and_stands_refuses():
    blocks = Finding(**OWNED, application_id=uid(1), rule="commercial", severity=BLOCKS)
    aside = Finding(**OWNED, application_id=uid(1), rule="commercial", severity=BLOCKS, status=FindingStatus.OVERRIDDEN)

    assert eligibility.verdict([blocks]) is Act.APPLICATION_REFUSE
    assert eligibility.verdict([aside]) is Act.APPLICATION_QUALIFY
    assert eligibility.verdict([remark("commercial", BLOCKS)]) is Act.APPLICATION_REFUSE


def test_a_certificate_bears_a_number_out_by_its_own_text_alone():
    inn = organisation().inn
    assert eligibility.bears_out(organisation(), document(Kind.REGISTRATION, inn=inn))
    assert not eligibility.bears_out(organisation(), document(Kind.REGISTRATION, inn=inn, recognised=1))
    assert not eligibility.bears_out(organisation(), document(Kind.REGISTRATION, inn="99999999999999"))
    assert not eligibility.bears_out(organisation(), document(Kind.CHARTER, inn=inn))
