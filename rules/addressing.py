"""Which contract and period a report is for, by what stands on it; where that is not plain, a person decides."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from rules import likeness
from schemas.collection import Obstacle

_WORD = r"(?:период|мезгил|period|кварта|quarter)\w*"
_AFTER = re.compile(rf"\b{_WORD} (?:(?:номер\w*|no|n) )?(\d{{1,2}})\b")
_BEFORE = re.compile(rf"\b(\d{{1,2}}) ?(?:(?:й|ый|ой|чи|чы|чу|чү|st|nd|rd|th) )?(?:отчетн\w* )?{_WORD}")

MOST = 20  # words of a contract's number, which has up to 40 signs
LONGEST = 200  # signs of a clue


@dataclass(frozen=True)
class Known:
    """A signed contract as the mail room knows it: who may send for it, and which periods wait for a report."""

    contract: UUID
    number: str
    senders: frozenset[str]
    waiting: tuple[int, ...]


@dataclass(frozen=True)
class Told:
    """What stands on a report: subject, text or name of the entry; who sent it; what its papers themselves say."""

    about: str
    sender: str = ""
    numbers: tuple[str, ...] = ()
    periods: tuple[int, ...] = ()
    by_mail: bool = False


@dataclass(frozen=True)
class Addressed:
    """The contract and the period, or what stands in the way."""

    known: Known | None = None
    period: int | None = None
    obstacle: Obstacle | None = None


def address(told: Told, contracts: Sequence[Known]) -> Addressed:
    """A report goes to the one contract that it names, or else to the only one of its sender, in the period it names.

    `contracts`: those whose clue is among `clues`; where there is none, those of the sender, two of them being as good as all.
    A mail counts only from an address that the contractor gave; a folder of the office's own is trusted.
    """
    found = _named(told, contracts) or [one for one in contracts if told.sender.casefold() in one.senders]
    if len(found) != 1:
        return Addressed(obstacle=Obstacle.SEVERAL_CONTRACTS if found else Obstacle.NO_CONTRACT)
    [known] = found
    if told.by_mail and told.sender.casefold() not in known.senders:
        return Addressed(known, None, Obstacle.STRANGE_SENDER)
    periods = {number} if (number := _period(told.about, known.number)) else set(told.periods)
    if not periods and len(known.waiting) == 1:
        return Addressed(known, known.waiting[0])
    if len(periods) != 1:
        return Addressed(known, None, Obstacle.NO_PERIOD if known.waiting else Obstacle.WRONG_MOMENT)
    [period] = periods
    return Addressed(known, period, None if period in known.waiting else Obstacle.WRONG_MOMENT)


def clue(number: str) -> str:
    """A contract's number in the one form in which it is looked for."""
    return " ".join(_parts(number))[:LONGEST]


def clues(told: Told) -> set[str]:
    """Whatever stands on a report and may be a contract's number: runs of words that end in figures, as all of them do."""
    found: set[str] = set()
    for text in (told.about, *told.numbers):
        words = _parts(text)
        for end in (at for at, word in enumerate(words, 1) if word.isdecimal()):
            found |= {" ".join(words[begin:end]) for begin in range(max(0, end - MOST), end)}
    return {one for one in found if len(one) <= LONGEST}


def _named(told: Told, contracts: Sequence[Known]) -> list[Known]:
    """Contracts whose number stands in the text, part by part; 12/1 is not meant where 12/14 is written."""
    texts = [_parts(told.about), *map(_parts, told.numbers)]
    found = [one for one in contracts if any(_places(_parts(one.number), text) for text in texts)]
    longest = max((len(_parts(one.number)) for one in found), default=0)
    return [one for one in found if len(_parts(one.number)) == longest]


def _parts(text: str) -> list[str]:
    return [likeness.number(part) for part in re.findall(r"[^\W_]+", text)]


def _places(part: Sequence[str], whole: Sequence[str]) -> list[int]:
    """Where one run of words stands in another."""
    size = len(part)
    return [at for at in range(len(whole) - size + 1) if size and list(whole[at : at + size]) == list(part)]


def _period(about: str, number: str) -> int | None:
    """The period that the text names in words, or that follows the contract's number in the name of a file."""
    words, own = _parts(about), _parts(number)
    places = _places(own, words)
    after = [words[at + len(own)] for at in places if at + len(own) < len(words)]
    # the number of the contract ends in a number too, and the word "period" may follow it
    left = re.findall(r"[^\W_]+", about.casefold().replace("ё", "е"))
    for at in reversed(places):
        left[at : at + len(own)] = [","]
    text = " ".join(left)
    said = _AFTER.search(text) or _BEFORE.search(text)
    if said:
        return int(said[1])
    numbers: Collection[str] = [word for word in after if re.fullmatch(r"\d{1,2}", word)]
    return int(next(iter(numbers))) if numbers else None
