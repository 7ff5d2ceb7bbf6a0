"""Papers of a small order, filled in as an office would fill them; letters and signs that get lost are in the names."""

from datetime import UTC, date, datetime
from decimal import Decimal

from documents.clauses import Period, Ruled, Terms, Text
from documents.papers import (
    Amendment,
    Announcement,
    Attendee,
    Change,
    Closing,
    Contract,
    Decision,
    Event,
    FileSeen,
    Gap,
    Item,
    Lot,
    Met,
    Minutes,
    Notice,
    Paper,
    PaymentOrder,
    Rank,
    Receipt,
    Recusal,
    Reported,
    Spent,
    Wanted,
)
from tests.documents.parties import (
    CONDITIONS,
    CONTEST,
    CRITERIA,
    GROUND,
    LINES,
    MAYOR,
    ORGANISATION,
    PROJECT,
    TARGETS,
    TRANCHES,
    TRICKY,
    UNCONFIRMED,
    ZONE,
)


def contract(**changed: object) -> Contract:
    given: dict[str, object] = {
        "number": "МСЗ-2026/07",
        "city": Text(ky="Баткен шаары", ru="город Баткен"),
        "signed_on": date(2026, 3, 5),
        "ground": GROUND,
        "contest": CONTEST,
        "minutes_number": "3",
        "minutes_on": date(2026, 2, 20),
        "customer": MAYOR,
        "contractor": ORGANISATION,
        "project": PROJECT,
        "goal": Text(
            ky="шаар тургундарынын таштандыга болгон мамилесин өзгөртүү.",
            ru="изменить отношение жителей города к мусору.",
        ),
        "target_group": Text(ky="шаардын тургундары, өзгөчө өспүрүмдөр", ru="жители города, прежде всего подростки"),
        "beneficiaries": 5450,
        "place": Text(ky="Баткен шаары, Базар-Башы жана Кызыл-Жол", ru="город Баткен, Базар-Башы и Кызыл-Жол"),
        "starts": date(2026, 4, 1),
        "ends": date(2026, 11, 30),
        "amount": 124_560_005,
        "own": 10_000_000,
        "lines": LINES,
        "tranches": TRANCHES,
        "indicators": TARGETS,
        "periods": (
            Period(number=1, starts=date(2026, 4, 1), ends=date(2026, 7, 31), due=date(2026, 8, 5)),
            Period(number=2, starts=date(2026, 8, 1), ends=date(2026, 11, 30), due=date(2026, 12, 7)),
        ),
        "terms": Terms(
            variance=Ruled(value=10, unit="percent", placeholder=True),
            retention=Ruled(value=5, unit="year"),
            report_check=Ruled(value=5, unit="working day", placeholder=True),
            payment=Ruled(value=10, unit="working day"),
            cure=Ruled(value=3, unit="working day"),
            refund=Ruled(value=15, unit="calendar day"),
            withdrawal=Ruled(value=1, unit="month"),
        ),
        "placeholders": UNCONFIRMED,
    }
    return Contract.model_validate(given | changed)


def rank(place: int, name: str, score: str, outcome: str, scores: tuple[str | None, ...]) -> Rank:
    return Rank(
        place=place,
        application=f"БТК-2026-{place:03d}",
        organisation=name,
        project="Таза Баткен",
        scores=tuple(None if each is None else Decimal(each) for each in scores),
        score=Decimal(score),
        requested=124_560_005 - place,
        outcome=outcome,
    )


