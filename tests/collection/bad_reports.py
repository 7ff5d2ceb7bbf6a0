"""What may come in as a report and must not harm: one list for the tests and for docs/bad-input.md.

Each case is a mail, or several, to a real mailbox. `told` is what people read, with facts as they may be: what stood in the
way, a remark on the report, or that the files are those that were returned. None: nothing is held against it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from schemas.collection import Obstacle
from schemas.finding import Remark, Severity
from tests.collection.bad_makers import (
    FINANCIAL,
    STRANGER,
    Bench,
    Mails,
    comes_with,
    damaged,
    locked,
    money,
    on_first_line,
    papers,
    photo,
    raw,
    says,
    with_money,
    zipped,
)
from tests.quality import report_files


@dataclass(frozen=True)
class Same:
    """These very files were returned."""


@dataclass(frozen=True)
class BadReport:
    """One kind: `came` what came in, `told` what people read of it, `kept` whether its files are with us.

    `hears`: whether the contractor is written to, beside the coordinator. `before` says what the desk did first.
    """

    name: str
    came: str
    make: Callable[[Bench], Mails]
    told: Obstacle | Remark | Same | None
    kept: bool = True
    hears: bool = True
    before: str = ""
    settings: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


def _cure(rule: str, **facts: object) -> Remark:
    return Remark(rule=rule, severity=Severity.TO_CURE, facts=facts)


def _notice(rule: str, **facts: object) -> Remark:
    return Remark(rule=rule, severity=Severity.NOTICE, facts=facts)


MONEY, LINE, INDICATOR = "financial_report", "Иргөө контейнерлери (240 л)", "Таштандыны иргеген үй-бүлөлөр"

BAD_REPORTS = (
    # -- the cover
    BadReport(
        "no_attachment", "a mail without an attachment", lambda at: [at.mail([])], Obstacle.NOTHING_ATTACHED, kept=False
    ),
    BadReport(
        "too_large",
        "a mail above `ASHAR_PACKAGE_LIMIT`; it is not fetched",
        lambda at: [at.mail([("видео.mp4", b"\0" * 1_000_000)])],
        Obstacle.TOO_LARGE,
        kept=False,
        settings={"package_limit": 1_000_000, "file_limit": 900_000},
    ),
    BadReport(
        "unknown_sender_about_nothing",
        "a mail of a stranger that names no contract",
        lambda at: [at.mail([("прайс.txt", b"1")], sender=STRANGER, subject="Салам")],
        Obstacle.NO_CONTRACT,
        hears=False,
    ),
    BadReport(
        "a_contract_that_is_not_there",
        "a number that no contract has, from a stranger",
        lambda at: [at.mail([("прайс.txt", b"1")], sender=STRANGER, subject="OSH-2019-4/17 период 1")],
        Obstacle.NO_CONTRACT,
        hears=False,
    ),
    BadReport(
        "strange_sender",
        "a good report from an address that the contractor never gave",
        lambda at: [at.mail(papers(at.told), sender=STRANGER)],
        Obstacle.STRANGE_SENDER,
        hears=False,
    ),
    BadReport(
        "several_contracts",
        "no number, from a contractor with two contracts",
        lambda at: [at.mail([("план.txt", b"1")], subject="Отчёт")],
        Obstacle.SEVERAL_CONTRACTS,
        hears=False,
        before="another contract of the same contractor",
    ),
    BadReport(
        "no_period",
        "no period, where two wait for a report",
        lambda at: [at.mail([("план.txt", b"1")], subject=at.number)],
        Obstacle.NO_PERIOD,
        before="two periods wait",
    ),
    BadReport(
        "a_period_that_does_not_wait",
        "a period whose report is accepted",
        lambda at: [at.mail(papers(at.told), subject=f"{at.number} период 1")],
        Obstacle.WRONG_MOMENT,
    ),
    BadReport(
        "a_period_that_is_not_there",
        "period 7 of a contract with two",
        lambda at: [at.mail(papers(at.told), subject=f"{at.number} период 7")],
        Obstacle.WRONG_MOMENT,
    ),
    BadReport(
        "broken_headers",
        "a subject whose coding is cut off, over which the mail library stumbles",
        lambda at: [raw(at, "Subject: =?utf-8?B?a?=")],
        Obstacle.UNREADABLE,
    ),
    BadReport(
        "an_alphabet_that_is_none",
        "a text in a character set that cannot be read so",
        lambda at: [raw(at, "Subject: 1", "Content-Type: text/plain; charset=idna")],
        Obstacle.UNREADABLE,
    ),
    BadReport(
        "deadly",
        "a mail at which the program was killed twice (memory)",
        lambda at: [at.mail([("бомба.bin", b"x")])],
        Obstacle.UNOPENED,
        kept=False,
        hears=False,
        before="killed twice while opening it",
    ),
    BadReport(
        "the_same_mail_twice",
        "the same mail, delivered twice: it is one report",
        lambda at: [at.mail(papers(at.told)), at.mail(papers(at.told))],
        None,
    ),
    BadReport(
        "the_same_package_twice",
        "the same files in two mails: they are one report",
        lambda at: [at.mail(papers(at.told)), at.mail(papers(at.told), identity="b")],
        None,
    ),
    BadReport(
        "the_returned_package_again",
        "a package that was returned, sent again unchanged",
        lambda at: [at.mail(papers(at.told), identity="b")],
        Same(),
        before="returned",
    ),
    # -- files
    BadReport(
        "a_zip_bomb",
        "a zip that unpacks to far more than it weighs",
        lambda at: [at.mail([("отчёт.zip", zipped(**{"отчёт.xlsx": b"\0" * 30_000_000}))])],
        Obstacle.UNUSABLE,
        kept=False,
    ),
    BadReport(
        "a_zip_that_climbs_out",
        "a zip with `../` in a name; nothing of it is unpacked",
        comes_with(("тиркеме.zip", zipped(**{"../../etc/cron.d/x": b"x"}))),
        _notice("report_unreadable", code="other", name="тиркеме.zip", fault="unsafe_archive"),
    ),
    BadReport(
        "a_name_that_climbs_out",
        "an attachment named `../../etc/passwd`: only its last part is its name",
        lambda at: [at.mail([("../../etc/passwd", b"root")])],
        _cure("report_missing", code="programme_report", period=2, of=2),
    ),
    BadReport(
        "a_program",
        "a program under the name of a report",
        with_money("Финансылык отчёт 2.xlsx.exe", lambda _: b"MZ" + b"\x90" * 4_000),
        _cure("report_unreadable", code=MONEY, name="Финансылык отчёт 2.xlsx.exe", fault="program"),
    ),
    BadReport(
        "encrypted",
        "a PDF with a password",
        with_money("Финансылык отчёт 2.pdf", locked),
        _cure("report_unreadable", code=MONEY, name="Финансылык отчёт 2.pdf", fault="encrypted"),
    ),
    BadReport(
        "a_damaged_workbook",
        "a workbook whose inside is broken",
        with_money(FINANCIAL, damaged),
        _cure("report_unreadable", code=MONEY, name=FINANCIAL, fault="damaged"),
    ),
    BadReport(
        "half_a_workbook",
        "half a workbook",
        with_money(FINANCIAL, lambda at: money(at.told)[:3_000]),
        _cure("report_unreadable", code=MONEY, name=FINANCIAL, fault="truncated"),
    ),
    BadReport(
        "a_letter_of_outlook",
        "a winmail.dat in the place of the files",
        lambda at: [at.mail([("winmail.dat", b"x\x9f\x3e\x22" * 50)])],
        _cure("report_unreadable", code="other", name="winmail.dat", fault="unknown_type"),
    ),
    BadReport(
        "a_print_alone",
        "the financial report as PDF only, without cells",
        with_money("Финансылык отчёт 2.pdf", lambda at: report_files.printed(at.told, "ky")),
        _cure("lines_cannot_tell", code=MONEY, name="Финансылык отчёт 2.pdf", spent_tyiyn=2_472_530),
    ),
    BadReport(
        "a_scan_alone",
        "the financial report as a photograph only",
        with_money("Финансылык отчёт 2.jpg", lambda at: report_files.photograph(at.ends)),
        _cure("lines_cannot_tell", code=MONEY, name="Финансылык отчёт 2.jpg", spent_tyiyn=""),
    ),
    BadReport(
        "no_programme_report",
        "the financial report alone",
        lambda at: [at.mail([(FINANCIAL, money(at.told))])],
        _cure("report_missing", code="programme_report", period=2, of=2),
    ),
    BadReport(
        "two_financial_reports",
        "a print that says another sum than the workbook",
        lambda at: [
            at.mail([*papers(at.told), ("Печать.pdf", report_files.printed(replace(at.told, stated=15_000), "ky"))])
        ],
        _cure("two_reports", code=MONEY, name="Печать.pdf", beside=FINANCIAL),
    ),
    # -- what it says
    BadReport(
        "papers_of_another_contract",
        "papers that name another contract than the mail",
        says(lambda told: replace(told, number="OSH-2019-4/2")),
        _cure("wrong_contract", found="OSH-2019-4/2", contract="BATKEN-2018-1/1", place="sheet A, B2"),
    ),
    BadReport(
        "papers_of_another_period",
        "papers that name another period than the mail",
        says(lambda told: replace(told, period=1)),
        _cure("wrong_period", found=1, period=2, of=2, place="sheet A, B3"),
    ),
    BadReport(
        "formulas_without_values",
        "a workbook whose sums are formulas that no program worked out: we work them out",
        with_money(FINANCIAL, lambda at: report_files.altered(money(at.told), "formulas")),
        None,
    ),
    BadReport(
        "a_hidden_sheet",
        "a hidden sheet with a draft of the same table: the sheet that people see counts",
        with_money(FINANCIAL, lambda at: report_files.altered(money(at.told), "hidden")),
        None,
    ),
    BadReport(
        "a_line_below_nought",
        "a line with a sum below nought",
        says(lambda told: on_first_line(told, -100)),
        _cure("line_negative", line=LINE, spent_tyiyn=-10_000, place="sheet B, A2"),
    ),
    BadReport(
        "sums_unequal",
        "lines that do not make the sum beneath them",
        says(lambda told: replace(told, stated=told.spent + 100)),
        _cure("report_arithmetic", spent_tyiyn=2_482_530, lines_tyiyn=2_472_530, place="sheet B, A1"),
    ),
    BadReport(
        "a_line_of_ones_own",
        "money on a line that the contract does not have",
        says(lambda told: replace(told, lines=(*told.lines, ("Банкет", 0, 500)))),
        _cure("line_unknown", line="Банкет", spent_tyiyn=50_000, place="sheet B, A7"),
    ),
    BadReport(
        "a_line_left_out",
        "a line of the contract that the report leaves out",
        says(lambda told: replace(told, lines=told.lines[1:])),
        _cure("line_missing", line=LINE),
    ),
    BadReport(
        "off_the_plan",
        "a line off by more than the threshold, without a word why",
        says(lambda told: on_first_line(told, told.lines[0][2] // 2)),
        _cure(
            "variance",
            line=LINE,
            spent_tyiyn=1_445_249,
            planned_tyiyn=1_920_000,
            percent=25,
            threshold=10,
            place="sheet B, A2",
        ),
    ),
    BadReport(
        "more_than_the_contract",
        "more spent than the contract gives",
        says(lambda told: on_first_line(told, 10_000_000)),
        _cure("over_contract", spent_tyiyn=1_004_050_549, amount_tyiyn=5_000_000),
    ),
    BadReport(
        "opens_with_another_balance",
        "a balance at the start that is not the last one's end",
        says(lambda told: replace(told, cash=(told.cash[0] + 500, told.cash[1], told.cash[2] + 500))),
        _cure("opening_unequal", found_tyiyn=50_000, expected_tyiyn=0, place="sheet A, B4"),
    ),
    BadReport(
        "closes_with_another_balance",
        "a balance at the end that is not what came less what was spent",
        says(lambda told: replace(told, cash=(*told.cash[:2], told.cash[2] + 7))),
        _cure("balance_unequal", found_tyiyn=700, expected_tyiyn=0, place="sheet A, B6"),
    ),
    BadReport(
        "no_receipts",
        "money spent, and no receipt",
        says(lambda told: replace(told, receipts=())),
        _cure("receipts_missing", spent_tyiyn=2_472_530),
    ),
    BadReport(
        "a_receipt_lacks",
        "receipts that do not make the sum of their line",
        says(lambda told: replace(told, receipts=told.receipts[1:])),
        _cure("receipts_unequal", line=LINE, spent_tyiyn=949_451, receipts_tyiyn=0, place="sheet B, A2"),
    ),
    BadReport(
        "a_receipt_of_another_time",
        "a receipt of a day outside the period",
        says(
            lambda told: replace(
                told, receipts=((told.receipts[0][0], date(2018, 1, 5), *told.receipts[0][2:]), *told.receipts[1:])
            )
        ),
        _cure(
            "receipt_outside_period",
            number="2-1",
            amount_tyiyn=949_451,
            dated="2018-01-05",
            starts="2019-01-01",
            ends="2019-03-31",
            place="sheet C, E2",
        ),
    ),
    BadReport(
        "a_receipt_twice",
        "one receipt for two sums",
        says(lambda told: replace(told, receipts=(told.receipts[0], *told.receipts))),
        _cure("receipt_twice", number="2-1", amount_tyiyn=949_451, place="sheet C, E3"),
    ),
    BadReport(
        "an_indicator_fell",
        "an indicator below what the last report said",
        says(
            lambda told: replace(
                told, indicators=tuple((name, low, goal, low) for name, low, goal, _ in told.indicators)
            )
        ),
        _cure("indicator_fell", indicator=INDICATOR, reached=12, before=79, place="table 1, row 2"),
    ),
    BadReport(
        "an_indicator_left_out",
        "an indicator of the contract that the report leaves out",
        says(lambda told: replace(told, indicators=told.indicators[1:])),
        _cure("indicator_missing", indicator=INDICATOR),
    ),
    BadReport(
        "a_photograph_of_another_time",
        "a photograph taken outside the period, as its camera says",
        lambda at: [at.mail([*papers(at.told), photo(at.ends + timedelta(days=90))])],
        _cure("photo_outside_period", name="IMG_1.jpg", taken_on="2019-06-29", starts="2019-01-01", ends="2019-03-31"),
    ),
    BadReport(
        "a_photograph_without_a_day",
        "a photograph that does not say when it was taken",
        comes_with(photo(None)),
        _notice("photo_undated", name="IMG_1.jpg", count=1),
    ),
    BadReport(
        "late",
        "a good report after its last day",
        lambda at: [at.mail(papers(at.told))],
        _notice("late_report", due="2019-04-19"),
        before="the day after its term",
    ),
)
