"""The trail found, compared and taken out: by any of what its events say, as of a day, between two days, as a page or a table.

Whoever reads here, but an applicant in his own case, is on record for it with what he asked for: what the trail tells is often
personal. Whoever takes a table out is on record in any case.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Row, func
from sqlmodel import col, select

from documents.words import Language
from flows.office import Office
from flows.papers import timeline as worded
from flows.steps import audit, readings, sight
from flows.steps.audit import Line
from rules import permissions
from schemas.commission import Member
from schemas.customer import Customer, Role
from schemas.document import Document
from schemas.doer import Doer
from schemas.errors import BrokenTrail
from schemas.event import Act, Checkpoint, Event, Leaf, Stream
from schemas.wording import say
from storage import search, state, words
from storage.engine import alone, writing
from storage.ledger import Because, leaf
from storage.search import MOST, Query, Sight
from storage.state import Difference, State
from storage.trail import Entry, keys_of
from storage.work import Look, looking

HIGHEST: Final = 100_000  # leaves that are put into words in one go
CHUNK: Final = 1000


@dataclass(frozen=True, slots=True)
class Found:
    """An event that was found: where it stands, and what it says in the reader's language."""

    stream: str
    kind: str
    noun: str
    subject: str
    line: Line
    changes: Sequence[Mapping[str, Any]]  # those that the reader may see


# -- finding ---------------------------------------------------------------------------------------------------------


def find(
    office: Office, doer: Doer, query: Query, language: str, *, cursor: str = "", limit: int = 50
) -> tuple[list[Found], str]:
    """A page of what fits and may be seen, and where the next one begins; empty at the end.

    The mark of the next page names the event of this reading: with somebody else's, of another question or of another day,
    the reading is recorded as that of a first page. Raises NotAllowed, BadCursor, BrokenTrail for an event that is not what was hashed.
    """
    with office.looking(doer, Act.TRAIL_READ) as look:
        seen = sight.of(look, doer)
        place, _, reading = cursor.partition(".")
        page = search.find(look.session, query, seen, cursor=place, limit=limit)
        found = _told(look, page.rows, seen, language)
        why = readings.of_query(look, "find", query)
        begun = bool(place) and readings.goes_on(look, doer, reading, why, office.now())
    if not begun:
        reading = _on_record(office, doer, doer.tenant_id, why)
    return found, f"{page.cursor}.{reading}" if page.cursor else ""


def index(office: Office, most: int = HIGHEST) -> int:
    """Put what the log got since the last time into words. Returns how many leaves that were."""
    done = 0
    while done < most:
        with writing(office.engine) as session:
            alone(session, "words")
            some = words.index(session, CHUNK)
        done += some
        if some < CHUNK:
            break
    return done


def _told(look: Look, rows: Sequence[Row[Any]], seen: Sight, language: str) -> list[Found]:
    streams = {one.id: one for one in look.all(Stream, id=list({row.stream_id for row in rows}))}
    keys = keys_of(look.session, streams.keys())
    hidden = words.disclosed(look.session, [row.id for row in rows])
    entries = [_entry(row, keys[row.stream_id], hidden.get(row.id, {})) for row in rows]
    names = audit.names_of(look, entries)
    return [
        Found(
            stream=streams[row.stream_id].name,
            kind=streams[row.stream_id].kind,
            noun=row.noun,
            subject=str(row.subject_id),
            line=audit.line(entry, names, language),
            changes=entry.body["changes"] if seen.own is None else search.theirs(entry.body["changes"]),
        )
        for row, entry in zip(rows, entries, strict=True)
    ]


def _entry(row: Row[Any], keys: Sequence[str], disclosed: dict[str, str]) -> Entry:
    body = orjson.loads(row.body)
    if leaf(bytes(row.body), keys, row.seq, row.previous) != row.hash or body["id"] != str(row.id):
        raise BrokenTrail(stream=str(row.stream_id), seq=row.seq, why="changed")
    return Entry.of(body, row.hash, disclosed)


# -- moments ---------------------------------------------------------------------------------------------------------


def as_of(office: Office, doer: Doer, stream_id: UUID, at: datetime | int | None) -> tuple[State, int]:
    """Rows of a case as the database held them then, and the number of the last event in it. None: now.

    Raises NotAllowed, NotFound, Sealed, OwnSheetFirst, OwnInterest.
    """
    with office.looking(doer, Act.TRAIL_READ) as look:
        sight.demand(look, doer, stream_id)
        held, last = state.until(look.session, stream_id, at)
        held = _seen(look, doer, stream_id, held)
    _on_record(office, doer, stream_id, readings.of("as_of", moment=at))
    return held, last


