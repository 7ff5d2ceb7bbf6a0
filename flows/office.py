"""The composition root: settings become a database, an object store, a reader of files, a clock and a post office."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from documents import detached, roots
from documents.malware import Scanner, read_clean
from documents.sandbox import Reader
from rules import permissions
from rules.packs import Pack, load
from schemas.contest import Contest
from schemas.customer import Customer, Person, Role, RoleGrant
from schemas.document import Document
from schemas.doer import CLOCK, Doer
from schemas.errors import BadSetting, BrokenTrail, NotFound, NotRunning
from schemas.event import Act, Stream
from schemas.facts import Facts
from schemas.settings import Settings, Store
from schemas.settings import load as load_settings
from services import notary
from storage import migrate, near, trail
from storage.blobs import AT_ONCE, Blobs, Kept
from storage.engine import connect
from storage.folder import FolderObjects
from storage.ledger import Because
from storage.objects import Hashed, Objects
from storage.work import Actor, Look, Work, looking, working

_OPENED = ("case", "contest", "customer")
_MANY = 10_000  # streams that are asked for at once


@dataclass
class Opened:
    """A stream that somebody looked into."""

    id: UUID
    stream_id: UUID


class Office:
    """Everything a step needs from the world outside. One for each process; close it when done."""

    def __init__(self, settings: Settings, *, objects: Objects | None = None, run_id: str = "") -> None:
        self.settings = settings
        self.home = settings.home.absolute()
        self.run_id = run_id
        self._objects = objects
        self.receipts: dict[tuple[UUID | None, ...], Kept] = {}  # written for a batch: see `flows.steps.receipts`

    @property
    def given_objects(self) -> Objects | None:
        """The store that was handed over at the beginning, for another office on the same one."""
        return self._objects

    # -- the parts, made when first asked for ---------------------------------------------------------------------

    @cached_property
    def engine(self) -> Engine:
        if migrate.current(self.settings.database) != migrate.newest():
            migrate.upgrade(self.settings.database)
        return connect(self.settings.database)

    @cached_property
    def retention(self) -> Engine:
        """The database under the role that may delete personal values. Raises BadSetting where that is not set."""
        if self.engine.dialect.name == "sqlite":
            return self.engine
        url = self.settings.retention_url
        if url is None or not url.get_secret_value():
            raise BadSetting(setting="ASHAR_RETENTION_URL")
        return connect(url.get_secret_value())

    @cached_property
    def objects(self) -> Objects:
        """Raises NotRunning when the embedded object store is not up, BadSetting when S3 lacks its address."""
        if self._objects is not None:
            return self._objects
        at = self.settings
        if at.store is Store.FOLDER:
            return FolderObjects(self.home / "objects")
        if at.store is Store.S3:
            if not at.s3_endpoint:
                raise BadSetting(setting="ASHAR_S3_ENDPOINT")
            endpoint, access, secret = (
                at.s3_endpoint,
                at.s3_access_key.get_secret_value(),
                at.s3_secret_key.get_secret_value(),
            )
            secure = at.s3_secure
        else:
            from services.supervisor import running  # noqa: PLC0415 -- only where Ashar runs the store itself

            now = running(at)
            if now is None or not now.s3_endpoint:
                raise NotRunning(service="objects")
            endpoint, access, secret, secure = now.s3_endpoint, now.s3_access_key, now.s3_secret_key, False
        from storage.s3 import S3Objects  # noqa: PLC0415 -- half a second that a command without files need not pay

        return S3Objects(
            endpoint,
            access_key=access,
            secret_key=secret,
            bucket=at.s3_bucket,
            region=at.s3_region,
            secure=secure,
        )

    @cached_property
    def blobs(self) -> Blobs:
        # a store on this machine answers a read sooner than a thread starts; a write waits for its disk
        writes, reads = AT_ONCE
        at_once = {Store.FOLDER: (1, 1), Store.EMBEDDED: (writes, 1), Store.S3: (writes, reads)}
        return Blobs(self.engine, self.objects, self.now, self.home / "spool", at_once[self.settings.store])

    @cached_property
    def reader(self) -> Reader:
        """Raises BadSetting where the folder of trusted certificates holds something else."""
        at = self.settings
        return Reader(
            cpu_seconds=at.parser_cpu_seconds,
            memory=at.parser_memory,
            file_limit=at.file_limit,
            roots=roots.load(at.signature_roots),
        )

    @cached_property
    def scanner(self) -> Scanner | None:
        """None where no malware scanner is configured. Raises BadSetting for an address that is none."""
        return Scanner(self.settings.clamd) if self.settings.clamd else None

    def look_for_the_store_again(self) -> None:
        """The embedded store may have come back under another address."""
        self.__dict__.pop("objects", None)
        self.__dict__.pop("blobs", None)

    def close(self) -> None:
        for name in ("reader", "retention", "engine"):
            part = self.__dict__.pop(name, None)
            if isinstance(part, Reader):
                part.close()
            elif part is not None:
                part.dispose()

    # -- time -----------------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The instant, aware, in UTC; a simulation's when one is set."""
        if self.settings.clock is not None:
            with suppress(FileNotFoundError):
                return datetime.fromisoformat(self.settings.clock.read_text().strip()).astimezone(UTC)
        return datetime.now(UTC)

    def machine_now(self) -> datetime:
        """The instant for leases and retries: real time, which goes on while a simulation's clock stands."""
        return max(self.now(), datetime.now(UTC))

    def today(self, zone: str) -> date:
        return self.now().astimezone(ZoneInfo(zone)).date()

    # -- people ---------------------------------------------------------------------------------------------------

    def doer(self, customer: str, login: str) -> Doer:
        """The person of that login at the customer of that code, with the roles he holds. Raises NotFound."""
        with looking(self.engine, self.system) as look:
            home = look.one(Customer, code=customer)
            if home is None:
                raise NotFound(noun="customer", id=customer)
            person = look.one(Person, tenant_id=home.id, login=login)
            if person is None:
                raise NotFound(noun="person", id=login)
            grants = look.all(RoleGrant, person_id=person.id, active=True)
        return Doer(
            id=person.id,
            tenant_id=home.id,
            roles=frozenset(grant.role for grant in grants),
            language=person.language,
            organisations=frozenset(one.organisation_id for one in grants if one.organisation_id),
        )

    @property
    def system(self) -> Actor:
        """The clock and the flows, who read everywhere."""
        return Actor(CLOCK.id, Role.SYSTEM, None, self.run_id)

    @contextmanager
    def acting(self, doer: Doer, act: Act) -> Iterator[Work]:
        """One transaction in which `doer` does `act`. Raises NotAllowed before anything is read, BrokenTrail as `whole`."""
        role = permissions.demand(doer.roles, act)
        self.whole()
        with working(self.engine, Actor(doer.id, role, doer.tenant_id, self.run_id), self.now()) as work:
            yield work

    @contextmanager
    def erasing(self, doer: Doer, act: Act) -> Iterator[Work]:
        """As `acting`, with the right to delete personal values. Raises NotAllowed, BadSetting, BrokenTrail."""
        role = permissions.demand(doer.roles, act)
        self.whole()
        with working(self.retention, Actor(doer.id, role, doer.tenant_id, self.run_id), self.now()) as work:
            yield work

    @contextmanager
    def looking(self, doer: Doer, act: Act = Act.CASE_READ) -> Iterator[Look]:
        """Reading as `doer`. Raises NotAllowed, and BrokenTrail as `whole` before whoever is no applicant looks into cases.

        Who looks into a case is on record: who is an applicant and nothing else never, an auditor each time, and with what
        else he opens, the others once a day.
        """
        reader = replace(doer, roles=_of_the_office(doer)) if act is Act.CASE_READ else doer
        role = permissions.demand(reader.roles, act)
        if act is Act.CASE_READ and role not in (Role.APPLICANT, Role.SYSTEM):
            self.whole()
        with looking(self.engine, Actor(doer.id, role, doer.tenant_id, self.run_id)) as look:
            yield look
            opened: list[UUID] = []
            if act is Act.CASE_READ and role is Role.AUDITOR:
                opened = _opened(look, reader)
            elif act is Act.CASE_READ and role not in (Role.APPLICANT, Role.SYSTEM):
                opened = self._first_today(look, doer)
        if opened:
            with self.acting(reader, act) as work:
                for one in opened:
                    work.record(act, Opened(one, one), because=Because(rule="reading"))

    @property
    def behind(self) -> bool:
        """Whether the notary of this home sees that an older database was restored."""
        return notary.behind(self.home)

    def whole(self) -> None:
        """Raises BrokenTrail while the database is `behind`.

        A stream that goes on there would go another way than the one that was signed, and could not be put right any more.
        """
        if self.behind:
            raise BrokenTrail(stream="log", why="behind")

    def _first_today(self, look: Look, doer: Doer) -> list[UUID]:
        """Cases that were looked into, and that this reader is not on record to have read on this day of the customer's."""
        cases = [one for one in look.all(Stream, id=list(look.opened)) if one.kind == "case"] if look.opened else []
        if not cases:
            return []
        zone = ZoneInfo(look.get(Customer, cases[0].tenant_id).zone)
        begin = datetime.combine(self.now().astimezone(zone), time(), zone)
        return [one.id for one in cases if not trail.did(look.session, one.id, doer.id, Act.CASE_READ, begin)]

    # -- law, files -----------------------------------------------------------------------------------------------

    def pack_of(self, contest: Contest) -> Pack:
        """The pack that the contest was announced under, unchanged. Raises BadSetting when its file is another one now."""
        pack = load(contest.pack)
        if contest.pack_sha256 and pack.sha256 != contest.pack_sha256:
            raise BadSetting(setting=f"rules/packs/{contest.pack}.toml")
        return pack

    def keep(self, tenant_id: UUID, source: Path | bytes) -> Kept:
        """Bytes into the object store, before the transaction that registers them."""
        return self.blobs.keep(tenant_id, source)

    def keep_all(self, tenant_id: UUID, sources: Sequence[Hashed]) -> list[Kept]:
        """The files of a package at once; they stay at hand for whoever looks into them first."""
        kept, spool = self.blobs.keep_all(tenant_id, sources), self.spool
        for one in sources:
            near.leave(spool, one.sha256, one.path)
        return kept

    def read_files(self, files: Sequence[Document]) -> list[Facts]:
        """Facts of the stored files that have bytes, each read in a process of its own. Raises Altered."""
        with TemporaryDirectory(dir=self.spool) as folder:
            kept = [(one.blob_id, Path(folder) / str(at), one) for at, one in enumerate(files) if one.blob_id]
            self.blobs.copy_all([(blob_id, path, one.sha256) for blob_id, path, one in kept])
            return self.read_paths([(path, one.name) for _, path, one in kept])

    def read_paths(self, files: Sequence[tuple[Path, str]]) -> list[Facts]:
        """Facts of the files of one package, path and name each, with the verdicts of signatures that lie beside them.

        None is opened before the scanner has cleared it. Raises ScannerDown.
        """
        seen = read_clean(self.scanner, self.reader, files)
        detached.check(self.reader, [(path, name, facts) for (path, name), facts in zip(files, seen, strict=True)])
        return seen

    @property
    def spool(self) -> Path:
        """Folder for bytes on their way."""
        spool = self.home / "spool"
        spool.mkdir(parents=True, exist_ok=True)
        return spool


