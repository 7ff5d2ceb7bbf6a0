"""Tables of people: label and value side by side, budgets, indicators, reports. The same for Word and for sheets."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from documents import shapes, values
from documents.content import Cell, Grid, Passage, label, plain, printed_labels, words
from schemas.facts import BudgetLine, Indicator

_WHY = 1_000  # characters of an explanation that are kept
_COLUMNS_OF_BUDGET = frozenset({"total", "requested", "own", "price", "planned", "spent"})


class Parted(Enum):
    """Whether a budget tells what is asked for and what is own: by titles that are known, by sums alone, or not at all."""

    NAMED = "named"
    GUESSED = "guessed"
    UNKNOWN = "unknown"


@dataclass
class Budget:
    """A budget or a financial report as it was written, and as it adds up. Sums in tyiyn."""

    lines: list[BudgetLine]
    total: int
    requested: int
    own: int
    balance: int | None
    holds: bool
    spent: bool
    place: str
    parted: Parted
    explanations: dict[str, str] = field(default_factory=dict)  # why a line is off its plan, by its name


def pairs(grid: Grid) -> Iterator[tuple[str, str, str]]:
    """Label, value and place for each pair of cells that stand side by side."""
    for number, row in enumerate(grid.rows):
        cells: list[tuple[int, str]] = []
        for column, cell in enumerate(row):
            text = words(cell)
            if cells and text and text == cells[-1][1]:
                continue  # a merged cell is given once for each column that it covers
            cells.append((column, text))
        if len(cells) > 2 and (not cells[0][1] or plain(cells[0][1]).isdigit() or len(cells[0][1]) <= 2):
            cells = cells[1:]
        position = 0
        while position < len(cells) - 1:
            known = label("line", cells[position][1], exact=True) or (
                label("line", cells[position][1]) if len(cells) <= 3 else []
            )
            if not known:
                position += 1
                continue
            beside = next((at for at in range(position + 1, len(cells)) if cells[at][1]), None)
            if beside is None:
                yield cells[position][1], "", grid.place(number, cells[position][0])
                break
            if not label("line", cells[beside][1], exact=True):
                yield cells[position][1], cells[beside][1], grid.place(number, cells[beside][0])
                position = beside
            position += 1


def _header(grid: Grid, needed: int = 2) -> tuple[int, dict[str, int]] | None:
    """The first row of which at least `needed` cells are names of columns, and where each column is."""
    best: tuple[int, dict[str, int]] | None = None
    for number, row in enumerate(grid.rows[:40]):
        columns: dict[str, int] = {}
        possible = [(at, label("column", words(cell))) for at, cell in enumerate(row) if words(cell)]
        names = {name for _, keys in possible for name in keys}
        indicators = "indicator" in names
        for at, keys in possible:
            # "план" and "факт" stand in both kinds of table; its first column says which kind it is
            wanted = ("target", "reached", "unit") if indicators else ("planned", "spent", "unit")
            key = next((key for key in keys if key in wanted), keys[0] if keys else None)
            if key == "spent" and shapes.meant("spending", words(row[at])) == "cumulative":
                continue  # since the start of the project; beside it stands what was spent in the period
            if key and key not in columns:
                columns[key] = at
        if len(columns) >= needed and (best is None or len(columns) > len(best[1])):
            best = number, columns
    return best


def titles(grid: Grid) -> tuple[int, dict[str, int]] | None:
    """Where the titles stand that are known, and which column is which."""
    return _header(grid)


def money(cell: Cell) -> int | None:
    """The sum in a cell, in tyiyn; None where there is none."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, (int, float, Decimal)):
        return values.tyiyn(cell)
    if isinstance(cell, (date, datetime)):
        return None
    return values.amount(cell) if cell.strip() else None


def _figure(cell: Cell) -> Decimal | None:
    if isinstance(cell, bool) or cell is None or isinstance(cell, (date, datetime)):
        return None
    if isinstance(cell, (int, float, Decimal)):
        return Decimal(repr(cell)) if isinstance(cell, float) else Decimal(cell)
    return values.number(cell)