def differences(
    office: Office, doer: Doer, stream_id: UUID, since: datetime | int, until: datetime | int | None
) -> list[Difference]:
    """Field by field, what two moments of a case do not agree in. Raises as `as_of` does."""
    with office.looking(doer, Act.TRAIL_READ) as look:
        sight.demand(look, doer, stream_id)
        before, after = (
            _seen(look, doer, stream_id, state.until(look.session, stream_id, at)[0]) for at in (since, until)
        )
    _on_record(office, doer, stream_id, readings.of("diff", since=since, until=until))
    return state.differences(before, after)


def _seen(look: Look, doer: Doer, stream_id: UUID, held: State) -> State:
    if not sight.only_applicant(doer):
        return held
    hidden, inside = sight.nouns_hidden(look, doer, stream_id), sight.inside(held)
    return {place: row for place, row in held.items() if place.noun not in hidden and place not in inside}


def apart(office: Office) -> int:
    """Whether every row is what its events made of it. Returns the number of streams. Raises BrokenTrail at the first that is not."""
    with looking(office.engine, office.system) as look:
        for stream_id, one in state.all_apart(look.session):
            last = look.get(Stream, stream_id).seq
            raise BrokenTrail(stream=str(stream_id), seq=last, why="apart", noun=one.noun, id=one.id, field=one.field)
        return look.session.scalar(select(func.count()).select_from(Stream)) or 0


# -- pages and tables -------------------------------------------------------------------------------------------------


def pages(office: Office, doer: Doer, stream_id: UUID, language: Language) -> dict[str, bytes]:
    """The timeline of a case as html and pdf, verified while it is read. Raises as `audit.timeline` does."""
    from documents.timeline_html import html  # noqa: PLC0415 -- drawing is dear to load and seldom needed
    from documents.timeline_pdf import pdf  # noqa: PLC0415

    with office.looking(doer, Act.TRAIL_READ) as look:
        stream = sight.demand(look, doer, stream_id)
        customer = look.get(Customer, stream.tenant_id)
    lines = audit.timeline(office, doer, stream_id, language)  # which is on record
    # behind the lines, of which none may be newer than what hides it
    with office.looking(doer, Act.TRAIL_READ) as look:
        hidden = sight.nouns_hidden(look, doer, stream_id)
        inside = sight.inside(state.until(look.session, stream_id, None)[0]) if sight.only_applicant(doer) else ()
        files = {one.sha256: one.name for one in look.all(Document, stream_id=stream_id)}
        home = stream.parent_id if stream.kind == "case" else stream_id
        # who judges his case is no applicant's to know before the results are public
        seats = [] if hidden else look.all(Member, contest_id=home)
        members = {str(one.id): one.name for one in seats}
    with looking(office.engine, office.system) as look:
        newest = look.all(Checkpoint, order="size")[-1:]
        sealed = _sealed(look, stream_id, newest[0].size if newest else 0, lines[-1].seq if lines else 0)
    head = worded.Head(
        name=stream.name,
        kind=stream.kind,
        customer=customer.name,
        zone=customer.zone,
        made=office.now(),
        checkpoint=newest[0] if newest else None,
        sealed=sealed,
    )
    page = worded.page(head, lines, files, language, hidden=hidden, inside=inside, members=members)
    return {"html": html(page), "pdf": pdf(page)}


def _sealed(look: Look, stream_id: UUID, size: int, last: int) -> int:
    """How many of a stream's events up to its `last` are among the log's first `size` leaves."""
    query = select(func.count()).select_from(Event).join(Leaf, col(Leaf.event_id) == col(Event.id))
    these = col(Event.stream_id) == stream_id, col(Event.seq) <= last, col(Leaf.position) < size
    return look.session.scalar(query.where(*these)) or 0


COLUMNS: Final = (
    *("at", "local", "stream", "seq", "act", "what", "who", "role", "ground", "rule", "pack", "noun", "subject"),
    *("files", "changes", "run", "hash"),
)


