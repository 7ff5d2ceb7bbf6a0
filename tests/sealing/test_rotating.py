"""A new key follows the old one and both are known; a database older than the log is put right or refused, not signed."""

import contextlib
import itertools
import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from flows.office import Office
from flows.steps import audit, dossier, logkey, publication, rotating, sealing
from flows.steps.notary import Notary
from flows.steps.sequencer import Sequencer
from schemas.customer import Customer, Role
from schemas.doer import Doer
from schemas.errors import BadSetting, BrokenTrail, Overtaken
from schemas.event import Act, Stream
from storage import log, policy, trail
from storage.work import looking, working
from tests.sealing.conftest import Happen, number_of
from tests.sealing.test_crashes import Lightning, StoreDown, Struck, examine, lightning
from tests.storage.makers import CLERK, NOW, REASON, TENANT, propose

__all__ = ["lightning"]

VERIFY = Path(__file__).parents[2] / "documents" / "verifiers" / "verify.py"

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
BOTH = pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgres", marks=pytest.mark.server)], indirect=True
)


@SQLITE
def test_the_old_key_signs_that_a_new_one_follows_and_both_are_in_the_policy(office: Office, happen: Happen):
    happen(3)
    sealing.seal(office)
    before = logkey.policy_of(office)
    old = log.load_key(logkey.key_file(office))

    rotating.rotate(office)

    known = logkey.policy_of(office)
    assert (known.origin, known.keys[0].key) == (before.origin, before.newest)
    assert known.newest == log.verifier_of(known.origin, log.load_key(logkey.key_file(office))) != before.newest
    last = known.keys[0].last
    assert last == 6  # three events, a head, the leaf of the new key, a head
    with office.engine.connect() as connection:
        told = bytes(connection.scalar(text("SELECT entry FROM leaf WHERE position = 4")))
    assert known.newest in told.decode()
    log.verify_note(policy.note_of(office.objects, 6), known.keys[0].key)
    log.verify_note(policy.note_of(office.objects, 7), known.newest)
    happen(1)
    sealing.seal(office)
    assert sealing.verify_all(office) == (3, 4)
    assert oct(logkey.key_file(office).stat().st_mode)[-3:] == "600"
    # whoever has the old key still signs nothing that is taken for the log's
    forged = log.note(known.origin, 99, bytes(32), old)
    with pytest.raises(BrokenTrail):
        known.read(forged)


@SQLITE
def test_a_policy_that_was_touched_or_forged_is_none(office: Office, happen: Happen):
    happen(1)
    sealing.seal(office)
    rotating.rotate(office)
    stranger = log.make_key(office.home / "stranger")
    known = logkey.policy_of(office)
    forged = known.followed(log.verifier_of(known.origin, stranger), 9, NOW)
    policy.publish(office.objects, forged, [stranger], NOW)
    with pytest.raises(BrokenTrail):
        logkey.policy_of(office)


@SQLITE
def test_a_lost_key_is_followed_by_one_that_says_so(office: Office, happen: Happen):
    happen(1)
    sealing.seal(office)
    logkey.key_file(office).unlink()
    happen(1)
    with pytest.raises(BadSetting):
        sealing.seal(office)
    rotating.rotate(office, lost=True)
    known = logkey.policy_of(office)
    assert [(one.first, one.last, one.lost) for one in known.keys] == [(0, 2, False), (3, None, True)]
    assert sealing.verify_all(office) == (3, 2)


@SQLITE
def test_dossiers_of_an_older_key_are_verified_by_the_public_policy_unless_it_was_lost(
    office: Office, happen: Happen, tmp_path: Path
):
    registered(office)
    happen(3)
    auditor = Doer(uuid4(), TENANT, frozenset({Role.AUDITOR}))
    public = tmp_path / "policy.txt"

    def made(name: str) -> Path:
        with looking(office.engine, office.system) as look:
            [case] = [one.id for one in look.all(Stream) if one.name == "batken/1/1"]
        return dossier.dossier(office, auditor, case, tmp_path / name).path

    def told(name: str) -> str:
        public.write_bytes(publication.files(office)["policy.txt"])
        asked = [sys.executable, str(VERIFY), str(tmp_path / name), "--json", "--policy", str(public)]
        verdict = json.loads(subprocess.run(asked, check=False, capture_output=True, text=True).stdout)
        return verdict["key"] if verdict["good"] else verdict["code"]

    made("first.zip")
    assert told("first.zip") == "given"
    rotating.rotate(office)
    made("second.zip")
    assert (told("first.zip"), told("second.zip")) == ("given", "given")
    rotating.rotate(office, lost=True)
    made("third.zip")
    assert (told("first.zip"), told("second.zip"), told("third.zip")) == ("E10", "E10", "given")