def minutes(**changed: object) -> Minutes:
    people = (
        "Асанов Үсөн",
        "Бекова Айгүл",
        "Ганиев Өмүр",
        "Дүйшөнова Ңазик",
        "Жээнбеков Талант",
        "Исаева Нур",
        "Кадыров Эл",
    )
    first = rank(1, "«Таза көчө & Өнүгүү» КФ", "4.62", "жеңүүчү", ("4.8", "4.5", "4.6", "4.4", "4.7"))
    second = rank(2, TRICKY, "4.1", "резерв", ("4.0", "4.2", "4.1", None, "4.0"))
    given: dict[str, object] = {
        "number": "3",
        "customer": "Баткен шаарынын мэриясы",
        "contest": CONTEST.ky,
        "ground": GROUND.ky,
        "place": "Баткен ш., мэриянын чоң залы",
        "held_on": date(2026, 2, 20),
        "opened": "10:00",
        "closed": "12:40",
        "chair": people[0],
        "secretary": people[1],
        "attendance": tuple(
            Attendee(
                name=name,
                seat=("төрага", "катчы")[at] if at < 2 else "мүчө",
                side="мэрия" if at < 4 else "көз карандысыз эксперт",
                present=at != 6,
                why_absent="ооруп калган" if at == 6 else "",
            )
            for at, name in enumerate(people)
        ),
        "agenda": ("Конкурстук билдирмелерди баалоонун жыйынтыгы", "Жеңүүчүнү жана резервдик тизмени аныктоо"),
        "items": (
            Item(
                number=1,
                subject="БТК-2026-001, «Таза көчө & Өнүгүү» КФ, «Таштанды – кирешенин булагы»",
                entitled=6,
                present=5,
                needed=4,
                quorum=True,
                recusals=(Recusal(name="Дүйшөнова Ңазик", reason="арыз ээсинин директору – жакын тууганы"),),
                votes_for=3,
                votes_against=2,
                casting=True,
                decision="колдоого сунуш кылынсын",
                reason="эң жогорку балл, өтүү баллынан жогору",
            ),
            Item(
                number=2,
                subject=f"БТК-2026-002, {TRICKY}",
                entitled=7,
                present=3,
                needed=4,
                quorum=False,
                decision="маселе кийинки отурумга калтырылсын",
                reason="кворум жок",
            ),
        ),
        "criteria": CRITERIA,
        "ranking": (first, second),
        "reserve": (second,),
        "budget": 150_000_000,
        "decisions": (
            Decision(number=1, text="БТК-2026-001 билдирмеси жеңүүчү деп табылсын.", reason="рейтингде 1-орун"),
            Decision(number=2, text="БТК-2026-002 резервдик тизмеге киргизилсин.", reason="рейтингде 2-орун"),
        ),
        "checkpoint": "ashar 1284 0123456789abcdef",
        "placeholders": UNCONFIRMED[:1],
    }
    return Minutes.model_validate(given | changed)


def announcement() -> Announcement:
    return Announcement(
        number="12",
        announced_on=date(2026, 1, 12),
        customer=MAYOR,
        ground=GROUND,
        programme=Text(ky="«Таза шаар» 2026–2028", ru="«Чистый город» 2026–2028"),
        goal=Text(ky="Таштандынын көлөмүн азайтуу", ru="Сократить объём мусора"),
        tasks=(
            Text(ky="тургундарды бөлүп чогултууга үйрөтүү", ru="научить жителей раздельному сбору"),
            Text(ky="кайра иштетүүнү баштоо", ru="начать переработку"),
        ),
        problem=Text(
            ky="Шаарда күнүнө 42 тонна таштанды чогулат, анын 3 %ы гана кайра иштетилет.",
            ru="В городе за день собирается 42 тонны мусора, перерабатывается лишь 3 %.",
        ),
        budget=150_000_000,
        lots=(Lot(number=1, theme=Text(ky="Таштандыны чечүү", ru="Решение проблемы мусора"), ceiling=150_000_000),),
        documents=(
            Wanted(code="D01", name=Text(ky="Арыз", ru="Заявление")),
            Wanted(
                code="D07",
                name=Text(
                    ky="Салык карызы жоктугу жөнүндө маалымкат", ru="Справка об отсутствии налоговой задолженности"
                ),
                rule=Text(ky="30 күндөн эски эмес*", ru="не старше 30 дней*"),
            ),
            Wanted(code="D11", name=Text(ky="Кызматкерлердин резюмеси", ru="Резюме сотрудников"), required=False),
        ),
        criteria=CRITERIA,
        calendar=(
            Event(
                name=Text(ky="Билдирмелерди кабыл алуу", ru="Приём заявок"),
                when=Text(ky="2026-жылдын 6-февралына чейин", ru="до 6 февраля 2026 г."),
                placeholder=True,
            ),
        ),
        cutoff=datetime(2026, 2, 6, 12, 0, tzinfo=UTC),
        zone=ZONE,
        submit_to=Text(ky="Мэриянын 14-бөлмөсү", ru="Мэрия, кабинет 14"),
        placeholders=UNCONFIRMED[:1],
    )


def receipt() -> Receipt:
    return Receipt(
        number="R-0001",
        application="БТК-2026-002",
        contest=CONTEST,
        customer=MAYOR.name,
        organisation=TRICKY,
        received_at=datetime(2026, 2, 5, 18, 30, 59, tzinfo=UTC),
        cutoff=datetime(2026, 2, 6, 12, 0, tzinfo=UTC),
        zone=ZONE,
        in_time=True,
        files=(
            FileSeen(name="Скан001.pdf", size=1_245_600, sha256="9f86d081884c7d659a2feaa0c55ad015" * 2),
            FileSeen(name="долбоор & смета <акыркы>.docx", size=48_211, sha256="60303ae22b998861bce3b28f33eec1be" * 2),
        ),
        checkpoint="ashar 1200 0123456789abcdef",
    )


