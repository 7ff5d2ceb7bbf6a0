"""Words of events, for finding them by what they say.

An event's words are put in once it has its place in the log: appending costs nothing more, and nothing can be missed. What is
younger is looked through as it stands. A disclosure takes its words with it when it goes (`storage.guards`).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlmodel import Session

from schemas.spelling import after, spelt
from schemas.tables import METADATA

_EVENT, _LEAF, _WORD, _WORDED, _DISCLOSURE = (
    METADATA.tables[name] for name in ("event", "leaf", "eventword", "worded", "disclosure")
)
MANY: Final = 400  # words of one value that are kept; a scanned paper's facts have thousands
SPELLINGS: Final = 200  # words that one beginning may stand for
_LONG: Final = frozenset({32, 36, 64})  # signs of ids and hashes, which are asked for otherwise
_TYIYN: Final = "_tyiyn"
_READING: Final = frozenset({"trail:read", "trail:export"})
_ADVANCE = update(_WORDED).values(size=bindparam("end"))
_SIZE = select(_WORDED.c.size)
_NEXT = (
    select(_LEAF.c.position, _EVENT.c.id, _EVENT.c.body)
    .join(_EVENT, _EVENT.c.id == _LEAF.c.event_id)
    .where(_LEAF.c.position >= bindparam("first"), _LEAF.c.position < bindparam("end"))
)
_HIDDEN = select(_DISCLOSURE.c.event_id, _DISCLOSURE.c.digest, _DISCLOSURE.c.value).where(
    _DISCLOSURE.c.event_id.in_(bindparam("events", expanding=True))
)
_END = select(func.max(_LEAF.c.position))
_SPELLING = select(func.min(_WORD.c.word)).where(_WORD.c.word > bindparam("last"), _WORD.c.word < bindparam("end"))
_ITSELF = select(_WORD.c.word).where(_WORD.c.word == bindparam("word")).limit(1)


def told(body: Mapping[str, Any], disclosed: Mapping[str, str]) -> dict[str, set[str]]:
    """What an event says to whoever may read it, as words: under "" for all, under its digest what is disclosed.

    Facts, the values that it set, and its reason; not what stood there before, and not what a reader had sought: or each
    search would be found by the next one.
    """
    if body["act"] in _READING:
        return {"": set()}
    words: dict[str, set[str]] = {"": set(_in(body["facts"]))}
    for side in (*(change["new"] for change in body["changes"]), body["reason"]):
        if isinstance(side, dict) and set(side) == {"sd"}:
            if side["sd"] in disclosed:
                words[side["sd"]] = _of_text(disclosed[side["sd"]])
        else:
            words[""].update(_in(side))
    return words


def _of_text(text: str) -> set[str]:
    if text[:1] in ("{", "["):  # a value that was no text is disclosed as JSON
        try:
            return set(_some(_in(orjson.loads(text))))
        except orjson.JSONDecodeError:
            pass
    return set(_some(spelt(text)))


def _some(words: Iterable[str]) -> Iterator[str]:
    for count, word in enumerate(words):
        if count == MANY:
            return
        yield word


def _in(value: Any, name: str = "") -> Iterator[str]:
    match value:
        case str() if value and not (len(value) in _LONG and _is_hex(value)):
            yield from spelt(value)
        case bool():
            return
        case int() if name.endswith(_TYIYN):
            yield str(value // 100)
        case int() if value > 9:
            yield str(value)
        case dict():
            for key, inner in value.items():
                yield from _in(inner, key)
        case list():
            for inner in value:
                yield from _in(inner, name)
        case _:
            return


def _is_hex(text: str) -> bool:
    return all(sign in "0123456789abcdef-" for sign in text)


def disclosed(session: Session, events: Iterable[UUID]) -> dict[UUID, dict[str, str]]:
    """What is still disclosed of these events: digest and text."""
    found: dict[UUID, dict[str, str]] = {}
    for one in session.execute(_HIDDEN, {"events": list(events)}):
        found.setdefault(one.event_id, {})[one.digest] = one.value
    return found


def size(session: Session) -> int:
    """So many leaves of the log, from its beginning on, are in words."""
    return session.scalar(_SIZE) or 0


def waiting(session: Session) -> int:
    """How many leaves are in the log and not in words yet."""
    last = session.scalar(_END)
    return 0 if last is None else last + 1 - size(session)


def index(session: Session, most: int = 1000) -> int:
    """Put the next leaves into words, `most` at a time; in a writing transaction that nobody else is in (`engine.alone`).

    Returns how many leaves that were.
    """
    first = size(session)
    end = min(first + most, first + waiting(session))
    if end == first:
        return 0
    rows = session.execute(_NEXT, {"first": first, "end": end}).all()
    words = list(_words(rows, disclosed(session, [one.id for one in rows])))
    if words:
        session.execute(insert(_WORD), words)
    if not session.execute(_ADVANCE, {"end": end}).rowcount:  # pyright: ignore[reportAttributeAccessIssue]
        session.execute(insert(_WORDED), {"id": 1, "size": end})
    return end - first


def _words(rows: Iterable[Row[Any]], hidden: Mapping[UUID, Mapping[str, str]]) -> Iterator[dict[str, Any]]:
    for one in rows:
        for digest, words in told(orjson.loads(one.body), hidden.get(one.id, {})).items():
            for word in words:
                yield {"word": word, "position": one.position, "digest": digest}


def spellings(session: Session, beginning: str) -> list[str] | None:
    """The words of the index that begin so, at most SPELLINGS; None when there are more."""
    found = list(session.scalars(_ITSELF, {"word": beginning}))
    last, end = beginning, after(beginning)
    while (word := session.scalar(_SPELLING, {"last": last, "end": end})) is not None:
        if len(found) == SPELLINGS:
            return None
        found.append(word)
        last = word
    return found
