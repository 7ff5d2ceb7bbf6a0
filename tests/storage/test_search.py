"""Events are found by what they say, page by page, and by nobody who may not see them."""

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.event import listen

from schemas.customer import Role
from schemas.errors import BadCursor
from schemas.event import Act
from schemas.spelling import spelt
from storage import erasing, eventindex, search, words
from storage.engine import alone, connect, reading, writing
from storage.ledger import Actor, Because
from storage.search import Page, Query, Sight
from storage.work import working
from tests.storage.makers import CLERK, NOW, OTHER, STRANGER, TENANT, prioritise, problem, propose

ALL = Sight(TENANT)
OTHER_CLERK = Actor(UUID(int=12), Role.COORDINATOR, TENANT)
Find = Callable[..., list[int]]


@pytest.fixture
def find(engine: Engine) -> Find:
    """Numbers of the events that fit, in the order given."""

    def found(sight: Sight = ALL, **query: object) -> list[int]:
        return [row.seq for row in page(engine, Query(**query), sight).rows]  # type: ignore[arg-type]

    return found


def page(engine: Engine, query: Query, sight: Sight = ALL, *, cursor: str = "", limit: int = 50) -> Page:
    with reading(engine) as session:
        return search.find(session, query, sight, cursor=cursor, limit=limit)


def told(
    engine: Engine, stream: UUID, *, by: Actor = CLERK, minutes: int = 0, files: tuple[str, ...] = (), **because: object
) -> None:
    """One more event of a problem's stream, so many minutes later."""
    with working(engine, by, NOW + timedelta(minutes=minutes)) as work:
        work.record(Act.PROBLEM_SHELVE, _Place(stream, stream), because=Because(**because), files=files)  # type: ignore[arg-type]


class _Place:
    def __init__(self, identity: UUID, stream_id: UUID) -> None:
        self.id, self.stream_id = identity, stream_id


def sealed(engine: Engine) -> None:
    """Every event gets a place in the log, as the sequencer would give it."""
    with writing(engine) as session:
        session.execute(
            text(
                "INSERT INTO leaf (position, event_id, hash) SELECT (SELECT coalesce(max(position), -1) FROM leaf) + u.id "
                "- (SELECT min(id) FROM unsealed) + 1, u.event_id, e.hash FROM unsealed u JOIN event e ON e.id = u.event_id"
            )
        )
        session.execute(text("DELETE FROM unsealed"))


def placed(engine: Engine) -> int:
    """Every event gets a place in the log, and comes into both indexes. Returns how many leaves came into words."""
    sealed(engine)
    with writing(engine) as session:
        eventindex.index(session, 1000)
    with writing(engine) as session:
        alone(session, "words")
        return words.index(session)


