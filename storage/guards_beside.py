"""What the database refuses of what lies beside the trail: personal values, hashes of files, bytes, letters.

Parts of `storage.guards`, which says what they are for.
"""

# ruff: noqa: S608 -- DDL is made of names of our own

from schemas.event import ERASING
from schemas.outbox import DIGESTS
from schemas.tables import METADATA
from storage.triggers import function, raises, refuse, trigger

NEVER = "the trail is never changed"
STAYS = "what is on record is not deleted"
HELD = "a legal hold covers this"
_NAMED_ERASED = "nothing is erased without an event that names it"
_RESTED_ON = "a document rests on these bytes"
_UNSAID = "the event does not say this"
_BYTES = "bytes stay what they are"
_WRITTEN = "a letter stays as it was written"

ERASES = ", ".join(f"'{act.value}'" for act in ERASING)


def held(stream: str) -> str:
    """SQL: whether a hold covers what is in a stream: the case, its contest, the person, or all of the customer's."""
    return (
        f"EXISTS (SELECT 1 FROM stream s JOIN legalhold h ON h.stream_id IN (s.id, s.parent_id, s.tenant_id) "
        f"WHERE s.id = {stream} AND h.status = 'placed')"
    )


# What somebody said or did is held with the person, in whatever stream it stands.
_HELD_DISCLOSURE = (
    f"EXISTS (SELECT 1 FROM event e WHERE e.id = OLD.event_id AND ({held('e.stream_id')} OR EXISTS "
    "(SELECT 1 FROM legalhold p WHERE p.scope = 'person' AND p.status = 'placed' AND p.stream_id = e.actor_id)))"
)
_HELD_CUSTOMER = "EXISTS (SELECT 1 FROM legalhold WHERE stream_id = OLD.tenant_id AND status = 'placed')"
_ERASED_BY = (
    "EXISTS (SELECT 1 FROM event e JOIN event r ON r.stream_id = e.stream_id AND r.id <> e.id "
    f"WHERE e.id = OLD.event_id AND r.act IN ({ERASES}) AND {{named}})"
)
_LETS_GO = "OLD.blob_id IS NOT NULL AND (NEW.blob_id IS NULL OR NEW.blob_id <> OLD.blob_id)"
_BY_ERASING = f"EXISTS (SELECT 1 FROM event WHERE id = NEW.event_id AND act IN ({ERASES}))"
_BURIED = "NEW.state = 'deleting' AND OLD.state <> 'deleting'"
_IN_USE = "EXISTS (SELECT 1 FROM document WHERE blob_id = OLD.id)"
# Once an event has its place in the log, all that hangs on it is there: what was erased, or never kept, stays so.
_PLACED = "EXISTS (SELECT 1 FROM leaf WHERE leaf.event_id = NEW.event_id)"
# From the intent to the document's bytes, or to the tombstone, which is final.
_BACK = "NEW.state <> OLD.state AND (OLD.state = 'deleting' OR NEW.state = 'storing')"

# What moves on in a letter: that it left, or does not leave any more, and in which digest.
_ONCE = ("sent_at", "void_at", "digest_id")
_MOVES = (*_ONCE, "gathered")
# Whom it went to and what it said is gone once somebody erased that: by the newest act of the stream.
_EMPTIED = (
    '(NEW."to" = OLD."to" OR NEW."to" = \'\') AND (NEW.facts = OLD.facts OR NEW.facts = \'{}\') '
    "AND (OLD.sent_at IS NOT NULL OR OLD.void_at IS NOT NULL) "
    f"AND EXISTS (SELECT 1 FROM event WHERE stream_id = OLD.stream_id AND act IN ({ERASES}) "
    "AND seq = (SELECT MAX(seq) FROM event WHERE stream_id = OLD.stream_id))"
)
# A digest that waits goes without what is not true any more (flows.steps.reminders).
_SHORTENED = (
    f"OLD.code IN ({', '.join(repr(code) for code in DIGESTS)}) AND OLD.sent_at IS NULL AND OLD.void_at IS NULL "
    'AND NEW."to" = OLD."to" AND {same_but_lines} '
    "AND EXISTS (SELECT 1 FROM letter told WHERE told.digest_id = OLD.id AND told.void_at IS NOT NULL)"
)


