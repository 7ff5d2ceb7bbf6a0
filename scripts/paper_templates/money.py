"""Papers that follow a contract: the amendment, the payment order, the evaluation act."""

from paper_templates.annexes import budget, reports, requisites, schedule
from paper_templates.kit import Sheet


def amendment() -> Sheet:
    sheet = Sheet("Кошумча макулдашуу", "№ {{ contract_number }} келишимге № {{ number }} кошумча макулдашуу")
    sheet.title(
        "КОШУМЧА МАКУЛДАШУУ № {{ number }}",
        "{{ contract_on|day_ky }} № {{ contract_number }} келишимге",
        "ДОПОЛНИТЕЛЬНОЕ СОГЛАШЕНИЕ № {{ number }}",
        "к договору № {{ contract_number }} от {{ contract_on|day_ru }}",
    )
    sheet.sides([("{{ city.ky }}\n{{ signed_on|day_ky }}", "{{ city.ru }}\n{{ signed_on|day_ru }}")])
    sheet.sides(
        [
            (
                (
                    "{{ customer.name.ky }} («Заказчы») жана {{ contractor.name.ky }} («Аткаруучу») {{ ground.ky }} негизинде "
                    "төмөнкүлөр жөнүндө макулдашышты."
                ),
                (
                    "{{ customer.name.ru }} («Заказчик») и {{ contractor.name.ru }} («Исполнитель») на основании: "
                    "{{ ground.ru }} – договорились о нижеследующем."
                ),
            ),
            ("1. Өзгөртүүнүн себеби: {{ reason.ky }}", "1. Причина изменения: {{ reason.ru }}"),
            ("2. Келишимге төмөнкү өзгөртүүлөр киргизилсин:", "2. Внести в договор следующие изменения:"),
        ]
    )
    sheet.grid(
        ("Пункт", "Мурда / Было", "Жаңы редакция / Новая редакция"),
        ("{{ each.clause }}", "{{ each.was.ky }} / {{ each.was.ru }}", "{{ each.now.ky }} / {{ each.now.ru }}"),
        (18, 76, 76),
        each="each in changes",
    )
    sheet.only_if("lines")
    sheet.head("Жаңы смета / Новая смета")
    budget(sheet)
    sheet.end_if()
    sheet.only_if("tranches")
    sheet.head("Транштардын жаңы графиги / Новый график траншей")
    schedule(sheet)
    sheet.end_if()
    sheet.only_if("periods")
    sheet.head("Алдыдагы отчеттук мезгилдер / Предстоящие отчётные периоды")
    reports(sheet)
    sheet.end_if()
    sheet.sides(
        [
            (
                (
                    "3. Келишимдин калган шарттары өзгөртүүсүз калат. Макулдашуу Тараптар кол койгон күндөн тартып күчүнө кирет "
                    "жана келишимдин ажырагыс бөлүгү болуп саналат. Тексттер айырмаланса, кыргыз тилиндеги текст артыкчылыкка ээ."
                ),
                (
                    "3. Остальные условия договора остаются без изменений. Соглашение вступает в силу со дня подписания Сторонами и "
                    "является неотъемлемой частью договора. При расхождении преимущество имеет текст на кыргызском языке."
                ),
            )
        ]
    )
    sheet.head("Тараптардын реквизиттери жана колдору / Реквизиты и подписи Сторон")
    requisites(sheet)
    sheet.unconfirmed()
    sheet.checkpoint()
    return sheet


