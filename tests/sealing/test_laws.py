"""The texts that decisions rest on are kept in the store: a release that no longer ships one takes it from no dossier."""

import hashlib
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest

from flows.office import Office
from flows.steps import laws, renewing, sealing
from flows.steps.laws import MEMBERS
from rules.packs import load
from schemas.errors import Retained
from storage.policy import LAWS, locked_until, renewed_until
from tests.sealing.conftest import Happen

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
BOTH = pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgres", marks=pytest.mark.server)], indirect=True
)
OLD = load("kg-814-2017").sha256


@pytest.fixture
def upgraded(office: Office, happen: Happen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Sealed by a release with all packs, then one without any."""
    happen(3)
    sealing.seal(office)
    (tmp_path / "packs").mkdir()
    monkeypatch.setattr(laws, "FOLDER", tmp_path / "packs")
    return office


@SQLITE
def test_whoever_seals_keeps_them_under_lock(office: Office, happen: Happen):
    happen(3)
    sealing.seal(office)
    kept = {one.key for one in office.objects.keys(LAWS)}
    assert kept == {f"{LAWS}{one}.toml" for one in laws.installed()}
    assert f"{LAWS}{OLD}.toml" in kept
    for one in kept:
        with pytest.raises(Retained):
            office.objects.delete(one)
    lock = Path(office.home / "objects/laws" / f".{OLD}.toml.until")
    assert abs((locked_until(office.machine_now()) - _day(lock)).total_seconds()) < 600
    renewing.renew(office)
    assert _day(lock) == renewed_until(office.machine_now())


@BOTH
def test_what_is_no_longer_installed_is_as_it_was_kept(upgraded: Office):
    assert laws.installed() == {}
    [(name, text)] = laws.members([OLD], upgraded.objects).items()
    assert name == f"{MEMBERS}{OLD}.toml"
    assert hashlib.sha256(text).hexdigest() == OLD


@SQLITE
def test_what_is_nowhere_or_is_another_text_or_has_no_name_is_left_out(upgraded: Office):
    other, text = hashlib.sha256(b"what it says").hexdigest(), b"something else"
    upgraded.objects.put(f"{LAWS}{other}.toml", BytesIO(text), len(text), hashlib.sha256(text).hexdigest())
    hostile = ["../policies/x", "", "A" * 64, "f" * 63, "\N{ARABIC-INDIC DIGIT ONE}" * 64]
    assert laws.members([other, "0" * 64, *hostile], upgraded.objects) == {}


@SQLITE
def test_what_an_interruption_left_open_is_locked_and_another_text_is_told_of(
    office: Office, happen: Happen, caplog: pytest.LogCaptureFixture
):
    happen(1)
    sealing.seal(office)
    folder = office.home / "objects/laws"
    lock = folder / f".{OLD}.toml.until"
    lock.unlink()
    laws.keep(office)
    assert lock.exists()
    assert not caplog.text
    lock.unlink()
    (folder / f"{OLD}.toml").write_bytes(b"something else")
    happen(1)
    assert sealing.seal(office) is not None
    assert f"laws/{OLD}.toml" in caplog.text


def _day(lock: Path) -> datetime:
    return datetime.fromisoformat(lock.read_text())
