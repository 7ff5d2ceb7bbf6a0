"""An office with a little history, sealed, and the hands of whoever attacks it from below."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from pydantic import SecretStr
from sqlalchemy import text

from flows.office import Office
from flows.steps import register, sealing
from schemas.customer import Role
from schemas.doer import Doer
from schemas.settings import Settings, Store

AT = datetime(2018, 6, 29, 5, tzinfo=UTC)
WORDS = {"ky": "Баткен", "ru": "Баткен", "en": "Batken"}


@dataclass
class Attacked:
    """An office and its customer; `steal` is what somebody can do who has the database in his hands."""

    office: Office
    tenant: UUID
    notary: Office | None = None  # who seals, where the office's own role may not

    @property
    def postgresql(self) -> bool:
        return self.office.engine.dialect.name == "postgresql"

    def doer(self, *roles: Role) -> Doer:
        return Doer(id=uuid4(), tenant_id=self.tenant, roles=frozenset(roles), organisations=frozenset())

    def propose(self, title: str) -> UUID:
        words = dict.fromkeys(("ky", "ru", "en"), title)
        clerk = self.doer(Role.COORDINATOR)
        told = {"title": words, "description": words, "numbers": "7", "proposed_by": "Асанов Бакыт"}
        return register.propose_problem(self.office, clerk, **told)

    def seal(self) -> None:
        sealing.seal(self.notary or self.office)

    def at(self, when: datetime) -> None:
        clock = self.office.settings.clock
        assert clock is not None
        clock.write_text(when.isoformat())

    def later(self, **more: float) -> None:
        self.at(self.office.now() + timedelta(**more))

    def rows(self, statement: str) -> Sequence[tuple[object, ...]]:
        with self.office.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement)).all()]

    def steal(self, *statements: str) -> None:
        """As the owner of the tables, or of SQLite's file: every guard is taken away first."""
        with self.office.engine.begin() as connection:
            if self.postgresql:
                tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
                for table in tables:
                    connection.exec_driver_sql(f'ALTER TABLE "{table}" DISABLE TRIGGER ALL')
            else:
                for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                    connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
                connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            for statement in statements:
                connection.exec_driver_sql(statement.replace("%", "%%") if self.postgresql else statement)


def attacked(database: str, home: Path) -> Attacked:
    """A customer with two problems in its stream, sealed after each."""
    (home / "clock").write_text(AT.isoformat())
    settings = Settings(home=home, database_url=SecretStr(database), store=Store.FOLDER, clock=home / "clock")
    office = Office(settings)
    tenant = register.register_customer(
        office, register.OPERATOR, code="batken", name=WORDS, city=WORDS, zone="Asia/Bishkek"
    )
    made = Attacked(office, tenant)
    made.propose("Таштанды")
    made.seal()
    made.later(minutes=5)
    made.propose("Суу")
    made.seal()
    return made