def notice(language: str = "ru") -> Notice:
    return Notice.model_validate(
        {
            "language": language,
            "number": "15-К",
            "issued_on": date(2026, 2, 9),
            "sender": MAYOR.name.ru,
            "sender_address": MAYOR.address.ru,
            "addressee": TRICKY,
            "addressee_address": "г. Баткен, ул. Нур, 12",
            "subject": "О недостающих документах заявки БТК-2026-002",
            "paragraphs": ("Заявка принята. В ней недостаёт следующего.", "Все недостатки указаны сразу."),
            "gaps": (
                Gap(
                    document="D07", finding="справка старше срока", remedy="приложить новую", ground="kg-604-2022, D07"
                ),
                Gap(document="D04", finding="сумма строк 1 240 000 ≠ 1 245 600", remedy="исправить смету"),
            ),
            "until": datetime(2026, 2, 12, 12, 0, tzinfo=UTC),
            "zone": ZONE,
            "post": "Секретарь комиссии",
            "signed_by": "Бекова Айгуль",
            "placeholders": UNCONFIRMED[:1],
            "checkpoint": "ashar 1201 fedcba9876543210",
        }
    )


def amendment() -> Amendment:
    return Amendment(
        number="1",
        contract_number="МСЗ-2026/07",
        contract_on=date(2026, 3, 5),
        city=Text(ky="Баткен шаары", ru="город Баткен"),
        ground=Text(ky="келишимдин 7.1-пунктунун", ru="пункт 7.1 договора"),
        reason=Text(ky="контейнерлердин баасы өстү", ru="цена контейнеров выросла"),
        customer=MAYOR,
        contractor=ORGANISATION,
        changes=(Change(clause="1.5", was=Text(ky="30.11.2026", ru="30.11.2026"),
                        now=Text(ky="15.12.2026", ru="15.12.2026")),),
        lines=LINES,
        tranches=TRANCHES,
    )  # fmt: skip


def payment_order() -> PaymentOrder:
    return PaymentOrder(
        number="44",
        issued_on=date(2026, 4, 6),
        customer=MAYOR,
        contractor=ORGANISATION,
        contract_number="МСЗ-2026/07",
        contract_on=date(2026, 3, 5),
        project=PROJECT,
        tranche=1,
        tranches=2,
        amount=62_280_000,
        paid_before=0,
        contract_amount=124_560_005,
        purpose=Text(ky="№ МСЗ-2026/07 келишим боюнча 1-транш", ru="1-й транш по договору № МСЗ-2026/07"),
        budget_line="707-09-2631",
        conditions=tuple(Met(condition=each, met_on=date(2026, 4, 3), evidence="окуя № 118") for each in CONDITIONS),
        finance_officer="Токтосунова Жылдыз",
    )


def closing() -> Closing:
    return Closing(
        number="7",
        issued_on=date(2026, 12, 18),
        city=Text(ky="Баткен шаары", ru="город Баткен"),
        customer=MAYOR,
        contractor=ORGANISATION,
        contract_number="МСЗ-2026/07",
        contract_on=date(2026, 3, 5),
        project=PROJECT,
        starts=date(2026, 4, 1),
        ends=date(2026, 11, 30),
        paid=124_560_005,
        spent=121_000_000,
        to_return=3_560_005,
        return_by=date(2026, 12, 31),
        lines=(
            Spent(name="Контейнерлер", planned=60_000_000, spent=61_500_000),
            Spent(name="Окутуу", planned=64_560_005, spent=59_500_000),
        ),
        indicators=TARGETS,
        reports=(
            Reported(period="1-мезгил", due=date(2026, 8, 5), received=date(2026, 8, 9),
                     verdict=Text(ky="4 күн кечикти, кабыл алынды", ru="опоздал на 4 дня, принят")),
            Reported(period="2-мезгил", due=date(2026, 12, 7), verdict=Text(ky="алынган жок", ru="не получен")),
        ),
        evaluation="satisfactory",
        reason=Text(ky="эки көрсөткүчтүн бири аткарылды", ru="выполнен один показатель из двух"),
    )  # fmt: skip


def every_paper() -> dict[str, Paper]:
    return {
        "announcement": announcement(),
        "receipt": receipt(),
        "notice": notice(),
        "minutes": minutes(),
        "contract": contract(),
        "amendment": amendment(),
        "payment_order": payment_order(),
        "closing": closing(),
    }
