"""What official papers say in figures: sums, tax numbers, names. Pure functions over text."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from documents.letters import clean, fold
from schemas.oldletters import decoded


@dataclass(frozen=True)
class Sum:
    """Money in tyiyn and where it stands in the text."""

    tyiyn: int
    start: int
    end: int


_FIGURE = r"\d{1,3}(?:[ '.,]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"
_SCALE = r"(?P<scale>миң|мин|тыс(?:яч\w*|\.)?|млн\.?|миллион\w*|thousand|million)"
_SOM = r"(?:сом\w*|som\b|soms\b|kgs\b|с\.)"
_SUM = re.compile(
    rf"(?<![\w.,/-])(?:(?P<before>kgs)\s*)?(?P<figure>{_FIGURE})\s*(?:\((?P<words>[^()]{{0,200}})\)\s*)?"
    rf"(?:{_SCALE}\s*)?(?P<som>{_SOM})?(?:\s*,?\s*(?P<tyiyn>\d{{1,2}})\s*(?:тый\w*|tyiyn))?",
    re.IGNORECASE,
)
_SCALES = {"ми": 1000, "ты": 1000, "th": 1000, "мл": 1_000_000, "mi": 1_000_000, "миллион": 1_000_000}


MOST = 10**12  # tyiyn: no paper of an order speaks of more, and a thousand such lines still fit where sums are kept
_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W\d_ʼʹ]")  # these two stand for an apostrophe between thousands
_DIGITS = 15  # of a whole number that is still taken for one


def number(text: str) -> Decimal | None:
    """A figure as typed in ky, ru or en style: "1 245 600,50", "1,245,600.50", "12 000". None if it is not one.

    "12 345,678" is none: its spaces say that the comma begins the hundredths, and its three digits that it does not.
    """
    # most cells of a table: to clean a text costs twenty times as much
    if not _DIGIT.search(text) or _LETTER.search(text):
        return None
    plain = clean(text).strip()
    figure = re.sub(r"[\s']", "", plain)
    if not re.fullmatch(r"-?\d[\d.,]*", figure) or re.search(r"\d[\s']\d{3}[.,]\d{3}$", plain):
        return None
    parts = re.split(r"[.,]", figure)
    signs = re.findall(r"[.,]", figure)
    if len(parts) == 1:
        whole, rest = figure, ""
    elif len(parts[-1]) == 3 and (len(set(signs)) == 1):
        whole, rest = "".join(parts), ""
    elif len(set(signs[:-1])) <= 1 and all(len(part) == 3 for part in parts[1:-1]):
        whole, rest = "".join(parts[:-1]), parts[-1]
    else:
        return None
    try:
        return Decimal(f"{whole}.{rest or 0}")
    except InvalidOperation:
        return None


def tyiyn(som: Decimal | float) -> int | None:
    """Som to whole tyiyn; a float is taken at the digits that it shows. None for what is no sum or above MOST."""
    exact = som if isinstance(som, Decimal) else Decimal(repr(som))
    if not exact.is_finite() or abs(exact) * 100 > MOST:
        return None
    return int((exact * 100).quantize(Decimal(1)))


def sums(text: str) -> list[Sum]:
    """All sums of money that name the som, in tyiyn."""
    if not _DIGIT.search(text):
        return []
    text = clean(text)
    found: list[Sum] = []
    for match in _SUM.finditer(text):
        if not (match["som"] or match["before"]):
            continue
        amount = number(match["figure"])
        if amount is None:
            continue
        if match["scale"]:
            scale = fold(match["scale"])
            amount *= 1_000_000 if scale.startswith("миллион") else _SCALES[scale[:2]]
        whole = tyiyn(amount)
        if whole is not None:
            found.append(Sum(whole + int(match["tyiyn"] or 0), match.start(), match.end()))
    return found


_PART = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d{2})?(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)")
_PARTS = 12  # figures of a line that are looked at, from its end


def whole_and_parts(line: str) -> list[int]:
    """The last three sums of a line if the first is the sum of the two others, in tyiyn; [] if there are none.

    Thousands may be set apart by spaces, as sums are from each other: what adds up is what was meant.
    """
    parts = _PART.findall(clean(line))[-_PARTS:]
    best: list[int] = []
    for first in range(len(parts)):
        for second in range(first + 1, len(parts)):
            for third in range(second + 1, len(parts)):
                sums = [_joined(parts[at:to]) for at, to in ((first, second), (second, third), (third, len(parts)))]
                told = [one for one in sums if one is not None]
                if len(told) == 3 and told[0] == told[1] + told[2] and told > best and told[0]:
                    best = told
    return best


_SIGNED = re.compile(r"-?\d+(?:[.,]\d{2})?")


def planned_and_spent(line: str) -> list[int]:
    """Of a line's sums "planned, spent, left" the last two, of "planned, spent" the last one, in tyiyn; [] where it is neither."""
    parts = _SIGNED.findall(clean(line))[-_PARTS:]
    count = len(parts)
    for first in range(1, count):
        for second in range(first + 1, count):
            told = [_signed(parts[at:to]) for at, to in ((0, first), (first, second), (second, count))]
            planned, spent, left = told
            if planned and spent is not None and left is not None and planned - spent == left:
                return [spent, left]
    pairs = [(_signed(parts[:at]), _signed(parts[at:])) for at in range(1, count)]
    whole = [spent for planned, spent in pairs if planned is not None and spent is not None]
    return whole if len(whole) == 1 else []


