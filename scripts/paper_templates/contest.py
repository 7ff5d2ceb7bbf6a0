"""Papers of a contest: the announcement, the receipt, the letter."""

from paper_templates.kit import CENTRE, FIXES, POINT, RIGHT, Sheet


def announcement() -> Sheet:
    sheet = Sheet("Кулактандыруу", "Кулактандыруу / Объявление № {{ number }}")
    sheet.line("{{ customer.name.ky }} / {{ customer.name.ru }}", bold=True, align=CENTRE, after=4)
    sheet.title(
        "КУЛАКТАНДЫРУУ № {{ number }}",
        "мамлекеттик социалдык заказ боюнча конкурс жөнүндө",
        "ОБЪЯВЛЕНИЕ № {{ number }}",
        "о конкурсе по государственному социальному заказу",
    )
    sheet.line("Негизи / Основание: {{ ground.ky }} / {{ ground.ru }}", italic=True, align=CENTRE, size=9.5, after=8)
    sheet.sides(
        [
            ("#1. Жарыяланган күнү", "#1. Дата объявления"),
            ("{{ announced_on|day_ky }}", "{{ announced_on|day_ru }}"),
            ("#2. Мамлекеттик заказчы", "#2. Государственный заказчик"),
            ("{{ customer.name.ky }}, {{ customer.address.ky }}", "{{ customer.name.ru }}, {{ customer.address.ru }}"),
            ("#3. Программа", "#3. Программа"),
            ("{{ programme.ky }}", "{{ programme.ru }}"),
            ("#4. Максаты", "#4. Цель"),
            ("{{ goal.ky }}", "{{ goal.ru }}"),
            ("#5. Милдеттери", "#5. Задачи"),
            ("{%tr for task in tasks %}", ""),
            ("{{ loop.index }}) {{ task.ky }}", "{{ loop.index }}) {{ task.ru }}"),
            ("{%tr endfor %}", ""),
            ("#6. Көйгөйдүн баяндалышы", "#6. Описание проблемы"),
            ("{{ problem.ky }}", "{{ problem.ru }}"),
            ("#Каржылоо", "#Финансирование"),
            ("{{ budget|amount_ky }}", "{{ budget|amount_ru }}"),
            ("#Билдирмелерди тапшыруу", "#Подача заявок"),
            (
                (
                    "{{ submit_to.ky }}. Кабыл алуунун акыркы мөөнөтү: {{ cutoff|moment_ky(zone) }} ({{ zone }}). Көйгөй "
                    "белгиленген, аны чечүүнүн жолун уюм өзү сунуштайт."
                ),
                (
                    "{{ submit_to.ru }}. Окончание приёма: {{ cutoff|moment_ru(zone) }} ({{ zone }}). Проблема задана, способ её "
                    "решения предлагает организация."
                ),
            ),
        ]
    )
    sheet.head("Лоттор / Лоты")
    sheet.grid(
        ("№", "Тема / Тема", "Эң жогорку сумма / Предельная сумма, сом"),
        ("{{ lot.number }}", "{{ lot.theme.ky }} / {{ lot.theme.ru }}", "{{ lot.ceiling|money_ky }}"),
        (10, 115, 45),
        each="lot in lots",
        right=(2,),
    )
    sheet.head("Документтердин тизмеси / Перечень документов")
    sheet.grid(
        ("Код", "Документ", "Милдеттүүлүгү / Обязательность", "Талап / Требование"),
        (
            "{{ each.code }}",
            "{{ each.name.ky }} / {{ each.name.ru }}",
            "{% if each.required %}милдеттүү / обязателен{% else %}каалоо боюнча / по желанию{% endif %}",
            "{% if each.rule.ky %}{{ each.rule.ky }} / {{ each.rule.ru }}{% else %}—{% endif %}",
        ),
        (14, 66, 34, 56),
        each="each in documents",
    )
    sheet.head("Баалоо критерийлери / Критерии оценки")
    sheet.grid(
        ("№", "Критерий", "Салмагы / Вес, %", "Шкала"),
        (
            "{{ loop.index }}",
            "{{ each.name.ky }} / {{ each.name.ru }}",
            "{{ each.weight|decimal }}",
            "{{ each.scale }}",
        ),
        (10, 108, 26, 26),
        each="each in criteria",
        centre=(0, 2, 3),
    )
    sheet.head("Конкурстун календары / Календарь конкурса")
    sheet.grid(
        ("№", "Этап / Этап", "Мөөнөтү / Срок"),
        (
            "{{ loop.index }}",
            "{{ each.name.ky }} / {{ each.name.ru }}",
            "{{ each.when.ky }} / {{ each.when.ru }}{{ each|star }}",
        ),
        (10, 80, 80),
        each="each in calendar",
    )
    sheet.line("{{ customer.post.ky }} / {{ customer.post.ru }}", before=12, after=2, keep=True)
    sheet.line("{{ customer.head.ky }} ______________________ М.О. / М.П.", after=6)
    sheet.unconfirmed()
    sheet.checkpoint()
    return sheet


