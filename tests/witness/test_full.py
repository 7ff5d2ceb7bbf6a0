"""A full witness reads every entry and says under a second key that the map of cases is honest; a false map shows."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from flows.office import Office
from flows.steps import witnessing
from flows.steps.sequencer import map_head
from storage import log
from storage.cosigning import Cosigner, parts
from storage.full_witness import Replay
from storage.keymap import KeyMap, key_of, value_of
from storage.ledger import skeleton
from storage.tiles import WIDTH, bundled
from storage.witness import Witness
from tests.witness.logs import NAME, ORIGIN, Log, ashar, serving
from tests.witness.offices import AT, customer_of, office_of, policy, rows, sealed, verifier
from tests.witness.test_asking import lines

CONTEST = key_of("contest", "batken/1").hex()


class Book:
    """Entries of a log with heads of the map: honest, or as its keeper would like them."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []
        self.heads: dict[str, tuple[int, str]] = {}
        self.held: dict[str, log.Peaks] = {}

    def event(self, case: int, *, hide: bool = False, number: int = 0, previous: str | None = None) -> None:
        """One event of a case; `hide`: it is left out of what the map says."""
        key = key_of("case", f"batken/1/{case}").hex()
        last, head = self.heads.get(key, (0, ""))
        entry = skeleton(
            b"body %d" % len(self.entries), (key, CONTEST), number or last + 1, head if previous is None else previous
        )
        leaf = log.leaf_hash(entry)
        self.heads[key] = last + 1, leaf.hex()
        self.entries.append(entry)
        for one in (key, CONTEST) if not hide else (CONTEST,):
            self.held.setdefault(one, log.Peaks()).append(leaf)

    def map(self) -> None:
        pairs = ((bytes.fromhex(key), value_of(one.size, one.root())) for key, one in self.held.items())
        self.entries.append(map_head(len(self.entries), KeyMap(pairs).root(), AT))

    def log(self) -> Log:
        return Log(key=KEY, leaves=[log.leaf_hash(one) for one in self.entries])

    def fetch(self, name: str) -> bytes | None:
        index = int(name.removeprefix("tile/entries/").partition(".")[0])
        width = int(name.partition(".p/")[2] or WIDTH)
        found = self.entries[index * WIDTH : index * WIDTH + width]
        return bundled(found) if len(found) == width else None


KEY = Log(1).key


def honest(events: int = 40) -> Book:
    book = Book()
    for number in range(events):
        book.event(number % 5)
        if number % 7 == 6:
            book.map()
    book.map()
    return book


@pytest.fixture
def full(tmp_path: Path) -> Callable[[Book], Witness]:
    def made(book: Book) -> Witness:
        witness = Witness(tmp_path / "witness", lambda: 5, {ORIGIN: book.fetch})
        witness.make(NAME)
        witness.follow(Log(key=KEY).verifier)
        return witness

    return made


def says(witness: Witness, book: Book, old: int = 0) -> tuple[bool, bool]:
    """Whether it signed as a witness, and as a full one."""
    whole = book.log()
    answer = witness.answer(whole.request(old))
    assert answer.status == 200
    text, signed = parts(whole.note() + answer.body)
    return tuple(bool(one.time_of(text, signed)) for one in (witness.cosigner(), witness.full_cosigner()))  # pyright: ignore[reportReturnType]


def test_it_signs_twice_under_two_keys_what_it_has_read(full):
    book = honest(700)  # over several bundles
    witness = full(book)
    assert says(witness, book) == (True, True)
    assert witness.cosigner().public != witness.full_cosigner().public
    size = len(book.entries)
    book.event(2)
    book.map()
    assert says(witness, book, size) == (True, True)


def test_started_anew_it_goes_on_from_what_it_has_written_down(full, tmp_path: Path):
    book = honest(300)
    assert says(full(book), book) == (True, True)
    size = len(book.entries)
    for number in range(9):
        book.event(number)
    book.map()
    asked: list[str] = []
    again = Witness(tmp_path / "witness", lambda: 5, {ORIGIN: lambda name: asked.append(name) or book.fetch(name)})
    assert says(again, book, size) == (True, True)
    assert asked == [f"tile/entries/001.p/{len(book.entries) - WIDTH}"]


