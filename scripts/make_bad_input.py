"""Writes docs/bad-input.md from the list that the tests of bad input run through. Run after a change of the list."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from schemas.errors import AsharError  # noqa: E402
from schemas.wording import say_error, say_remark  # noqa: E402
from tests.intake.bad_inputs import BAD, Bad  # noqa: E402

TARGET = ROOT / "docs" / "bad-input.md"


def sentence(bad: Bad, language: str) -> str:
    told = say_error(bad.told, language) if isinstance(bad.told, AsharError) else say_remark(bad.told, language)
    return " ".join(told.split()).replace("|", "\\|")


def page() -> str:
    """docs/bad-input.md."""
    lines = [
        "# Bad input: what happens, what people read, what is kept",
        "",
        "Made from `tests/intake/bad_inputs.py` by `scripts/make_bad_input.py`; do not edit. Each line is a test of",
        "`tests/intake/`; names, numbers and times in the sentences are examples.",
        "",
        "| what came in | what happens | кыргызча | по-русски | what is kept |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.came} | {one.then} | {sentence(one, 'ky')} | {sentence(one, 'ru')} | {one.kept} |" for one in BAD
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