def budget(grid: Grid, header: tuple[int, dict[str, int]] | None = None) -> Budget | None:
    """The lines of a budget or of a financial report, summed up anew; None if the table is neither.

    A sum that a formula left empty is worked out; one that is written is compared. `header`: where its columns are, if known.
    """
    found = header or _header(grid)
    if found is None or "name" not in found[1] or not _COLUMNS_OF_BUDGET & set(found[1]):
        return None
    start, columns = found
    report = "spent" in columns
    parted = _parts(grid, start, columns)
    reader = _Rows(grid, columns, report=report)
    sums: list[tuple[int, dict[str, int]]] = []  # lines read before a row that sums up, and what it states
    for number in range(start + 1, len(grid.rows)):
        if reader.is_sum(number):
            sums.append((len(reader.lines), reader.stated(number)))
        elif not (sums and sums[-1][1] and _after_all(grid, number)):
            reader.line(number)
    if not reader.lines:
        return None
    if report and not sums:
        sums += reader.last_as_sum()
    summed = _summed(reader.lines, report=report)
    total, requested, own, balance = (summed[name] for name in ("total", "requested", "own", "balance"))
    stated = sums.pop()[1] if sums and sums[-1][0] == len(reader.lines) else {}
    if reader.another_balance:
        stated.pop("balance", None)
    holds = reader.holds and (all(reader.balances) or reader.another_balance)
    holds = holds and all(summed[name] == value for name, value in stated.items())
    since = 0
    for upto, part in sums:  # a sum in the middle is of its section, or of all so far
        choices = [_summed(reader.lines[first:upto], report=report) for first in (since, 0)]
        part = {name: value for name, value in part.items() if name != "balance" or not reader.another_balance}  # noqa: PLW2901
        holds = holds and any(all(choice[name] == value for name, value in part.items()) for choice in choices)
        since = upto
    return Budget(
        reader.lines,
        stated.get("spent" if report else "total", total),
        stated.get("planned" if report else "requested", requested),
        stated.get("own", own),
        stated.get("balance", balance) if report else None,
        holds,
        report,
        grid.place(start),
        parted,
        reader.explanations,
    )


def _parts(grid: Grid, start: int, columns: dict[str, int]) -> Parted:
    """Puts into `columns` what is asked for and what is own, where no title says so and two columns always make up the total.

    The first of the two, with the larger sum, is what is asked for. UNKNOWN where figures stand there that make up nothing.
    """
    if {"requested", "own", "spent", "planned"} & set(columns):
        return Parted.NAMED
    last = max(columns.values())
    at, title, below = columns.get("total", last + 1), grid.rows[start], grid.rows[start + 1 :]
    unknown = {column for column in range(last + 1, len(title)) if words(title[column])}
    if not any(money(row[column]) is not None for column in unknown for row in below if column < len(row)):
        return Parted.NAMED
    beside = [[money(cell) for cell in row[at : at + 3]] for row in below]
    told = [[figure or 0 for figure in figures] for figures in beside if len(figures) == 3 and figures[0]]
    asked, own = sum(one for _, one, _ in told), sum(two for _, _, two in told)
    adds_up = len(told) > 1 and all(whole == one + two for whole, one, two in told)
    if not adds_up or not {at + 1, at + 2} <= unknown or asked <= own:
        return Parted.UNKNOWN
    columns |= {"total": at, "requested": at + 1, "own": at + 2}
    return Parted.GUESSED


def _summed(lines: list[BudgetLine], *, report: bool) -> dict[str, int]:
    total = sum(line.total for line in lines)
    requested = sum(line.requested for line in lines)
    return {
        "total": total,
        "spent": total,
        "requested": requested,
        "planned": requested,
        "own": sum(line.own for line in lines),
        "balance": requested - total if report else 0,
    }


def _after_all(grid: Grid, number: int) -> bool:
    """Below the sum stand notes and signatures: a row is a line again only if it is as full as a line."""
    return sum(bool(words(cell)) for cell in grid.rows[number]) < 3


class _Rows:
    """Reads the rows below a header and remembers whether each adds up."""

    def __init__(self, grid: Grid, columns: dict[str, int], *, report: bool) -> None:
        self.grid, self.columns, self.report = grid, columns, report
        self.lines: list[BudgetLine] = []
        self.explanations: dict[str, str] = {}
        self.holds = True
        self.balances: list[bool] = []  # of each line, whether it is what was planned and not spent

    def cell(self, number: int, name: str) -> Cell:
        row, at = self.grid.rows[number], self.columns.get(name)
        return row[at] if at is not None and at < len(row) else None

    def last_as_sum(self) -> list[tuple[int, dict[str, int]]]:
        """The last line where it is no line but the sum of all others, under whatever name; nothing where it is a line."""
        *lines, last = self.lines
        if len(lines) < 2 or not last.total:
            return []
        if (last.total, last.requested) != (sum(one.total for one in lines), sum(one.requested for one in lines)):
            return []
        self.lines = lines
        return [(len(lines), {"spent": last.total})]

    @property
    def another_balance(self) -> bool:
        """Whether what stands there as balance is one of something else, as of the whole project: no line has the difference."""
        return len(self.balances) > 1 and not any(self.balances)

    def is_sum(self, number: int) -> bool:
        row = self.grid.rows[number]
        upto = max(self.columns["name"] + 1, 2)
        said = [words(cell) for cell in row[:upto] if isinstance(cell, str)]
        if any(label("row", one) for one in said):
            return True
        # words that only begin like a sum's ("Жыйынтык форум") are those of a line where the row has a number
        numbered = any(words(cell).rstrip(".").isdigit() for cell in row[: self.columns["name"]])
        return self.report and not numbered and any(shapes.sums_up(one) for one in said)

    def stated(self, number: int) -> dict[str, int]:
        found = {
            name: money(self.cell(number, name))
            for name in ("total", "requested", "own", "planned", "spent", "balance")
        }
        return {name: value for name, value in found.items() if value is not None and name in self.columns}

    def line(self, number: int) -> None:
        name = words(self.cell(number, "name"))
        if not name or plain(name).isdigit():
            return
        place = self.grid.place(number, self.columns["name"])
        if self.report:
            planned, spent = money(self.cell(number, "planned")), money(self.cell(number, "spent"))
            balance = money(self.cell(number, "balance"))
            if (planned is None and spent is None) or shapes.cash(name):
                return
            if balance is not None:
                self.balances.append(balance == (planned or 0) - (spent or 0))
            self.lines.append(BudgetLine(name=name, total=spent or 0, requested=planned or 0, place=place))
            if why := words(self.cell(number, "explanation")).strip(" –—-"):
                self.explanations[name] = why[:_WHY]
            return
        quantity, price = _figure(self.cell(number, "quantity")), _figure(self.cell(number, "price"))
        product = values.tyiyn(quantity * price) if quantity is not None and price is not None else None
        total, requested = money(self.cell(number, "total")), money(self.cell(number, "requested"))
        own = money(self.cell(number, "own"))
        if all(figure is None for figure in (product, total, requested, own)):
            return
        if total is not None and product is not None and total != product:
            self.holds = False
        if total is None:
            total = product if product is not None else (requested or 0) + (own or 0)
        if requested is None:
            requested = total - (own or 0)
        if own is None:
            own = max(0, total - requested) if "own" not in self.columns else 0
        if requested + own != total:
            self.holds = False
        self.lines.append(BudgetLine(name=name, total=total, requested=requested, own=own, place=place))