def _signed(parts: list[str]) -> int | None:
    if any(part.startswith("-") for part in parts[1:]):
        return None
    sum_ = _joined([parts[0].lstrip("-"), *parts[1:]])
    return -sum_ if sum_ is not None and parts[0].startswith("-") else sum_


def _joined(parts: list[str]) -> int | None:
    """One sum out of its groups of digits; None if they are no groups of one sum."""
    groups = len(parts) == 1 or (
        len(parts[0]) <= 3 and parts[0] != "0" and all(re.fullmatch(r"\d{3}(?:[.,]\d{2})?", part) for part in parts[1:])
    )
    whole = parts[0] + "".join(parts[1:])
    return amount(whole) if groups and parts[0].replace(",", "").replace(".", "").isdigit() else None


_ASKS = re.compile(
    r"(?:прос(?:им|ит|ит[ьъ])|запрашива\w+|сура(?:йбыз|йт|нат|ныч\w*|п жата\w+)|we ask|asks? |request\w*)",
    re.IGNORECASE,
)


def asked(text: str) -> int | None:
    """The sum that a letter asks for, in tyiyn: the only one in a sentence that asks. None where there are several."""
    for sentence in re.split(r"(?<=[.;!?])\s+(?=[A-ZА-ЯЁӨҮҢ])", clean(text)):
        found = sums(sentence)
        if len(found) == 1 and _ASKS.search(sentence):
            return found[0].tyiyn
    return None


def amount(text: str) -> int | None:
    """The sum that a cell or a field gives, in tyiyn, whether or not it names the som."""
    named = sums(text)
    if named:
        return named[0].tyiyn
    plain = number(text)
    if plain is None:
        match = re.match(rf"\s*({_FIGURE})(?:\s*\(|\s*$)", clean(text))
        plain = number(match[1]) if match else None
    return None if plain is None else tyiyn(plain)


def count(text: str) -> int | None:
    """The first whole number of a text: "120 адам" is 120."""
    match = re.search(r"(?<![\d.,])-?\d{1,3}(?:[ ]\d{3})+(?!\d)|(?<![\d.,])-?\d+", clean(text))
    figure = match.group().replace(" ", "") if match else ""
    return int(figure) if figure and len(figure) <= _DIGITS else None


_INN = re.compile(r"(?<!\d)[0-2]\d{13}(?!\d)")
_FOURTEEN_DIGITS = re.compile(r"[0-2](?:[ \u00a0]?\d){13}")


def inn(text: str) -> str | None:
    """The first tax number: 14 digits, of which 2 to 9 are a date. Spaces between the digits are allowed."""
    if not _FOURTEEN_DIGITS.search(text):
        return None
    for candidate in _INN.findall(re.sub(r"(?<=\d)[ \u00a0](?=\d)", "", text)) + _INN.findall(text):
        try:
            date(int(candidate[5:9]), int(candidate[3:5]), int(candidate[1:3]))
        except ValueError:
            continue
        return candidate
    return None


