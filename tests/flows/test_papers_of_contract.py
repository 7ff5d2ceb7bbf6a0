"""Papers that follow the decision: the contract, its amendment, orders to pay, the act that closes it."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from documents import papers
from flows.papers.closing import closing
from flows.papers.contract import amendment, contract
from flows.papers.order import payment_order
from rules.amendments import Change
from rules.periods import PlannedPeriod
from schemas.contract import Evaluation
from schemas.errors import BadDraft
from schemas.facts import BudgetLine
from schemas.report import PeriodStatus, Report
from tests.flows import paper_rows as rows
from tests.flows.paper_rows import (
    CONTEST,
    CUSTOMER,
    HEAD,
    ORGANISATION,
    PACK,
    PROGRAMME,
    application,
    no_code_shows,
    said,
)

# -- contract ---------------------------------------------------------------------------------------------------------


def the_contract(**changed: object) -> papers.Contract:
    given: dict[str, object] = {
        "customer": CUSTOMER,
        "head": HEAD,
        "contest": CONTEST,
        "application": application(),
        "organisation": ORGANISATION,
        "contract": rows.contract(signed_on=None),
        "tranches": rows.tranches(),
        "periods": rows.periods(),
        "minutes_number": "BATKEN-2018-1-1",
        "minutes_on": date(2018, 8, 24),
        "target_group": "эки кварталдын тургундары жана мектеп окуучулары.",
        "beneficiaries": 1_240,
    }
    return contract(PACK, **given | changed)  # pyright: ignore[reportArgumentType]


def test_a_contract_has_its_sums_terms_tranches_and_periods_in_both_languages():
    text = said(the_contract())

    for each in (
        "КЕЛИШИМ № BATKEN-2018-1/1",
        "49 000 (кырк тогуз миң) сом 00 тыйын",
        "49 000 (сорок девять тысяч) сомов 00 тыйынов",
        "«Таштанды – биздин колубузда»",
        "№ BATKEN-2018-1-1 протоколу",
        "1 240 (бир миң эки жүз кырк)",
        "19 600,00",
        "9 800,00",
        "келишимге кол коюлган / договор подписан",
        "(1-мезгил) / ",
        "Таштандыны иргеген үй-бүлөлөр",
        "2018-жылдын 1-октябрынан баштап 2019-жылдын 31-мартына чейин",
        "10 пайыз* чегинде",
        "Нурматов Акылбек Сапарович",
        "1350100020003000",
        "окуучулары; катышуучулардын саны",
        "документтерди сактоо мөөнөтү / срок хранения документов: 10 жыл / 10 лет",
    ):
        assert each in text
    assert no_code_shows(text)


def test_a_contract_whose_tranches_do_not_make_its_sum_is_not_drafted():
    with pytest.raises(BadDraft) as refused:
        the_contract(tranches=rows.tranches()[:-1])

    assert refused.value.facts["wrong"] == "tranches"


def test_a_contract_whose_budget_does_not_make_its_sum_is_not_drafted():
    with pytest.raises(BadDraft) as refused:
        the_contract(contract=rows.contract(amount=4_900_001))

    assert refused.value.facts["wrong"] == "lines"


def test_an_amendment_says_what_was_and_what_is_now():
    text = said(
        amendment(
            PACK,
            customer=CUSTOMER,
            head=HEAD,
            organisation=ORGANISATION,
            contract=rows.contract(),
            number="BATKEN-2018-1/1-1",
            reason="кышында контейнерлерди орнотуу мүмкүн эмес",
            changes=[
                Change("ends", "", date(2019, 3, 31), date(2019, 5, 31)),
                Change("line", "Автобус", None, 700_000),
                Change("target", "Окутулган окуучулар", 600, 1_650),
            ],
            periods=[
                PlannedPeriod(3, date(2019, 4, 1), date(2019, 5, 31), date(2019, 6, 14), final=True, title="Жыйынтык")
            ],
        )
    )

    for each in (
        *("КОШУМЧА МАКУЛДАШУУ № BATKEN-2018-1/1-1", "2019-жылдын 31-марты", "31 мая 2019 г.", "1.5", "кышында"),
        *("Автобус: —", "Автобус: 7 000", "3-тиркеме", "Окутулган окуучулар: 600", "1 650", "до 14 июня 2019"),
        *("2019-жылдын 1-апрелинен", "Жыйынтык"),
    ):
        assert each in text
    assert no_code_shows(text)


# -- payment order ----------------------------------------------------------------------------------------------------


def the_order(paid_before: int = 0, **of_contract: object) -> papers.PaymentOrder:
    tranche = rows.tranches()[1]
    return payment_order(
        customer=CUSTOMER,
        head=HEAD,
        finance=rows.FINANCE,
        organisation=ORGANISATION,
        contract=rows.contract(**of_contract),
        tranche=tranche,
        tranches=3,
        paid_before=paid_before,
        budget_line=PROGRAMME.budget_line,
        conditions=[(code, date(2019, 1, 15), "1-отчёт") for code in tranche.conditions],
        issued_on=date(2019, 1, 16),
        project="Таштанды – биздин колубузда",
    )


def test_an_order_names_the_sum_the_line_and_what_shows_that_each_condition_is_met():
    text = said(the_order(1_960_000))

    for each in (
        "БУЙРУТМА № BATKEN-2018-1/1-T2",
        "19 600 (он тогуз миң алты жүз) сом 00 тыйын",
        "9 800,00 сом",
        "70561-2823-МСЗ",
        "2-транш",
        "Мамасадыков Данияр Эргешович",
        "2019-жылдын 15-январы",
        "(1-мезгил)",
    ):
        assert each in text
    assert no_code_shows(text)


def test_no_order_is_drafted_above_the_contract_or_before_it_is_signed():
    assert the_order(4_900_000 - 1_960_000).amount == 1_960_000
    with pytest.raises(BadDraft) as above:
        the_order(4_900_000 - 1_960_000 + 1)
    with pytest.raises(BadDraft) as unsigned:
        the_order(signed_on=None)

    assert above.value.facts["wrong"] == "amount"
    assert unsigned.value.facts["missing"] == "signed_on"


# -- closing ----------------------------------------------------------------------------------------------------------


def report(period: int, spent: dict[str, int], reached: dict[str, int]) -> Report:
    return Report(
        period_id=UUID(int=500 + period),
        package_sha256="cd" * 32,
        received_at=datetime(2019, period * 3, 9, tzinfo=UTC),
        spent=sum(spent.values()),
        lines=[{"name": name, "total": tyiyn, "requested": tyiyn} for name, tyiyn in spent.items()],
        indicators=[{"name": name, "reached": count} for name, count in reached.items()],
    )


REPORTS = [
    report(1, {"Иргөө үчүн контейнерлер": 2_600_000}, {"Окутулган окуучулар": 250}),
    report(
        2, {"Мектептердеги  сабактар": 1_350_000, "Координатордун эмгек акысы": 900_000}, {"Окутулган окуучулар": 612}
    ),
]


def the_closing(reports: list[Report] = REPORTS, **of_contract: object) -> papers.Closing:
    periods = rows.periods(late=True, received_at=datetime(2019, 4, 29, 20, 0, tzinfo=UTC))
    periods[0].received_at = datetime(2019, 1, 10, 5, 0, tzinfo=UTC)
    for period in periods:
        period.status = PeriodStatus.ACCEPTED
    known: dict[str, object] = {"evaluation": Evaluation.SATISFACTORY, "spent": 4_850_000, "balance": 50_000}
    return closing(
        PACK,
        customer=CUSTOMER,
        head=HEAD,
        organisation=ORGANISATION,
        contract=rows.contract(**known | of_contract),
        periods=periods,
        reports=reports,
        paid=4_900_000,
        number="BATKEN-2018-1/1-A",
        issued_on=date(2019, 5, 6),
        project="Таштанды – биздин колубузда",
    )


def test_a_closing_says_what_was_reached_spent_and_goes_back():
    text = said(the_closing())

    for each in (
        "БААЛОО АКТЫСЫ № BATKEN-2018-1/1-A",
        "500 (беш жүз) сом 00 тыйын",
        "26 000,00",
        "13 500,00",
        "-500,00",
        "612",
        "КАНААТТАНДЫРАРЛЫК / УДОВЛЕТВОРИТЕЛЬНО",
        "2019-жылдын 30-апрели",
        "отчёт бекитилди, мөөнөтүнөн кеч / отчёт принят, с опозданием",
        "2 көрсөткүчтүн ичинен 1 толук аткарылды",
    ):
        assert each in text
    assert no_code_shows(text)


def test_a_closing_whose_balance_is_not_what_was_left_is_not_drafted():
    with pytest.raises(BadDraft) as refused:
        the_closing(balance=49_999)
    with pytest.raises(BadDraft) as lines:
        the_closing(spent=4_850_001, balance=49_999)
    with pytest.raises(BadDraft) as unjudged:
        the_closing(evaluation=None)

    assert refused.value.facts["wrong"] == "to_return"
    assert lines.value.facts["wrong"] == "spent"
    assert unjudged.value.facts["missing"] == "evaluation"


def test_spending_that_the_contract_does_not_know_by_name_is_shown_and_not_lost():
    other = report(2, {"Автобус": 700_000}, {})
    whole = report(2, {}, {})
    whole.spent = 50_000

    paper = the_closing([REPORTS[0], other, whole], spent=3_350_000, balance=1_550_000)

    assert [(line.name, line.planned, line.spent) for line in paper.lines[3:]] == [
        ("Автобус", 0, 700_000),
        ("беренелерге бөлүнбөгөн чыгымдар / расходы без разбивки по статьям", 0, 50_000),
    ]


def test_a_report_that_was_not_accepted_is_not_counted_as_spent():
    strange = report(3, {"Автобус": 700_000}, {})

    assert the_closing([*REPORTS, strange]).spent == 4_850_000


def test_an_amendment_of_sums_has_the_whole_new_budget_and_its_tranches():
    lines = [BudgetLine.model_validate(one) for one in rows.contract().lines]
    given = {
        "customer": CUSTOMER, "head": None, "organisation": ORGANISATION, "contract": rows.contract(), "number": "2",
        "reason": "жаңы кеңсе", "changes": [], "budget": lines,
    }  # fmt: skip

    assert [one.amount for one in amendment(PACK, **given, tranches=rows.tranches()).tranches] == [
        one.amount for one in rows.tranches()
    ]
    with pytest.raises(BadDraft):
        amendment(PACK, **given, tranches=rows.tranches()[1:])


def test_a_schedule_names_milestones_and_the_final_report_on_the_whole():
    one = PlannedPeriod(1, date(2018, 10, 1), date(2019, 3, 31), date(2019, 4, 5), final=False, title="Сабактар")
    last = PlannedPeriod(2, date(2018, 10, 1), date(2019, 3, 31), date(2019, 4, 19), final=True, whole=True)

    text = said(the_contract(periods=[one, last]))
    for each in (": Сабактар", "бүткүл долбоор боюнча жыйынтыктоочу отчёт / итоговый отчёт по всему проекту"):
        assert each in text


def test_a_project_whose_title_is_not_told_is_named_by_its_contract():
    tranche = rows.tranches()[0]
    order = payment_order(
        customer=CUSTOMER, head=HEAD, finance=None, organisation=ORGANISATION, contract=rows.contract(),
        tranche=tranche, tranches=3, paid_before=0, budget_line="1", conditions=[], issued_on=date(2018, 10, 2),
    )  # fmt: skip

    assert order.project.ru == "проект по договору № BATKEN-2018-1/1"
