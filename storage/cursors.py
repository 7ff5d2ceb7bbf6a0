"""Where a page of events ended: a text that goes on with its own question alone."""

import base64
import binascii
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row

from schemas.errors import BadCursor


def after(mark: str, row: Row[Any]) -> str:
    """The place behind this event, for the question with this mark."""
    told = [mark, row.at.isoformat(), row.stream_id.hex, row.seq]
    return base64.urlsafe_b64encode(orjson.dumps(told)).decode().rstrip("=")


def read(mark: str, cursor: str, *, in_order: bool) -> dict[str, Any]:
    """The key to go on from; `in_order`: of one stream, by number alone. Raises BadCursor for one of another question."""
    try:
        whose, at, stream, seq = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        key = {"after_at": datetime.fromisoformat(at), "after_stream": UUID(stream), "after_seq": int(seq)}
    except (ValueError, TypeError, AttributeError, binascii.Error) as wrong:
        raise BadCursor(cursor=cursor[:40]) from wrong
    if whose != mark or key["after_at"].tzinfo is None:
        raise BadCursor(cursor=cursor[:40])
    return {"after_seq": key["after_seq"]} if in_order else key