def indicators(grid: Grid, header: tuple[int, dict[str, int]] | None = None) -> list[Indicator]:
    """Rows of a table whose first column is named indicator, or whose columns are known; empty if it is no such table."""
    found = header or _header(grid)
    if found is None or "indicator" not in found[1] or not {"target", "reached"} & set(found[1]):
        return []
    start, columns = found
    reader = _Rows(grid, {**columns, "name": columns["indicator"]}, report=False)
    rows: list[Indicator] = []
    for number in range(start + 1, len(grid.rows)):
        name = words(reader.cell(number, "indicator"))
        if not name or plain(name).isdigit():
            continue
        figures = {key: values.count(words(reader.cell(number, key))) for key in ("baseline", "target", "reached")}
        if all(figure is None for figure in figures.values()):
            continue
        rows.append(
            Indicator(
                name=name,
                unit=words(reader.cell(number, "unit")),
                baseline=figures["baseline"] or 0,
                target=figures["target"] or 0,
                reached=figures["reached"],
                place=grid.place(number, columns["indicator"]),
            )
        )
    return rows


def lines_of_text(passages: list[Passage]) -> Iterator[tuple[str, str, str]]:
    """Label, value and place for "label: value" on one line, or a label alone with its value on the next."""
    waiting: str | None = None
    for passage in passages:
        for raw in passage.text.splitlines():
            line = raw.strip()
            if not line:
                continue
            head, colon, tail = line.partition(":")
            if not colon and "\t" in raw:
                head, colon, tail = line.partition("\t")
            if colon and label("line", head) and not (_NUMBERED.search(head) and not label("line", head, exact=True)):
                waiting = head if not tail.strip(" _\t") else None
                yield head, tail.strip(" \t"), passage.place
            elif waiting is not None:
                yield waiting, line, passage.place
                waiting = None


_NUMBERED = re.compile(r"\d")  # «Договор № 7/2. Период № 2: …»: what is asked for stands before the colon
_ASIDE = re.compile(r"^\s*(?:\([^)]*\)|,\s*\w+)")  # «Кому поможет (целевая группа)», «Стоимость, всего»
_ENDS = re.compile(r",? |$")
_LABEL = 60  # letters within which a printed label ends


def printed_form(passages: list[Passage], *, own: bool) -> Iterator[tuple[str, str, str]]:
    """Label, value and place where a form was printed to PDF: its labels stand before their values without a colon.

    A label that was set on two lines is put together again. `own`: on the city's own form, where a value begins beside
    its label; elsewhere a label alone on its line is answered by the next one.
    """
    labels = printed_labels()

    def at_start(text: str) -> str | None:
        ends = [found.start() for found in _ENDS.finditer(text[:_LABEL])]
        return next((text[:end] for end in reversed(ends) if text[:end] in labels), None)

    for passage in passages:
        lines = [" ".join(raw.split()) for raw in passage.text.splitlines()]
        for number, line in enumerate(lines):
            after = lines[number + 1] if number + 1 < len(lines) else ""
            name, last = at_start(line), lines[number + 2 : number + 3]
            if name is None and line and (wrapped := at_start(f"{line} {after}")) and len(wrapped) > len(line):
                name, line, after = wrapped, f"{line} {after}", "".join(last)  # noqa: PLW2901  the label as it was
                own_line = False
            else:
                own_line = own
            if name is None:
                continue
            value = _ASIDE.sub("", line[len(name) :]).strip()
            if not value and not own_line and at_start(after) is None:
                value = after
            yield name, value, passage.place