class TestWhatIsSought:
    @pytest.fixture(autouse=True, params=("waiting", "sealed", "placed"))
    def stream(self, engine: Engine, request: pytest.FixtureRequest) -> UUID:
        row = propose(engine)
        self.row, stream = row, row.stream_id
        prioritise(engine, row, 3)
        told(engine, stream, minutes=10, rule="quorum", pack=f"kg-604-2022@7+{'e' * 64}", files=("a" * 64, "b" * 64))
        told(
            engine,
            stream,
            minutes=20,
            rule="cutoff",
            pack=f"kg-604-2022@8+{'f' * 64}",
            by=Actor(UUID(int=12), Role.CHAIR, TENANT),
        )
        propose(engine, by=STRANGER)
        for step in {"waiting": (), "sealed": (sealed,), "placed": (placed,)}[request.param]:
            step(engine)
        return stream

    @pytest.mark.parametrize(
        ("query", "seqs"),
        [
            ({}, [4, 3, 1, 2]),
            ({"acts": (Act.PROBLEM_SHELVE,)}, [4, 3]),
            ({"acts": (Act.PROBLEM_SHELVE, Act.PROBLEM_PROPOSE)}, [4, 3, 1]),
            ({"actor": UUID(int=12)}, [4]),
            ({"actor": CLERK.id}, [3, 1, 2]),
            ({"sha256": "b" * 64}, [3]),
            ({"sha256": "c" * 64}, []),
            ({"since": NOW + timedelta(minutes=10)}, [4, 3]),
            ({"until": NOW + timedelta(minutes=10)}, [1, 2]),
            ({"since": NOW + timedelta(minutes=5), "until": NOW + timedelta(minutes=15)}, [3]),
            ({"rule": "quorum"}, [3]),
            ({"pack": "kg-604-2022"}, [4, 3]),
            ({"pack": "kg-604-2022@8"}, [4]),
            ({"pack": f"kg-604-2022@8+{'f' * 64}"}, [4]),
            ({"pack": f"kg-604-2022@8+{'e' * 64}"}, []),
            ({"pack": f"kg-604-2022@8+{'f' * 12}"}, [4]),
            ({"pack": "kg-604-2022@"}, []),
            ({"pack": "kg-604-202"}, []),
            ({"actor": CLERK.id, "pack": "kg-604-2022", "sha256": "a" * 64, "rule": "quorum"}, [3]),
        ],
        ids=str,
    )
    def test_events_are_found_by_it(self, find: Find, query: dict[str, object], seqs: list[int]):
        # two events of one moment stand in the order of their stream
        assert find(**query) == ([4, 3, 2, 1] if not query else sorted(seqs, reverse=True))
        assert find(**query, newest_first=False) == sorted(seqs)

    def test_by_subject_by_stream_and_by_what_is_under_a_contest(self, engine: Engine, find: Find, stream: UUID):
        assert find(subject=self.row.id) == [2, 1]
        assert find(subject=stream) == [4, 3]
        assert find(subject=uuid4()) == []
        assert find(subject=self.row.id, streams=(uuid4(),)) == []
        assert find(streams=(stream,)) == [4, 3, 2, 1]
        assert find(streams=(stream, uuid4())) == [4, 3, 2, 1]
        contest, case = uuid4(), uuid4()
        with working(engine, CLERK, NOW) as work:
            work.open_stream(contest, TENANT, "contest", name="batken/2018-9")
            work.open_stream(case, TENANT, "case", name="1", under=contest)
        told(engine, contest, rule="cutoff")
        told(engine, case, rule="cutoff")
        told(engine, case, rule="cutoff", minutes=1)
        assert find(under=contest, newest_first=False) == [1, 1, 2]

    def test_another_customers_is_not_found(self, engine: Engine, find: Find):
        assert find(Sight(OTHER)) == [1]
        assert find(Sight(None), acts=(Act.PROBLEM_PROPOSE,)) == [1, 1]
        assert find(Sight(OTHER), subject=self.row.id) == []

    def test_who_may_see_nothing_but_his_own_finds_nothing_else(self, find: Find, stream: UUID):
        assert find(Sight(TENANT, own=frozenset({stream}))) == [4, 3, 2, 1]
        assert find(Sight(TENANT, own=frozenset({uuid4()}))) == []
        assert find(Sight(TENANT, own=frozenset())) == []
        assert find(Sight(TENANT, own=frozenset({uuid4()})), streams=(stream,)) == []


@pytest.fixture(params=[(), (11,), (5, 11), range(99)], ids=["waiting", "half", "thirds", "placed"])
def put_in_order(engine: Engine, request: pytest.FixtureRequest) -> Callable[[int], None]:
    """Called behind each event: those so far get their place in the log behind none, some or each of them.

    Of thirds the first is in the index too, the next only in the log.
    """

    def put(number: int) -> None:
        if number in request.param:
            (sealed if request.param == (5, 11) and number == 11 else placed)(engine)

    return put


