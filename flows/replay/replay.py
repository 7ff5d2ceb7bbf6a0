"""All decisions of a dossier, reckoned again by the rules that made them, event by event."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.replay import checked, contracted, judged, reported
from flows.replay.decision import Checks, Compared, Decision, Moment, Unknown, Verdict, alike, apart, shown
from flows.replay.dossier import Dossier, read
from flows.replay.fold import Change, Fold, changes
from flows.replay.past import CannotTell, Past
from rules import lifecycle
from rules.deadlines import calendar_edition, reckoning_by
from rules.edition import program
from rules.edition import shown as shown_edition
from rules.packs import Pack
from schemas.contest import Contest
from schemas.errors import AsharError, WrongMoment
from schemas.event import Act

CHECKS: Mapping[Act, Callable[[Moment], Checks]] = {
    **checked.CHECKS,
    **judged.CHECKS,
    **contracted.CHECKS,
    **reported.CHECKS,
}


_FILES = {"document.facts", "document.name"}
_REPORT = {f"report.{one}" for one in ("remarks", "explanation", "explanations", "expenses")}
_KIN = {f"organisation.{one}" for one in ("head", "phone", "address")} | {"member.name", "member.relations"}
_CHECKED = (Act.APPLICATION_ASK_FOR_MORE, Act.APPLICATION_ADMIT, Act.APPLICATION_REFUSE, Act.APPLICATION_QUALIFY)
# personal values that a decision rests on: once one of them is redacted, it cannot be told
NEEDS: Mapping[Act, frozenset[str]] = {
    **dict.fromkeys(_CHECKED, frozenset({*_FILES, "finding.facts"})),
    **dict.fromkeys((Act.CONTEST_ROUTE, Act.APPLICATION_ASSIGN, Act.ITEM_DECIDE), frozenset(_KIN)),
    **dict.fromkeys(
        (Act.TRANCHE_HOLD, Act.TRANCHE_ORDER), frozenset({"tranche.unmet", "tranche.lifted", "mend.what"} | _REPORT)
    ),
    **dict.fromkeys((Act.REPORT_RETURN, Act.REPORT_ACCEPT), frozenset(_REPORT)),
    Act.REPORT_READ: frozenset(_FILES | _REPORT),
    Act.CONTRACT_PREPARE: frozenset({"document.facts"}),
    Act.SHEET_SUBMIT: frozenset({"sheet.comments"}),
}


@dataclass
class Replay:
    """What came out. `programs`: which decided, as the events say, and how often; `moves`: changes of state that were checked."""

    kind: str
    name: str
    events: int
    program: str
    decisions: list[Decision] = field(default_factory=list)
    programs: Counter[str] = field(default_factory=Counter)
    moves: int = 0

    @property
    def different(self) -> list[Decision]:
        return [one for one in self.decisions if one.verdict is Verdict.DIFFERENT]

    @property
    def unknown(self) -> list[Decision]:
        return [one for one in self.decisions if one.verdict is Verdict.CANNOT_TELL]


def replay(path: Path, key: str = "") -> Replay:
    """Reckon again what a dossier's events say was decided. Raises BadDossier for one that does not hold.

    `key`: the log's, as its owner published it; without one the dossier's own is believed.
    """
    return _Player(read(path, key)).play()


class _Player:
    def __init__(self, dossier: Dossier) -> None:
        self.dossier = dossier
        self.past = Past(Fold(), whole=dossier.whole)
        self.told = Replay(dossier.kind, dossier.name, len(dossier.bodies), program())

    def play(self) -> Replay:
        for body in self.dossier.events():
            change = list(changes(body, self.dossier.disclosed.get(body["id"], {})))
            self._terms(body, change)
            at = Moment(body, change, self.past, self._pack)
            if "program" in at.facts:
                self.told.programs[at.facts["program"]] += 1
            self.told.decisions += self._judge(at)
            for noun, identity in at.changes:
                self.past.born.setdefault((noun, identity), (body["at"], body["actor"]))
            self.past.fold.take(change)
        return self.told

    def _terms(self, body: Mapping[str, Any], change: list[Change]) -> None:
        """A case's own events say what it is held to; its application is there before the rules look at it."""
        if body["act"] in (Act.APPLICATION_RECEIVE, Act.APPLICATION_TURN_AWAY) and "terms" in dict(body["facts"]):
            contest = next((one.new for one in change if one.field == "contest_id"), None)
            if contest is not None:
                self.past.terms[contest] = dict(body["facts"])["terms"]
                self.past.fold.take(change)

    def _pack(self, contest: Contest) -> Pack:
        pack = self.dossier.pack(contest.pack, contest.pack_sha256)
        if pack is None:
            raise CannotTell("pack", pack=f"{contest.pack}@{contest.pack_version}", sha256=contest.pack_sha256)
        return pack

    def _calendar(self, at: Moment) -> AbstractContextManager[None]:
        edition = at.facts.get("calendar", "")
        if edition in self.dossier.laws:
            return reckoning_by(self.dossier.laws[edition])
        if edition and edition != calendar_edition():
            raise CannotTell("calendar", sha256=edition)
        return nullcontext()

    def _judge(self, at: Moment) -> Iterator[Decision]:
        yield from self._moved(at)
        yield from self._by_its_rules(at)
        check = CHECKS.get(at.act)
        if check is None:
            return
        self.past.needed = NEEDS.get(at.act, frozenset())
        try:
            with self._calendar(at):
                for one in check(at):
                    yield self._decision(at, one)
        except CannotTell as why:
            yield self._decision(at, Unknown("act", why))
        except AsharError as wrong:  # the rules refuse what was done
            yield self._decision(at, Compared("act", at.act, type(wrong).__name__))
        except (KeyError, TypeError, ValueError, AttributeError):  # a fact is not there, or is no such thing
            yield self._decision(at, Unknown("act", CannotTell("recording")))

    def _moved(self, at: Moment) -> Iterator[Decision]:
        """Every change of state is one that the journey's table allows."""
        after = at.changes.get((at.noun, str(at.subject)), {}).get("status")
        if at.noun not in lifecycle.STATUSES or not isinstance(after, str):
            return
        before = self.past.fold.row(at.noun, str(at.subject)) or {}
        made = (at.noun, str(at.subject)) not in self.past.born
        self.told.moves += 1
        try:
            ends = lifecycle.row(at.noun, "" if made else before.get("status", ""), at.act).ends
        except WrongMoment:
            ends = ()
        if after not in ends:
            yield self._decision(at, Compared("move", f"{before.get('status', '')} → {after}", list(ends)))

    def _by_its_rules(self, at: Moment) -> Iterator[Decision]:
        """What rests on rules rests on the very text that the contest was announced under."""
        edition = at.body.get("pack", "")
        its = self._edition(at)
        if its and edition != its and (edition or (at.rule and at.act in CHECKS)):
            yield self._decision(at, Compared("pack", edition, its))

    def _decision(self, at: Moment, one: Compared | Unknown) -> Decision:
        about: dict[str, Any] = {
            "what": one.what,
            "of": self.dossier.streams[at.body["stream"]],
            "seq": at.body["seq"],
            "act": at.act,
            "at": at.at,
            "rule": at.rule,
            "pack": self._called(at),
            "about": one.about,
        }
        if isinstance(one, Unknown):
            return Decision(**about, verdict=Verdict.CANNOT_TELL, why=one.why.why, facts=one.why.facts)
        same = alike(one.recorded, one.recomputed)
        if not same and self.dossier.withheld and (one.what == "move" or at.act in judged.CHECKS):
            return Decision(**about, verdict=Verdict.CANNOT_TELL, why="withheld")  # votes, sheets, interests may be
        sides = (one.recorded, one.recomputed) if same else apart(one.recorded, one.recomputed)
        recorded, recomputed = map(shown, sides)
        verdict = Verdict.SAME if same else Verdict.DIFFERENT
        return Decision(**about, verdict=verdict, recorded=recorded, recomputed=recomputed)

    def _called(self, at: Moment) -> str:
        return shown_edition(self._edition(at))

    def _edition(self, at: Moment) -> str:
        """That of the contest; nothing where there is none."""
        if at.act is Act.CONTEST_DRAFT:  # which begins with this event
            told = at.told(Contest)
            return f"{told.get('pack')}@{told.get('pack_version')}+{told.get('pack_sha256')}"
        try:
            return at.contest.edition
        except CannotTell:
            return ""