@SQLITE
def test_struck_at_any_write_of_a_rotation_the_next_one_ends_it(office: Office, happen: Happen, lightning: Lightning):
    happen(2)
    sealing.seal(office)
    for number in range(24):
        happen(1)
        lightning.arm(number // 2, after=bool(number % 2))
        with contextlib.suppress(Struck, StoreDown):
            rotating.rotate(office)
        lightning.arm(-1, after=False)
        sealing.seal(office)
    examine(office)
    windows = [(one.first, one.last) for one in logkey.policy_of(office).keys]
    assert all(before[1] + 1 == after[0] for before, after in itertools.pairwise(windows))


def copy_of(office: Office, to: Path) -> None:
    office.engine.dispose()
    if office.engine.dialect.name == "sqlite":
        with sqlite3.connect(str(office.engine.url.database)) as source, sqlite3.connect(to) as target:
            source.backup(target)
    else:
        name = office.engine.url.database
        on_the_server(office, f'CREATE DATABASE "{name}_copy" TEMPLATE "{name}"')


def restore(office: Office, copy: Path) -> None:
    office.engine.dispose()
    name = str(office.engine.url.database)
    if office.engine.dialect.name == "sqlite":
        for one in Path(name).parent.glob("ashar.db*"):
            one.unlink()
        shutil.copy(copy, name)
    else:
        on_the_server(office, f'DROP DATABASE "{name}"', f'ALTER DATABASE "{name}_copy" RENAME TO "{name}"')


def on_the_server(office: Office, *statements: str) -> None:
    other = create_engine(office.engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with other.connect() as connection:
        for one in statements:
            connection.exec_driver_sql(one)
    other.dispose()


@BOTH
class TestAnOldDatabase:
    def test_is_seen_at_once_and_gets_back_what_the_log_has(self, office: Office, happen: Happen, tmp_path: Path):
        happen(3)
        sealing.seal(office)
        happen(300)  # in the backup, with no place yet
        copy_of(office, tmp_path / "copy")
        sealing.seal(office)
        happen(5)  # not in the backup
        sealing.seal(office)
        restore(office, tmp_path / "copy")

        for attempt in (sealing.seal, sealing.verify_all):
            with pytest.raises(BrokenTrail) as broken:
                attempt(office)
            assert broken.value.facts["why"] == "behind"
        done = rotating.recover(office)

        assert done.leaves == 301 + 6
        assert [one.position for one in done.lost] == [305, 306, 307, 308, 309]
        assert sorted({one.stream for one in done.lost}) == ["batken/1", "batken/1/1", "batken/1/2"]
        assert number_of(office, "unsealed") == 0
        assert number_of(office, "event") == 303
        assert sealing.verify_all(office) == (3, 308)
        assert rotating.recover(office) == rotating.Recovered(0, ())
        with looking(office.engine, office.system) as look:  # nobody knows any more what they said, but that they were
            whole = {one.name: trail.whole(look.session, one.id) for one in look.all(Stream)}
        assert {one.stream: [each.seq for each in whole[one.stream] if each.act is None] for one in done.lost} == {
            name: [one.seq for one in done.lost if one.stream == name] for name in {one.stream for one in done.lost}
        }
        happen(4)  # the streams go on behind what was lost
        sealing.seal(office)
        assert sealing.verify_all(office) == (3, 312)
        with looking(office.engine, office.system) as look:
            assert sum(trail.verify(look.session, one.id) for one in look.all(Stream)) == 312

    @pytest.mark.parametrize("unsigned", [2, 300])
    def test_is_put_right_also_where_tiles_were_written_that_nobody_signed(
        self, office: Office, happen: Happen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unsigned: int
    ):
        happen(300)
        sealing.seal(office)
        copy_of(office, tmp_path / "copy")
        happen(unsigned)

        def struck(*_: object) -> None:
            raise StoreDown(why="struck")

        with monkeypatch.context() as patched:
            patched.setattr(policy, "put_checkpoint", struck)
            with pytest.raises(StoreDown):
                sealing.seal(office)
        restore(office, tmp_path / "copy")
        happen(2)
        if unsigned == 2:  # other leaves stand in the same place
            with pytest.raises(BrokenTrail) as broken:
                sealing.seal(office)
            assert broken.value.facts["why"] == "tiles"
        assert rotating.recover(office) == rotating.Recovered(0, ())
        happen(300)
        sealing.seal(office)
        assert sealing.verify_all(office) == (3, 602)

    def test_that_went_on_by_itself_is_not_put_right(self, office: Office, happen: Happen, tmp_path: Path):
        happen(3)
        sealing.seal(office)
        copy_of(office, tmp_path / "copy")
        happen(3)
        sealing.seal(office)
        restore(office, tmp_path / "copy")
        happen(1)
        with pytest.raises(BrokenTrail) as broken:
            rotating.recover(office)
        assert broken.value.facts["why"] == "twice"
        assert number_of(office, "leaf") == 4

    def test_nothing_but_what_the_checkpoint_proves_is_put_back(self, office: Office, happen: Happen, tmp_path: Path):
        happen(3)
        sealing.seal(office)
        copy_of(office, tmp_path / "copy")
        happen(3)
        sealing.seal(office)
        restore(office, tmp_path / "copy")
        bundle = office.home / "objects" / "log/tile/entries/000.p/8"
        bundle.chmod(0o640)
        bundle.write_bytes(bundle.read_bytes().replace(b'"s":2', b'"s":9'))
        with pytest.raises(BrokenTrail) as broken:
            rotating.recover(office)
        assert broken.value.facts["why"] == "tiles"

    def test_is_told_of_in_timeline_and_dossier(self, office: Office, happen: Happen, tmp_path: Path):
        registered(office)
        with looking(office.engine, office.system) as look:
            [contest] = look.all(Stream, kind="contest")
        propose(office.engine, contest.id)  # a contest is there before its cases
        happen(6)
        sealing.seal(office)
        copy_of(office, tmp_path / "copy")
        happen(4)  # of which nobody will know what they said
        sealing.seal(office)
        restore(office, tmp_path / "copy")
        rotating.recover(office)
        happen(6)
        auditor = Doer(uuid4(), TENANT, frozenset({Role.AUDITOR}))
        with looking(office.engine, office.system) as look:
            names = {one.name: one.id for one in look.all(Stream)}

        lines = audit.timeline(office, auditor, names["batken/1/1"], "en")
        assert [one.seq for one in lines] == list(range(1, len(lines) + 1))
        [*lost] = [one.seq for one in lines if one.entry.act is None]
        assert lost == [3, 4]
        assert "older database" in audit.as_text(lines, "Asia/Bishkek")
        for kind, name, gone in (("case", "batken/1/1", 2), ("contest", "batken/1", 4)):
            made = dossier.dossier(office, auditor, names[name], tmp_path / f"{kind}.zip")
            assert (made.kind, made.withheld) == (kind, gone)
            told = subprocess.run(
                [sys.executable, str(VERIFY), str(made.path), "--json"], check=False, capture_output=True, text=True
            )
            verdict = json.loads(told.stdout)
            assert verdict["good"], verdict
            assert verdict["events"] - verdict["bodies"] == gone


def registered(office: Office) -> None:
    words = {"ky": "Баткен", "ru": "Баткен", "en": "Batken"}
    with working(office.engine, CLERK, NOW) as work:
        work.open_stream(TENANT, TENANT, "customer", name="batken")
        row = Customer(id=TENANT, code="batken", name=words, city=words, zone="Asia/Bishkek")
        work.new(row, stream=TENANT, tenant=TENANT)
        work.record(Act.CUSTOMER_REGISTER, row, because=REASON)


@SQLITE
def test_a_notary_signs_no_more_with_a_key_that_another_follows(
    office: Office, happen: Happen, monkeypatch: pytest.MonkeyPatch
):
    """The key is in other hands, and the change of keys is broken off before anything was signed by the new one."""

    class Killed(BaseException): ...

    def killed(*_: object, **__: object) -> None:
        raise Killed

    notary, stopped = Notary(office), threading.Event()
    happen(3)
    assert notary._look(stopped) is None
    with monkeypatch.context() as broken, pytest.raises(Killed):
        broken.setattr(Sequencer, "round", killed)
        rotating.rotate(office, lost=True)
    happen(1)
    assert isinstance(notary._look(stopped), Overtaken)  # which it is no more once it has read anew
    for _ in range(2):
        happen(1)
        assert notary._look(stopped) is None
    newest = policy.newest_size(office.objects)
    assert newest is not None
    logkey.policy_of(office).read(policy.note_of(office.objects, newest))
    assert sealing.verify_all(office)[1] == 6
