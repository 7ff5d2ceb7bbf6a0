"""What the completeness rules look at: the pack, the contest, and the current files with what was seen in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from rules import likeness
from rules.deadlines import local_day
from rules.packs import DocumentRule, Pack
from schemas.contest import Contest, Theme
from schemas.document import Document
from schemas.facts import Facts, Fault, Kind

# a file with one of these can still be read by a person; with any other it must be sent again
LESSER_FAULTS = frozenset(
    {
        *(Fault.LEGACY, Fault.TRACKED_CHANGES, Fault.EXTERNAL_LINKS),
        *(Fault.WRONG_NAME, Fault.NO_TEXT, Fault.BAD_TEXT, Fault.TURNED, Fault.ROWS_CUT),
    }
)
DAYS = frozenset({"valid_until", "issued_on", "dated", "registered_on"})
SURE_OF_RECOGNISED = 70  # as below, for what text recognition read
SURE = 60  # per cent of confidence below which a value read from a file is a notice, not a gap


@dataclass(frozen=True)
class Paper:
    """A current file and what was seen in it."""

    document: Document
    facts: Facts

    @property
    def kind(self) -> Kind:
        return self.document.kind

    @property
    def readable(self) -> bool:
        return LESSER_FAULTS.issuperset(self.facts.faults)

    def place(self, *values: str) -> str:
        """Where the first of these values stands that was read; empty when none was."""
        found = (self.facts.values.get(value) for value in values)
        return next((value.place for value in found if value is not None), "")

    def sure(self, value: str) -> bool:
        """Whether a finding may rest on it. Text recognition is believed on days alone, and only where it was sure itself."""
        found = self.facts.values.get(value)
        if found is None:
            return False
        if self.facts.recognised:
            return value in DAYS and found.confidence >= SURE_OF_RECOGNISED
        return found.confidence >= SURE


@dataclass(frozen=True)
class Case:
    """What the rules look at: the pack, the contest, and the current files."""

    pack: Pack
    contest: Contest
    papers: tuple[Paper, ...]

    @cached_property
    def readable(self) -> tuple[Paper, ...]:
        return tuple(paper for paper in self.papers if paper.readable)

    @cached_property
    def day(self) -> date:
        """The day that counts: that of the cut-off, where the contest is."""
        return local_day(self.contest.cutoff, self.contest.zone)

    def of(self, kind: Kind) -> list[Paper]:
        return [paper for paper in self.readable if paper.kind is kind]

    def ruled(self) -> Iterator[tuple[Paper, DocumentRule]]:
        """Readable files that the catalogue has a rule for."""
        for paper in self.readable:
            if paper.kind in self.pack.documents:
                yield paper, self.pack.documents[paper.kind]

    def first_amount(self, value: str, kinds: Sequence[Kind]) -> tuple[Paper, int] | None:
        """The sum as the first of these kinds says it."""
        for kind in kinds:
            for paper in self.of(kind):
                amount = paper.facts.amount(value)
                if amount is not None:
                    return paper, amount
        return None

    @cached_property
    def theme(self) -> Theme | None:
        """The lot that the papers name; the only lot, if there is one."""
        lots = self.contest.lots()
        if len(lots) == 1:
            return lots[0]
        named = [paper.facts.text("theme") for paper in (*self.of(Kind.PROJECT), *self.of(Kind.LETTER))]
        return next((lot for text in named if text for lot in lots if is_theme(text, lot)), None)

    def needs(self, kind: Kind) -> bool:
        """Whether the announcement asks this applicant for the document."""
        need = self.pack.documents[kind].required.value
        if need == "if_contribution":
            return any((paper.facts.amount("own_contribution") or 0) > 0 for paper in self.of(Kind.BUDGET))
        if need == "if_people_named":
            return any(paper.kind is Kind.STAFF_CV for paper in self.papers)
        return need == "always"


def is_theme(text: str, lot: Theme) -> bool:
    """Whether an applicant means this lot: by its code or its title in any language."""
    told = likeness.plain(text)
    titles = [likeness.plain(title) for title in lot.title.values()]
    named = likeness.plain(lot.code) in told.split() or any(title in told or told in title for title in titles)
    return bool(told) and named
