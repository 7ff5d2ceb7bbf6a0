"""Stage 15: what one reader is told by the ladders on a day comes in one letter: an officer, or a contractor."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from flows.office import Office
from schemas.customer import Customer, Language, Role
from schemas.doer import CLOCK
from schemas.event import Act
from schemas.outbox import Letter
from schemas.wording import say
from storage.ledger import Because
from storage.work import Work, looking

TOGETHER = 50  # readers in a transaction


def send_digests(office: Office) -> int:
    """Each reader's gathered letters leave: one by itself, several as a digest. Returns how many left.

    A letter that was gathered by a sweep that died is in the next digest.
    """
    of = (col(Letter.tenant_id), col(Letter.to), col(Letter.role) == Role.APPLICANT.value)
    query = select(*of, col(Letter.id)).where(col(Letter.gathered).is_(True))
    with looking(office.engine, office.system) as look:
        gathered = look.session.execute(query.order_by(*of, col(Letter.written_at), col(Letter.key))).all()
    readers = [[one.id for one in theirs] for _, theirs in groupby(gathered, key=lambda one: tuple(one)[:-1])]
    return sum(_leave(office, readers[first : first + TOGETHER]) for first in range(0, len(readers), TOGETHER))


def _leave(office: Office, readers: Sequence[Sequence[UUID]]) -> int:
    with office.acting(CLOCK, Act.LETTER_WRITE) as work:
        work.gather()
        found = work.get_all(Letter, [one for theirs in readers for one in theirs])
        customers = work.get_all(Customer, {one.tenant_id for one in found.values()})
        left = 0
        for theirs in readers:
            letters = [found[one] for one in theirs if found[one].gathered]  # another run may have taken some
            for one in letters:
                one.gathered = False
            if len(letters) == 1:
                work.post(letters[0])
            elif letters:
                _together(office, work, letters, customers[letters[0].tenant_id])
            left += bool(letters)
        return left


def _together(office: Office, work: Work, letters: Sequence[Letter], customer: Customer) -> None:
    first = letters[0]
    [(language, _)] = Counter(one.language for one in letters).most_common(1)
    day = office.today(office.settings.zone).isoformat()
    facts = {"customer": customer.name.get(language, ""), "day": day, "lines": lines(letters, language)}
    work.record(Act.LETTER_WRITE, customer, because=Because(rule="digest", facts={"letters": len(letters)}))
    code = "digest_contractor" if first.role == Role.APPLICANT else "digest"
    # its letters are held, and none of them was in one before
    key, to = f"digest:{day}:{first.id}", first.to
    digest = work.letter(key, customer, to=to, language=language, code=code, facts=facts, fresh=True)
    for one in letters:
        one.digest_id = digest


def lines(letters: Sequence[Letter], language: Language) -> str:
    """What each letter says in a line, numbered: what it is about, the step of the ladder, the day that counts."""
    return "\n".join(f"{number}. {line}" for number, line in enumerate(_each(letters, language), 1))


def _each(letters: Sequence[Letter], language: Language) -> Iterator[str]:
    for one in letters:
        subject = say(f"letter.{one.code}.subject", language, **one.facts)
        rung = say(f"ground.{one.rung}", language) if one.rung else ""
        until = one.facts.get("until") or one.facts.get("due")
        yield say("paper.digest.line", language, line=subject, rung=rung, until=until)
