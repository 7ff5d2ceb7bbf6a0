"""Writes the documents that are made from code: docs/lifecycle.md and docs/settings.md. Run after a change of either."""

from pathlib import Path

from pydantic import SecretStr

from rules import lifecycle
from schemas.settings import Settings

DOCS = Path(__file__).resolve().parent.parent / "docs"


def settings() -> str:
    """docs/settings.md."""
    lines = [
        "# Settings",
        "",
        "Made from `schemas/settings.py` by `scripts/make_docs.py`; do not edit. Each is an environment variable, or a line",
        "of `ashar.env` in the home folder.",
        "",
        "| variable | default | what it is for |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        shown = f"`{default}`" if default not in (None, "") else "—"
        lines.append(f"| `ASHAR_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines) + "\n"


def documents() -> dict[str, str]:
    """Name of each made document and its text."""
    return {"lifecycle.md": lifecycle.markdown(), "settings.md": settings()}


if __name__ == "__main__":
    for name, text in documents().items():
        (DOCS / name).write_text(text, encoding="utf-8")
