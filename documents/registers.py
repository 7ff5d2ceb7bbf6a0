"""Registers in a report: receipts of a financial one, steps of the work of a programme one. The same for Word and for sheets."""

from datetime import date, datetime

from documents import dates
from documents.content import Cell, Grid, label, words
from documents.tables import money
from schemas.facts import Checkpoint, Expense

_HEADS = 40  # rows among which the header stands
_STEP = ("name", "planned", "actual")
_PLAN = ("name", "planned")
_RECEIPT = frozenset({"number", "dated", "payee"})


def _header(grid: Grid, group: str) -> tuple[int, dict[str, int]] | None:
    """The first row with names of columns of the group, and where each column is."""
    best: tuple[int, dict[str, int]] | None = None
    for number, row in enumerate(grid.rows[:_HEADS]):
        columns: dict[str, int] = {}
        for at, cell in enumerate(row):
            key = next(iter(label(group, words(cell))), None) if words(cell) else None
            if key and key not in columns:
                columns[key] = at
        if best is None or len(columns) > len(best[1]):
            best = number, columns
    return best


def header(grid: Grid) -> tuple[int, dict[str, int]] | None:
    """Where a register has its titles, and which column is which; None for another table."""
    return _header(grid, "register") if is_register(grid) else None


def is_register(grid: Grid) -> bool:
    """Whether each row of the table is a receipt: a sum with two of its number, its day and its payee."""
    found = _header(grid, "register")
    return found is not None and "amount" in found[1] and len(_RECEIPT & set(found[1])) > 1


def is_steps(grid: Grid) -> bool:
    """Whether each row of the table is a step of the work with the day planned and the day done."""
    found = _header(grid, "steps")
    return found is not None and len(found[1]) == len(_STEP)


def _cell(grid: Grid, number: int, at: int | None) -> Cell:
    row = grid.rows[number]
    return row[at] if at is not None and at < len(row) else None


def _day(cell: Cell, *, last: bool = False) -> str:
    """The day of a cell, ISO; empty where there is none. Of a span its first or its last."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    found = dates.dates(words(cell))
    return found[-1 if last else 0].day.isoformat() if found else ""


def expenses(grid: Grid, known: tuple[int, dict[str, int]] | None = None) -> list[Expense]:
    """The receipts of a register, each with the cell of its sum; empty if the table is none. `known`: where its columns are."""
    found = known or header(grid)
    if found is None:
        return []
    start, columns = found
    rows: list[Expense] = []
    for number in range(start + 1, len(grid.rows)):
        cell = {key: _cell(grid, number, at) for key, at in columns.items()}
        amount = money(cell["amount"])
        said = {key: words(cell.get(key)) for key in ("number", "payee", "line")}
        if amount is None or not (any(said.values()) or words(cell.get("dated"))):
            continue
        if any(isinstance(one, str) and label("row", one) for one in grid.rows[number][: columns["amount"]]):
            continue  # the row that sums the register up
        place = grid.place(number, columns["amount"])
        rows.append(Expense(**said, dated=_day(cell.get("dated")), amount=amount, place=place))
    return rows


def milestones(grid: Grid) -> list[Checkpoint]:
    """The steps that an application plans, each with its last day; empty if the table is no plan."""
    found = _header(grid, "plan")
    return _steps(grid, *found) if found is not None and len(found[1]) == len(_PLAN) else []


def checkpoints(grid: Grid, known: tuple[int, dict[str, int]] | None = None) -> list[Checkpoint]:
    """The steps of a table, each with the cell of its name; empty if the table is none. `known`: where its columns are."""
    found = known or (_header(grid, "steps") if is_steps(grid) else None)
    return _steps(grid, *found) if found is not None else []


def _steps(grid: Grid, start: int, columns: dict[str, int]) -> list[Checkpoint]:
    rows: list[Checkpoint] = []
    for number in range(start + 1, len(grid.rows)):
        name = words(_cell(grid, number, columns["name"]))
        planned, actual = (_day(_cell(grid, number, columns.get(key)), last=True) for key in _STEP[1:])
        if name and (planned or actual):
            rows.append(
                Checkpoint(name=name, planned=planned, actual=actual, place=grid.place(number, columns["name"]))
            )
    return rows
