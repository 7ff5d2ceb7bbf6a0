"""The customer's order to pay one tranche."""

from collections.abc import Sequence
from datetime import date

from documents.papers import Met, PaymentOrder
from flows.papers.contract import condition
from flows.papers.law import both, project_of, signed_on
from flows.papers.parties import contractor_party, customer_party
from schemas.application import Organisation
from schemas.contract import Contract, Tranche
from schemas.customer import Customer, Person
from schemas.errors import BadDraft


def payment_order(
    *,
    customer: Customer,
    head: Person | None,
    finance: Person | None,
    organisation: Organisation,
    contract: Contract,
    tranche: Tranche,
    tranches: int,
    paid_before: int,
    budget_line: str,
    conditions: Sequence[tuple[str, date, str]],
    issued_on: date,
    project: str = "",
) -> PaymentOrder:
    """The order for one tranche; `conditions` are (condition code, day it was met, what shows it).

    Raises BadDraft for a contract that nobody has signed, and where more would be paid than the contract's sum.
    """
    whole = paid_before + tranche.amount
    if whole > contract.amount:
        raise BadDraft(template="payment_order", wrong="amount", stated=contract.amount, counted=whole)
    return PaymentOrder(
        number=order_number(contract, tranche),
        issued_on=issued_on,
        customer=customer_party(customer, head),
        contractor=contractor_party(organisation),
        contract_number=contract.number,
        contract_on=signed_on(contract, "payment_order"),
        project=project_of(contract, project),
        tranche=tranche.number,
        tranches=tranches,
        amount=tranche.amount,
        paid_before=paid_before,
        contract_amount=contract.amount,
        purpose=both("paper.order.purpose", number=contract.number, tranche=tranche.number),
        budget_line=budget_line,
        conditions=tuple(
            Met(condition=condition(code, tranche.after_period), met_on=on, evidence=evidence)
            for code, on, evidence in conditions
        ),
        finance_officer=finance.name if finance is not None else "",
    )


def order_number(contract: Contract, tranche: Tranche) -> str:
    """The order's own number: the one on record, or the one it will have."""
    return tranche.order_number or f"{contract.number}-T{tranche.number}"
