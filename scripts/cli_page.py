"""The page of commands: docs/cli.md is made from `cli/`."""

from collections.abc import Iterator
from typing import Any

import typer

from cli.main import app

HEAD = """\
# The command line

Made from `cli/` by `scripts/make_docs.py`; do not edit. Each line with what it cannot do without; `--help` after a
command shows the rest. `--customer`, `--as`, `--language`, `--home` and `--json` may stand anywhere on the line.
`up`, `down`, `status`, `db`, `notary` and `demo` belong to the machine: they are given without `--as`, or by an operator.

A contest is named by its number, a case as `CONTEST/NUMBER`, a contract by its number, an item of the last sitting
as `CONTEST:POSITION`, a finding as `CASE:POSITION` or `CASE:RULE`, a problem by its place or a part of its title, a
programme by its budget line. With `--json` an answer is one JSON value: sums in tyiyn (`…_tyiyn`), scores in
hundredths of a point, times in UTC; a failure is `{error, facts, sentence, exit}` on the error stream.

| exit code | what it says |
|---|---|
| 0 | done, or done before |
| 2 | refused: the rules do not allow it; trying again will not help |
| 64 | the line was not understood: a word is missing or unknown |
| 69 | something is not healthy (`status`, `db state`) |
| 70 | something that this program does not know by name; `ASHAR_TRACE=1` shows where |
| 75 | something outside did not answer; the same line may be tried again |
| 130 | interrupted |

| command | what it does |
|---|---|
"""


def _commands(one: Any, *path: str) -> Iterator[tuple[str, Any]]:
    below = getattr(one, "commands", None)
    if below is None:
        yield " ".join(path), one
        return
    for name, inner in below.items():
        yield from _commands(inner, *path, name)


def _line(path: str, command: Any) -> str:
    """The command with its arguments and the options it cannot do without."""
    words = ["ashar", path]
    words += [(one.metavar or one.name).upper() for one in command.params if one.param_type_name == "argument"]
    words += [f"{one.opts[0]} …" for one in command.params if one.param_type_name == "option" and one.required]
    return " ".join(words)


def page() -> str:
    """docs/cli.md."""
    told = ((_line(path, command), command.help.strip().splitlines()[0]) for path, command in _commands(_root()))
    return HEAD + "".join(f"| `{line}` | {words} |\n" for line, words in told)


def _root() -> Any:
    return typer.main.get_command(app)
