"""All tables at once, for whoever needs the whole metadata."""

from schemas import (
    application,
    collection,
    commission,
    contest,
    contract,
    customer,
    document,
    event,
    finding,
    hold,
    outbox,
    programme,
    report,
    witness,
)
from schemas.base import METADATA

__all__ = [
    "METADATA",
    "application",
    "collection",
    "commission",
    "contest",
    "contract",
    "customer",
    "document",
    "event",
    "finding",
    "hold",
    "outbox",
    "programme",
    "report",
    "witness",
]
