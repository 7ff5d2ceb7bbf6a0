"""Is it on the form that was announced, in the right version, and filled in? What was read decides, not the file's looks.

A scan, or a file whose words are pictures, is passed over: its form cannot be told, and the officer looks at it anyway.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rules.catalog import NOTICE, TO_CURE, remark
from rules.items import Item
from rules.packs import DocumentRule, Form
from rules.papers import Case, Paper
from schemas.facts import Fault, Media
from schemas.finding import Remark, Severity

_WORDLESS = frozenset({Fault.NO_TEXT, Fault.BAD_TEXT, Fault.LEGACY})
_TABLES = frozenset({"indicators", "lines"})  # whole tables of a form; a PDF keeps no cells to read them from


@dataclass(frozen=True)
class _Sheet:
    """A file of a kind that has a set form."""

    paper: Paper
    rule: DocumentRule
    form: Item[Form]

    @property
    def version(self) -> str | None:
        """The version of the set form that this file is on; None when it is on no such form."""
        told = (self.paper.facts.text("form") or "").split()
        return told[1] if len(told) > 1 and told[0] == self.form.value.name else None

    @property
    def current(self) -> bool:
        return self.version == str(self.form.value.version)

    @property
    def asked(self) -> list[str]:
        """Fields that may not stay empty, without those that such a file cannot show."""
        unseen = _TABLES if self.paper.facts.media is Media.PDF else frozenset[str]()
        return [field for field in (self.rule.filled.value if self.rule.filled else ()) if field not in unseen]

    @property
    def lacking(self) -> list[str]:
        """Fields that may not stay empty and that nothing was read from."""
        facts = self.paper.facts
        tables = {"indicators": bool(facts.indicators), "lines": bool(facts.lines)}
        written = {**facts.fields, **dict.fromkeys(facts.values, True)}
        return [field for field in self.asked if not (written.get(field) or tables.get(field))]

    @property
    def order(self) -> tuple[bool, bool, int, str]:
        """Of several files of a kind the least counts: on the form, of its version, lacking least."""
        return self.version is None, not self.current, len(self.lacking), self.paper.document.name

    @property
    def rests_on(self) -> list[Item[Form] | Item[list[str]]]:
        return [self.form, *([self.rule.filled] if self.rule.filled and self.lacking else [])]


def _sheets(case: Case) -> Iterator[_Sheet]:
    """For each kind with a set form the one file that counts."""
    for kind, rule in case.pack.documents.items():
        if rule.form is not None:
            found = [_Sheet(paper, rule, rule.form) for paper in case.of(kind) if _tells(paper)]
            yield from sorted(found, key=lambda one: one.order)[:1]


def _tells(paper: Paper) -> bool:
    return not paper.facts.recognised and _WORDLESS.isdisjoint(paper.facts.faults)


def _gravity(case: Case, sheet: _Sheet) -> Severity:
    return TO_CURE if sheet.lacking and case.needs(sheet.paper.kind) else NOTICE


def not_on_form(case: Case) -> Iterator[Remark]:
    """It is on the set form. Another layout is only noted where all that the form asks for could be read from it."""
    for sheet in _sheets(case):
        if sheet.version is None:
            fields = ", ".join(sheet.lacking)
            yield remark(
                "not_on_form", _gravity(case, sheet), of=sheet.paper.document, rests_on=sheet.rests_on, fields=fields
            )


def form_outdated(case: Case) -> Iterator[Remark]:
    """The form is the announced version; another one is only noted where nothing that is asked for now is lacking."""
    for sheet in _sheets(case):
        if sheet.version is not None and not sheet.current:
            told = {"found": sheet.version, "expected": str(sheet.form.value.version)}
            yield remark(
                "form_outdated", _gravity(case, sheet), of=sheet.paper.document, rests_on=sheet.rests_on, facts=told
            )


def unfilled(case: Case) -> Iterator[Remark]:
    """What the form asks for is written in; all empty fields are named at once."""
    for sheet in _sheets(case):
        if sheet.version is not None and sheet.lacking:
            fields = ", ".join(sheet.lacking)
            rests_on = [sheet.rule.filled]
            yield remark("unfilled", _gravity(case, sheet), of=sheet.paper.document, rests_on=rests_on, fields=fields)


RULES = (not_on_form, form_outdated, unfilled)
