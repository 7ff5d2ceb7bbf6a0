"""Tables that an officer reads in Prefect's pages: due this week, overdue by rung, waiting for us. No names are in them."""

import json
from collections.abc import Sequence
from typing import Any, Final, cast

from prefect.artifacts import Artifact, create_table_artifact

from flows.office import Office
from flows.steps.worklist import Item, worklist
from schemas.wording import say

ROWS: Final = 200
LANGUAGE: Final = "ky"  # these pages are one for all; whoever reads them reads the language of the papers


def officer(office: Office) -> None:
    """Write the three lists anew, each only if it is another one than before."""
    lists = worklist(office)
    _put("due-this-week", say("paper.worklist.due", LANGUAGE), table(lists.due))
    _put("overdue-by-rung", say("paper.worklist.overdue", LANGUAGE), table(lists.overdue))
    _put("waiting-for-us", say("paper.worklist.waiting", LANGUAGE), table(lists.waiting))


def table(items: Sequence[Item]) -> list[dict[str, Any]]:
    """Rows under worded heads; beyond so many, one that says how many more there are."""
    customer, number = say("paper.worklist.customer", LANGUAGE), say("paper.worklist.number", LANGUAGE)
    period, what = say("paper.overview.column.period", LANGUAGE), say("paper.overview.column.status", LANGUAGE)
    days = say("paper.worklist.days", LANGUAGE)
    rows: list[dict[str, Any]] = [
        {customer: one.customer, number: one.number, period: one.period, what: say(one.what, LANGUAGE), days: one.days}
        for one in items[:ROWS]
    ]
    if len(items) > ROWS:
        more = say("paper.worklist.more", LANGUAGE, count=len(items) - ROWS)
        rows.append({customer: "…", number: more, period: "", what: "", days: ""})
    return rows


def _put(key: str, title: str, rows: list[dict[str, Any]]) -> None:
    known = cast("Any", Artifact.get(key))  # in a flow it waits for the answer, whatever its signature says
    if known is not None and known.description == title and _read(known.data) == rows:
        return
    create_table_artifact(key=key, table=rows, description=title)


def _read(data: object) -> object:
    return json.loads(data) if isinstance(data, str) else data
