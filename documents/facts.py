"""From words and tables to the values that rules use. Labels first, then patterns; each with its confidence."""

import re
from itertools import pairwise

from documents import dates, registers, report_tables, shapes, tables, values
from documents.content import Content, Passage, blank, label
from documents.letters import clean, loose
from documents.tables import Budget, Parted
from schemas.facts import Facts, Kind, Media, Value

_DATES = {"registered_on", "issued_on", "valid_until", "dated", "starts", "ends"}
_DATED = {"issued_on", "valid_until", "dated", "starts"}  # what dates in running text may be
_CASH = {"opening", "received", "closing"}
MONEY = {"total", "requested", "own_contribution", "spent", "balance", *_CASH}
_BELOW_NOTHING = {"balance", "opening", "closing"}  # more was spent than was paid: the contractor's own money
_COUNTS = {"beneficiaries", "period"}
_WHO = {"organisation", "inn", "okpo"}
_PAPER = _WHO | {"number", "issued_on", "valid_until"}
_REPORT = {"organisation", "inn", "number", "period", "starts", "ends", "dated", "spent", "balance", "contest"}
# which values a kind of document may give; a charter's clauses are not an application's fields
_KEYS: dict[Kind, set[str]] = {
    Kind.LETTER: _WHO | {"contest", "theme", "title", "head", "phone", "email", "address", "dated", "requested"},
    Kind.PROJECT: _WHO
    | {"contest", "theme", "title", "head", "phone", "email", "address", "bank_account", "registration_number"}
    | {"registered_on", "requested", "own_contribution", "total", "target_group", "beneficiaries", "starts", "ends"}
    | {"dated"},
    Kind.PLAN: {"organisation", "title", "contest", "starts", "ends", "dated"},
    Kind.BUDGET: {"organisation", "inn", "contest", "title", "requested", "own_contribution", "total", "dated"},
    Kind.REGISTRATION: _PAPER | {"registration_number", "registered_on", "address", "head"},
    Kind.CHARTER: {"organisation", "registered_on", "address", "registration_number"},
    Kind.TAX_CERTIFICATE: _PAPER,
    Kind.SOCIAL_CERTIFICATE: _PAPER,
    Kind.HEAD_APPOINTMENT: _PAPER | {"head", "dated"},
    Kind.BANK_DETAILS: _WHO | {"bank_account", "dated", "address"},
    Kind.STAFF_CV: set(),  # its days are of a life
    Kind.PARTNER_LETTER: {"organisation", "own_contribution", "dated", "title"},
    Kind.LICENCE: _PAPER,
    Kind.DECLARATION: _WHO | {"contest", "dated", "head"},
    Kind.CONSENT: {"organisation", "dated", "head"},
    Kind.PRICE_QUOTE: {"dated", "total", "valid_until"},
    Kind.PROGRAMME_REPORT: _REPORT - {"spent", "balance"},
    Kind.FINANCIAL_REPORT: _REPORT | _CASH,
}
_OTHERWISE = {"inn", "dated"}
# long answers: whether they are given is noted, what they say is not kept
_LONG = {"problem", "goal", "solution", "participation", "sustainability", "done", "deviations"}
_CERTIFICATES = {Kind.REGISTRATION, Kind.TAX_CERTIFICATE, Kind.SOCIAL_CERTIFICATE, Kind.LICENCE, Kind.HEAD_APPOINTMENT}
_NO_ARREARS = {Kind.TAX_CERTIFICATE, Kind.SOCIAL_CERTIFICATE}
_REPORTS = {Kind.PROGRAMME_REPORT, Kind.FINANCIAL_REPORT}
_FORMS = {Kind.PROJECT, Kind.BUDGET, *_REPORTS}  # kinds that the city has blank forms for
_FIELD, _CELL, _LINE, _PATTERN, _GUESS = 100, 92, 85, 70, 45  # confidence in per cent by where a value stood
_ROW = re.compile(r"\d{1,3}")
_VALID_BEFORE = re.compile(
    r"(?:действ\w+|срок\w*|жаракт\w*|колдонуу\w*|valid\w*|expir\w*|until|till|до|по)\W*(?:до|по|until|till|through|on)?\W*$"
)
_VALID_WORDS = re.compile(r"действ|жаракт|колдонуу мооноту|valid|expir|срок")
_STATE_BEFORE = re.compile(r"(?:состоянию на|as of|as at|абалы боюнча)\W*$")
_STATE_AFTER = re.compile(r"^\W*(?:\w{0,4}\W+)?(?:карата|абалына|абалы)")
_JOINS = re.compile(r"^\W*(?:г|года?|ж)?\W*(?:по|до|to|until|till|through|-|нан|нен|дан|ден|баштап)(?:\W|$)")
_AFTER_NUMBER = re.compile(
    r"(?<=\d)(?:[,;.(]|\s+(?:от|from|dated|of)\s).*$", re.DOTALL
)  # «7/2 от 20.09.2018 г.», «7/2, этап № 2»
_YEAR = 1_000
_SPAN = 16  # characters between the first and the last day of a span
_FIGURE = re.compile(r"\d{1,3}(?:[ \u00a0,]\d{3})+(?!\d)(?:[.,]\d{2})?|\d+(?:[.,]\d{2})?")
_PRINTED = 1_000  # lines of a print that are looked at for sums: to find three in one line takes its time
_ROW_NUMBER = re.compile(r"\s*(\d{1,3})(?:[.)]?\s|[.)]?$)")
_PERIOD = re.compile(
    r"(?:мезгил|период|отчет|period|report)\w*\s*(?:номери|number|no\.?)?\s*[:№]*\s*(\d{1,2})(?![\d.])"
    r"|(?<![\d.])(\d{1,2})\s?-\s?(?:мезгил|отчет|чи мезгил)|(?<![\d./-])(\d{1,2})\s?-?\s?(?:й|ый|ой)?\s+(?:отчетный )?период"
)


