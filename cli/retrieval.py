"""`ashar audit find, diff, as-of, timeline, table`: the trail found, compared, and taken out as pages and tables."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.audit import Case
from cli.desk import To, acting, aim, answer, choices, table

if TYPE_CHECKING:
    from uuid import UUID

    from documents.words import Language
    from flows.office import Office
    from flows.steps.retrieval import Found
    from schemas.doer import Doer
    from storage.search import Query

Words = Annotated[
    list[str] | None, typer.Argument(help="Words that must all be there, each as the beginning of a word.")
]
Of = Annotated[str, typer.Option("--case", help="Only this case as CONTEST/NUMBER, or this contest by its number.")]
Under = Annotated[str, typer.Option("--contest", help="Only this contest, with all its cases.")]
ActorOf = Annotated[str, typer.Option("--actor", help="Login of the person who acted.")]
Acts = Annotated[list[str] | None, typer.Option("--act", help="Only this act, as NOUN:VERB; may be given again.")]
FileOf = Annotated[str, typer.Option("--file", help="Only what speaks of this file: its SHA-256, or the file itself.")]
Since = Annotated[
    str, typer.Option("--since", metavar="WHEN", help="From this day or time on, by the customer's clock.")
]
Until = Annotated[str, typer.Option("--until", metavar="WHEN", help="Up to the end of this day, or before this time.")]
Rule = Annotated[str, typer.Option("--rule", help="Only acts on the ground of this rule.")]
Pack = Annotated[str, typer.Option("--pack", help="Only acts under this rule pack: ID, ID@VERSION, or as it is shown.")]
Subject = Annotated[str, typer.Option("--subject", help="Identity of the thing that the act was about.")]
Oldest = Annotated[bool, typer.Option("--oldest-first", help="In the order in which it happened.")]
Moment = "a day (its end), a time as YYYY-MM-DDTHH:MM, or the number of an event"


def find(
    ctx: typer.Context,
    words: Words = None,
    case: Of = "",
    contest: Under = "",
    actor: ActorOf = "",
    act: Acts = None,
    file: FileOf = "",
    since: Since = "",
    until: Until = "",
    rule: Rule = "",
    pack: Pack = "",
    subject: Subject = "",
    oldest: Oldest = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=500, help="Events of a page.")] = 50,
    page: Annotated[str, typer.Option("--page", help="Where to go on, as the page before said.")] = "",
) -> None:
    """Find events by what they say, the newest first; every filter narrows the answer. The reading is recorded."""
    from flows.steps import retrieval
    from schemas.wording import say

    tongue = choices(ctx).tongue
    with acting(ctx) as (office, doer):
        asked, zone = _query(
            office, doer, words, case, contest, actor, act, file, since, until, rule, pack, subject, newest=not oldest
        )
        found, following = retrieval.find(office, doer, asked, tongue, cursor=page, limit=limit)
    if choices(ctx).json:
        answer(ctx, {"events": [_event(one) for one in found], "next": following})
        return
    table(
        ctx,
        [{**_event(one), "zone": zone} for one in found],
        {"when": "at", "where": "place", "what": "what", "ground": "ground"},
    )
    if following:
        typer.echo(say("cli.trail.next", tongue, page=following))


def diff(
    ctx: typer.Context,
    case: Case,
    since: Annotated[str, typer.Option("--from", metavar="WHEN", help=f"The earlier moment: {Moment}.")],
    until: Annotated[str, typer.Option("--to", metavar="WHEN", help=f"The later moment: {Moment}; else now.")] = "",
) -> None:
    """Say field by field what changed in a case between two moments. The reading is recorded."""
    from flows.papers import values
    from flows.steps import retrieval

    tongue = choices(ctx).tongue
    with acting(ctx) as (office, doer):
        stream, zone = _stream(office, doer, case)
        found = retrieval.differences(
            office, doer, stream, _moment(since, zone), _moment(until, zone) if until else None
        )
    lines: list[str] = []
    row = ("", "")
    for one in found:
        if (one.noun, one.id) != row:
            row = (one.noun, one.id)
            lines.append(f"{values.noun_of(one.noun, tongue)} {one.id}")
        name, old, new = values.changed(one, tongue, zone)
        lines.append(f"  {name}: {old} → {new}")
    answer(ctx, [one._asdict() for one in found], text="\n".join(lines) or _nothing(tongue))


def as_of(
    ctx: typer.Context,
    case: Case,
    moment: Annotated[str, typer.Argument(metavar="WHEN", help=f"The moment: {Moment}.")],
) -> None:
    """Show a case as the database held it at a moment, made anew from its events. The reading is recorded."""
    from flows.papers import timeline, values
    from flows.steps import retrieval

    tongue = choices(ctx).tongue
    with acting(ctx) as (office, doer):
        stream, zone = _stream(office, doer, case)
        held, last = retrieval.as_of(office, doer, stream, _moment(moment, zone))
    rows = [
        {"noun": place.noun, "id": place.id, "version": row.version, "event": row.event_id, "values": row.values}
        for place, row in held.items()
    ]
    lines: list[str] = []
    for place, row in held.items():
        lines.append(f"{timeline.called(place.noun, row.values, tongue)} ({place.id})")
        lines += [
            f"  {values.field_of(name, tongue)}: {values.value_of(place.noun, name, value, tongue, zone)}"
            for name, value in row.values.items()
            if value is not None
        ]
    answer(ctx, {"case": case, "events": last, "rows": rows}, text="\n".join(lines) or _nothing(tongue))


def timeline(
    ctx: typer.Context,
    case: Case,
    to: Annotated[Path, typer.Option("--to", help="Folder to write to; it is made when it is not there.")] = Path(),
) -> None:
    """Write the timeline of a case as HTML and PDF, in the language of the line. The reading is recorded."""
    from flows.steps import retrieval
    from schemas.wording import say

    tongue = choices(ctx).tongue
    language: Language = "ru" if tongue == "ru" else "en" if tongue == "en" else "ky"
    with acting(ctx) as (office, doer):
        stream, _ = _stream(office, doer, case)
        files = retrieval.pages(office, doer, stream, language)
    to.mkdir(parents=True, exist_ok=True)
    told: list[dict[str, Any]] = []
    plain = re.sub(r"[^\w.-]+", "-", case).strip(".-")
    for kind, content in files.items():
        target = to / f"timeline-{plain}-{language}.{kind}"
        target.write_bytes(content)
        told.append({"file": str(target), "size": len(content)})
    answer(ctx, told, text="\n".join(say("cli.saved", tongue, **one) for one in told))


def take(
    ctx: typer.Context,
    words: Words = None,
    case: Of = "",
    contest: Under = "",
    actor: ActorOf = "",
    act: Acts = None,
    file: FileOf = "",
    since: Since = "",
    until: Until = "",
    rule: Rule = "",
    pack: Pack = "",
    subject: Subject = "",
    newest: Annotated[bool, typer.Option("--newest-first", help="The newest first; else as it happened.")] = False,
    lines: Annotated[bool, typer.Option("--lines", help="JSON, an event a line, instead of a CSV table.")] = False,
    to: To = None,
) -> None:
    """Write what `audit find` would find, all of it, as a table (CSV for Excel) or as JSON Lines. Recorded as an export."""
    from flows.steps import retrieval
    from schemas.wording import say

    tongue = choices(ctx).tongue
    name = "trail.jsonl" if lines else "trail.csv"
    target = Path(name) if to is None else to / name if to.is_dir() else to
    with acting(ctx) as (office, doer):
        asked, _ = _query(
            office, doer, words, case, contest, actor, act, file, since, until, rule, pack, subject, newest=newest
        )
        told = (retrieval.json_lines if lines else retrieval.csv_lines)(office, doer, asked, tongue)
        count = -1 if not lines else 0  # the head of the table is no event
        with _whole(target) as out:
            for one in told:
                out.write(one)
                count += 1
    size = target.stat().st_size
    text = say("cli.saved", tongue, file=str(target), size=size)
    answer(ctx, {"file": str(target), "size": size, "events": count}, text=text)


@contextmanager
def _whole(target: Path) -> Iterator[Any]:
    """The file is there when all of it is."""
    part = target.with_name(f".{target.name}.part")
    try:
        with part.open("wb") as out:
            yield out
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


# -- what people write on the line ------------------------------------------------------------------------------------


def _query(
    office: "Office",
    doer: "Doer",
    words: list[str] | None,
    case: str,
    contest: str,
    actor: str,
    acts: list[str] | None,
    file: str,
    since: str,
    until: str,
    rule: str,
    pack: str,
    subject: str,
    *,
    newest: bool,
) -> tuple["Query", str]:
    """The question, and the customer's clock."""
    from cli import naming
    from storage.search import Query

    zone = _zone(office, doer)
    with aim(office, doer) as look:
        streams = (naming.stream(look, doer, case)[0],) if case else ()
        under = naming.contest(look, contest).id if contest else None
        person = naming.person(look, actor).id if actor else None
    return Query(
        streams=streams,
        under=under,
        actor=person,
        acts=tuple(_act(one) for one in acts or ()),
        sha256=_hash(file) if file else "",
        since=_start(since, zone) if since else None,
        until=_end(until, zone) if until else None,
        rule=rule,
        pack=pack,
        subject=_identity(subject) if subject else None,
        words=" ".join(words or ()),
        newest_first=newest,
    ), zone


