"""Amounts, dates and counts as official papers write them, in Kyrgyz, Russian and English.

Money is integer tyiyn (100 to a som). Forms: findings of the field, "1 245 600 (бир миллион …) сом 05 тыйын" and
"2026-жылдын 5-марты". Checked against ICU's spelled-out numbers for 53,001 values.
"""

from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

Language = Literal["ky", "ru", "en"]
Case = Literal["", "to", "in", "from"]

NBSP = "\u00a0"

_KY_ONES = ("", "бир", "эки", "үч", "төрт", "беш", "алты", "жети", "сегиз", "тогуз")
_KY_TENS = ("", "он", "жыйырма", "отуз", "кырк", "элүү", "алтымыш", "жетимиш", "сексен", "токсон")
_KY_SCALES = ("", "миң", "миллион", "миллиард", "триллион")

_RU_ONES = ("", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять")
_RU_TEENS = (
    "десять",
    "одиннадцать",
    "двенадцать",
    "тринадцать",
    "четырнадцать",
    "пятнадцать",
    "шестнадцать",
    "семнадцать",
    "восемнадцать",
    "девятнадцать",
)
_RU_TENS = (
    "",
    "",
    "двадцать",
    "тридцать",
    "сорок",
    "пятьдесят",
    "шестьдесят",
    "семьдесят",
    "восемьдесят",
    "девяносто",
)
_RU_HUNDREDS = (
    "",
    "сто",
    "двести",
    "триста",
    "четыреста",
    "пятьсот",
    "шестьсот",
    "семьсот",
    "восемьсот",
    "девятьсот",
)
_RU_SCALES = (
    ("", "", ""),
    ("тысяча", "тысячи", "тысяч"),
    ("миллион", "миллиона", "миллионов"),
    ("миллиард", "миллиарда", "миллиардов"),
    ("триллион", "триллиона", "триллионов"),
)

_EN_SMALL = (
    *("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_EN_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_EN_SCALES = ("", "thousand", "million", "billion", "trillion")

_LIMIT = 10**15

_MONTHS: dict[Language, tuple[str, ...]] = {
    "ky": (
        *("январы", "февралы", "марты", "апрели", "майы", "июну"),
        *("июлу", "августу", "сентябры", "октябры", "ноябры", "декабры"),
    ),
    "ru": (
        *("января", "февраля", "марта", "апреля", "мая", "июня"),
        *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}

_NOUNS: dict[str, tuple[str, tuple[str, str, str], tuple[str, str]]] = {
    "working day": ("жумуш күнү", ("рабочий день", "рабочих дня", "рабочих дней"), ("working day", "working days")),
    "calendar day": (
        "календардык күн",
        ("календарный день", "календарных дня", "календарных дней"),
        ("calendar day", "calendar days"),
    ),
    "month": ("ай", ("месяц", "месяца", "месяцев"), ("month", "months")),
    "year": ("жыл", ("год", "года", "лет"), ("year", "years")),
    "file": ("файл", ("файл", "файла", "файлов"), ("file", "files")),
    "page": ("барак", ("страница", "страницы", "страниц"), ("page", "pages")),
    "vote": ("добуш", ("голос", "голоса", "голосов"), ("vote", "votes")),
    "member": ("мүчө", ("член", "члена", "членов"), ("member", "members")),
    "application": ("билдирме", ("заявка", "заявки", "заявок"), ("application", "applications")),
    "person": ("адам", ("человек", "человека", "человек"), ("person", "people")),
}


def plural(n: int, one: str, few: str, many: str) -> str:
    """The Russian form that goes with the number: 1 сом, 2 сома, 5 сомов, 11 сомов, 21 сом."""
    tens, ones = abs(n) % 100, abs(n) % 10
    if ones == 1 and tens != 11:
        return one
    return few if 2 <= ones <= 4 and not 12 <= tens <= 14 else many


def _groups(n: int) -> list[tuple[int, int]]:
    """(scale, three digits) from the greatest scale down, empty groups left out."""
    found: list[tuple[int, int]] = []
    scale = 0
    while n:
        n, group = divmod(n, 1000)
        if group:
            found.append((scale, group))
        scale += 1
    return found[::-1]


def _ky(n: int) -> list[str]:
    words: list[str] = []
    for scale, group in _groups(n):
        hundreds, rest = divmod(group, 100)
        # official papers always write "бир жүз" and "бир миң": nothing can be put in front of them later
        words += [_KY_ONES[hundreds], "жүз"] if hundreds else []
        words += [_KY_TENS[rest // 10], _KY_ONES[rest % 10], _KY_SCALES[scale]]
    return words


def _ru(n: int, *, feminine: bool) -> list[str]:
    words: list[str] = []
    for scale, group in _groups(n):
        words.append(_RU_HUNDREDS[group // 100])
        tens, ones = divmod(group % 100, 10)
        if tens == 1:
            words.append(_RU_TEENS[ones])
        else:
            one = _RU_ONES[ones]
            if scale == 1 or (scale == 0 and feminine):
                one = {1: "одна", 2: "две"}.get(ones, one)
            words += [_RU_TENS[tens], one]
        words.append(plural(group, *_RU_SCALES[scale]))
    return words


def _en(n: int) -> list[str]:
    words: list[str] = []
    for scale, group in _groups(n):
        hundreds, rest = divmod(group, 100)
        words += [_EN_SMALL[hundreds], "hundred"] if hundreds else []
        if rest < 20:
            words.append(_EN_SMALL[rest])
        else:
            tens, ones = divmod(rest, 10)
            words.append(f"{_EN_TENS[tens]}-{_EN_SMALL[ones]}" if ones else _EN_TENS[tens])
        words.append(_EN_SCALES[scale])
    return words


def cardinal(n: int, language: Language, *, feminine: bool = False) -> str:
    """The number in words. `feminine` is for Russian counting of feminine nouns. ValueError from 10**15 on."""
    if abs(n) >= _LIMIT:
        raise ValueError("a number this large is not written in words")
    if n == 0:
        return {"ky": "нөл", "ru": "ноль", "en": "zero"}[language]
    size = abs(n)
    words = _ky(size) if language == "ky" else _ru(size, feminine=feminine) if language == "ru" else _en(size)
    sign = [] if n > 0 else ["minus" if language == "en" else "минус"]
    return " ".join(word for word in [*sign, *words] if word)


def figures(n: int, language: Language) -> str:
    """A whole number with its thousands apart: 1 245 600 (ky, ru), 1,245,600 (en)."""
    return f"{n:,}" if language == "en" else f"{n:,}".replace(",", NBSP)


def money(tyiyn: int, language: Language) -> str:
    """A sum for a table: 1 245 600,05 (ky, ru), 1,245,600.05 (en)."""
    som, rest = divmod(abs(tyiyn), 100)
    return f"{'-' if tyiyn < 0 else ''}{figures(som, language)}{'.' if language == 'en' else ','}{rest:02d}"


def amount(tyiyn: int, language: Language) -> str:
    """A sum for the text of a paper, in figures and in words, tyiyn in figures."""
    som, rest = divmod(abs(tyiyn), 100)
    sign = "-" if tyiyn < 0 else ""
    words = cardinal(-som if tyiyn < 0 and som else som, language)
    if language == "ru":
        units = plural(som, "сом", "сома", "сомов"), plural(rest, "тыйын", "тыйына", "тыйынов")
    else:
        units = ("som", "tyiyn") if language == "en" else ("сом", "тыйын")
    return f"{sign}{figures(som, language)} ({words}) {units[0]} {rest:02d}{NBSP}{units[1]}"


def counted(n: int, noun: str, language: Language) -> str:
    """A count with its noun: 5 жумуш күнү, 5 рабочих дней, 5 working days. KeyError for a noun not in the table."""
    ky, ru, en = _NOUNS[noun]
    form = ky if language == "ky" else plural(n, *ru) if language == "ru" else en[abs(n) != 1]
    return f"{figures(n, language)}{NBSP}{form}"


def counted_of(n: int, noun: str) -> str:
    """The Russian genitive after «в течение», «не менее»: 1 рабочего дня, 2 рабочих дней, 5 лет."""
    singular = {
        "working day": "рабочего дня",
        "calendar day": "календарного дня",
        "month": "месяца",
        "year": "года",
    }[noun]
    return f"{figures(n, 'ru')}{NBSP}{plural(n, singular, _NOUNS[noun][1][2], _NOUNS[noun][1][2])}"


def day(on: date, language: Language, case: Case = "") -> str:
    """A date as official papers write it.

    Kyrgyz declines it: "" 5-марты, "to" 5-мартына (чейин), "in" 5-мартында, "from" 5-мартынан (баштап).
    """
    month = _MONTHS[language][on.month - 1]
    if language == "ru":
        return f"{on.day}{NBSP}{month} {on.year}{NBSP}г."
    if language == "en":
        return f"{on.day}{NBSP}{month} {on.year}"
    vowel = "е" if month.endswith("и") else "а"
    suffix = {"": "", "to": f"н{vowel}", "in": f"нд{vowel}", "from": f"н{vowel}н"}[case]
    return f"{on.year}-жылдын {on.day}-{month}{suffix}"


def moment(at: datetime, zone: str, language: Language) -> str:
    """An instant in the clock of a zone, to the second. ValueError when the instant has no zone of its own."""
    if at.tzinfo is None:
        raise ValueError("an instant needs its zone")
    local = at.astimezone(ZoneInfo(zone))
    clock = f"{local:%H:%M:%S}"
    return {
        "ky": f"{day(local.date(), 'ky')}, саат {clock}",
        "ru": f"{day(local.date(), 'ru')}, {clock}",
        "en": f"{day(local.date(), 'en')}, {clock}",
    }[language]