def fill(found: Facts, content: Content) -> None:
    """Puts values, lines, indicators and the arithmetic of a file into its facts."""
    gather = _Gather(found.kind)
    if content.form:
        gather.values["form"] = Value(value=content.form, place="hidden field")
    for name, passage in content.tagged.items():
        gather.field(name, passage)
    told = report_tables.read(found.kind, content) if found.kind in _REPORTS else None
    if told is not None:
        found.checkpoints, found.expenses, found.indicators = told.checkpoints, told.expenses, told.indicators
    if found.kind in (Kind.PROJECT, Kind.PLAN):
        found.checkpoints = [one for grid in content.grids for one in registers.milestones(grid)]
    # the titles of a register are no fields of the paper
    fields = content.grids if told is None else told.fields
    for grid in fields:
        for name, text, place in tables.pairs(grid):
            gather.labelled(name, text, place, _CELL)
        found.indicators += tables.indicators(grid) if found.kind is Kind.PROJECT else []
    for name, text, place in tables.lines_of_text(content.passages):
        gather.labelled(name, text, place, _LINE)
    if found.media is Media.PDF and found.kind in _FORMS:
        for name, text, place in tables.printed_form(content.passages, own=bool(content.form)):
            if found.kind is Kind.BUDGET and _ROW.fullmatch(text):
                continue  # what follows the heading of a column is the number of the first line
            gather.labelled(name, text, place, _PATTERN)
    if found.kind is Kind.FINANCIAL_REPORT:
        for key, sum_, place in report_tables.cash(fields, content.passages):
            gather.put(key, sum_, place, _PATTERN)
    budgets = [one for grid in fields if (one := tables.budget(grid)) is not None] if told is None else told.budgets
    _money(found, content, gather, budgets)
    if not content.form:  # on a form everything has its field; its help text is not the applicant's
        _patterns(found, content, gather)
    found.values = gather.values
    found.fields = gather.fields if found.kind in _FORMS else {}
    _standing(found, content)
    name = found.text("organisation")
    if name:
        found.values["organisation_key"] = Value(
            value=values.organisation_key(name),
            place=found.values["organisation"].place,
            confidence=found.values["organisation"].confidence,
        )


def _standing(found: Facts, content: Content) -> None:
    """What may stand in the applicant's way: a commercial legal form, a debt that a certificate states."""
    name = found.values.get("organisation")
    form = values.commercial(str(name.value)) if name else None
    if name and form:
        found.values["commercial"] = Value(value=form, place=name.place, confidence=name.confidence)
    if found.kind in _NO_ARREARS:
        for passage in content.passages:
            owed = values.arrears(passage.text)
            if owed:
                found.values["arrears"] = Value(value=owed, place=passage.place, confidence=_PATTERN)
                return