def _differs(table: str, but: tuple[str, ...], distinct: str) -> str:
    """Whether anything of a row differs from what it was, but for these columns."""
    names = [one.name for one in METADATA.tables[table].c if one.name not in but]
    return "(" + " OR ".join(f'NEW."{name}" {distinct} OLD."{name}"' for name in names) + ")"


def _letter(distinct: str, same_but_lines: str) -> tuple[str, str]:
    """Whether a letter is changed that is held, and whether one is otherwise than it may be."""
    said = f'(NEW."to" {distinct} OLD."to" OR NEW.facts {distinct} OLD.facts)'
    taken = f"{said} AND NOT ({_SHORTENED.format(same_but_lines=same_but_lines)})"
    back = " OR ".join(f"OLD.{name} IS NOT NULL AND NEW.{name} {distinct} OLD.{name}" for name in _ONCE)
    rest = _differs("letter", ("to", "facts", *_MOVES), distinct)
    stopped = f"{taken} AND {held('OLD.stream_id')}"
    return stopped, f"{rest} OR {back} OR NEW.gathered AND NOT OLD.gathered OR {taken} AND NOT ({_EMPTIED})"


def sqlite() -> list[str]:
    named = _ERASED_BY.format(named="instr(r.body, CAST('\"' || OLD.digest || '\"' AS BLOB)) > 0")
    stopped, otherwise = _letter("IS NOT", "json_remove(NEW.facts, '$.lines') = json_remove(OLD.facts, '$.lines')")
    changed = f"{_differs('blob', ('state', 'touched_at'), 'IS NOT')} OR {_BACK}"

    def says(text: str) -> str:
        return f"EXISTS (SELECT 1 FROM event WHERE id = NEW.event_id AND instr(body, CAST({text} AS BLOB)) > 0)"

    value, file = "'{\"sd\":\"' || NEW.digest || '\"}'", "'\"' || NEW.sha256 || '\"'"
    return [
        refuse("guard_disclosure_said", "BEFORE INSERT", "disclosure", f"NOT {says(value)} OR {_PLACED}", _UNSAID),
        refuse("guard_eventfile_said", "BEFORE INSERT", "eventfile", f"NOT {says(file)}", _UNSAID),
        refuse("guard_disclosure_update", "BEFORE UPDATE", "disclosure", "", NEVER),
        refuse("guard_disclosure_held", "BEFORE DELETE", "disclosure", _HELD_DISCLOSURE, HELD),
        refuse(
            "guard_disclosure_delete",
            "BEFORE DELETE",
            "disclosure",
            f"NOT {named} AND NOT {_HELD_DISCLOSURE}",
            _NAMED_ERASED,
        ),
        refuse(
            "guard_event_held", "BEFORE INSERT", "event", f"NEW.act IN ({ERASES}) AND {held('NEW.stream_id')}", HELD
        ),
        refuse("guard_document_bytes", "BEFORE UPDATE", "document", f"{_LETS_GO} AND NOT {_BY_ERASING}", _NAMED_ERASED),
        refuse("guard_blob_same", "BEFORE UPDATE", "blob", changed, _BYTES),
        refuse("guard_blob_bury", "BEFORE UPDATE", "blob", f"{_BURIED} AND {_IN_USE}", _RESTED_ON),
        refuse("guard_blob_held", "BEFORE UPDATE", "blob", f"{_BURIED} AND {_HELD_CUSTOMER}", HELD),
        refuse("guard_blob_delete", "BEFORE DELETE", "blob", _HELD_CUSTOMER, HELD),
        refuse(
            "guard_blob_buried", "BEFORE DELETE", "blob", f"OLD.state <> 'deleting' AND NOT {_HELD_CUSTOMER}", _BYTES
        ),
        refuse("guard_letter_held", "BEFORE UPDATE", "letter", stopped, HELD),
        refuse("guard_letter_update", "BEFORE UPDATE", "letter", f"({otherwise}) AND NOT ({stopped})", _WRITTEN),
        refuse("guard_letter_delete", "BEFORE DELETE", "letter", "", STAYS),
    ]


