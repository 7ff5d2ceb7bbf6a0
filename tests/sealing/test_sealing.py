"""The sequencer: every event finds its place once, what is signed continues what was signed, and a case is complete."""

from typing import Any

import orjson
import pytest
from sqlalchemy import text

from flows.office import Office
from flows.steps import logkey, sealing, verifying
from flows.steps.sequencer import Sequencer
from schemas.errors import BadSetting, BrokenTrail, NotSealed, Overtaken
from storage import keymap, log, policy, tiles
from storage.engine import reading, sole
from tests.sealing.conftest import Happen, number_of, without_guards

pytestmark = pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgres", marks=pytest.mark.server)], indirect=True
)


def sizes(office: Office) -> list[int]:
    return list(policy.sizes(office.objects))


def why(broken: pytest.ExceptionInfo[BrokenTrail]) -> object:
    return broken.value.facts["why"]


def test_new_events_get_a_signed_head_and_nothing_new_gets_none(office: Office, happen: Happen):
    assert sealing.seal(office) is None
    happen(4)
    first = sealing.seal(office)
    assert first is not None
    assert first.size == 5  # and the head of the map
    assert sealing.seal(office) is None
    happen(1)
    second = sealing.seal(office)
    assert second is not None
    assert second.size == 7
    assert sizes(office) == [7, 5]
    head = logkey.policy_of(office).read(policy.note_of(office.objects, 7))
    told = tiles.Tiles(office.objects, 7)
    assert head.root == told.root() == bytes.fromhex(second.root)
    old = logkey.policy_of(office).read(first.note)
    assert log.verify_consistency(5, 7, old.root, head.root, told.consistency(5))
    assert number_of(office, "unsealed") == 0


def test_what_a_key_holds_is_proved_at_the_newest_checkpoint(office: Office, happen: Happen):
    happen(600)
    sealing.seal(office)
    happen(1)  # not sealed: not told of
    for kind, name, count in (
        ("case", "batken/1/1", 200),
        ("case", "batken/1/2", 200),
        ("contest", "batken/1", 600),
        ("case", "batken/1/3", 0),
    ):
        key = keymap.key_of(kind, name)
        with reading(office.engine) as session:
            proof = sealing.completeness(session, key.hex())
            hashes = session.scalars(
                text(
                    "SELECT event.hash FROM leaf JOIN event ON event.id = event_id JOIN stream s ON s.id = stream_id "
                    "LEFT JOIN stream a ON a.id = s.parent_id WHERE s.key = :key OR a.key = :key ORDER BY position"
                ),
                {"key": key.hex()},
            ).all()
        head = logkey.policy_of(office).read(proof.note)
        assert (head.size, proof.size, proof.count, len(hashes)) == (601, 601, count, count)
        assert log.verify_inclusion(log.leaf_hash(proof.head), 600, 601, proof.inclusion, head.root)
        told = orjson.loads(proof.head)
        assert told["n"] == 600
        value = keymap.value_of(count, log.root(bytes.fromhex(one) for one in hashes)) if count else None
        assert keymap.verify(bytes.fromhex(told["r"]), key, value, proof.map)


def test_whoever_comes_second_waits_for_the_first_and_is_told_when_it_does_not_end(office: Office, happen: Happen):
    happen(3)
    with sole(office.engine, "sealing") as mine:
        assert mine
        with pytest.raises(NotSealed):
            sealing.seal(office, patience=0)
        with sole(office.engine, "sealing") as other:
            assert not other
        assert Sequencer(office).drain() is not None
        assert sealing.seal(office, patience=0) is None  # all that there was is covered
    assert sizes(office) == [4]