def _stream(office: "Office", doer: "Doer", case: str) -> tuple["UUID", str]:
    from cli import naming

    with aim(office, doer) as look:
        stream, _ = naming.stream(look, doer, case)
    return stream, _zone(office, doer)


def _zone(office: "Office", doer: "Doer") -> str:
    from schemas.customer import Customer

    with aim(office, doer) as look:
        home = look.session.get(Customer, doer.tenant_id) if doer.tenant_id else None
    return home.zone if home else "UTC"


def _act(text: str) -> Any:
    from schemas.event import Act

    try:
        return Act(text)
    except ValueError as wrong:
        raise typer.BadParameter(f"{text} is not an act (NOUN:VERB, see docs/lifecycle.md)") from wrong


def _identity(text: str) -> "UUID":
    from uuid import UUID

    try:
        return UUID(text)
    except ValueError as wrong:
        raise typer.BadParameter(f"{text} is not an identity") from wrong


def _hash(text: str) -> str:
    if re.fullmatch(r"[0-9a-fA-F]{64}", text):
        return text.lower()
    path = Path(text)
    if not path.is_file():
        raise typer.BadParameter(f"{text} is neither a SHA-256 nor a file")
    from storage.objects import digest

    with path.open("rb") as file:
        return digest(file)[0]


