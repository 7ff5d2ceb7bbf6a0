"""Stage 15: what an officer is told by the ladder comes once a day, in one letter."""

from itertools import groupby
from uuid import UUID

from flows.office import Office
from schemas.customer import Customer
from schemas.doer import CLOCK
from schemas.event import Act
from schemas.outbox import Letter
from schemas.wording import say
from storage.ledger import Because
from storage.work import looking


def send_digests(office: Office) -> int:
    """Each officer's gathered letters leave: one by itself, several as a digest. Returns how many left.

    A letter that was gathered by a sweep that died is in the next digest.
    """
    with looking(office.engine, office.system) as look:
        gathered = look.all(Letter, gathered=True, order="tenant_id to language written_at key")
    left = 0
    for _, theirs in groupby(gathered, key=lambda one: (one.tenant_id, one.to, one.language)):
        left += _send(office, [one.id for one in theirs])
    return left


def _send(office: Office, letter_ids: list[UUID]) -> int:
    with office.acting(CLOCK, Act.LETTER_WRITE) as work:
        found = work.get_all(Letter, letter_ids)
        letters = [one for one in (found[identity] for identity in letter_ids) if one.gathered]
        for one in letters:
            one.gathered = False
        if len(letters) < len(letter_ids):  # another run has them
            work.session.expire_all()
            return 0
        first = letters[0]
        if len(letters) == 1:
            work.post(first)
            return 1
        customer = work.get(Customer, first.tenant_id)
        lines = [say(f"letter.{one.code}.subject", one.language, **one.facts) for one in letters]
        day = office.today(office.settings.zone).isoformat()
        facts = {
            "customer": customer.name.get(first.language, ""),
            "day": day,
            "lines": "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1)),
        }
        because = Because(rule="digest", facts={"letters": len(letters)})
        work.record(Act.LETTER_WRITE, customer, because=because)
        key = f"digest:{day}:{first.id}"
        told = {"to": first.to, "language": first.language, "code": "digest", "facts": facts}
        digest = work.letter(key, customer, **told)
        for one in letters:
            one.digest_id = digest
        return 1
