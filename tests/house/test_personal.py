"""What may be said openly of people in an event: nothing. Every field that holds words is personal, or told why not."""

import pytest
from sqlalchemy import Enum

from schemas.base import Recorded
from schemas.tables import METADATA
from tests.house.tree import all_right

UNTOLD = {"id", "tenant_id", "stream_id", "event_id", "version"}
# Fields with words in them that say nothing of a person, by why.
OPEN = {
    "published: announced, decided or contracted before all": {
        *("application.title", "application.theme", "assignment.because", "contest.title", "contest.goal"),
        *("contest.tasks", "contest.problem", "contest.submit_to", "contest.themes", "contract.lines"),
        *("contract.indicators", "contract.milestones", "customer.name", "customer.city", "customer.requisites"),
        *("period.lines", "period.title", "problem.title", "problem.description", "problem.numbers"),
        *("programme.title", "programme.approved_by", "programme.budget_line", "sitting.place"),
    },
    "of an organisation, as its public registration has it": {
        *("organisation.name", "organisation.inn", "organisation.okpo"),
    },
    "figures of a report: lines of the budget, milestones, points": {
        *("report.lines", "report.indicators", "report.checkpoints", "sheet.points"),
    },
    "numbers, codes and names of things": {
        *("application.package_sha256", "application.ground", "contest.number", "contest.zone", "contest.pack"),
        *("contest.pack_version", "contest.pack_sha256", "contract.number", "contract.rungs", "contract.refunds"),
        *("customer.code", "customer.zone", "declaration.found", "document.sha256", "finding.rule", "item.recused"),
        *("mend.rungs", "parcel.sha256", "parcel.detail", "parcel.asked", "parcel.source", "period.rungs"),
        *("period.parts", "report.package_sha256", "report.parts", "sitting.present", "tranche.conditions"),
        "tranche.order_number",
    },
    "the act of a court or an office, which is named without people": {
        *("legalhold.name", "legalhold.act", "legalhold.number", "legalhold.lifted_by", "legalhold.lifted_number"),
    },
}
MODELS = sorted(Recorded.__subclasses__(), key=lambda one: one.__name__)


def wordy(model: type[Recorded]) -> set[str]:
    """Fields that can hold whatever somebody writes."""
    columns = METADATA.tables[model.__name__.lower()].columns
    free = {one.name for one in columns if str(one.type).partition("(")[0] in ("VARCHAR", "JSON", "TEXT")}
    return {name for name in free if not isinstance(columns[name].type, Enum)} - UNTOLD


def test_every_field_with_words_is_personal_or_it_is_said_why_not():
    told = set().union(*OPEN.values())
    open_ = {f"{one.__name__.lower()}.{name}" for one in MODELS for name in wordy(one) - one.personal}

    all_right(f"{one}: personal, or open for a reason?" for one in sorted(open_ - told))
    all_right(f"{one}: is not there, or is personal" for one in sorted(told - open_))


@pytest.mark.parametrize("model", MODELS, ids=lambda one: one.__name__)
def test_what_is_personal_is_a_field(model: type[Recorded]):
    assert model.personal <= set(model.model_fields)
