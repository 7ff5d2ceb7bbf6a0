"""Of contests that are drafted at once under a new edition of a rule pack one is the first, on both databases."""

from threading import Thread
from uuid import uuid4

import pytest

from flows.office import Office
from flows.steps import adopting, register
from rules.packs import load
from schemas.contest import Contest
from schemas.customer import Role
from schemas.doer import Doer
from schemas.event import Act, Event
from storage.work import looking

WORDS = {"ky": "Баткен", "ru": "Баткен", "en": "Batken"}


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.server)], indirect=True)
def test_one_is_the_first(office: Office):
    tenant = register.register_customer(
        office, register.OPERATOR, code="batken", name=WORDS, city=WORDS, zone="Asia/Bishkek"
    )
    pack, doer = load("kg-814-2017"), Doer(uuid4(), tenant, frozenset({Role.COORDINATOR}))

    def draft(number: int) -> None:
        contest = Contest.model_construct(tenant_id=tenant, number=f"BATKEN-{number}")
        with office.acting(doer, Act.PACK_ADOPT) as work:
            adopting.adopt(work, pack, contest)

    threads = [Thread(target=draft, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    with looking(office.engine, office.system) as look:
        assert len(look.all(Event, act=Act.PACK_ADOPT)) == 1
