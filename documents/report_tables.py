"""The tables of a report: which of them is which, by titles that are known, else by what stands in them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from documents import dates, registers, shapes, tables, values
from documents.content import Content, Grid, Passage, plain, words
from documents.tables import Budget
from schemas.facts import Checkpoint, Expense, Indicator, Kind

_FIGURE = re.compile(r"-?\d{1,9}")
_LONGEST = 300  # signs of a row of a print; a longer line is no row
_DAYS = 2
_RESULT = ("baseline", "target", "reached")


@dataclass
class Tables:
    """What the tables say; `fields`: those in which labels stand beside their values."""

    fields: list[Grid]
    budgets: list[Budget] = field(default_factory=list)
    expenses: list[Expense] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    indicators: list[Indicator] = field(default_factory=list)


def read(kind: Kind, content: Content) -> Tables:
    """The tables of a report of this kind."""
    grids = [one for grid in content.grids for one in shapes.tables(grid)]
    return _money(grids) if kind is Kind.FINANCIAL_REPORT else _work(grids, content.passages)


def _money(grids: Sequence[Grid]) -> Tables:
    receipts = [grid for grid in grids if registers.is_register(grid)]
    others = [grid for grid in grids if grid not in receipts]
    told = Tables(others)
    found = [(grid, one) for grid in others if (one := tables.budget(grid)) is not None]
    if not any(one.spent for _, one in found):
        headers = [(grid, shapes.spending(grid)) for grid in others]
        guessed = [(grid, tables.budget(grid, header)) for grid, header in headers if header]
        found = [(grid, one) for grid, one in guessed if one is not None] or found
    told.budgets = [one for _, one in found]
    names = {plain(line.name) for one in told.budgets for line in one.lines}
    of_lines = [grid for grid, one in found if one.spent]
    told.expenses = [one for grid in receipts for one in registers.expenses(grid, _completed(grid, names))]
    if not receipts:
        for grid in (one for one in others if one not in of_lines):
            if header := shapes.register(grid, names):
                told.expenses += registers.expenses(grid, header)
                told.fields = [one for one in told.fields if one is not grid]
    return told


def _completed(grid: Grid, names: set[str]) -> shapes.Header | None:
    """The register's known columns, and those that only what stands in them tells."""
    known, seen = registers.header(grid), shapes.register(grid, names)
    if known is None or seen is None or seen[0] != known[0]:
        return known
    more = {key: at for key, at in seen[1].items() if key not in known[1] and at not in known[1].values()}
    return known[0], known[1] | more


def _work(grids: Sequence[Grid], passages: Sequence[Passage]) -> Tables:
    steps = [grid for grid in grids if registers.is_steps(grid)]
    told = Tables([grid for grid in grids if grid not in steps])
    told.checkpoints = [one for grid in steps for one in registers.checkpoints(grid)]
    told.indicators = [one for grid in told.fields for one in _results(grid)]
    for grid in [*told.fields]:
        if not steps and (header := shapes.steps(grid)):
            told.checkpoints += registers.checkpoints(grid, header)
        elif not told.indicators and (header := shapes.results(grid)):
            told.indicators = tables.indicators(grid, header)
        else:
            continue
        told.fields = [one for one in told.fields if one is not grid]
    if not grids:
        told.indicators, told.checkpoints = list(_printed_results(passages)), list(_printed_steps(passages))
    return told


def _results(grid: Grid) -> list[Indicator]:
    """Indicators under known titles; where one of them lacks, by what stands in the columns."""
    known, titles = tables.indicators(grid), tables.titles(grid)
    lacks = all(one.reached is None for one in known)
    if not known or titles is None or not (lacks or all(one.baseline == 0 for one in known)):
        return known
    seen = shapes.results(grid, named=not lacks)
    if seen is None or seen[0] != titles[0]:
        return known
    more = {key: at for key, at in seen[1].items() if key not in titles[1] and at not in titles[1].values()}
    return tables.indicators(grid, (titles[0], titles[1] | more))


def _lines(passages: Sequence[Passage]) -> Iterator[tuple[str, str]]:
    """The lines of a print; one that begins with a small letter goes on where the one above it was cut."""
    for passage in passages:
        before = ""
        for raw in passage.text.splitlines():
            line = " ".join(raw.split())
            wrapped = line[:1].islower() and before and not before[-1].isdigit()
            if wrapped and len(before) + len(line) < _LONGEST:
                line = f"{before} {line}"
            if len(line) <= _LONGEST:
                yield line, passage.place
            before = line


