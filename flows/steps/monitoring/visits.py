"""Stage 15: visits to the site."""

from datetime import date
from uuid import UUID

from flows.office import Office
from flows.steps.moving import check_moment, in_words
from schemas.contract import Contract
from schemas.doer import Doer
from schemas.event import Act
from schemas.report import Visit


def record_visit(
    office: Office,
    doer: Doer,
    contract_id: UUID,
    *,
    on: date,
    seen: str,
    to_mend: str = "",
    mend_until: date | None = None,
) -> UUID:
    """A site visit with what was seen and what has to be mended. The same words of the same day once."""
    with office.acting(doer, Act.VISIT_RECORD) as work:
        contract = work.get(Contract, contract_id)
        for known in work.all(Visit, contract_id=contract_id, on=on):
            if known.seen == seen:
                return known.id
        check_moment(contract, Act.VISIT_RECORD)
        visit = Visit(contract_id=contract_id, on=on, seen=seen, to_mend=to_mend, mend_until=mend_until)
        work.new(visit, stream=contract.stream_id)
        work.record(Act.VISIT_RECORD, visit, because=in_words(seen))
        return visit.id