def payment_order() -> Sheet:
    sheet = Sheet("Төлөөгө буйрутма", "Төлөөгө буйрутма / Распоряжение на выплату № {{ number }}")
    sheet.title(
        "ТРАНШТЫ ТӨЛӨӨГӨ БУЙРУТМА № {{ number }}",
        "РАСПОРЯЖЕНИЕ НА ВЫПЛАТУ ТРАНША № {{ number }}",
        "{{ issued_on|day_ky }} / {{ issued_on|day_ru }}",
    )
    sheet.facts(
        (
            ("Төлөөчү / Плательщик", "{{ customer.name.ky }} / {{ customer.name.ru }}"),
            (
                "Төлөөчүнүн эсеби / Счёт плательщика",
                (
                    "ИНН {{ customer.inn|dash }}, {{ customer.bank|dash }}, БИК {{ customer.bik|dash }}, э/э (р/с) "
                    "{{ customer.account|dash }}"
                ),
            ),
            ("Алуучу / Получатель", "{{ contractor.name.ky }} / {{ contractor.name.ru }}"),
            (
                "Алуучунун эсеби / Счёт получателя",
                (
                    "ИНН {{ contractor.inn|dash }}, {{ contractor.bank|dash }}, БИК {{ contractor.bik|dash }}, э/э (р/с) "
                    "{{ contractor.account|dash }}"
                ),
            ),
            (
                "Келишим / Договор",
                "№ {{ contract_number }}, {{ contract_on|day_ky }} / {{ contract_on|day_ru }}; {{ contract_amount|money_ky }} сом",
            ),
            ("Долбоор / Проект", "«{{ project.ky }}» / «{{ project.ru }}»"),
            ("Транш", "{{ tranche }} / {{ tranches }}"),
            ("Төлөнүүчү сумма / Сумма к выплате", "{{ amount|amount_ky }} / {{ amount|amount_ru }}"),
            ("Мурда төлөнгөн / Выплачено ранее", "{{ paid_before|money_ky }} сом"),
            (
                "Бул траншдан кийинки калдык / Остаток после транша",
                "{{ (contract_amount - paid_before - amount)|money_ky }} сом",
            ),
            ("Бюджеттин беренеси / Статья бюджета", "{{ budget_line }}"),
            ("Төлөмдүн багыты / Назначение платежа", "{{ purpose.ky }} / {{ purpose.ru }}"),
        ),
        first=58,
        size=10,
    )
    sheet.head("Төлөөнүн шарттары аткарылды / Условия выплаты выполнены")
    sheet.grid(
        ("№", "Шарт / Условие", "Аткарылган күнү / Дата", "Ырастоо / Подтверждение"),
        (
            "{{ loop.index }}",
            "{{ met.condition.ky }} / {{ met.condition.ru }}",
            "{{ met.met_on|day_ky }}",
            "{{ met.evidence }}",
        ),
        (10, 70, 42, 48),
        each="met in conditions",
    )
    sheet.signatures(
        (
            "Жетекчи / Руководитель",
            "{{ customer.post.ky }} / {{ customer.post.ru }}",
            "______________________ {{ customer.head.ky }}",
            "М.О. / М.П.",
        ),
        ("Финансы кызматкери / Финансовый сотрудник", "", "______________________ {{ finance_officer }}"),
    )
    sheet.unconfirmed()
    sheet.checkpoint()
    return sheet