def _read(text: str, zone: str) -> date | datetime:
    from zoneinfo import ZoneInfo

    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise typer.BadParameter(f"{text} is neither a day (YYYY-MM-DD) nor a time (YYYY-MM-DDTHH:MM)") from wrong
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def _start(text: str, zone: str) -> datetime:
    from zoneinfo import ZoneInfo

    read = _read(text, zone)
    return read if isinstance(read, datetime) else datetime.combine(read, time(), ZoneInfo(zone))


def _end(text: str, zone: str) -> datetime:
    from zoneinfo import ZoneInfo

    read = _read(text, zone)
    if isinstance(read, datetime):
        return read
    return datetime.combine(read + timedelta(days=1), time(), ZoneInfo(zone))


def _moment(text: str, zone: str) -> datetime | int:
    number = text.removeprefix("#")
    if number.isdecimal():
        return int(number)
    at = _end(text, zone)
    # a day's last instant still belongs to it
    return at if "T" in text or " " in text else at - timedelta(microseconds=1)


def _event(one: "Found") -> dict[str, Any]:
    entry = one.line.entry
    return {
        "at": one.line.at,
        "stream": one.stream,
        "seq": one.line.seq,
        "place": f"{one.stream} № {one.line.seq}",
        "act": entry.act,
        "who": one.line.who,
        "what": one.line.what,
        "ground": one.line.ground,
        "rule": entry.rule,
        "pack": entry.pack,
        "noun": one.noun,
        "subject": one.subject,
        "files": entry.body["files"],
        "hash": entry.hash,
    }


def _nothing(tongue: str) -> str:
    from schemas.wording import say

    return say("cli.trail.nothing", tongue)