_OKPO = re.compile(r"(?:окпо|уидк|okpo)\s*(?:коду|код|code)?\s*[:№-]?\s*(\d{8})(?!\d)", re.IGNORECASE)
_REGISTRATION = re.compile(
    r"(?:рег(?:истрационн\w+|\.)\s*(?:номер|№)|каттоо\s+(?:номери|№)|registration\s+(?:number|no\.?))\s*[:№]*\s*"
    r"([\d][\dA-Za-zА-Яа-я]*(?:[-/][\dA-Za-zА-Яа-я]+)+|\d{4,})",
    re.IGNORECASE,
)
# Looked for before the whole: a search that leaves the case open is dear, and most pages have no such word.
_ANY_REGISTRATION = re.compile(r"[РрКкRr](?:[Ее][Гг]|[Аа][Тт][Тт]|[Ee][Gg])")
_ANY_CONTEST = re.compile(r"[КкСсCc](?:[Оо][Нн][Кк]|[Ыы][Нн][Аа]|[Oo][Nn][Tt])")
_CONTEST = re.compile(
    r"(?:конкурс\w*|сына[кг]\w*|contest)\s*(?:номери|number|no\.?)?\s*[:№\"]*\s*(?:№\s*)?"
    r"([A-ZА-ЯӨҮҢ]{2,20}(?:-[A-ZА-ЯӨҮҢ\d]+)*-\d[\w-]*|\d{4}[-/]\d+)",
    re.IGNORECASE,
)
_CONTRACT = re.compile(
    r"(?:келишим\w*|договор\w*|contract)\s*(?:номери|number|no\.?)?\s*[:№\"]*\s*(?:№\s*)?([A-ZА-ЯӨҮҢ\d][\w/-]*\d[\w/-]*)",
    re.IGNORECASE,
)
_CONTEST_AFTER = re.compile(
    r"№\s*([A-ZА-ЯӨҮҢ]{2,20}(?:-[A-ZА-ЯӨҮҢ\d]+)*-\d[\w-]*|\d{4}[-/]\d+)\"?\s+(?:номерлүү\s+)?(?:конкурс|сынак|contest)",
    re.IGNORECASE,
)
# a code that could be nothing else needs no sign before it: BATKEN-2018-1 сынагына
_CONTEST_CODE = re.compile(
    r"(?<![\w-])([A-ZА-ЯӨҮҢ]{2,20}(?:-[A-ZА-ЯӨҮҢ\d]+)*-\d{4}-\d+)\"?,?\s+(?:номерлүү\s+)?(?:конкурс|сына[кг]|contest)",
    re.IGNORECASE,
)
_YEAR_IN_CODE = re.compile(r"-\d{4}-\d")
_CONTRACT_AFTER = re.compile(r"№\s*([A-ZА-ЯӨҮҢ\d][\w/-]*\d[\w/-]*)\"?\s+(?:келишим|договор|contract)", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<!\d)(?:\+?996|0)[ (-]*\d{3}[ )-]*\d{2,3}[ -]?\d{2,3}(?:[ -]?\d{2})?(?!\d)")
_FORM_BEFORE = (
    r"(?:коомдук\s+фонд\w*|коомдук\s+бирикме\w*|коомдук\s+уюм\w*|бейөкмөт\s+уюм\w*|общественн\w+\s+фонд\w*|"
    r"общественн\w+\s+объединени\w+|общественн\w+\s+организаци\w+|благотворительн\w+\s+фонд\w*|фонд\w*|ассоциаци\w+|"
    r"союз\w*|уюм\w*|бирикме\w*|учреждени\w+|мекеме\w*|public\s+(?:fund|foundation|association|union)|foundation|"
    r"association|ОФ|КФ|ОО|КБ|ОЮЛ|ЮЖБ)"
)
_NAME = r'"(?P<name>[^"\n]{2,120})"'
_ORGANISATION = re.compile(
    rf"(?:{_FORM_BEFORE}\s*{_NAME}|{_NAME.replace('name', 'last')}\s*{_FORM_BEFORE})", re.IGNORECASE
)


def okpo(text: str) -> str | None:
    """ОКПО: 8 digits after its name. There is no proven check digit, so none is checked."""
    match = _OKPO.search(clean(text))
    return match[1] if match else None


def registration_number(text: str) -> str | None:
    """Number of the state registration after its name, as written."""
    plain = clean(text)
    match = _REGISTRATION.search(plain) if _ANY_REGISTRATION.search(plain) else None
    return match[1] if match else None