def closing() -> Sheet:
    sheet = Sheet("Баалоо актысы", "Баалоо актысы / Акт оценки № {{ number }}")
    sheet.title(
        "БААЛОО АКТЫСЫ № {{ number }}",
        "коомдук пайдалуу долбоордун аткарылышы жана аякталышы жөнүндө",
        "АКТ ОЦЕНКИ № {{ number }}",
        "исполнения и завершения общественно полезного проекта",
    )
    sheet.sides([("{{ city.ky }}\n{{ issued_on|day_ky }}", "{{ city.ru }}\n{{ issued_on|day_ru }}")])
    sheet.facts(
        (
            ("Заказчы / Заказчик", "{{ customer.name.ky }} / {{ customer.name.ru }}"),
            ("Аткаруучу / Исполнитель", "{{ contractor.name.ky }} / {{ contractor.name.ru }}"),
            ("Келишим / Договор", "№ {{ contract_number }}, {{ contract_on|day_ky }} / {{ contract_on|day_ru }}"),
            ("Долбоор / Проект", "«{{ project.ky }}» / «{{ project.ru }}»"),
            (
                "Мөөнөтү / Срок",
                "{{ starts|since }} {{ ends|until }} чейин / с {{ starts|day_ru }} по {{ ends|day_ru }}",
            ),
        ),
        first=48,
        size=10,
    )
    sheet.head("1. Каражаттар / Средства")
    sheet.grid(
        ("№", "Берене / Статья", "План, сом", "Чыгымдалды / Израсходовано, сом", "Айырма / Разница, сом"),
        (
            "{{ loop.index }}",
            "{{ line.name }}",
            "{{ line.planned|money_ky }}",
            "{{ line.spent|money_ky }}",
            "{{ (line.planned - line.spent)|money_ky }}",
        ),
        (10, 72, 28, 32, 28),
        each="line in lines",
        total=(
            "",
            "БАРДЫГЫ / ИТОГО",
            "{{ lines|sum(attribute='planned')|money_ky }}",
            "{{ lines|sum(attribute='spent')|money_ky }}",
            "{{ (lines|sum(attribute='planned') - lines|sum(attribute='spent'))|money_ky }}",
        ),
        right=(2, 3, 4),
    )
    sheet.facts(
        (
            ("Төлөндү / Выплачено", "{{ paid|amount_ky }} / {{ paid|amount_ru }}"),
            ("Чыгымдалды / Израсходовано", "{{ spent|amount_ky }} / {{ spent|amount_ru }}"),
            (
                "Кайтарылуучу калдык / Остаток к возврату",
                (
                    "{{ to_return|amount_ky }} / {{ to_return|amount_ru }}{% if return_by %}; {{ return_by|until }} чейин / до "
                    "{{ return_by|day_ru }}{% endif %}"
                ),
            ),
        ),
        first=48,
        size=10,
    )
    sheet.head("2. Көрсөткүчтөр / Показатели")
    sheet.grid(
        ("№", "Көрсөткүч / Показатель", "Бирдиги / Единица", "Башталышы / Исходное", "План", "Иш жүзүндө / Факт"),
        (
            "{{ loop.index }}",
            "{{ each.name }}",
            "{{ each.unit|dash }}",
            "{{ each.baseline|figures_ky }}",
            "{{ each.target|figures_ky }}",
            "{% if each.reached is none %}—{% else %}{{ each.reached|figures_ky }}{% endif %}",
        ),
        (10, 66, 24, 28, 20, 22),
        each="each in indicators",
        right=(3, 4, 5),
        centre=(0, 2),
    )
    sheet.head("3. Отчеттор / Отчёты")
    sheet.grid(
        ("Мезгил / Период", "Мөөнөтү / Срок", "Алынды / Получен", "Жыйынтык / Итог"),
        (
            "{{ each.period }}",
            "{{ each.due|day_ky }}",
            "{% if each.received %}{{ each.received|day_ky }}{% else %}алынган жок / не получен{% endif %}",
            "{{ each.verdict.ky }} / {{ each.verdict.ru }}",
        ),
        (44, 38, 38, 50),
        each="each in reports",
    )
    sheet.head("4. Долбоордун баасы / Оценка проекта")
    sheet.line(
        "{% if evaluation == 'successful' %}ИЙГИЛИКТҮҮ / УСПЕШНО{% elif evaluation == 'satisfactory' %}КАНААТТАНДЫРАРЛЫК / "
        "УДОВЛЕТВОРИТЕЛЬНО{% else %}КАНААТТАНДЫРАРЛЫК ЭМЕС / НЕУДОВЛЕТВОРИТЕЛЬНО{% endif %}",
        bold=True,
        size=12,
        keep=True,
    )
    sheet.sides([("Негизи: {{ reason.ky }}", "Основание: {{ reason.ru }}")])
    requisites(sheet)
    sheet.unconfirmed()
    sheet.checkpoint()
    return sheet
