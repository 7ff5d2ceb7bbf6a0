"""An overview as one HTML file: no script, nothing fetched from elsewhere, fit to be printed."""

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from documents import plots
from documents.overview import Page

_TEMPLATES: Final = Path(__file__).parent / "templates"


@cache
def _template() -> Template:
    # whatever the file is called: all that a stranger wrote is text
    known = Environment(
        autoescape=True, undefined=StrictUndefined, loader=FileSystemLoader(_TEMPLATES), trim_blocks=True
    )
    return known.get_template("overview.html")


def html(page: Page) -> bytes:
    """The file's bytes, in UTF-8."""
    drawings = [
        # our own drawings, in which texts are escaped already
        [Markup(plots.svg(one, f"plot{at}-{part}", section.title)) for part, one in enumerate(section.drawings, 1)]  # noqa: S704
        for at, section in enumerate(page.sections, 1)
    ]
    return _template().render(page=page, drawings=drawings).encode()
