"""Our log asks its witnesses: real processes over HTTP, honest, silent, hostile; what they say is kept and watched."""

import json
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from flows.office import Office
from flows.steps import publication, sealing, witnessing
from flows.steps.notary import Notary
from schemas.errors import BadSetting, BrokenTrail, NotFound
from schemas.event import Act, Event
from schemas.outbox import Letter
from schemas.witness import Cosignature
from schemas.wording import say
from storage import log
from storage.cosigning import Cosigner, Policy, parts
from storage.work import looking
from tests.witness.logs import Served, ashar, serving
from tests.witness.offices import (
    AT,
    at,
    customer_of,
    line_of,
    office_of,
    policy,
    propose,
    rows,
    sealed,
    trails,
    verifier,
)

pytestmark = pytest.mark.server


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = office_of(tmp_path / "city")
    yield office
    office.close()


@pytest.fixture
def tenant(office: Office) -> UUID:
    return customer_of(office)


@pytest.fixture
def witnesses(office: Office, tenant: UUID, tmp_path: Path) -> Iterator[Callable[..., list[Served]]]:
    """Starts so many witnesses that follow our log, and makes the policy of them."""
    with ExitStack() as stack:

        def start(*names: str, quorum: str = "") -> list[Served]:
            sealed(office, tenant)
            served, lines = [], []
            for name in names:
                home = tmp_path / name
                line = ashar(home, "witness", "key", f"{name}.example/w").stdout.strip()
                assert ashar(home, "witness", "follow", verifier(office)).returncode == 0
                one = stack.enter_context(serving(home))
                served.append(one)
                lines.append(f"witness {name} {line} {one.url}")
            lines += [f"group all {quorum or 'all'} {' '.join(names)}"]
            policy(office, *lines, quorum="all")
            return served

        yield start


def test_each_checkpoint_is_cosigned_kept_and_shown(office: Office, tenant: UUID, witnesses, tmp_path: Path):
    witnesses("chamber", "university", quorum="2")
    first = witnessing.ask(office)
    assert [one.trouble for one in first] == ["", ""]
    second = sealed(office, tenant, 3)
    assert [one.size for one in witnessing.ask(office)] == [second.size, second.size]

    kept = rows(office, Cosignature, size=second.size)
    objects = [one.key for one in office.objects.keys(f"{witnessing.PREFIX}{second.size:012d}/")]
    assert len(kept) == len(objects) == 2
    assert {office.objects.read(one, 1000).decode().strip() for one in objects} == {one.line for one in kept}
    seen = witnessing.overview(office)
    assert (seen.newest, seen.quorum) == (second.size, second.size)
    assert [one.size for one in seen.witnesses] == [second.size, second.size]
    with looking(office.engine, office.system) as look:
        note = witnessing.cosigned(look.session, second)
    assert log.verify_note(note, verifier(office)).size == second.size
    for name in ("chamber", "university"):
        line = ashar(tmp_path / name, "witness", "key").stdout.strip()
        assert Cosigner.read(line).time_of(*parts(note))


def test_beside_the_notary_it_is_cosigned_within_seconds_and_sealing_waits_for_no_witness(
    office: Office, tenant: UUID, witnesses
):
    """One witness answers, one accepts the connection and says nothing."""
    witnesses("chamber")
    with socket.create_server(("127.0.0.1", 0)) as mute:
        line = Cosigner.of("mute.example/w", log.make_key(office.home / "mute.key")).line
        text = (office.home / "policy.txt").read_text()
        mute_line = f"witness mute {line} http://127.0.0.1:{mute.getsockname()[1]}\n"
        (office.home / "policy.txt").write_text(mute_line + text)
        stopped = threading.Event()
        notary = threading.Thread(target=Notary(office).keep, args=(stopped,))
        asking = threading.Thread(target=witnessing.keep_asking, args=(office, stopped, 0.2))
        notary.start()
        asking.start()
        try:
            propose(office, tenant)
            began, sealed_after = time.monotonic(), 0.0
            before = witnessing.overview(office).newest
            while witnessing.overview(office).quorum in (None, before) and time.monotonic() - began < 20:
                if not sealed_after and witnessing.overview(office).newest > before:
                    sealed_after = time.monotonic() - began
                time.sleep(0.05)
            assert 0 < sealed_after < 4
            assert time.monotonic() - began < 15
        finally:
            stopped.set()
            notary.join()
            asking.join()


def test_one_that_has_signed_lately_is_not_asked_again_and_later_it_is(office: Office, witnesses):
    witnesses("chamber")
    witnessing.ask(office)
    assert witnessing.ask(office) == []
    at(office.home, AT + timedelta(hours=7))
    assert [one.trouble for one in witnessing.ask(office)] == [""]


