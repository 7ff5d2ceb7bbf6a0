"""The papers of an applicant in words: what each says, before it is printed, photographed or spoilt."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from cli.demo.cities import Applicant, City
from documents import words

Style = Literal["right", "centre", "title", "head", "text", "item"]


@dataclass(frozen=True)
class Said:
    """A paragraph."""

    text: str
    style: Style = "text"


@dataclass(frozen=True)
class Fields:
    """Label and value, one to a line."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Rows:
    """A table with its header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Signed:
    """The place where somebody signs. `by` is a seed for his hand; None leaves the line empty."""

    label: str
    name: str
    by: str | None
    stamp: str = ""  # words around the seal


Block = Said | Fields | Rows | Signed
Sheet = tuple[Block, ...]


@dataclass(frozen=True)
class Wish:
    """What is peculiar to one hand-in: days of certificates, signatures, a name that differs."""

    signed: bool = True
    tax_issued: date | None = None
    tax_valid_until: date | None = None
    social_issued: date | None = None
    contest: str = ""


def som(amount: int, one: Applicant) -> str:
    return words.amount(amount * 100, one.language)


def signature(one: Applicant, wish: Wish) -> Signed:
    label = "Жетекчинин колу" if one.language == "ky" else "Подпись руководителя"
    return Signed(label, one.initials, one.key if wish.signed else None, one.name)


def pick(one: Applicant, ky: str, ru: str) -> str:
    return ky if one.language == "ky" else ru


def who(one: Applicant) -> tuple[tuple[str, str], ...]:
    return (
        (pick(one, "Уюмдун аталышы", "Наименование организации"), one.organisation),
        ("ИНН", one.inn),
        ("ОКПО", one.okpo),
    )


def letter(city: City, one: Applicant, wish: Wish, on: date) -> Sheet:
    """D01: арыз."""
    number = wish.contest or city.number
    to = pick(
        one,
        f"{city.name['ky']}нын социалдык заказ боюнча\nконкурстук комиссиясына",
        f"В конкурсную комиссию по социальному\nзаказу, {city.name['ru']}",
    )
    ask = pick(
        one,
        f"Сиздерден биздин уюмга, {one.organisation}, жогоруда аталган конкурска катышууга уруксат берүүнү суранабыз. Конкурстун шарттары, критерийлери жана келишимдин долбоору менен тааныштык, аларга макулбуз. «{one.title}» долбоорубуз {one.people} адамга багытталган.",
        f"Просим допустить {one.organisation} к участию в названном конкурсе. С условиями, критериями и проектом договора ознакомлены и согласны. Наш проект «{one.title}» рассчитан на {one.people} человек.",
    )
    promise = pick(
        one,
        "Тапшырылган документтердеги маалыматтын чындыгы үчүн жооп беребиз. Билдирме боюнча чечимди төмөнкү дарекке жөнөтүүңүздөрдү өтүнөбүз.",
        "За достоверность поданных сведений отвечаем. Решение по заявке просим направить по указанному ниже адресу.",
    )
    return (
        Said(to, "right"),
        Said(pick(one, "АРЫЗ", "ЗАЯВЛЕНИЕ"), "title"),
        Said(pick(one, "конкурска катышуу жөнүндө", "на участие в конкурсе"), "centre"),
        Fields(
            (
                (pick(one, "Конкурстун номери", "Номер конкурса"), number),
                *who(one),
                (pick(one, "Долбоордун аталышы", "Название проекта"), one.title),
                (pick(one, "Суралган сумма", "Запрашиваемая сумма"), som(one.requested, one)),
            )
        ),
        Said(ask),
        Said(promise),
        Fields(
            (
                (pick(one, "Дареги", "Адрес"), one.address),
                (pick(one, "Телефон", "Телефон"), one.phone),
                (pick(one, "Электрондук почта", "Электронная почта"), one.email),
                (pick(one, "Күнү", "Дата"), words.day(on, one.language)),
            )
        ),
        signature(one, wish),
    )


def plan(city: City, one: Applicant) -> Sheet:
    """D03: иш-чаралар планы."""
    term = f"{city.project_starts:%d.%m.%Y} – {city.project_ends:%d.%m.%Y}"
    header = pick(
        one,
        "№|Иш-чара|Аткаруу мөөнөтү|Жооптуу|Күтүлгөн натыйжа",
        "№|Мероприятие|Срок исполнения|Ответственный|Ожидаемый результат",
    )
    rows = []
    for number, deed in enumerate(one.plan, 1):
        promise = one.indicators[(number - 1) % len(one.indicators)]
        responsible = one.initials if number % 2 else pick(one, "Долбоордун координатору", "Координатор проекта")
        rows.append(
            (str(number), deed.name, f"{deed.starts:%d.%m.%Y} – {deed.ends:%d.%m.%Y}", responsible, promise.name)
        )
    return (
        Said(pick(one, "ИШ-ЧАРАЛАР ПЛАНЫ", "ПЛАН МЕРОПРИЯТИЙ"), "title"),
        Said(f"«{one.title}»", "centre"),
        Fields(
            (
                (pick(one, "Уюмдун аталышы", "Наименование организации"), one.organisation),
                (pick(one, "Долбоордун мөөнөтү", "Срок реализации проекта"), term),
            )
        ),
        Rows(tuple(header.split("|")), tuple(rows)),
    )


def _certificate_of_state(one: Applicant, on: date) -> Sheet:
    body = pick(
        one,
        "Ушул күбөлүк юридикалык жак Кыргыз Республикасынын «Юридикалык жактарды, филиалдарды (өкүлчүлүктөрдү) мамлекеттик каттоо жөнүндө» Мыйзамына ылайык каттоодон өткөнүн жана Юридикалык жактардын бирдиктүү мамлекеттик реестрине киргизилгенин ырастайт.",
        "Настоящее свидетельство подтверждает, что юридическое лицо прошло регистрацию согласно Закону Кыргызской Республики «О государственной регистрации юридических лиц, филиалов (представительств)» и внесено в Единый государственный реестр.",
    )
    return (
        Said("КЫРГЫЗ РЕСПУБЛИКАСЫНЫН ЮСТИЦИЯ МИНИСТРЛИГИ\nМИНИСТЕРСТВО ЮСТИЦИИ КЫРГЫЗСКОЙ РЕСПУБЛИКИ", "centre"),
        Said("ЮРИДИКАЛЫК ЖАКТЫ МАМЛЕКЕТТИК КАТТОО ЖӨНҮНДӨ КҮБӨЛҮК", "title"),
        Said("СВИДЕТЕЛЬСТВО О ГОСУДАРСТВЕННОЙ РЕГИСТРАЦИИ ЮРИДИЧЕСКОГО ЛИЦА", "centre"),
        Said(f"Сериясы ГПЮ № 00{one.seed % 100000:05d}", "centre"),
        Fields(
            (
                (pick(one, "Уюмдун аталышы", "Наименование организации"), one.organisation),
                (pick(one, "Каттоо номери", "Регистрационный номер"), one.registration_number),
                ("ОКПО", one.okpo),
                ("ИНН", one.inn),
                (pick(one, "Катталган күнү", "Дата регистрации"), f"{on:%d.%m.%Y}"),
                (pick(one, "Жетекчи", "Руководитель"), one.head),
                (pick(one, "Юридикалык дареги", "Юридический адрес"), one.address),
            )
        ),
        Said(body),
        Signed(
            pick(one, "Каттоочунун колу", "Подпись регистратора"), "А. Т. Молдоев", "registrar", "ЮСТИЦИЯ МИНИСТРЛИГИ"
        ),
    )


def registration(one: Applicant) -> Sheet:
    """D05: мамлекеттик каттоо жөнүндө күбөлүк."""
    return _certificate_of_state(one, one.registered_on)


def tax(one: Applicant, issued: date, valid_until: date | None) -> Sheet:
    """D07: салык карызынын жоктугу жөнүндө маалымкат."""
    rows = [
        (pick(one, "Салык төлөөчүнүн аталышы", "Наименование налогоплательщика"), one.organisation),
        ("ИНН", one.inn),
        (pick(one, "Берилген күнү", "Дата выдачи"), words.day(issued, one.language)),
    ]
    if valid_until:
        rows.append((pick(one, "Жарактуулук мөөнөтү", "Действительна до"), f"{valid_until:%d.%m.%Y}"))
    said = pick(
        one,
        f"Салык кызматы жогоруда аталган салык төлөөчүнүн {issued:%d.%m.%Y} карата салыктар боюнча карызы жок экенин ырастайт. Маалымкат талап кылынган жерге көрсөтүү үчүн берилди.",
        f"Налоговая служба подтверждает, что по состоянию на {issued:%d.%m.%Y} задолженность по налогам у налогоплательщика отсутствует. Справка выдана для предъявления по месту требования.",
    )
    return (
        Said("КЫРГЫЗ РЕСПУБЛИКАСЫНЫН ӨКМӨТҮНӨ КАРАШТУУ\nМАМЛЕКЕТТИК САЛЫК КЫЗМАТЫ", "centre"),
        Said(
            pick(one, "САЛЫК КАРЫЗЫНЫН ЖОКТУГУ ЖӨНҮНДӨ МААЛЫМКАТ", "СПРАВКА ОБ ОТСУТСТВИИ НАЛОГОВОЙ ЗАДОЛЖЕННОСТИ"),
            "title",
        ),
        Said(f"№ {one.seed % 9000 + 1000}/18", "centre"),
        Fields(tuple(rows)),
        Said(said),
        Signed(pick(one, "Инспектордун колу", "Подпись инспектора"), "М. Р. Жээнбаев", "taxman", "САЛЫК КЫЗМАТЫ"),
    )


def social(one: Applicant, issued: date) -> Sheet:
    """D08: социалдык камсыздандыруу төгүмдөрү боюнча карызы жоктугу жөнүндө маалымкат."""
    said = pick(
        one,
        f"Социалдык фонд аталган төгүм төлөөчүнүн {issued:%d.%m.%Y} карата мамлекеттик социалдык камсыздандыруу боюнча камсыздандыруу төгүмдөрүнөн карызы жок экенин билдирет.",
        f"Социальный фонд сообщает, что по состоянию на {issued:%d.%m.%Y} у плательщика нет долга по страховым взносам на государственное социальное страхование.",
    )
    return (
        Said("КЫРГЫЗ РЕСПУБЛИКАСЫНЫН СОЦИАЛДЫК ФОНДУ", "centre"),
        Said(
            pick(
                one,
                "СОЦИАЛДЫК КАМСЫЗДАНДЫРУУ БОЮНЧА КАРЫЗЫ ЖОКТУГУ ЖӨНҮНДӨ МААЛЫМКАТ",
                "СПРАВКА ОБ ОТСУТСТВИИ ЗАДОЛЖЕННОСТИ ПО СТРАХОВЫМ ВЗНОСАМ",
            ),
            "title",
        ),
        Fields((*who(one), (pick(one, "Берилген күнү", "Дата выдачи"), f"{issued:%d.%m.%Y}"))),
        Said(said),
        Signed(pick(one, "Адистин колу", "Подпись специалиста"), "Г. О. Сейтова", "fund", "СОЦИАЛДЫК ФОНД"),
    )


def charter(one: Applicant) -> Sheet:
    """D06: устав. Names the organisation as its founders did, which may differ from the certificate."""
    name = one.called(one.other_name)
    ky = (
        (
            "1. Жалпы жоболор",
            (
                f"1.1. {name} (мындан ары — Уюм) өз ишин Кыргыз Республикасынын Конституциясына, «Коммерциялык эмес уюмдар жөнүндө» Мыйзамга жана ушул Уставга ылайык жүргүзөт.",
                f"1.2. Уюмдун жайгашкан жери: {one.address}.",
                "1.3. Уюм юридикалык жак болуп саналат, өз балансы, банктагы эсеби, мөөрү бар.",
            ),
        ),
        (
            "2. Уюмдун максаттары",
            (
                f"2.1. Уюмдун негизги максаты: {one.texts[1][0].lower()}{one.texts[1][1:]}",
                f"2.2. Максаттуу топ: {one.group.lower()}.",
                "2.3. Уюм пайда табууну көздөбөйт; түшкөн киреше уставдык максаттарга гана жумшалат.",
            ),
        ),
        (
            "3. Башкаруу органдары",
            (
                "3.1. Жогорку башкаруу органы — мүчөлөрдүн жалпы чогулушу, ал жылына бир жолудан кем эмес чакырылат.",
                "3.2. Аткаруу органы — директор, чогулуш тарабынан үч жылга шайланат.",
                "3.3. Текшерүү комиссиясы үч мүчөдөн турат жана чогулушка отчёт берет.",
            ),
        ),
        (
            "4. Мүлк жана каражат",
            (
                "4.1. Каражат мүчөлөрдүн төгүмдөрүнөн, гранттардан, социалдык заказдан жана мыйзамда тыюу салынбаган башка булактардан түзүлөт.",
                "4.2. Мүлк мүчөлөрдүн ортосунда бөлүштүрүлбөйт.",
            ),
        ),
        (
            "5. Кайра уюштуруу жана жоюу",
            (
                "5.1. Уюм чогулуштун мүчөлөрдүн үчтөн экисинин чечими же соттун чечими менен жоюлат.",
                "5.2. Жоюлгандан кийин калган мүлк уставдык максаттарга багытталат.",
            ),
        ),
    )
    ru = (
        (
            "1. Общие положения",
            (
                f"1.1. {name} (далее — Организация) действует на основании Конституции Кыргызской Республики, Закона «О некоммерческих организациях» и настоящего Устава.",
                f"1.2. Место нахождения: {one.address}.",
                "1.3. Организация является юридическим лицом, имеет баланс, счёт в банке и печать.",
            ),
        ),
        (
            "2. Цели Организации",
            (
                f"2.1. Основная цель: {one.texts[1][0].lower()}{one.texts[1][1:]}",
                f"2.2. Целевая группа: {one.group.lower()}.",
                "2.3. Организация не преследует цели извлечения прибыли; доходы идут только на уставные цели.",
            ),
        ),
        (
            "3. Органы управления",
            (
                "3.1. Высший орган управления — общее собрание членов, созывается не реже раза в год.",
                "3.2. Исполнительный орган — директор, избирается собранием на три года.",
                "3.3. Ревизионная комиссия состоит из трёх членов и отчитывается перед собранием.",
            ),
        ),
        (
            "4. Имущество и средства",
            (
                "4.1. Средства образуются из взносов, грантов, социального заказа и иных не запрещённых законом источников.",
                "4.2. Имущество между членами не распределяется.",
            ),
        ),
        (
            "5. Реорганизация и ликвидация",
            (
                "5.1. Организация ликвидируется решением двух третей членов либо суда.",
                "5.2. Оставшееся имущество направляется на уставные цели.",
            ),
        ),
    )
    chapters = ky if one.language == "ky" else ru
    body = [
        block for head, clauses in chapters for block in (Said(head, "head"), *(Said(clause) for clause in clauses))
    ]
    founded = one.registered_on - timedelta(days=21)
    agreed = pick(
        one,
        f"Уюштуруучулардын жалпы чогулушунун {founded:%d.%m.%Y} № 1 протоколу менен бекитилген",
        f"Утверждён протоколом № 1 общего собрания учредителей от {founded:%d.%m.%Y}",
    )
    return (Said(agreed, "right"), Said("УСТАВ", "title"), Said(name, "centre"), *body)