def csv_lines(office: Office, doer: Doer, query: Query, language: str) -> Iterator[bytes]:
    """What fits as a table for Excel: UTF-8 with its mark, a head in words, no cell that a program would reckon out.

    Where decimals have a comma, Excel parts columns by semicolons. Raises NotAllowed for whoever may not take out.
    """
    zone, part = _zone(office, _taker(doer)), "," if language == "en" else ";"
    yield "\ufeff".encode() + _row([say(f"cli.trail.column.{one}", language) for one in COLUMNS], part)
    for one in _everything(office, doer, query, language):
        local = one.line.at.astimezone(ZoneInfo(zone))
        told = _flat(one) | {"at": _utc(one.line.at), "local": f"{local:%Y-%m-%d %H:%M:%S}"}
        yield _row([_safe(str(told[name])) for name in COLUMNS], part)


def json_lines(office: Office, doer: Doer, query: Query, language: str) -> Iterator[bytes]:
    """What fits as JSON, an event a line: its body as it was hashed, what is disclosed of it, and what it says in words."""
    for one in _everything(office, doer, query, language):
        entry = one.line.entry
        body = {**entry.body, "changes": one.changes}
        told = {
            "stream": one.stream,
            "kind": one.kind,
            "who": one.line.who,
            "what": one.line.what,
            "ground": one.line.ground,
        }
        yield orjson.dumps({**told, "hash": entry.hash, "disclosed": entry.disclosed, "event": body}) + b"\n"


def _taker(doer: Doer) -> Doer:
    """Who takes out, under the role that may: whoever may as an applicant alone takes his own. Raises NotAllowed."""
    role = permissions.demand(doer.roles, Act.TRAIL_EXPORT)
    return replace(doer, roles=frozenset({role})) if role is Role.APPLICANT else doer


def _everything(office: Office, doer: Doer, query: Query, language: str) -> Iterator[Found]:
    """Page by page, so that no more than one is in memory. On record once, as taken out."""
    doer = _taker(doer)
    with office.looking(doer, Act.TRAIL_EXPORT) as look:
        why = readings.of_query(look, "table", query)
    if doer.tenant_id:
        readings.record(office, doer, doer.tenant_id, why, Act.TRAIL_EXPORT)
    cursor = ""
    while True:
        with office.looking(doer, Act.TRAIL_READ) as look:
            seen = sight.of(look, doer)
            page = search.find(look.session, query, seen, cursor=cursor, limit=MOST)
            found = _told(look, page.rows, seen, language)
        yield from found
        cursor = page.cursor
        if not cursor:
            return


def _flat(one: Found) -> dict[str, Any]:
    entry = one.line.entry
    changes = [
        {**change, "new": _open(change["new"], entry), "old": _open(change["old"], entry)} for change in one.changes
    ]
    return {
        "stream": one.stream,
        "seq": one.line.seq,
        "act": entry.body["act"],
        "what": one.line.what,
        "who": one.line.who,
        "role": entry.role,
        "ground": one.line.ground,
        "rule": entry.rule,
        "pack": entry.pack,
        "noun": one.noun,
        "subject": one.subject,
        "files": " ".join(entry.body["files"]),
        "changes": json.dumps(changes, ensure_ascii=False) if changes else "",
        "run": entry.run_id,
        "hash": entry.hash,
    }


def _open(side: Any, entry: Entry) -> Any:
    return state.value_of(side, entry.disclosed)


def _row(cells: Sequence[str], part: str) -> bytes:
    with closing(io.StringIO(newline="")) as line:
        csv.writer(line, delimiter=part, quoting=csv.QUOTE_ALL).writerow(cells)
        return line.getvalue().encode()


_RECKONED: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def _safe(cell: str) -> str:
    """A cell that no program takes for a formula, also behind blanks (OWASP: CSV injection)."""
    return f"'{cell}" if cell.startswith(_RECKONED) or cell.lstrip().startswith(_RECKONED) else cell


def _utc(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _zone(office: Office, doer: Doer) -> str:
    with office.looking(doer, Act.TRAIL_READ) as look:
        home = look.session.get(Customer, doer.tenant_id) if doer.tenant_id else None
    return home.zone if home else "UTC"


# -- who has read ----------------------------------------------------------------------------------------------------


def _on_record(office: Office, doer: Doer, stream_id: UUID | None, why: Because) -> str:
    """Reading is an act. Returns the event's id; empty for whoever is not written down."""
    return readings.record(office, doer, stream_id, why) if stream_id and readings.kept(doer) else ""
