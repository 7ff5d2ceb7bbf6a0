"""Every rule id and the facts that its remarks carry: the wording catalogs are made from this list.

Facts: dates ISO, money in tyiyn (`…_tyiyn`), documents by catalogue code, roles and fields by their word.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from rules.items import Item
from rules.packs import resting
from schemas.document import Document
from schemas.facts import Kind
from schemas.finding import Remark, Severity
from schemas.places import page_of

BLOCKS, TO_CURE, NOTICE = Severity.BLOCKS, Severity.TO_CURE, Severity.NOTICE

GATE = (  # what may hold a tranche: each also has a clause for the one sentence that names them all
    *("not_signed", "contract_ended", "appeal_pending", "no_report", "report_not_accepted", "report_overdue"),
    *("variance_open", "open_mend", "unknown_condition"),
)
RULES: dict[str, tuple[str, ...]] = {
    # completeness
    "missing": ("code",),
    "unreadable": ("code", "name", "fault"),
    "flawed": ("code", "name", "fault"),
    "unrecognised": ("name",),
    "wrong_contest": ("code", "name", "found", "expected"),
    "wrong_theme": ("code", "found", "expected"),
    "not_on_form": ("code", "name", "fields"),
    "form_outdated": ("code", "name", "found", "expected"),
    "unfilled": ("code", "name", "fields"),
    "unsigned": ("code", "name"),
    "signature_cannot_tell": ("code", "name"),
    "signature_broken": ("code", "name"),
    "signature_unchecked": ("code", "name"),
    "signature_changed_after": ("code", "name"),
    "signature_untrusted": ("code", "name"),
    "signature_without_file": ("name",),
    "expired": ("code", "name", "valid_until", "needed_until"),
    "too_old": ("code", "name", "issued_on", "oldest"),
    "age_cannot_tell": ("code", "name"),
    "dated_late": ("code", "name", "dated", "latest"),
    "names_unequal": ("code", "other", "found", "expected"),
    "numbers_unequal": ("code", "other", "field", "found", "expected"),
    "sums_unequal": ("code", "other", "found_tyiyn", "expected_tyiyn"),
    "contribution_unequal": ("code", "other", "found_tyiyn", "expected_tyiyn"),
    "arithmetic": ("code", "name"),
    "arithmetic_cannot_tell": ("code", "name"),
    "sum_cannot_tell": ("code",),
    "over_ceiling": ("code", "requested_tyiyn", "ceiling_tyiyn"),
    "contribution_low": ("code", "own_tyiyn", "needed_tyiyn"),
    "contribution_not_shown": ("code",),
    "outside_term": ("code", "starts", "ends", "earliest", "latest"),
    "uncured": ("until", "round"),
    # eligibility
    "organisation_unknown": (),
    "commercial": (),
    "too_young": ("registered_on", "needed_by"),
    "registration_cannot_tell": (),
    "arrears": ("code", "amount_tyiyn"),
    "twice_in_contest": ("other",),
    "funded_before": ("other",),
    "goals_cannot_tell": ("code",),
    # copying
    "same_file": ("code", "name", "other"),
    "shared_text": ("code", "name", "percent", "other"),
    # commission
    "commission_small": ("size", "needed"),
    "experts_few": ("experts", "needed"),
    "no_chair": (),
    "two_chairs": ("chairs",),
    # tranches
    "not_signed": ("contract",),
    "appeal_pending": ("contract",),
    "no_report": ("period", "of"),
    "report_not_accepted": ("period", "of", "status"),
    "report_overdue": ("period", "of", "due"),
    "variance_open": ("period", "of", "lines"),
    "open_mend": ("what", "until"),
    "contract_ended": ("contract", "status"),
    "unknown_condition": ("condition",),
    # monitoring
    "report_missing": ("code", "period", "of"),
    "report_unreadable": ("code", "name", "fault"),
    "rows_cut": ("code", "name"),
    "report_arithmetic": ("spent_tyiyn", "lines_tyiyn"),
    "line_unknown": ("line", "spent_tyiyn"),
    "over_line": ("line", "spent_tyiyn", "planned_tyiyn"),
    "over_contract": ("spent_tyiyn", "amount_tyiyn"),
    "variance": ("line", "spent_tyiyn", "planned_tyiyn", "percent", "threshold"),
    "indicator_missing": ("indicator",),
    "indicator_behind": ("indicator", "reached", "target"),
    "wrong_period": ("found", "period", "of"),
    "wrong_contract": ("found", "contract"),
    "late_report": ("due",),
    "lines_cannot_tell": ("code", "name", "spent_tyiyn"),
    "two_reports": ("code", "name", "beside"),
    "line_missing": ("line",),
    "line_negative": ("line", "spent_tyiyn"),
    "whole_unequal": ("line", "spent_tyiyn", "expected_tyiyn"),
    "opening_unequal": ("found_tyiyn", "expected_tyiyn"),
    "balance_unequal": ("found_tyiyn", "expected_tyiyn"),
    "receipts_missing": ("spent_tyiyn",),
    "receipts_unequal": ("line", "spent_tyiyn", "receipts_tyiyn"),
    "receipt_outside_period": ("number", "amount_tyiyn", "dated", "starts", "ends"),
    "receipt_twice": ("number", "amount_tyiyn"),
    "photo_outside_period": ("name", "taken_on", "starts", "ends"),
    "photo_undated": ("name", "count"),
    "checkpoint_missing": ("step", "planned_on"),
    "checkpoint_late": ("step", "planned_on", "done_on"),
    "checkpoint_before_start": ("step", "done_on", "starts"),
    "indicator_fell": ("indicator", "reached", "before"),
    "indicator_baseline": ("indicator", "found", "expected"),
}

# why an application came where it did
PLACINGS = (
    *("above_cut", "winner_left", "no_award_left", "theme_taken", "over_budget"),
    *("not_recommended", "too_few_sheets", "below_pass_mark", "below_minimum", "gate"),
)


def remark(
    rule: str,
    severity: Severity,
    *,
    of: Document | None = None,
    kind: Kind | None = None,
    rests_on: Iterable[Item[Any] | None] = (),
    facts: Mapping[str, str | int] = MappingProxyType({}),
    place: str = "",
    **more: str | int,
) -> Remark:
    """A remark whose facts are the ones listed; `code` and `name` are filled in from the document or the kind.

    `place` is where the value stands that it rests on: a page goes into the remark's page, any other one is a fact more.
    """
    kind = kind or (of.kind if of else None)
    page = page_of(place)
    known: dict[str, str | int] = {"code": kind.value if kind else "", "name": of.name if of else "", **facts, **more}
    return Remark(
        rule=rule,
        severity=severity,
        kind=kind,
        document_id=of.id if of else None,
        page=page,
        facts={name: known[name] for name in RULES[rule]} | ({"place": place} if place and page is None else {}),
        placeholder=resting(*rests_on),
    )