def receipt() -> Sheet:
    sheet = Sheet("Тил кат", "Кабыл алуу тил каты / Расписка № {{ number }}")
    sheet.title(
        "КАБЫЛ АЛУУ ТИЛ КАТЫ № {{ number }}",
        "РАСПИСКА В ПОЛУЧЕНИИ № {{ number }}",
    )
    sheet.facts(
        (
            (
                "Заказчы / Заказчик",
                "{{ customer.ky }}{% if customer.ru != customer.ky %} / {{ customer.ru }}{% endif %}",
            ),
            ("Конкурс", "{{ contest.ky }}{% if contest.ru != contest.ky %} / {{ contest.ru }}{% endif %}"),
            ("Билдирме / Заявка", "{{ application }}"),
            ("Арыз ээси / Заявитель", "{{ organisation }}"),
            (
                "Алынган учуру / Получено",
                "{{ received_at|moment_ky(zone) }} / {{ received_at|moment_ru(zone) }} ({{ zone }})",
            ),
            ("Акыркы мөөнөт / Срок", "{{ cutoff|moment_ky(zone) }} / {{ cutoff|moment_ru(zone) }} ({{ zone }})"),
            (
                "Жыйынтык / Итог",
                (
                    "{% if in_time %}Мөөнөтүндө алынды / Получено в срок{% else %}Мөөнөттөн кийин алынды: пакет каралбайт, тил кат "
                    "далил катары сакталат / Получено после срока: пакет не рассматривается, расписка хранится как доказательство"
                    "{% endif %}"
                ),
            ),
            ("Файлдар / Файлов", "{{ files|length }} ({{ size|figures_ky }} байт)"),
        )
    )
    sheet.line(
        "Төмөндөгү SHA-256 суммалары боюнча ар ким файл өзгөрбөгөнүн текшере алат. / По суммам SHA-256 ниже каждый может "
        "проверить, что файл не изменён.",
        size=9,
        before=4,
        keep=True,
    )
    sheet.grid(
        ("№", "Файл", "Көлөмү / Размер, байт", "SHA-256"),
        ("{{ loop.index }}", "{{ file.name }}", "{{ file.size|figures_ky }}", "{{ file.sha256|hash }}"),
        (10, 62, 26, 72),
        each="file in files",
        right=(2,),
        size=8.5,
    )
    sheet.unconfirmed()
    sheet.checkpoint(
        more="{% if covered %}Бул пакеттин кабыл алынганы жөнүндө жазуу алардын арасында. / Запись о приёме этого пакета – среди "
        "них.{% else %}Бул пакеттин кабыл алынганы жөнүндө жазуу кийинки чекитке кирет. / Запись о приёме этого пакета войдёт в "
        "следующую точку.{% endif %}"
    )
    return sheet


def notice() -> Sheet:
    sheet = Sheet("Кат", "№ {{ number }}, {{ issued_on|day }}")
    sheet.line("{{ sender }}", bold=True, size=12, align=CENTRE, after=1)
    sheet.line("{{ sender_address }}", size=9, align=CENTRE, after=10)
    sheet.line("{{ issued_on|day }}, № {{ number }}", after=8)
    sheet.line("{{ addressee }}", bold=True, align=RIGHT, after=1)
    sheet.only_if("addressee_address")
    sheet.line("{{ addressee_address }}", align=RIGHT, after=1)
    sheet.end_if()
    sheet.line("{{ subject }}", bold=True, size=12, before=12, after=8, keep=True)
    sheet.docx.add_paragraph("{%p for each in paragraphs %}")
    sheet.line("{{ each }}", after=6)
    sheet.docx.add_paragraph("{%p endfor %}")
    sheet.only_if("gaps")
    sheet.grid(
        (
            "№",
            "{{ say('Документ', 'Документ', 'Document') }}",
            "{{ say('Эмне туура эмес', 'Что не так', 'What is wrong') }}",
            "{{ say('Эмне кылуу керек', 'Что сделать', 'What to do') }}",
            "{{ say('Негизи', 'Основание', 'Ground') }}",
        ),
        ("{{ loop.index }}", "{{ gap.document }}", "{{ gap.finding }}", "{{ gap.remedy }}", "{{ gap.ground|dash }}"),
        (10, 40, 45, 45, 30),
        each="gap in gaps",
    )
    sheet.end_if()
    sheet.only_if("until")
    sheet.line(
        "{{ say('Акыркы мөөнөт', 'Срок', 'Deadline') }}: {{ until|moment(zone) }}", bold=True, before=4, after=6
    )  # fmt: skip
    sheet.end_if()
    sheet.line("{{ post }}", before=16, after=1, keep=True)
    sheet.line("______________________ {{ signed_by }}", after=6)
    sheet.only_if("placeholders")
    sheet.line(
        "* {{ say('Төмөнкү маанилер убактылуу: аларды юрист азырынча ырастай элек', "
        "'Следующие значения временные: юрист их ещё не подтвердил', "
        "'These values are provisional: no lawyer has confirmed them yet') }}: {% for each in placeholders %}"
        "{{ say(each.name.ky, each.name.ru, each.name.ru) }}: {{ each.value }}{% if each.source %} ({{ each.source }})"
        "{% endif %}{% if not loop.last %}; {% endif %}{% endfor %}.",
        italic=True,
        size=8.5,
        before=8,
    )
    sheet.end_if()
    sheet.checkpoint(
        "{{{{ say('{}', '{}', '{}') }}}}".format(*POINT),
        "{{{{ say('{}', '{}', '{}') }}}}".format(*FIXES),
    )
    return sheet