def _of_the_office(doer: Doer) -> frozenset[Role]:
    """The roles under which he reads: who is an applicant too sees what his other roles see."""
    others = (one for one in doer.roles if one is not Role.APPLICANT and permissions.allowed(one, Act.CASE_READ))
    return frozenset(others) or doer.roles


def _opened(look: Look, doer: Doer) -> list[UUID]:
    """The cases that were looked into; a contest or customer only where there was no case."""
    those = look.all(Stream, id=list(look.opened))
    found = next(filter(None, ([one for one in those if one.kind == kind] for kind in _OPENED)), [])
    if not found and look.listed and doer.tenant_id is not None:
        return [_home(look, doer.tenant_id)]
    return [one.id for one in found]


def _home(look: Look, customer: UUID) -> UUID:
    """The contest that all rows of a list belong to; else the customer."""
    if len(look.listed) > _MANY:
        return customer
    those = look.all(Stream, id=list(look.listed))
    contests = {one.id if one.kind == "contest" else one.parent_id for one in those if one.kind in ("contest", "case")}
    return next(filter(None, contests), customer) if len(contests) == 1 else customer


def opened(run_id: str = "") -> Office:
    """The office of this process, from the environment."""
    return Office(load_settings(Path(os.environ.get("ASHAR_HOME", ".ashar"))), run_id=run_id)