def _printed_results(passages: Sequence[Passage]) -> Iterator[Indicator]:
    """Lines of a print that end in figures: from where on, what was promised, what is reached; the first may lack."""
    for line, place in _lines(passages):
        said = line.split()
        count = next((at for at, word in enumerate(reversed(said)) if not _FIGURE.fullmatch(word)), 0)
        name = " ".join(said[: len(said) - count])
        if 1 < count <= len(_RESULT) + 1 and re.search(r"[^\W\d_]", name) and not dates.dates(line):
            baseline, target, reached = [0, *map(int, said[-count:])][-len(_RESULT) :]
            yield Indicator(name=name, baseline=baseline, target=target, reached=reached, place=place)


def _printed_steps(passages: Sequence[Passage]) -> Iterator[Checkpoint]:
    """Lines of a print that end in the day planned and the day done; in a row of such lines the second may lack."""
    rows = [(line, place, dates.dates(line)) for line, place in _lines(passages)]
    found = [
        (at, line, place, days)
        for at, (line, place, days) in enumerate(rows)
        if days and len(days) <= _DAYS and days[0].start and not line[days[-1].end :].strip(" .г")
    ]
    sure = {at for at, line, _, days in found if len(days) == _DAYS and _adjoin(line, days)}
    for at, line, place, days in found:
        name = line[: days[0].start].strip()
        if re.search(r"[^\W\d_]{2}", name) and (at in sure or (len(days) == 1 and {at - 1, at + 1} & sure)):
            planned, *actual = [day.day.isoformat() for day in days]
            yield Checkpoint(name=name, planned=planned, actual="".join(actual), place=place)


def _adjoin(line: str, days: Sequence[dates.Day]) -> bool:
    return not line[days[0].end : days[1].start].strip()


def kind(content: Content) -> Kind | None:
    """Which report a file is by its tables alone; None where they say neither, or both."""
    if not content.grids:  # a print: results and steps of the work together are in no other paper
        printed = any(_printed_results(content.passages)) and any(_printed_steps(content.passages))
        return Kind.PROGRAMME_REPORT if printed else None
    of_work = of_money = plan_and_fact = False
    # grid after grid, since the looks of the last few only are kept
    for grid in (one for whole in content.grids for one in shapes.tables(whole)):
        result = shapes.results(grid, named=True)
        of_work = of_work or bool(result and "baseline" in result[1]) or shapes.steps(grid, named=True) is not None
        of_money = of_money or shapes.register(grid, ()) is not None
        plan_and_fact = plan_and_fact or (result is None and shapes.spending(grid, named=True) is not None)
    if not of_work and not of_money:  # plan and fact stand in both reports
        of_money = plan_and_fact
    return None if of_work is of_money else Kind.PROGRAMME_REPORT if of_work else Kind.FINANCIAL_REPORT


def cash(grids: Sequence[Grid], passages: Sequence[Passage]) -> Iterator[tuple[str, int, str]]:
    """Money at the start, come in, and at the end, under labels of one's own: key, tyiyn, place."""
    on_days: list[tuple[date, int, str]] = []
    for title, sum_, place in _sums(grids, passages):
        if key := shapes.cash(title):
            yield key, sum_, place
        elif shapes.of_money(title) and (day := dates.one_date(title)):
            on_days.append((day, sum_, place))  # «остаток на 01.01.2019», «остаток на 31.03.2019»
    if len({day for day, _, _ in on_days}) > 1:
        yield "opening", *min(on_days)[1:]
        yield "closing", *max(on_days)[1:]


def _sums(grids: Sequence[Grid], passages: Sequence[Passage]) -> Iterator[tuple[str, int, str]]:
    """Each sum that stands alone beside a title."""
    for grid in grids:
        for at, row in enumerate(grid.rows):
            sums = [(column, sum_) for column, cell in enumerate(row) if (sum_ := tables.money(cell)) is not None]
            titles = [
                words(cell) for cell in row if isinstance(cell, str) and words(cell) and tables.money(cell) is None
            ]
            if len(titles) == 1 and len(sums) == 1:
                yield titles[0], sums[0][1], grid.place(at, sums[0][0])
    for passage in passages:
        for line in passage.text.splitlines():
            head, colon, tail = line.partition(":")
            if colon and (sum_ := values.amount(tail.strip().rstrip("."))) is not None:
                yield head, sum_, passage.place
