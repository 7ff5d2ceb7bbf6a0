"""Words that make a careless pattern try every way to split them: each is said over and over, up to a length."""

WORDS = {
    "spaces after a figure": "5" + " " * 3_000,
    "dots to sign on": "Исполнитель" + "." * 60 + "/Асанов ",
    "dots": ".",
    "underscores": "_",
    "figures": "1",
    "figures with spaces": "1 ",
    "thousands": "111 ",
    "quotes": "«",
    "straight quotes": '"',
    "brackets": "(",
    "bracketed words": "подпись(",
    "letters": "a",
    "hyphens": "a-",
    "addresses": "a@a.",
    "signs of a number": "№A1",
    "days": "05.03.2026 ",
    "months": "5 март",
    "years": "2026 ж",
    "sums": "1 000 сом ",
    "contests": "конкурс A-",
    "contracts": "договор A1-",
    "funds": 'фонд "',
    "telephones": "0(((",
    "periods": "отчет номер ",
    "debts": "карыз бар ",
    "signatures": "Подпись: ",
    "labels": "Аталышы: ",
    "tabs": "а\t",
    "lines": "а\n",
    "accents": "а\u0301",
    "letters of a wrong table": "Ð‘Ð°Ñ‚ÐºÐµÐ½" + "a" * 50_000,
    "mixed alphabets": "aа",
}


def said(word: str, length: int) -> str:
    """A text of that many letters."""
    return (word * (length // len(word) + 1))[:length]
