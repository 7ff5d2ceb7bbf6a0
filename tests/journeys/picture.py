"""What an installation holds, told without ids, so that two runs of the same journey can be compared.

An id is replaced by what its row says, and by what the rows say that it refers to; hashes of bytes that carry ids,
salts, and the counters of errands (attempts, leases) are left out: a kill may change them, and nothing else.
"""

import hashlib
import json
import re
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from flows.office import Office
from schemas.document import BlobState
from schemas.event import Act, Stream
from schemas.outbox import JobState
from schemas.tables import METADATA
from storage import trail
from storage.folder import _retained_until
from storage.work import looking

ID = re.compile(r"\b[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}\b")
SEQ = re.compile(r'"seq": \d+, ')
LEFT_OUT = {
    "event": {"hash", "previous"},
    "disclosure": {"digest", "salt"},
    "stream": {"head"},
    "unsealed": {"id"},
    "job": {"attempts", "run_id", "lease_until", "trouble", "not_before"},
    "blob": {"key", "touched_at"},
}
NOT_TOLD = {"leaf", "checkpoint", "keyrange", "eventindex", "indexed"}
DEPTH = 5


@dataclass(frozen=True)
class Picture:
    """Rows by table as text with their ids, letters that left, papers under lock."""

    rows: dict[str, list[tuple[str, str]]]  # table -> (id, text)
    told: dict[str, Counter[str]]

    def at(self, depth: int) -> dict[str, Counter[str]]:
        """Everything without ids: each stands for what its rows say, and the rows that they refer to, so many deep."""
        named: dict[str, str] = {}
        for _ in range(depth):
            fresh: dict[str, list[str]] = {}
            for table, these in self.rows.items():
                for identity, text in these:
                    fresh.setdefault(identity, []).append(f"{table} {_renamed(text, named)}")
            named = {
                one: hashlib.sha256("".join(sorted(said)).encode()).hexdigest()[:10] for one, said in fresh.items()
            }
        told = {table: Counter(_renamed(text, named) for _, text in these) for table, these in self.rows.items()}
        return {**told, **self.told}


def picture(home: Path) -> Picture:
    """What the home holds. Equal pictures are the same end."""
    rows = _rows(home)
    told = {
        "letters that left": Counter(_letters(home / "outbox")),
        "papers under lock": Counter(_locked(home, rows)),
    }
    texts = {table: [(str(row.get("id")), _text(table, row)) for row in these] for table, these in rows.items()}
    texts.pop("blob")
    return Picture(texts, told)


def differences(before: Picture, after: Picture) -> list[str]:
    """The first lines, cut short, of what is lost or doubled; references are followed only as far as needed."""
    if before.at(DEPTH) == after.at(DEPTH):
        return []
    for depth in range(DEPTH + 1):
        lines = _told(before.at(depth), after.at(depth))
        if lines:
            return [f"({depth}) {line[:400]}" for line in lines[:4]]
    return []


def _told(before: dict[str, Counter[str]], after: dict[str, Counter[str]]) -> list[str]:
    wrong: list[str] = []
    for table in sorted(before.keys() | after.keys()):
        one, other = before.get(table, Counter()), after.get(table, Counter())
        wrong += [f"lost from {table}: {row}" for row in one - other]
        wrong += [f"too many in {table}: {row}" for row in other - one]
    return wrong


def troubles(office: Office) -> list[str]:
    """Whatever must never be: a broken chain, a document without its bytes."""
    wrong = [f"blob {line}" for line in office.blobs.verify()]
    with looking(office.engine, office.system) as look:
        for stream in look.all(Stream):
            trail.verify(look.session, stream.id)
    rows = _rows(office.home)
    stored = {row["id"] for row in rows["blob"] if row["state"] == BlobState.STORED.value}
    wrong += [
        f"document {row['name']} without bytes"
        for row in rows["document"]
        if row["blob_id"] is not None and row["blob_id"] not in stored
    ]
    return wrong


def undone(home: Path) -> list[str]:
    """Errands that are not done."""
    return [f"{row['errand']} is {row['state']}" for row in _rows(home)["job"] if row["state"] != JobState.DONE.value]


def _rows(home: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row as the database file has it: ids are 32 hexadecimal digits there."""
    told: dict[str, list[dict[str, Any]]] = {}
    with closing(sqlite3.connect(home / "ashar.db")) as connection:
        connection.row_factory = sqlite3.Row
        for table in METADATA.sorted_tables:
            if table.name not in NOT_TOLD:
                told[table.name] = [
                    {name: _plain(name, row[name]) for name in row.keys()}  # noqa: SIM118 -- a sqlite3.Row is no dict
                    for row in connection.execute(f'SELECT * FROM "{table.name}"')
                ]
    return told


def _plain(name: str, value: Any) -> Any:
    if name != "body":
        return value
    body = {name: one for name, one in json.loads(value).items() if name not in ("id", "previous", "run")}
    changes = body.pop("changes")
    return "\n".join(json.dumps(_without_salt(one), sort_keys=True, ensure_ascii=False) for one in [body, *changes])


def _without_salt(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: "" if name == "sd" else _without_salt(one) for name, one in value.items()}
    return [_without_salt(one) for one in value] if isinstance(value, list) else value


def _text(table: str, row: dict[str, Any]) -> str:
    values = {name: value for name, value in row.items() if name not in LEFT_OUT.get(table, ())}
    if row.get("act") == Act.LETTER_SEND.value:  # letters of one moment leave in any order
        values["seq"], values["body"] = 0, SEQ.sub("", values["body"])
    body = values.pop("body", "")
    return json.dumps(values, sort_keys=True, ensure_ascii=False, default=str) + f"\n{body}"


def _renamed(text: str, named: dict[str, str]) -> str:
    """The text with a name for each id; the lines of an event's body, a change each, in the order that gives."""
    told = ID.sub(lambda found: f"<{named.get(found.group().replace('-', ''), '')}>", text)
    head, _, rest = told.partition("\n")
    return "\n".join([head, *sorted(rest.split("\n"))])


def _letters(folder: Path) -> list[str]:
    told = []
    for path in folder.glob("*.eml"):
        message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
        papers = sorted(part.get_filename() or "" for part in message.iter_attachments())
        told.append(f"{message['To']} | {message['Subject']} | {message['Date']} | {papers}")
    return told


def _locked(home: Path, rows: dict[str, list[dict[str, Any]]]) -> list[str]:
    keys = {row["id"]: row["key"] for row in rows["blob"]}
    told = []
    for row in rows["document"]:
        until = _retained_until(home / "objects" / keys[row["blob_id"]]) if row["blob_id"] else None
        if until is not None:
            told.append(f"{row['kind']} {row['name']} until {until}")
    return told
