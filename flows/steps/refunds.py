"""Stage 16: what is owed when a contract is over has a term, and a ladder of its own."""

from datetime import date

from flows.steps import addresses
from rules import deadlines, ladder
from rules.packs import Pack
from schemas.contract import Contract, ContractStatus
from storage.work import Work


def reckon(pack: Pack, contract: Contract, status: ContractStatus, today: date) -> bool:
    """The balance, or what came back of it, is another one: the day on which the ladder comes to it.

    The term runs from the day on which something is owed for the first time. Returns whether it begins now.
    """
    begins = contract.balance > contract.returned and contract.refund_until is None and status in ladder.OVER
    if begins:
        contract.refund_until = deadlines.add(today, pack.monitoring.refund.value)
    contract.wakes_on = ladder.wakes_on(pack, contract, status, today)
    return begins


def ask(work: Work, contract: Contract) -> None:
    """The contractor hears what he owes and until when, after the event that says so."""
    due = contract.refund_until.isoformat() if contract.refund_until else ""
    facts = {"number": contract.number, "owed_tyiyn": contract.balance - contract.returned, "due": due}
    addresses.to_contractor(work, contract, "refund_asked", f"refund_asked:{contract.id}", facts)