def test_a_quorum_is_what_the_policy_says(office: Office, tenant: UUID, witnesses):
    one, _, _ = witnesses("chamber", "university", "association", quorum="2")
    old = rows(office, Cosignature)
    assert old == []
    witnessing.ask(office)
    before = witnessing.overview(office).quorum
    one.end()
    second = sealed(office, tenant)
    told = {answer.witness.partition(".")[0]: answer.trouble for answer in witnessing.ask(office)}
    assert told == {"chamber": "silent", "university": "", "association": ""}
    assert witnessing.overview(office).quorum == second.size
    assert before is not None
    assert before < second.size


def test_a_row_that_was_lost_is_asked_for_anew_from_what_the_witness_knows(office: Office, tenant: UUID, witnesses):
    witnesses("chamber")
    witnessing.ask(office)
    trails(office, ["DELETE FROM witnesscall", "DELETE FROM cosignature"])
    sealed(office, tenant)
    assert [one.trouble for one in witnessing.ask(office)] == [""]


def test_a_restored_database_is_found_out_by_the_witness_even_where_the_store_is_restored_too(
    office: Office, tenant: UUID, witnesses, tmp_path: Path
):
    witnesses("chamber")
    witnessing.ask(office)
    office.close()
    backup = tmp_path / "backup"
    shutil.copytree(office.home, backup, ignore=shutil.ignore_patterns("spool"))
    again = office_of(office.home)
    sealed(again, tenant, 5)
    witnessing.ask(again)
    again.close()
    shutil.rmtree(office.home)
    shutil.copytree(backup, office.home)

    restored = office_of(office.home)
    at(restored.home, AT + timedelta(hours=9))
    assert [one.trouble for one in witnessing.ask(restored)] == ["restored"]
    assert witnessing.watch(restored) == 1
    # and when it has grown past the witness on another way
    sealed(restored, tenant, 9)
    assert [one.trouble for one in witnessing.ask(restored)] == ["inconsistent"]
    restored.close()


def test_a_thief_of_the_key_who_rewrites_all_gets_no_cosignature_and_people_are_told(
    office: Office, tenant: UUID, witnesses, tmp_path: Path
):
    """Database, store and key are his: a whole new history under the old name."""
    witnesses("chamber")
    sealed(office, tenant, 4)
    size = witnessing.ask(office)[0].size
    known = (office.home / "policy.txt").read_text()
    key = (office.home / "keys" / "log.key").read_bytes()
    office.close()
    shutil.rmtree(office.home)

    forged = office_of(office.home)
    (office.home / "keys").mkdir()
    (office.home / "keys" / "log.key").write_bytes(key)
    (office.home / "keys" / "log.key").chmod(0o600)
    (office.home / "policy.txt").write_text(known)
    other = customer_of(forged)
    while sealed(forged, other).size < size:
        pass
    assert [one.trouble for one in witnessing.ask(forged)] in (["inconsistent"], ["fork"])
    assert rows(forged, Cosignature) == []
    assert witnessing.watch(forged) == 1
    [event] = rows(forged, Event, act=Act.WITNESS_ALARM)
    assert event.rule == "witness_refuses"
    forged.close()
    told = json.loads(ashar(tmp_path / "chamber", "--json", "witness", "prove").stdout)
    assert len(told) >= 1


# -- silence --------------------------------------------------------------------------------------------------------


def test_after_a_day_of_silence_coordinator_and_head_are_told_once_a_day(office: Office, witnesses):
    [one] = witnesses("chamber")
    witnessing.ask(office)
    one.end()
    for hours, told in ((7, 0), (23, 0), (24, 0), (25, 1), (30, 0), (50, 1)):
        at(office.home, AT + timedelta(hours=hours))
        witnessing.ask(office)
        assert witnessing.watch(office) == told, hours
    letters = rows(office, Letter, code="witness_silent")
    twice = ["coordinator@batken.example"] * 2 + ["head@batken.example"] * 2
    assert sorted(one.to for one in letters) == twice
    for language in ("ky", "ru", "en"):
        said = say("letter.witness_silent.body", language, **letters[0].facts)
        assert "2018" in said
        assert "⟨" not in said


def test_one_that_never_answered_is_silent_since_it_was_first_asked(office: Office, tenant: UUID):
    sealed(office, tenant)
    line = Cosigner.of("w.example/1", log.make_key(office.home / "w.key")).line
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        policy(office, f"witness a {line} http://127.0.0.1:{closed.getsockname()[1]}", quorum="a")
        assert [one.trouble for one in witnessing.ask(office)] == ["silent"]
        at(office.home, AT + timedelta(hours=25))
        witnessing.ask(office)
    assert witnessing.watch(office) == 1
    assert witnessing.overview(office).quorum is None


def test_without_witnesses_nobody_is_asked_and_nobody_is_alarmed(office: Office, tenant: UUID):
    sealed(office, tenant)
    at(office.home, AT + timedelta(days=9))
    assert (witnessing.ask(office), witnessing.watch(office)) == ([], 0)


