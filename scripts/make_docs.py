"""Writes the documents that are made from code: lifecycle, settings, commands, rules, checks, words, a picture.

Run after a change of the code they are made from; a house test says when that was forgotten.
"""

import ast
import inspect
from enum import StrEnum
from pathlib import Path
from types import ModuleType

from pydantic import SecretStr

from rules import catalog, lifecycle
from schemas import commission, contract, customer, facts, finding, outbox
from schemas.settings import Settings
from schemas.wording import LANGUAGES, STAGES, knows, say, template
from scripts import checks_page
from scripts.cli_page import page
from scripts.draw_journey import svg

DOCS = Path(__file__).resolve().parent.parent / "docs"
MADE = "by `scripts/make_docs.py`; do not edit."


def settings() -> str:
    """docs/settings.md."""
    lines = [
        "# Settings",
        "",
        f"Made from `schemas/settings.py` {MADE} Each is an environment variable, or a line",
        "of `ashar.env` in the home folder; the environment wins.",
        "",
        "| variable | default | what it is for |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        shown = f"`{default}`" if default not in (None, "") else "—"
        lines.append(f"| `ASHAR_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines) + "\n"


def cli() -> str:
    """docs/cli.md."""
    return page()


def _parts() -> list[tuple[str, list[str]]]:
    """The rules by the comments that part them in the catalogue's source."""
    parts: list[tuple[str, list[str]]] = []
    begun = False
    for line in inspect.getsource(catalog).splitlines():
        word = line.strip()
        begun = begun or word.startswith("RULES")
        if begun and word.startswith("# "):
            parts.append((word.removeprefix("# "), []))
        elif begun and word.startswith('"'):
            parts[-1][1].append(ast.literal_eval(word.partition(":")[0]))
        elif begun and word == "}":
            break
    assert [rule for _, rules in parts for rule in rules] == list(catalog.RULES)
    return parts


def rules() -> str:
    """docs/rules.md."""
    lines = [
        "# Rules: what may be found, and in what words",
        "",
        f"Made from `rules/catalog.py` and `schemas/locale/` {MADE} `{{fact}}` is filled in when the",
        "rule speaks; text in brackets stands only when its facts are known; → is what would cure it. The numbers behind a",
        "rule are in the rule packs (`rules/packs/`); how a rule decides is in the file of its stage in `rules/`.",
    ]
    for part, ids in _parts():
        lines += ["", f"## {part}"]
        for rule in ids:
            asked = ", ".join(f"`{fact}`" for fact in catalog.RULES[rule]) or "none"
            lines += ["", f"### `{rule}`", "", f"Facts: {asked}", ""]
            for language in LANGUAGES:
                cure = f" → {template(f'rule.{rule}.cure', language)}" if knows(f"rule.{rule}.cure") else ""
                lines.append(f"* **{language}** {template(f'rule.{rule}', language)}{cure}".replace("\n", " "))
    return "\n".join(lines) + "\n"


def _table(heading: str, source: str, codes: list[tuple[str, str]]) -> list[str]:
    lines = ["", f"## {heading}", "", f"In code: {source}.", "", "| in code | ky | ru | en |", "|---|---|---|---|"]
    lines += [
        f"| `{word}` | " + " | ".join(say(code, one, name="…") for one in LANGUAGES) + " |" for word, code in codes
    ]
    return lines


def _enum(heading: str, room: ModuleType, family: type[StrEnum], prefix: str) -> list[str]:
    source = f"`{room.__name__.replace('.', '/')}.py`, `{family.__name__}`"
    return _table(heading, source, [(one.value, f"{prefix}.{one.value}") for one in family])


def words() -> str:
    """docs/words.md."""
    lines = [
        "# Words of the code in three languages",
        "",
        f"Made from the enums in `schemas/` and the catalogs in `schemas/locale/` {MADE} The terms of the",
        "field and our own words are in [glossary.md](glossary.md).",
        *_table("Stages", "`schemas/wording.py`, `STAGES`", [(one, f"stage.{one}") for one in STAGES]),
        *_enum("Roles", customer, customer.Role, "role"),
        *_enum("Seats on a commission", commission, commission.Seat, "seat"),
        *_enum("Papers", facts, facts.Kind, "kind"),
        *_enum("What may be wrong with a file", facts, facts.Fault, "fault"),
        *_enum("How serious a finding is", finding, finding.Severity, "severity"),
        *_enum("How a project is evaluated", contract, contract.Evaluation, "evaluation"),
        *_enum("Errands", outbox, outbox.Errand, "errand"),
        *_enum("States of an errand", outbox, outbox.JobState, "status.job"),
    ]
    for noun, statuses in lifecycle.STATUSES.items():
        source = "`rules/lifecycle.py`, `STATUSES`"
        lines += _table(f"Statuses of: {noun}", source, [(str(one), f"status.{noun}.{one}") for one in statuses])
    return "\n".join(line.rstrip() for line in lines) + "\n"


def documents() -> dict[str, str]:
    """Name of each made document and its text."""
    return {
        "lifecycle.md": lifecycle.markdown(),
        "settings.md": settings(),
        "cli.md": cli(),
        "rules.md": rules(),
        "checks.md": checks_page.page(),
        "words.md": words(),
        "journey.svg": svg(),
    }


if __name__ == "__main__":
    for name, text in documents().items():
        (DOCS / name).write_text(text, encoding="utf-8")