def contest_number(text: str) -> str | None:
    """The contest that a text names, as written."""
    plain = clean(text)
    if not _ANY_CONTEST.search(plain):
        return None
    match = _CONTEST.search(plain) or _CONTEST_AFTER.search(plain)
    if match is None and _YEAR_IN_CODE.search(plain):
        match = _CONTEST_CODE.search(plain)
    return match[1] if match else None


def contract_number(text: str) -> str | None:
    """The contract that a report names, as written."""
    match = _CONTRACT.search(clean(text)) or _CONTRACT_AFTER.search(clean(text))
    return match[1] if match else None


def email(text: str) -> str | None:
    match = _EMAIL.search(text)
    return match.group() if match else None


_ACCOUNT = re.compile(r"(?<!\d)\d{16}(?!\d)")


def account(text: str) -> str | None:
    """A bank account: 16 digits, spaces allowed between them."""
    match = _ACCOUNT.search(re.sub(r"(?<=\d)[ \u00a0](?=\d)", "", text))
    return match.group() if match else None


def phone(text: str) -> str | None:
    match = _PHONE.search(clean(text))
    return re.sub(r"[ ()-]", "", match.group()) if match else None


_APPOINTS = re.compile(r"избра\w+|назнач\w+|шайлан\w+|дайында\w+|\belect\w*|\bappoint\w*", re.IGNORECASE)
_WHOLE_NAME = re.compile(r"(?<!\w)[A-ZА-ЯЁӨҮҢ][a-zа-яёөүң]{2,}(?:\s+[A-ZА-ЯЁӨҮҢ][a-zа-яёөүң]{2,}){1,2}(?!\w)")


def appointed(text: str) -> str | None:
    """Who is made head: the name nearest to the word that appoints."""
    plain = _QUOTED.sub(lambda match: " " * len(match.group()), clean(text))
    word = _APPOINTS.search(plain)
    if word is None:
        return None
    names = [match for match in _WHOLE_NAME.finditer(plain) if not _APPOINTS.search(match.group())]
    nearest = min(names, key=lambda name: abs(name.start() - word.start()), default=None)
    return " ".join(nearest.group().split()) if nearest else None


def organisation(text: str) -> str | None:
    """The organisation as the text names it, with its legal form: Коомдук фонд «Таза Шаар»."""
    plain = clean(text)
    match = _ORGANISATION.search(plain)
    if match is None:
        return None
    return " ".join(text[match.start() : match.end()].split()) if len(plain) == len(text) else match.group()


_QUOTED = re.compile(r"[«“„\"][^«»“”„\"]*[»”“\"]")
_SHORT_FORM = re.compile(r"\b(?:ЖЧК|ОсОО|ОСОО|ООО|АК|АО|ЖАК|ЗАО|ААК|ОАО|LLC|Ltd|LTD)\b")
_COMPANY = re.compile(
    r"жоопкерчилиги чектелген|ограниченной ответственност"
    r"|акционер|жеке ишкер|индивидуальн\w+ предпринимател|limited liability|joint[- ]stock"
)
_ARREARS = re.compile(
    r"карыз\w* (?:бар|болгон)|карызынын суммасы|имее?т\w* задолженност|сумма задолженности|has arrears"
)


def commercial(text: str) -> str | None:
    """The legal form of a commercial body that a name carries, as written; None for any other name.

    What stands in quotation marks is the name itself: «Ак Ниет» is no АК. Where all is in capitals two letters say nothing.
    """
    bare = _QUOTED.sub(" ", decoded(text))
    said = _COMPANY.search(bare.casefold())
    short = _SHORT_FORM.search(bare)
    if short and len(short.group()) == 2 and not any(letter.islower() for letter in text):
        short = None
    found = said or short
    return found.group() if found else None


def arrears(text: str) -> int | None:
    """The debt, in tyiyn, that a certificate states; None where it states none."""
    said = _ARREARS.search(text.casefold())
    owed = sums(text[said.start() :]) if said else []
    return owed[0].tyiyn if owed else None


def organisation_key(name: str) -> str:
    """What two spellings of one organisation share: the folded words between the quotes, or all of them."""
    match = re.search(r'"([^"]+)"', clean(name))
    return fold(match[1] if match else name)
