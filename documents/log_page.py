"""The public page of the audit trail: one file in three languages, without scripts, fonts or pictures from elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from documents import qr


@dataclass(frozen=True, slots=True)
class Signer:
    """A witness, its verifier line, and what it signed last, in words."""

    name: str
    verifier: str
    state: str


@dataclass(frozen=True, slots=True)
class Section:
    """The page in one language; what is the same in all stands once."""

    language: str
    title: str
    what: str
    checkpoint: str
    state: str
    key: str
    key_use: str
    witnesses: str
    none: str
    signers: tuple[Signer, ...]
    policy: str
    how: str
    how_use: str


def page(sections: Sequence[Section], *, line: str, note: str, key: str, policy: str) -> str:
    """The page; `line` is what papers carry, `note` the checkpoint with its cosignatures."""
    drawn = Markup(qr.svg(line))  # noqa: S704 -- of our own making
    return _template().render(sections=sections, line=line, note=note, key=key, policy=policy, code=drawn)


@cache
def _template() -> Template:
    source = (Path(__file__).parent / "templates" / "log.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(
        source
    )