class _Gather:
    """Keeps the first good value for each key."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.keys = _KEYS.get(kind, _OTHERWISE)
        self.values: dict[str, Value] = {}
        self.fields: dict[str, bool] = {}

    def put(self, key: str, value: str | int | None, place: str, confidence: int) -> None:
        if (
            key in MONEY
            and isinstance(value, int)
            and (abs(value) > values.MOST or (value < 0 and key not in _BELOW_NOTHING))
        ):
            return  # a slip, or a trap for whoever counts with it: nobody asks for less than nothing
        if key in self.keys and key not in self.values and value not in (None, ""):
            self.values[key] = Value(value=value if value is not None else "", place=place, confidence=confidence)

    def field(self, name: str, passage: Passage) -> None:
        """A field of a form: its name is a key, or a label."""
        if name in self.keys or name == "term" or name in _LONG:
            self.text(name, passage.text, passage.place, _FIELD)
        else:
            self.labelled(name.replace("_", " "), passage.text, passage.place, _CELL)

    def labelled(self, name: str, text: str, place: str, confidence: int) -> None:
        possible = label("line", name)
        if self.kind is Kind.FINANCIAL_REPORT and (cash := shapes.cash(name)):
            possible = [cash]
        if self.kind in _CERTIFICATES and "dated" in possible:
            possible = [*possible, "issued_on"]
        key = next((key for key in possible if key in self.keys or key == "term" or key in _LONG), None)
        if key:
            self.text(key, text, place, confidence)

    def text(self, key: str, text: str, place: str, confidence: int) -> None:
        """The value of a key out of what was written for it; nothing if it cannot be one."""
        text = " ".join(text.split())
        empty = blank(text)
        self.fields[key] = self.fields.get(key, False) or not empty
        if empty or key in _LONG:
            return
        if key == "term":
            days = dates.dates(text)
            if len(days) == 2:
                self.put("starts", days[0].day.isoformat(), place, confidence)
                self.put("ends", days[1].day.isoformat(), place, confidence)
            return
        value: str | int | None
        if key in _DATES:
            day = dates.one_date(text)
            value = day.isoformat() if day else None
        elif key in MONEY:
            value = values.amount(text)
        elif key == "period":
            value = values.count(dates.without(text))
            value = value if value is None or abs(value) < _YEAR else None  # "first quarter of 2019" is no number
        elif key in _COUNTS:
            value = values.count(text)
        elif key == "inn":
            # kept as written when it is no proper number, so that the officer sees what was given
            value = values.inn(text) or (re.sub(r"\s", "", text) if re.fullmatch(r"[\d\s]{6,20}", text) else None)
        elif key == "okpo":
            value = (re.search(r"\d{8}", text) or [None])[0]
        elif key == "bank_account":
            value = values.account(text) or text[:60]
        elif key == "email":
            value = values.email(text)
        elif key == "phone":
            value = values.phone(text) or text[:40]
        elif key in ("contest", "number"):
            value = _AFTER_NUMBER.sub("", text.lstrip("№ ").strip())[:80]
        elif key == "organisation":
            value = text[:500] if re.search(r"[^\W\d_]{2}", text) else None  # a number is no name
        else:
            value = text[:500]
        self.put(key, value, place, confidence)


def _money(found: Facts, content: Content, gather: _Gather, budgets: list[Budget]) -> None:
    """The budget or report table with most lines, summed up anew."""
    if found.kind is Kind.FINANCIAL_REPORT:
        budgets = [budget for budget in budgets if budget.spent] or budgets
    if budgets and found.kind in {Kind.BUDGET, Kind.PROJECT, Kind.FINANCIAL_REPORT}:
        best = max(budgets, key=lambda budget: len(budget.lines))
        found.lines, found.arithmetic_holds = best.lines, best.holds
        if found.kind is Kind.FINANCIAL_REPORT:
            found.explanations = best.explanations
            gather.put("spent", best.total, best.place, _CELL)
            stated = gather.values.get("balance")
            if stated is not None and best.balance is not None and stated.value != best.balance:
                found.arithmetic_holds = False
            gather.put("balance", best.balance, best.place, _CELL)
        else:
            named = {"total": best.total}
            if best.parted is not Parted.UNKNOWN:
                named |= {"requested": best.requested, "own_contribution": best.own}
            for key, value in named.items():
                stated = gather.values.get(key)
                if stated is not None and stated.value != value and found.kind is Kind.BUDGET:
                    found.arithmetic_holds = False
                guessed = best.parted is Parted.GUESSED and key != "total"
                gather.put(key, value, best.place, _GUESS if guessed else _CELL)
    given = [gather.values.get(key) for key in ("total", "requested", "own_contribution")]
    total, requested, own = (value.value if value is not None else None for value in given)
    if found.kind is Kind.PROJECT and isinstance(total, int) and isinstance(requested, int):
        holds = total == requested + (own if isinstance(own, int) else 0)
        found.arithmetic_holds = holds and found.arithmetic_holds is not False
    if found.kind in {Kind.BUDGET, Kind.FINANCIAL_REPORT} and not budgets:
        _sum_line(found, content, gather)


def _sum_line(found: Facts, content: Content, gather: _Gather) -> None:
    """The line of totals of a budget or a financial report that came without cells (a PDF), and whether those above add up to it."""
    rows: list[list[int]] = []
    numbered = looked = 0
    for passage in content.passages:
        for line in passage.text.splitlines():
            looked += 1
            head = re.split(r"[\d:]", line, maxsplit=1)[0]
            total = shapes.sums_up(head) if found.kind is Kind.FINANCIAL_REPORT else label("row", head)
            three = values.whole_and_parts(line) if total or looked <= _PRINTED else []
            if not total:
                rows += [three] if three else []
                numbered += bool((match := _ROW_NUMBER.match(line)) and int(match[1]) == numbered + 1)
                continue
            if three and rows and looked <= _PRINTED and found.arithmetic_holds is None:
                holds = [sum(column) for column in zip(*rows, strict=True)] == three
                # a line that was not seen as one may be what is lacking: only numbers say that none is
                found.arithmetic_holds = holds or (False if len(rows) == numbered and not found.recognised else None)
            if found.kind is Kind.FINANCIAL_REPORT:
                told = three[1:] or values.planned_and_spent(line[len(head) :])
                for key, value in zip(("spent", "balance"), told, strict=False):
                    gather.put(key, value, passage.place, _PATTERN)
            elif three:
                for key, value in zip(("total", "requested", "own_contribution"), three, strict=True):
                    gather.put(key, value, passage.place, _PATTERN)
            elif figures := _FIGURE.findall(line):
                gather.put("total", values.amount(figures[0]), passage.place, _GUESS)


def _patterns(found: Facts, content: Content, gather: _Gather) -> None:
    """What stands in running text without a label."""
    passages = content.passages[:400] or [Passage(content.text(20_000), "text")]
    searches = {
        "inn": values.inn,
        "okpo": values.okpo,
        "organisation": values.organisation,
        "registration_number": values.registration_number,
        "contest": values.contest_number,
        "email": values.email,
        "phone": values.phone,
    }
    if found.kind in _REPORTS:
        searches["number"] = values.contract_number
    if found.kind is Kind.HEAD_APPOINTMENT:
        searches["head"] = values.appointed
    if found.kind is Kind.BANK_DETAILS:
        searches["bank_account"] = values.account
    for key, search in searches.items():
        if key in gather.keys and key not in gather.values:
            for passage in passages:
                if value := search(passage.text):
                    gather.put(key, value, passage.place, _PATTERN)
                    break
    if found.kind in _REPORTS:
        for passage in passages[:12]:
            if match := _PERIOD.search(loose(passage.text)):
                gather.put("period", int(next(group for group in match.groups() if group)), passage.place, _PATTERN)
                break
    if found.kind is Kind.LETTER:
        for passage in passages:
            if sum_asked := values.asked(passage.text):
                gather.put("requested", sum_asked, passage.place, _PATTERN)
                break
    if found.kind is Kind.PARTNER_LETTER:
        money = next(((s.tyiyn, p.place) for p in passages for s in values.sums(p.text)), None)
        if money:
            gather.put("own_contribution", money[0], money[1], _PATTERN)
    _days(found, passages, gather)


def _term(text: str, days: list[dates.Day]) -> list[dates.Day]:
    """The first two days that stand as a span: с 01.10.2018 по 31.03.2019, 1 October 2018 to 31 March 2019."""
    for first, last in pairwise(days):
        between = loose(text[first.end : last.start])
        if len(between) <= _SPAN and _JOINS.search(between) and first.day < last.day:
            return [first, last]
    return []


def _days(found: Facts, passages: list[Passage], gather: _Gather) -> None:
    """Dates by the words around them; a paper's own date is its first that is neither a term nor a reference day."""
    if not gather.keys & _DATED:
        return
    free: list[tuple[str, str]] = []
    for passage in passages:
        text = clean(passage.text)
        days = dates.dates(text)
        term = _term(text, days) if "starts" in gather.keys else []
        for key, day in zip(("starts", "ends"), term, strict=False):
            gather.put(key, day.day.isoformat(), passage.place, _PATTERN)
        of_term = {str(gather.values[key].value) for key in ("starts", "ends") if key in gather.values}
        for day in days:
            if day in term or day.day.isoformat() in of_term:
                continue
            before = loose(text[max(0, day.start - 60) : day.start])
            after = loose(text[day.end : day.end + 24])
            until = after.startswith(("чейин", "на чейин", "га чейин")) or bool(re.match(r"^\W*\w{0,6}\W*чейин", after))
            if (until or _VALID_BEFORE.search(before)) and (until or _VALID_WORDS.search(before)):
                gather.put("valid_until", day.day.isoformat(), passage.place, _PATTERN)
            elif not (_STATE_BEFORE.search(before) or _STATE_AFTER.match(after)):
                free.append((day.day.isoformat(), passage.place))
    if not free:
        return
    first, last = free[0], free[-1]
    sure = _PATTERN if len(free) == 1 else _GUESS
    if found.kind is Kind.REGISTRATION:
        gather.put("registered_on", *first, sure)
    if found.kind in _CERTIFICATES - {Kind.REGISTRATION}:
        gather.put("issued_on", *first, sure)
    gather.put("dated", *(last if found.kind in {Kind.LETTER, Kind.DECLARATION, Kind.PROJECT} else first), sure)
