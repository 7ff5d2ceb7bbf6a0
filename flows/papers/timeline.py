"""The timeline of a case as a page: acts in words, with what changed by each, under a head that says up to where it is sealed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from documents.timeline import Change, Moment, Timeline, Touched
from documents.words import Language
from flows.papers import values
from flows.steps.audit import Line
from rules.edition import shown
from schemas.event import Checkpoint
from schemas.wording import say
from storage import state
from storage.state import Difference, Held, Place, State


@dataclass(frozen=True)
class Head:
    """What the head says: whose case it is, when this was made, and how far the signed log covers it."""

    name: str
    kind: str
    customer: Mapping[str, str]
    zone: str
    made: datetime
    checkpoint: Checkpoint | None
    sealed: int  # of its events, under that checkpoint


def page(
    head: Head,
    lines: Sequence[Line],
    files: Mapping[str, str],
    language: Language,
    *,
    hidden: Collection[str] = (),
    inside: Collection[Place] = (),
    members: Mapping[str, str] | None = None,
) -> Timeline:
    """The whole timeline. `files` are names by hash, `members` names of the commission's by id; rows of `hidden` kinds and
    those of `inside` are not shown.
    """
    held: State = {}
    moments = [_moment(one, held, files, language, head.zone, hidden, inside, members or {}) for one in lines]
    return Timeline(
        language=language,
        title=say("paper.trail.title", language),
        subtitle=say(
            f"paper.trail.{head.kind}" if head.kind in ("case", "contest") else "paper.trail.stream",
            language,
            name=head.name,
        ),
        facts=[(_cap(label), told) for label, told in _facts(head, lines, language)],
        warning=say("paper.trail.warning", language),
        moments=moments,
        ground=say("cli.column.ground", language),
        pack=say("column.pack", language),
        files=say("paper.trail.files", language),
        hash=say("paper.trail.hash", language),
        foot=say("paper.trail.foot", language, made=head.made, zone=head.zone),
    )


def _facts(head: Head, lines: Sequence[Line], language: Language) -> list[tuple[str, str]]:
    packs = sorted({one.entry.pack for one in lines if one.entry.pack})
    facts = [
        (say("noun.customer", language), say("form.fact", language, fact=dict(head.customer))),
        (say("paper.trail.events", language), str(len(lines))),
    ]
    if lines:
        ends = (say("form.fact", language, fact=one.at, zone=head.zone) for one in (lines[0], lines[-1]))
        facts.append((say("paper.trail.span", language), " — ".join(ends)))
    if packs:
        facts.append((say("column.pack", language), ", ".join(packs)))
    if head.checkpoint is None:
        facts.append((say("paper.trail.checkpoint", language), say("paper.trail.unsealed", language)))
        return facts
    facts += [
        (
            say("paper.trail.checkpoint", language),
            say("paper.trail.sealed", language, size=head.checkpoint.size, at=head.checkpoint.at, zone=head.zone),
        ),
        (say("paper.trail.root", language), head.checkpoint.root),
        (
            say("paper.trail.covered", language),
            say("paper.trail.of", language, count=head.sealed, of=len(lines)),
        ),
    ]
    return facts


def _moment(
    line: Line,
    held: State,
    files: Mapping[str, str],
    language: Language,
    zone: str,
    hidden: Collection[str],
    inside: Collection[Place],
    members: Mapping[str, str],
) -> Moment:
    local = line.at.astimezone(ZoneInfo(zone))
    pack = shown(line.entry.pack)
    ground = line.ground.removesuffix(f" [{pack}]") if pack else line.ground
    return Moment(
        number=line.seq,
        day=f"{local:%d.%m.%Y}",
        clock=f"{local:%H:%M:%S}",
        what=line.what,
        ground=ground,
        pack=pack,
        hash=line.entry.hash,
        files=[(files.get(one, say("paper.trail.unnamed", language)), one) for one in line.entry.body["files"]],
        touched=_touched(line, held, language, zone, hidden, inside, members),
    )


def _touched(
    line: Line,
    held: State,
    language: Language,
    zone: str,
    hidden: Collection[str],
    inside: Collection[Place],
    members: Mapping[str, str],
) -> list[Touched]:
    """The rows that an act changed, each with its fields; what a row had before is what the acts before made of it."""
    before = dict.fromkeys(Place(one["noun"], one["id"]) for one in line.entry.body["changes"])
    old = {place: Held(dict(held[place].values)) for place in before if place in held}
    state.fold(held, line.entry.body, line.entry.disclosed)
    now = {place: held[place] for place in before}
    rows: dict[Place, list[Difference]] = {}
    for one in state.differences(old, now):
        place = Place(one.noun, one.id)
        if one.noun not in hidden and place not in inside and values.told(one):
            rows.setdefault(place, []).append(one)
    return [
        _row(_name(place, held[place], language, members), found, place not in old, held[place], language, zone)
        for place, found in rows.items()
    ]


def _name(place: Place, held: Held, language: Language, members: Mapping[str, str]) -> str:
    """What a row is called, and whose it is."""
    whose = members.get(str(held.values.get("member_id")), "")
    return ": ".join(filter(None, (called(place.noun, held.values, language), whose)))


def _row(name: str, found: Sequence[Difference], fresh: bool, held: Held, language: Language, zone: str) -> Touched:
    if fresh:
        name = say("paper.trail.new", language, name=name)
        sign = _sign(held.values)
        found = [one for one in found if one.field != sign]  # it stands in the name
    changes = [
        Change(label, "" if one.old is None else old, new)
        for one, (label, old, new) in ((one, values.changed(one, language, zone)) for one in found)
    ]
    return Touched(_cap(name), changes, fresh)


def _sign(row: Mapping[str, Any]) -> str:
    return next((one for one in ("number", "position", "name", "login", "rule") if row.get(one)), "")


def _cap(text: str) -> str:
    return text[:1].upper() + text[1:]


def called(noun: str, row: Mapping[str, Any], language: str) -> str:
    """A row as people tell it from others of its kind: its number, or what it is called; a finding by what it says."""
    if noun == "finding" and row.get("rule"):
        return f"{values.noun_of(noun, language)}: {values.remark_of(row, language)}"
    sign = _sign(row)
    told = say("form.fact", language, fact=row[sign]) if sign else ""
    return f"{values.noun_of(noun, language)} {told}".strip()
