"""Tables of a report whose titles nobody foresaw: known by the words they begin with, and by what stands below them.

Only a report is read so: what it is compared with, contract, receipts and balance, shows where a guess was wrong.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from itertools import combinations

from documents import dates, values
from documents.content import Cell, Grid, data, label, plain, words
from documents.letters import loose

Header = tuple[int, dict[str, int]]  # the row above the first one of figures, and where each column is
_TITLES = 2  # cells of text that make a row of titles
_TABLE = 3  # cells of text below figures that begin another table
_DEPTH = 40  # rows among which the titles stand
_SEEN = 60  # rows below the titles that say what a column holds
_SHORT = 25  # letters of a day or a sum in words
_MOSTLY = 0.6  # of the filled cells of a column


def _is_day(cell: Cell) -> bool:
    if isinstance(cell, str):
        return len(cell) < _SHORT and dates.one_date(cell) is not None
    return isinstance(cell, date)


def _is_figure(cell: Cell) -> bool:
    if isinstance(cell, str):
        return values.number(cell) is not None or (len(cell) < _SHORT and bool(values.sums(cell)))
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def _filled(row: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in row if words(cell)]


@lru_cache(maxsize=16)
def _rows(grid: Grid) -> list[tuple[int, bool]]:
    """Of each row: how many cells are filled, and whether there is a figure or a day among them."""
    return [(len(_filled(row)), any(_is_figure(cell) or _is_day(cell) for cell in row)) for row in grid.rows]


def tables(grid: Grid) -> list[Grid]:
    """The tables that stand one below the other in a sheet; one begins at a row of titles below figures."""
    starts, figures = [0], False
    for at, (filled, told) in enumerate(_rows(grid)):
        if filled >= _TABLE and figures and not told:
            starts.append(at)
            figures = False
        figures = figures or told
    if len(starts) == 1:
        return [grid]
    ends = [*starts[1:], len(grid.rows)]
    return [
        replace(grid, rows=grid.rows[start:end], first_row=grid.first_row + start)
        for start, end in zip(starts, ends, strict=True)
    ]


@cache
def _stems(group: str) -> dict[str, tuple[str, ...]]:
    return {key: tuple(loose(one) for one in stems) for key, stems in data("stems.toml")[group].items()}


def meant(group: str, title: str) -> str | None:
    """What a column with this title is for; None where no word of it is known."""
    text = f" {plain(title)}"
    return next((key for key, stems in _stems(group).items() if any(f" {stem}" in text for stem in stems)), None)


@dataclass(frozen=True)
class Shape:
    """A table: its titles by column, the first row below them, and which columns hold days, figures, texts."""

    start: int
    titles: dict[int, str]
    days: list[int]
    figures: list[int]
    texts: list[int]


@lru_cache(maxsize=16)
def shape(grid: Grid) -> Shape | None:
    """The look of a table: the fullest row of titles, the one below it added where it goes on, and what follows."""
    rows, looks = grid.rows, _rows(grid)
    heads = [(filled, -at) for at, (filled, told) in enumerate(looks[:_DEPTH]) if filled >= _TITLES and not told]
    if not heads:
        return None
    at = -max(heads)[1]
    titles = {column: words(cell) for column, cell in enumerate(rows[at]) if words(cell)}
    start = at + 1
    if start < len(rows) and looks[start][0] >= _TITLES and not looks[start][1]:
        for column, cell in enumerate(rows[start]):
            if words(cell):
                titles[column] = f"{titles.get(column, '')} {words(cell)}".strip()
        start += 1
    below = [
        rows[at] for at in range(start, min(start + _SEEN, len(rows))) if looks[at][0] > 1 and not _sums_up(rows[at])
    ]
    if not below:
        return None
    days, figures, texts = list[int](), list[int](), list[int]()
    for column in range(max(len(row) for row in below)):
        cells = [row[column] for row in below if column < len(row) and words(row[column])]
        if not cells or _counts(cells):
            continue
        if sum(map(_is_day, cells)) >= _MOSTLY * len(cells):
            days.append(column)
        elif sum(map(_is_figure, cells)) >= _MOSTLY * len(cells):
            figures.append(column)
        else:
            texts.append(column)
    return Shape(start, titles, days, figures, texts)


def sums_up(title: str) -> bool:
    """Whether a row with this title sums up those above it."""
    return bool(label("row", title)) or plain(title).startswith(_stems("row")["sum"])


def _sums_up(row: Sequence[Cell]) -> bool:
    return any(isinstance(cell, str) and sums_up(cell) for cell in row[:2])


def _counts(cells: Sequence[Cell]) -> bool:
    """Whether a column only numbers the rows."""
    numbers = [words(cell).rstrip(".)") for cell in cells]
    return len(numbers) > 1 and numbers[:3] == [str(at) for at in range(1, min(len(numbers), 3) + 1)]


def spending(grid: Grid, *, named: bool = False) -> Header | None:
    """A table of lines: name, spent and, if there is one, the plan; known by what is left of the one after the other.

    `named`: only one whose titles say what was spent.
    """
    seen = shape(grid)
    if seen is None or not seen.texts or not seen.figures or seen.days:
        return None
    found: dict[str, int] = {}
    for column in seen.figures:
        key = meant("spending", seen.titles.get(column, ""))
        if key and key not in found:
            found[key] = column
    if "spent" not in found and not named:
        found |= _with_what_is_left(grid, seen)
    if "spent" not in found:
        return None
    plan = found.get("planned", found.get("agreed"))
    names = [column for column in seen.texts if meant("spending", seen.titles.get(column, "")) == "name"]
    columns = {"name": (names or seen.texts)[0], "spent": found["spent"]}
    return seen.start - 1, columns | ({} if plan is None else {"planned": plan})


def _with_what_is_left(grid: Grid, seen: Shape) -> dict[str, int]:
    """Three columns of which, in every row, the third is the first less the second: planned, spent, left."""
    below = [row for row in grid.rows[seen.start :] if len(_filled(row)) > 1]
    for columns in combinations(seen.figures, 3):
        holds: list[bool] = []
        for row in below:
            planned, spent, left = (_sum(row[at]) if at < len(row) else None for at in columns)
            if planned is not None and spent is not None:
                holds.append(planned - spent == (left or 0))
        if len(holds) > 1 and all(holds):
            return {"planned": columns[0], "spent": columns[1]}
    return {}


def _sum(cell: Cell) -> Decimal | None:
    if isinstance(cell, str):
        found = values.amount(cell) if cell.strip() else None
        return None if found is None else Decimal(found) / 100
    return Decimal(repr(cell)) if isinstance(cell, (int, float)) and not isinstance(cell, bool) else None


def register(grid: Grid, lines: Collection[str]) -> Header | None:
    """A register: each row has a day and a sum, and a number or somebody who was paid.

    `lines`: names of the report's lines in comparable form; the column that holds them says which line a receipt is of.
    """
    seen = shape(grid)
    if seen is None or not seen.days:
        return None
    found: dict[str, int] = {"dated": seen.days[0]}
    sums = [column for column in seen.figures if meant("register", seen.titles.get(column, "")) != "number"]
    named = [column for column in sums if meant("register", seen.titles.get(column, "")) == "amount"]
    if not sums:
        return None
    found["amount"] = (named or sums)[-1]
    others = [column for column in (*seen.texts, *seen.figures) if column not in found.values()]
    below = grid.rows[seen.start :]
    for column in others:
        cells = [plain(words(row[column])) for row in below if column < len(row) and words(row[column])]
        if "line" not in found and sum(cell in lines for cell in cells) >= _MOSTLY * len(cells):
            found["line"] = column
    for column in sorted(column for column in others if column not in found.values()):
        key = meant("register", seen.titles.get(column, ""))
        key = "number" if key == "proof" else key
        if key in ("number", "payee", "line") and key not in found:
            found[key] = column
    left = [column for column in others if column not in found.values()]
    if "number" not in found and left:
        found["number"] = min(left)
    return (seen.start - 1, found) if {"number", "payee"} & found.keys() else None


def results(grid: Grid, *, named: bool = False) -> Header | None:
    """A table of indicators; without titles that say so, baseline, target and reached stand in this order.

    `named`: only one whose titles say it.
    """
    seen = shape(grid)
    if seen is None or not seen.texts or len(seen.figures) < _TITLES or seen.days:
        return None
    said = {column: meant("results", seen.titles.get(column, "")) for column in seen.figures}
    found: dict[str, int] = {}
    for column, key in said.items():
        if key and key not in found:
            found[key] = column
    if named and not {"target", "reached"} <= found.keys():
        return None
    order = ("baseline", "target", "reached")[-len(seen.figures) :]
    if "reached" not in found and len(seen.figures) <= len(order) + 1:
        found = dict(zip(order, seen.figures, strict=False))
    return (seen.start - 1, {"indicator": seen.texts[0], **found}) if "reached" in found else None


def steps(grid: Grid, *, named: bool = False) -> Header | None:
    """A table of steps: what, the day planned, the day done, which may be empty everywhere unless it has to be `named`."""
    seen = shape(grid)
    if seen is None or not seen.texts or not seen.days or seen.figures:
        return None
    said = {meant("steps", title): column for column, title in seen.titles.items() if column not in seen.texts[:1]}
    planned = said.get("planned", seen.days[0])
    others = [column for column in seen.days if column != planned]
    empty = [column for column in seen.titles if column not in (*seen.texts, *seen.days) and column > planned]
    actual = said.get("actual", next(iter([*others, *([] if named else empty)]), None))
    if actual is None or actual == planned:
        return None
    return seen.start - 1, {"name": seen.texts[0], "planned": planned, "actual": actual}


_MONEY = (
    *("остат", "сальдо", "средств", "деньг", "денеж", "баланс", "счет", "калд", "акча", "каражат"),
    *("balance", "cash", "fund", "money", "brought", "carried"),
)
_SPAN = ("период", "квартал", "месяц", "мезгил", "чейрек", "period", "quarter")
_WHEN = {
    "opening": (
        *("начал", "входящ", "прошл", "предыд", "башы", "башт", "мурун", "алдын"),
        *("opening", "beginning", "start", "brought"),
    ),
    "closing": (
        *("конец", "конц", "конеч", "исход", "переход", "следующ", "аяг", "акыр", "сону", "кийинки"),
        *("closing", "end", "carried"),
    ),
}
_CAME = (
    *("поступ", "получен", "перечисл", "финансирован", "транш", "тушту", "тушкон", "кирди", "которул", "алынган"),
    *("received", "transfer"),
)


def _begun(text: str, stems: Sequence[str]) -> bool:
    return any(f" {stem}" in text for stem in stems)


def of_money(title: str) -> bool:
    """Whether a label speaks of money that is there."""
    return _begun(f" {plain(title)}", _MONEY)


def cash(title: str) -> str | None:
    """Whether a label speaks of the money at the start or the end of the period, or of what came in it."""
    text = f" {plain(title)}"
    when = [key for key, stems in _WHEN.items() if _begun(text, stems)]
    if len(when) == 1 and _begun(text, (*_MONEY, *_SPAN)):
        return when[0]
    return "received" if _begun(text, _CAME) and not when else None