def hidden(book: Book) -> None:
    book.event(3, hide=True)
    book.map()


def cut(book: Book) -> None:
    book.event(3, number=99)
    book.map()


def unlinked(book: Book) -> None:
    book.event(3, previous="0" * 64)
    book.map()


def unmapped(book: Book) -> None:
    book.event(3)


def strange(book: Book) -> None:
    book.entries.append(b'{"t": "event"}')
    book.map()


@pytest.mark.parametrize(
    ("attack", "why"), [(hidden, "map"), (cut, "gap"), (unlinked, "unlinked"), (unmapped, "map"), (strange, "changed")]
)
def test_a_log_whose_map_hides_events_gets_no_full_signature_and_it_is_kept(full, attack, why: str):
    book = honest()
    witness = full(book)
    attack(book)
    if attack is not unmapped:
        book.event(1)
        book.map()
    assert says(witness, book) == (True, False)  # the log grew as a log does: this is what the first key says
    [found] = witness.evidence()
    assert (found.why, found.origin) == (why, ORIGIN)


def test_entries_that_are_not_the_logs_accuse_nobody(full):
    book, other = honest(), honest()
    hidden(other)
    other.entries = other.entries[1:]
    witness = full(other)
    assert says(witness, book) == (True, False)
    assert witness.evidence() == []


def test_entries_that_cannot_be_had_cost_the_second_signature_only(tmp_path: Path):
    book = honest()
    for fetch in (lambda _: None, lambda _: b"\xff\xff rubbish", lambda _: b""):
        witness = Witness(tmp_path / "w", lambda: 5, {ORIGIN: fetch})
        witness.make(NAME)
        witness.follow(Log(key=KEY).verifier)
        assert says(witness, book, witness.heads().get(ORIGIN, {"size": 0})["size"]) == (True, False)


def test_a_long_log_is_read_over_several_requests(full, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("storage.full_witness.PATIENCE", -1.0)
    book = honest(1000)
    witness = full(book)
    told = [says(witness, book, 0 if not turn else len(book.entries)) for turn in range(6)]
    assert told[0] == (True, False)
    assert told[-1] == (True, True)


def test_what_was_written_down_is_read_back_as_it_was():
    replay = Replay()
    for entry in honest(90).entries:
        replay.take(entry)
    again = Replay.load(replay.dump())
    book = honest(90)
    book.event(2)
    book.map()
    for entry in book.entries[-2:]:
        replay.take(entry)
        again.take(entry)
    assert again.fault is None
    assert again.dump() == replay.dump()


# -- with a real log and a real process -----------------------------------------------------------------------------


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = office_of(tmp_path / "city")
    yield office
    office.close()


@pytest.mark.server
def test_our_own_log_is_read_from_the_citys_site_and_signed_twice(office: Office, tmp_path: Path):
    tenant: UUID = customer_of(office)
    sealed(office, tenant, 4)
    home, site = tmp_path / "chamber", tmp_path / "site"
    line = ashar(home, "witness", "key", "chamber.example/w").stdout.strip()
    second = ashar(home, "witness", "key", "--full").stdout.strip()
    assert Cosigner.read(second).name == "chamber.example/w/full"
    assert ashar(home, "witness", "follow", verifier(office)).returncode == 0
    origin = verifier(office).partition("+")[0]
    with serving(home, "--full", f"{origin}={site}") as served:
        policy(office, f"witness chamber {line} {served.url}", f"witness reader {second} {served.url}", quorum="reader")
        newest = sealed(office, tenant, 3)
        lines(office, "audit", "publish", "--entries", "--to", str(site))
        assert [one.trouble for one in witnessing.ask(office)] == ["", ""]
    assert len(rows(office, witnessing.Cosignature, size=newest.size)) == 2
    assert witnessing.overview(office).quorum == newest.size
    assert json.loads(ashar(home, "--json", "witness", "prove").stdout) == []
