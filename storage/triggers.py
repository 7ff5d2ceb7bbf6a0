"""How a guard is said to SQLite and to PostgreSQL."""


def refuse(name: str, when: str, table: str, condition: str, words: str) -> str:
    """SQLite's trigger that refuses a row in these words where the condition holds, or always without one."""
    asked = f" WHEN {condition}" if condition else ""
    return f'CREATE TRIGGER "{name}" {when} ON "{table}"{asked} BEGIN SELECT RAISE(ABORT, \'{words}\'); END'


def function(name: str, body: str, *, rights: str = "", declares: str = "") -> str:
    """PostgreSQL's function behind a trigger."""
    declared = f"DECLARE {declares}" if declares else ""
    # The path is fixed with temporary tables last, or whoever makes a temporary table `event` writes his own evidence.
    return (
        f"DO $do$ BEGIN EXECUTE format('CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql {rights} "
        f"SET search_path = %I, pg_temp AS %L', current_schema(), $body${declared} BEGIN {body} END$body$); END $do$"
    )


def raises(words: str) -> str:
    """What refuses a row in a function of PostgreSQL."""
    return f"RAISE EXCEPTION '{words}' USING ERRCODE = 'integrity_constraint_violation';"


def trigger(table: str, end: str, when: str, each: str, called: str) -> list[str]:
    """A trigger of PostgreSQL that fires whatever the session says of replication."""
    name = f"guard_{table}_{end}"
    return [
        f'CREATE TRIGGER {name} {when} ON "{table}" FOR EACH {each} EXECUTE FUNCTION {called}()',
        f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER {name}',
    ]