def test_a_policy_that_was_named_and_is_not_there_is_a_wrong_setting(office: Office):
    office.settings.witness_policy = office.home / "none.txt"
    with pytest.raises(BadSetting):
        witnessing.policy_of(office)


# -- by hand, in public ---------------------------------------------------------------------------------------------


def lines(office: Office, *words: str) -> str:
    """A line of the command in our office, in a process of its own."""
    (office.home / "ashar.env").write_text(f"ASHAR_STORE=folder\nASHAR_CLOCK={office.home}/clock\n")
    made = ashar(office.home, *words)
    assert made.returncode == 0, made.stderr
    return made.stdout


def test_a_witness_off_the_network_signs_what_is_carried_to_it(office: Office, tenant: UUID, tmp_path: Path):
    sealed(office, tenant)
    home, stick = tmp_path / "chamber", tmp_path / "offer.txt"
    line = ashar(home, "witness", "key", "chamber.example/w").stdout.strip()
    assert ashar(home, "witness", "follow", verifier(office)).returncode == 0
    policy(office, f"witness chamber {line}", quorum="chamber")
    for _ in range(2):
        lines(office, "audit", "offer", "--witness", "chamber", "--to", str(stick))
        assert ashar(home, "witness", "cosign", str(stick)).returncode == 0
        assert "chamber.example/w" in lines(office, "audit", "witnessed", f"{stick}.cosigned")
        newest = sealing.seal(office) or sealed(office, tenant, 2)
    assert witnessing.overview(office).quorum is not None
    assert witnessing.overview(office).quorum < newest.size  # pyright: ignore[reportOperatorIssue]


def test_what_was_carried_back_is_verified(office: Office, tenant: UUID):
    newest = sealed(office, tenant)
    line = Cosigner.of("w.example/1", log.make_key(office.home / "w.key")).line
    policy(office, f"witness a {line}", quorum="a")
    with pytest.raises(NotFound):
        witnessing.take_back(office, newest.note)
    for wrong in (newest.note.replace("\n", "\n1", 1), "x\n\n— a b\n", "", "x\n1\ny\n\n— a b\n"):
        with pytest.raises(BrokenTrail):
            witnessing.take_back(office, wrong)
    with pytest.raises(NotFound):
        witnessing.offer(office, "nobody")


def test_the_public_page_says_it_in_three_languages_and_needs_no_network(
    office: Office, tenant: UUID, witnesses, tmp_path: Path
):
    witnesses("chamber")
    witnessing.ask(office)
    lines(office, "audit", "publish", "--to", str(tmp_path / "site"))
    page = (tmp_path / "site" / "index.html").read_text()
    found = publication.newest(office)
    assert found is not None
    for said in (found.text, verifier(office), "Күбөлөр", "Свидетели", "Witnesses", "chamber", f" {found.size} "):
        assert said.replace("+", "&#43;") in page or said in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")
    note = (tmp_path / "site" / "checkpoint.txt").read_text()
    public = Policy.read((tmp_path / "site" / "policy.txt").read_text())
    assert public.urls == {}
    assert public.logs == (verifier(office),)
    assert public.witnesses["chamber"].time_of(*parts(note))
    assert not list((tmp_path / "site").glob(".*"))


def test_the_newest_checkpoint_is_shown_with_its_code(office: Office, tenant: UUID):
    assert "чекити" in lines(office, "--language", "ky", "audit", "checkpoint")
    newest = sealed(office, tenant)
    told = lines(office, "audit", "checkpoint")
    assert line_of(newest) in told
    assert "█▀" in told
    assert lines(office, "audit", "checkpoint", "--note") == newest.note


def test_who_signed_what_is_a_table_and_a_silent_day_is_an_exit_code(office: Office, witnesses, tmp_path: Path):
    [one] = witnesses("chamber")
    told = lines(office, "audit", "witnesses", "--ask")
    assert "chamber" in told
    one.end()
    at(office.home, AT + timedelta(hours=40))
    made = ashar(office.home, "--json", "audit", "witnesses", "--ask")
    assert made.returncode == 69
    assert json.loads(made.stdout)["silent"] is True


def test_the_slower_of_two_that_ask_tells_no_restored_database(
    office: Office, tenant: UUID, witnesses: Callable[..., list[Served]], monkeypatch: pytest.MonkeyPatch
):
    """The notary's thread and the flow both ask; while the one waits for its answer the other has a newer one cosigned."""
    witnesses("chamber", quorum="1")
    assert [one.trouble for one in witnessing.ask(office)] == [""]
    sealed(office, tenant, 1)
    post = witnessing.post

    def late(*given: Any, **more: Any) -> Any:
        monkeypatch.setattr(witnessing, "post", post)
        sealed(office, tenant, 1)
        assert [one.trouble for one in witnessing.ask(office)] == [""]
        return post(*given, **more)

    monkeypatch.setattr(witnessing, "post", late)
    assert [one.trouble for one in witnessing.ask(office)] == [""]
    assert witnessing.watch(office) == 0