class TestPages:
    def test_they_join_without_a_gap_or_an_overlap_while_events_arrive(
        self, engine: Engine, put_in_order: Callable[[int], None]
    ):
        streams = [propose(engine).stream_id for _ in range(3)]
        for n in range(20):
            told(engine, streams[n % 3], rule="cutoff", minutes=n // 4)  # several at one moment
            put_in_order(n)
        for query in (
            Query(),
            Query(newest_first=False),
            Query(streams=(streams[0],)),
            Query(acts=(Act.PROBLEM_SHELVE,)),
            Query(acts=(Act.PROBLEM_SHELVE, Act.PROBLEM_PROPOSE)),
            Query(rule="cutoff"),
            Query(actor=CLERK.id, newest_first=False),
        ):
            whole = [row.id for row in page(engine, query).rows]
            assert len(whole) == len(set(whole))
            joined, cursor = [], ""
            while True:
                part = page(engine, query, cursor=cursor, limit=3)
                joined += [row.id for row in part.rows]
                cursor = part.cursor
                if query.newest_first and len(joined) == 6:
                    told(engine, streams[0], rule="cutoff", minutes=60)
                if not cursor:
                    break
            assert joined == whole

    @pytest.mark.parametrize("newest_first", [True, False])
    def test_of_a_contest_with_its_cases_they_stand_in_the_order_of_time(
        self, engine: Engine, put_in_order: Callable[[int], None], newest_first: bool
    ):
        contest, cases = uuid4(), [uuid4() for _ in range(4)]
        with working(engine, CLERK, NOW) as work:
            work.open_stream(contest, TENANT, "contest", name="batken/2018-9")
            for number, case in enumerate(cases):
                work.open_stream(case, TENANT, "case", name=str(number), under=contest)
        chance, expected = random.Random(3), list[tuple[int, str, int]]()
        behind: dict[UUID, int] = {}
        for number in range(60):
            stream, minutes = chance.choice([contest, *cases]), chance.randrange(15)  # clocks that go back, and ties
            told(engine, stream, rule="cutoff", minutes=minutes, by=chance.choice([CLERK, OTHER_CLERK]))
            behind[stream] = behind.get(stream, 0) + 1
            expected.append((minutes, stream.hex, behind[stream]))
            if number % 5 == 1:
                put_in_order(number)
        propose(engine)
        for limit, more in (
            (7, {}),
            (9, {}),
            (20, {}),
            (50, {}),
            (4, {"rule": "cutoff", "acts": (Act.PROBLEM_SHELVE,)}),
        ):
            joined, cursor = list[tuple[int, str, int]](), ""
            while True:
                part = page(engine, Query(under=contest, newest_first=newest_first, **more), cursor=cursor, limit=limit)
                joined += [(int((row.at - NOW).seconds / 60), row.stream_id.hex, row.seq) for row in part.rows]
                cursor = part.cursor
                if not cursor:
                    break
            assert joined == sorted(expected, reverse=newest_first)
        joined, cursor, of_one = [], "", Query(under=contest, streams=(cases[0],), newest_first=newest_first)
        while True:
            part = page(engine, of_one, cursor=cursor, limit=3)
            joined += [row.seq for row in part.rows]
            cursor = part.cursor
            if not cursor:
                break
        assert joined == sorted(joined, reverse=newest_first)  # of one stream in its own order, whatever its clock said
        assert len(joined) == len(set(joined)) == behind[cases[0]]

    @pytest.mark.parametrize("limit", [1, 8, 9, 40, 50])
    def test_of_a_contest_one_case_may_fill_the_page(self, engine: Engine, limit: int):
        contest, busy, quiet = uuid4(), uuid4(), uuid4()
        with working(engine, CLERK, NOW) as work:
            work.open_stream(contest, TENANT, "contest", name="batken/2018-9")
            for case in (busy, quiet):
                work.open_stream(case, TENANT, "case", name=str(case), under=contest)
        told(engine, quiet, rule="cutoff")
        for minutes in range(1, 46):
            told(engine, busy, rule="cutoff", minutes=minutes)
        part = page(engine, Query(under=contest), limit=limit)
        wanted = [*((busy, seq) for seq in range(45, 0, -1)), (quiet, 1)][:limit]
        assert [(row.stream_id, row.seq) for row in part.rows] == wanted
        assert bool(part.cursor) is (limit < 46)

    @pytest.mark.parametrize("cursor", ["x", "", "AAAA", "WyJhIl0", "Zm9v" * 20, "bnVsbA"])
    def test_what_is_no_cursor_is_refused(self, engine: Engine, cursor: str):
        propose(engine)
        if cursor:
            with pytest.raises(BadCursor):
                page(engine, Query(), cursor=cursor)

    def test_a_cursor_is_of_its_question_alone(self, engine: Engine):
        for _ in range(3):
            propose(engine)
        cursor = page(engine, Query(), limit=1).cursor
        assert len(page(engine, Query(), cursor=cursor).rows) == 2
        with pytest.raises(BadCursor):
            page(engine, Query(rule="x"), cursor=cursor)


class TestWords:
    """Each question is asked before the event is in the log, when it is, and when it is in words."""

    @pytest.mark.parametrize(
        ("sought", "found"),
        [
            ("таштанды", True),
            ("ТАШТАНДЫ", True),
            ("ташт", True),
            ("таштандыга", False),
            ("тaштaнды", True),  # with two Latin letters
            ("Мусор", True),
            ("rubbish мусор", True),
            ("rubbish жол", False),
            ("өзгөчө", True),
            ("озгочо", True),
            ("ӊаалы", True),
            ("50 000", True),
            ("50000", True),
            ("сунушу", True),  # of the reason
            ("...", False),
        ],
    )
    def test_words_are_found_however_they_are_typed(self, engine: Engine, find: Find, sought: str, found: bool):
        row = problem("Таштанды өзгөчө, ңаалы 50 000 сом")
        propose(engine, row=row)
        for step in (lambda: None, lambda: placed(engine)):
            step()
            assert (find(words=sought) == [1]) is found, sought
            assert find(Sight(OTHER), words=sought) == []
            assert (find(Sight(TENANT, own=frozenset({row.stream_id})), words=sought) == [1]) is found

    def test_a_word_that_is_disclosed_no_more_finds_nothing(self, engine: Engine, find: Find):
        row = propose(engine)
        placed(engine)
        assert find(words="калктын") == [1]
        with working(engine, CLERK, NOW) as work:
            values = erasing.disclosures(work, row.stream_id)
            erasing.erase(work, Act.TRAIL_REDACT, row, values=values, because=Because(rule="redaction"))
        assert find(words="калктын") == []
        assert find(words="таштанды") == [1]
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM eventword WHERE digest <> ''")) == 0
            assert connection.scalar(text("SELECT count(*) FROM eventword WHERE word LIKE 'калк%'")) == 0

    def test_pages_of_words_join_what_is_in_words_and_what_is_not_yet(self, engine: Engine):
        for n in range(4):
            propose(engine)
            if n == 1:
                placed(engine)
        whole = [row.id for row in page(engine, Query(words="таштанды")).rows]
        assert len(set(whole)) == 4
        joined, cursor = [], ""
        while len(joined) < 4:
            part = page(engine, Query(words="таштанды"), cursor=cursor, limit=1)
            joined += [row.id for row in part.rows]
            cursor = part.cursor
        assert (joined, cursor) == (whole, "")

    def test_a_name_finds_what_the_person_did(self, engine: Engine, find: Find):
        from tests.storage.makers import person

        somebody = person()
        propose(engine, row=somebody)
        told(engine, somebody.stream_id, rule="cutoff", by=Actor(somebody.id, Role.CHAIR, TENANT))
        placed(engine)
        assert find(words="гулзат") == [2, 1]  # what was recorded of him, and what he did
        assert find(words="исакова гулз") == [2, 1]
        assert find(words="исаков чо") == []

    def test_the_log_is_put_into_words_once(self, engine: Engine):
        propose(engine)
        assert placed(engine) == 1
        assert placed(engine) == 0
        propose(engine)
        assert placed(engine) == 1


def test_how_words_are_spelt():
    assert spelt("Өзгөн, ӨЗГӨН; Озгон") == ["озгон"] * 3
    assert spelt("BATKEN-2018-1/7") == spelt("batken 2018 1 7")
    assert spelt("1 245 600,50") == ["1245600", "50"]
    assert spelt("көчөсүндөгү") == spelt("көчөсүндөгү\u200b")
    assert spelt("") == []


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({}, "PRIMARY KEY (tenant_id=?)"),
        ({"actor": UUID(int=1)}, "ix_eventindex_tenant_id_actor_id_at (tenant_id=? AND actor_id=?)"),
        ({"acts": (Act.CASE_READ,)}, "ix_eventindex_tenant_id_act_at (tenant_id=? AND act=?)"),
        ({"acts": (Act.CASE_READ, Act.TRAIL_READ)}, "ix_eventindex_tenant_id_act_at (tenant_id=? AND act=?)"),
        ({"rule": "quorum"}, "ix_eventindex_tenant_id_rule_at (tenant_id=? AND rule=?)"),
        ({"since": NOW}, "PRIMARY KEY (tenant_id=? AND at>?)"),
        ({"sha256": "a" * 64}, "ix_eventfile_sha256 (sha256=?)"),
        ({"streams": (UUID(int=1),)}, "(stream_id=?)"),
        ({"under": UUID(int=1)}, "ix_eventindex_contest_id_at (contest_id=?)"),
    ],
    ids=str,
)
def test_each_question_has_its_index(sqlite_template: Path, query: dict[str, object], index: str):
    """The order of time never lures the database to walk through a whole trail for the few events that fit."""
    engine = connect(f"sqlite:///{sqlite_template}")
    asked: list[tuple[str, tuple[object, ...]]] = []
    listen(engine, "before_cursor_execute", lambda _c, _k, statement, given, *_: asked.append((statement, given)))
    page(engine, Query(**query))  # type: ignore[arg-type]
    statement, given = next(one for one in asked if one[0].startswith("SELECT event.id"))
    with engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)]
    engine.dispose()
    steps = [step for step in plan if step.startswith(("SCAN", "SEARCH")) and "place" not in step]
    assert index in steps[0]
    assert not [step for step in plan if step.startswith(("SCAN event", "SCAN stream"))]
