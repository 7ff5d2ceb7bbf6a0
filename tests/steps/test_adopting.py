"""A rule pack's chain at a customer tells since which contest each of its editions is followed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from cli.demo import cities
from flows.steps import adopting, announcement, sealing
from rules.packs import load
from schemas.contest import Contest
from schemas.customer import Role
from schemas.event import Act, Event, Stream
from schemas.programme import Programme
from storage import search
from storage.search import Query, Sight
from storage.work import looking
from tests.offices import FILES, OURS, THEIRS, Desk


@pytest.fixture
def desk(desk_at: Callable[..., Desk]) -> Desk:
    return desk_at("announced")


def told(desk: Desk, customer: str = OURS) -> list[dict[str, Any]]:
    """What each event of the customer's pack chains says, oldest first."""
    tenant = desk.who("head", customer).tenant_id
    events = desk.all(Event, tenant_id=tenant, act=Act.PACK_ADOPT, order="at")
    return [orjson.loads(one.body) for one in events]


def second(tmp_path: Path, number: str, pack: str = "kg-814-2017") -> Path:
    text = (FILES / "batken-contest.toml").read_text().replace('"BATKEN-2018-1"', f'"{number}"')
    place = tmp_path / f"{number}.toml"
    place.write_text(text.replace('"kg-814-2017"', f'"{pack}"'))
    return place


def draft(desk: Desk, source: Path) -> Contest:
    [programme] = desk.all(Programme, tenant_id=desk.contest.tenant_id)
    doer = desk.as_role(Role.COORDINATOR)
    return desk.get(Contest, announcement.draft_contest(desk.office, doer, programme.id, source))


def test_the_first_contest_of_each_customer_under_an_edition_is_on_record(desk: Desk):
    for customer in (OURS, THEIRS):
        [body] = told(desk, customer)
        number, pack = cities.load(customer).number, load("kg-814-2017")
        assert (body["pack"], body["facts"]["contest"], body["rule"]) == (pack.edition, number, "in_force")
        assert (body["noun"], body["role"]) == ("pack", "coordinator")
        chain = desk.get(Stream, adopting.chain_of(desk.who("head", customer).tenant_id or desk.contest.id, pack.id))
        assert (chain.kind, chain.name, chain.seq) == ("pack", f"{customer}/kg-814-2017", 1)


def test_a_later_contest_is_told_only_under_another_pack_or_edition(desk: Desk, tmp_path: Path):
    contest = draft(desk, second(tmp_path, "BATKEN-2018-2"))
    assert len(told(desk)) == 1
    newer = load("kg-814-2017").model_copy(update={"version": 99})
    for _ in range(2):
        with desk.office.acting(desk.as_role(Role.COORDINATOR), Act.PACK_ADOPT) as work:
            adopting.adopt(work, newer, work.get(Contest, contest.id))
    assert [one["pack"] for one in told(desk)][1:] == [newer.edition]
    assert told(desk)[1]["stream"] == told(desk)[0]["stream"]
    draft(desk, second(tmp_path, "BATKEN-2018-3", "example"))
    assert told(desk)[2]["facts"]["contest"] == "BATKEN-2018-3"
    assert told(desk)[2]["stream"] != told(desk)[0]["stream"]
    sealing.seal(desk.office)
    sealing.verify_all(desk.office)
    with looking(desk.office.engine, desk.office.system) as look:
        found = search.find(look.session, Query(pack="kg-814-2017@99"), Sight(contest.tenant_id))
    assert [one.act for one in found.rows] == [Act.PACK_ADOPT]