def postgresql() -> list[str]:
    named = _ERASED_BY.format(named="position(convert_to('\"' || OLD.digest || '\"', 'UTF8') in r.body) > 0")
    stopped, otherwise = _letter("IS DISTINCT FROM", "NEW.facts - 'lines' = OLD.facts - 'lines'")
    changed = f"{_differs('blob', ('state', 'touched_at'), 'IS DISTINCT FROM')} OR {_BACK}"

    def says(text: str) -> str:
        body = "(SELECT body FROM event WHERE id = NEW.event_id)"
        return f"coalesce(position(convert_to({text}, 'UTF8') in {body}), 0) > 0"

    value, file = "'{\"sd\":\"' || NEW.digest || '\"}'", "'\"' || NEW.sha256 || '\"'"
    return [
        function("guard_value", f"IF NOT {says(value)} OR {_PLACED} THEN {raises(_UNSAID)} END IF; RETURN NEW;"),
        function("guard_file", f"IF NOT {says(file)} THEN {raises(_UNSAID)} END IF; RETURN NEW;"),
        *trigger("disclosure", "said", "BEFORE INSERT", "ROW", "guard_value"),
        *trigger("eventfile", "said", "BEFORE INSERT", "ROW", "guard_file"),
        *trigger("disclosure", "update", "BEFORE UPDATE", "ROW", "guard_refuse"),
        function(
            "guard_erased",
            f"IF {_HELD_DISCLOSURE} THEN {raises(HELD)} END IF; "
            f"IF NOT {named} THEN {raises(_NAMED_ERASED)} END IF; RETURN OLD;",
        ),
        function(
            "guard_bytes", f"IF {_LETS_GO} AND NOT {_BY_ERASING} THEN {raises(_NAMED_ERASED)} END IF; RETURN NEW;"
        ),
        function(
            "guard_blob",
            f"IF TG_OP = 'DELETE' THEN IF {_HELD_CUSTOMER} THEN {raises(HELD)} END IF; "
            f"IF OLD.state <> 'deleting' THEN {raises(_BYTES)} END IF; RETURN OLD; END IF; "
            f"IF {changed} THEN {raises(_BYTES)} END IF; "
            f"IF {_BURIED} AND {_IN_USE} THEN {raises(_RESTED_ON)} END IF; "
            f"IF {_BURIED} AND {_HELD_CUSTOMER} THEN {raises(HELD)} END IF; RETURN NEW;",
        ),
        *trigger("disclosure", "erased", "BEFORE DELETE", "ROW", "guard_erased"),
        *trigger("disclosure", "all", "BEFORE TRUNCATE", "STATEMENT", "guard_refuse"),
        *trigger("document", "bytes", "BEFORE UPDATE", "ROW", "guard_bytes"),
        function(
            "guard_letter",
            f"IF {stopped} THEN {raises(HELD)} END IF; IF {otherwise} THEN {raises(_WRITTEN)} END IF; RETURN NEW;",
        ),
        *trigger("letter", "held", "BEFORE UPDATE", "ROW", "guard_letter"),
        *trigger("letter", "delete", "BEFORE DELETE", "ROW", "guard_refuse"),
        *trigger("letter", "all", "BEFORE TRUNCATE", "STATEMENT", "guard_refuse"),
        *trigger("blob", "held", "BEFORE UPDATE OR DELETE", "ROW", "guard_blob"),
        *trigger("blob", "all", "BEFORE TRUNCATE", "STATEMENT", "guard_refuse"),
    ]