def test_a_batch_is_bounded_and_each_ends_with_a_head(office: Office, happen: Happen, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("flows.steps.sequencer.BATCH", 3)
    happen(7)
    sealing.seal(office)
    assert sizes(office) == [10, 8, 4]
    assert sealing.verify_all(office) == (3, 7)


def test_a_long_running_sequencer_sees_what_another_did_meanwhile(office: Office, happen: Happen):
    mine = Sequencer(office)
    happen(2)
    assert mine.round()
    happen(2)
    assert Sequencer(office).round()
    happen(2)
    sealed = mine.round()
    assert sealed is not None
    assert sealed.size == 9
    assert sealing.verify_all(office) == (3, 6)


class TestItDoesNotSign:
    def test_below_what_the_store_has(self, office: Office, happen: Happen):
        happen(3)
        sealing.seal(office)
        without_guards(
            office, "DELETE FROM leaf", "DELETE FROM checkpoint", "DELETE FROM keyrange", "DELETE FROM unsealed"
        )
        happen(1)
        with pytest.raises(BrokenTrail) as broken:
            sealing.seal(office)
        assert why(broken) == "behind"
        assert sizes(office) == [4]

    def test_another_history(self, office: Office, happen: Happen):
        raw = "blob" if office.engine.dialect.name == "sqlite" else "bytea"
        happen(3)
        sealing.seal(office)
        without_guards(
            office,
            "DELETE FROM leaf",
            "DELETE FROM checkpoint",
            "DELETE FROM keyrange",
            "INSERT INTO leaf (position, event_id, hash) SELECT 3 - ROW_NUMBER() OVER (ORDER BY seq, hash), id, hash FROM event",
            f"INSERT INTO leaf (position, hash, entry) SELECT 3, '{log.leaf_hash(b'{}').hex()}', CAST('{{}}' AS {raw})",
        )
        with pytest.raises(BrokenTrail) as broken:
            sealing.seal(office)
        assert why(broken) == "fork"

    @pytest.mark.parametrize(
        ("attack", "reason"),
        [
            ("DELETE FROM keyrange WHERE count = 1", "map"),
            ("UPDATE checkpoint SET root = 'ab'", "tiles"),
            ("UPDATE checkpoint SET size = 3", "tiles"),
        ],
    )
    def test_over_what_was_changed_in_the_database(self, office: Office, happen: Happen, attack: str, reason: str):
        happen(3)
        sealing.seal(office)
        without_guards(office, attack)
        happen(1)
        with pytest.raises(BrokenTrail) as broken:
            sealing.seal(office)
        assert why(broken) == reason

    def test_an_event_that_was_changed_while_it_waited(self, office: Office, happen: Happen):
        happen(3)
        raw = "x'7b7d'" if office.engine.dialect.name == "sqlite" else r"'\x7b7d'"
        without_guards(office, f"UPDATE event SET body = {raw}")
        with pytest.raises(BrokenTrail) as broken:
            sealing.seal(office)
        assert why(broken) == "changed"
        assert number_of(office, "leaf") == 0

    def test_where_the_store_lost_a_checkpoint(self, office: Office, happen: Happen):
        happen(3)
        sealing.seal(office)
        for one in (office.home / "objects" / "checkpoints").rglob("*"):
            if one.is_file():
                one.unlink()
        happen(1)
        with pytest.raises(BrokenTrail) as broken:
            sealing.seal(office)
        assert why(broken) == "store"

    def test_under_another_name_or_with_another_key(self, office: Office, happen: Happen):
        happen(1)
        sealing.seal(office)
        office.settings.log_origin = "another.example/log"
        with pytest.raises(BadSetting):
            logkey.policy_of(office)
        office.settings.log_origin = ""
        logkey.key_file(office).unlink()
        log.make_key(logkey.key_file(office))
        happen(1)
        with pytest.raises(BadSetting):
            sealing.seal(office)


def test_the_logs_name_is_the_setting_or_one_made_of_its_first_key(office: Office, happen: Happen):
    office.settings.log_origin = "batken.example/ashar"
    happen(1)
    sealed = sealing.seal(office)
    assert sealed is not None
    assert sealed.note.startswith("batken.example/ashar\n")
    assert logkey.policy_of(office).newest.startswith("batken.example/ashar+")
    assert logkey.default_origin(log.make_key(office.home / "other")).startswith("ashar/")


@pytest.mark.parametrize("before", [True, False])
def test_what_is_signed_while_it_is_verified_is_no_fault(
    office: Office, happen: Happen, monkeypatch: pytest.MonkeyPatch, before: bool
):
    """The notary goes on: a checkpoint comes between the store's list and the rows, or behind both."""
    happen(4)
    sealing.seal(office)
    told = verifying._told

    def meanwhile(*given: Any) -> Any:
        found = None if before else told(*given)
        happen(3)
        assert sealing.seal(office) is not None
        return found or told(*given)

    monkeypatch.setattr(verifying, "_told", meanwhile)
    assert sealing.verify_all(office)[1] == (7 if before else 4)


def test_one_that_lost_its_lock_writes_nothing_over_what_another_signed(
    office: Office, happen: Happen, monkeypatch: pytest.MonkeyPatch
):
    """A connection to the database drops while a checkpoint is on its way, and a second notary goes on."""
    happen(3)
    slow, quick = Sequencer(office), Sequencer(office)
    slow.drain()
    put = policy.put_checkpoint

    def late(*given: Any) -> None:
        put(*given)
        monkeypatch.setattr(policy, "put_checkpoint", put)
        happen(3)
        quick.drain()

    happen(1)
    monkeypatch.setattr(policy, "put_checkpoint", late)
    with pytest.raises(Overtaken):
        slow.drain()
    assert sealing.verify_all(office)[1] == 7
    Sequencer(office).round(beat=True)


def test_what_is_kept_to_prove_a_key_complete_is_compared(office: Office, happen: Happen):
    happen(4)
    sealing.seal(office)
    without_guards(office)
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE keyrange SET count = count - 1 WHERE key = (SELECT max(key) FROM keyrange)"))
    with pytest.raises(BrokenTrail) as broken:
        sealing.verify_all(office)
    assert why(broken) == "map"
