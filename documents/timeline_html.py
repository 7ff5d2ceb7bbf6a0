"""A timeline as one HTML file: no script, nothing fetched from elsewhere, fit to be read on a telephone and to be printed."""

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from documents.timeline import Timeline

_TEMPLATES: Final = Path(__file__).parent / "templates"


@cache
def _template() -> Template:
    # whatever the file is called: all that a stranger wrote is text
    known = Environment(
        autoescape=True, undefined=StrictUndefined, loader=FileSystemLoader(_TEMPLATES), trim_blocks=True
    )
    return known.get_template("timeline.html")


def html(told: Timeline) -> bytes:
    """The file's bytes, in UTF-8."""
    return _template().render(told=told).encode()
