"""An office with a log that grows, for tests of witnesses and of what papers tell."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flows.office import Office
from flows.steps import publication, register, sealing
from schemas.customer import Role
from schemas.doer import Doer
from schemas.event import Checkpoint
from schemas.settings import Settings, Store
from storage.work import looking

AT = datetime(2018, 6, 29, 5, tzinfo=UTC)
WORDS = {"ky": "Баткен", "ru": "Баткен", "en": "Batken"}


def office_of(home: Path) -> Office:
    home.mkdir(parents=True, exist_ok=True)
    at(home, AT)
    return Office(Settings(home=home, store=Store.FOLDER, clock=home / "clock"))


def at(home: Path, when: datetime) -> None:
    (home / "clock").write_text(when.isoformat())


def customer_of(office: Office) -> UUID:
    """A customer whose coordinator and head can be written to."""
    tenant = register.register_customer(
        office, register.OPERATOR, code="batken", name=WORDS, city=WORDS, zone="Asia/Bishkek"
    )
    for role in (Role.COORDINATOR, Role.HEAD):
        register.register_person(
            office,
            register.OPERATOR,
            tenant_id=tenant,
            login=f"batken.{role.value}",
            name="Асанов Бакыт",
            email=f"{role.value}@batken.example",
            roles={role: None},
        )
    return tenant


def propose(office: Office, tenant: UUID, title: str = "Таштанды") -> UUID:
    words = dict.fromkeys(("ky", "ru", "en"), title)
    clerk = Doer(id=uuid4(), tenant_id=tenant, roles=frozenset({Role.COORDINATOR}))
    return register.propose_problem(office, clerk, title=words, description=words, numbers="7", proposed_by="Асанов")


def sealed(office: Office, tenant: UUID, times: int = 1) -> Checkpoint:
    """The log with so many more events, and its checkpoint."""
    for _ in range(times):
        propose(office, tenant, f"көйгөй {uuid4()}")
    found = sealing.seal(office)
    assert found is not None
    return found


def line_of(checkpoint: Checkpoint) -> str:
    """What papers tell of it."""
    origin = checkpoint.note.partition("\n")[0]
    return f"{origin} {checkpoint.size} {checkpoint.root[:16]}"


def policy(office: Office, *lines: str, quorum: str = "none") -> None:
    (office.home / "policy.txt").write_text("\n".join([*lines, f"quorum {quorum}", ""]))


def verifier(office: Office) -> str:
    return publication.verifier(office)


def trails(office: Office, statements: Sequence[str]) -> None:
    """What the owner of the database does to it, past every guard."""
    with office.engine.begin() as connection:
        names = (
            connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard%'")
            .scalars()
            .all()
        )
        for name in names:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for statement in statements:
            connection.exec_driver_sql(statement)


def rows(office: Office, model: type, **where: object) -> list[Any]:
    """What is on record."""
    with looking(office.engine, office.system) as look:
        return look.all(model, **where)
