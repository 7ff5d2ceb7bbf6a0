"""Whether a reminder that waits in the outbox is still true, and what becomes of one that is not.

The mail server may have been away for days: meanwhile the report came, the term moved, the contract ended.
"""

from flows.office import Office
from flows.steps.monitoring.digest import lines
from flows.steps.monitoring.waiting import ROWS, climbs, cycle_of, told
from flows.steps.moving import by_rule
from flows.steps.tranches import contest_and_pack
from rules import ladder
from rules.ladder import Rung, Waiting
from rules.packs import Pack
from schemas.contract import Contract
from schemas.doer import CLOCK
from schemas.event import Act
from schemas.outbox import DIGESTS, Job, Letter, Step
from storage.ledger import Because
from storage.work import Look, Work, looking


def weed(office: Office, job: Job) -> bool:
    """Before the letter of this errand leaves: reminders that are no longer true, it or lines of it, are void.

    Where the ladder says the same thing in other words today (the due day went by, part of the sum came back), those
    are left in the outbox instead. True if nothing is left to be sent; then the errand is done.
    """
    with looking(office.engine, office.system) as look:
        letter = look.get(Letter, job.subject_id)
        if letter.sent_at is not None or (letter.void_at is None and not _stale(office, look, letter)):
            return False
    with office.acting(CLOCK, Act.LETTER_VOID) as work:
        letter = work.get(Letter, job.subject_id)
        for one in _stale(office, work, letter):
            _void(office, work, one)
        if letter.code in DIGESTS:
            _shorten(work, letter)
        if letter.void_at is not None:
            work.finish(job)
        return letter.void_at is not None


def _stale(office: Office, look: Look, letter: Letter) -> list[Letter]:
    """Of this letter, or of those that it is a digest of, the ones that are not true today."""
    of_it = _lines_of(look, letter) if letter.code in DIGESTS else [letter]
    return [one for one in of_it if one.rung and one.void_at is None and not _holds(office, look, one)]


def _lines_of(look: Look, digest: Letter) -> list[Letter]:
    return look.all(Letter, digest_id=digest.id, order="written_at key")


def _holds(office: Office, look: Look, letter: Letter) -> bool:
    row, contract, _, rung = _now(office, look, letter)
    if rung is None or rung.letter != letter.code:
        return False
    return all(letter.facts.get(name) == value for name, value in told(contract, row).items())


def _now(office: Office, look: Look, letter: Letter) -> tuple[Waiting, Contract, Pack, Rung | None]:
    """What the letter speaks of, and what its step would write today; None for nothing."""
    model = next(one for one in ROWS if one.__name__.lower() == letter.noun)
    assert letter.row_id is not None
    row = look.get(model, letter.row_id)
    contract = row if isinstance(row, Contract) else look.get(Contract, row.contract_id)
    contest, pack = contest_and_pack(office, look, contract)
    if not climbs(row, contract) or cycle_of(row) != letter.cycle:
        return row, contract, pack, None
    stands = ladder.standing(pack, row, office.today(contest.zone))
    return row, contract, pack, next((one for one in stands if one.code == letter.rung), None)


def _void(office: Office, work: Work, letter: Letter) -> None:
    """It stays on record and does not leave; its reader gets what the step says now, if anything."""
    row, contract, pack, rung = _now(office, work, letter)
    letter.void_at, letter.gathered = work.at, False
    named = {"letter": letter.code, "language": letter.language, "key": letter.key}
    work.record(Act.LETTER_VOID, letter, because=by_rule(pack, "no_longer_true", **named))
    if rung is not None:
        step = Step(letter.noun, row.id, letter.cycle, rung.code, letter.role)
        facts = {**letter.facts, **told(contract, row)}
        to, language = letter.to, letter.language
        work.letter(f"anew:{letter.id}", row, to=to, language=language, code=rung.letter, facts=facts, step=step)


def _shorten(work: Work, digest: Letter) -> None:
    """The digest without the lines that are void; void itself when none is left."""
    work.session.flush()  # a digest goes shorter behind those that are void: the database looks
    left = [one for one in _lines_of(work, digest) if one.void_at is None]
    digest.facts = {**digest.facts, "lines": lines(left, digest.language)}
    if not left:
        digest.void_at = work.at
        named = {"letter": digest.code, "language": digest.language, "key": digest.key}
        work.record(Act.LETTER_VOID, digest, because=Because(rule="no_longer_true", facts=named))
