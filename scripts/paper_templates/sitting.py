"""The minutes of a sitting of the commission, in Kyrgyz."""

from paper_templates.kit import CENTRE, FIXES, POINT, Sheet

QUORUM = (
    "Бул маселе боюнча добуш берүүгө укуктуу: {{ item.entitled }}; катышты: {{ item.present }}; кворум үчүн керек: "
    "{{ item.needed }}. {% if item.quorum %}Кворум бар.{% else %}Кворум жок, маселе боюнча чечим кабыл алынган жок.{% endif %}"
)


def minutes() -> Sheet:
    sheet = Sheet("Протокол", "Конкурстук комиссиянын № {{ number }} протоколу", size=10)
    sheet.line("{{ customer }}", bold=True, align=CENTRE, after=2)
    sheet.title("ПРОТОКОЛ № {{ number }}", "мамлекеттик социалдык заказ боюнча конкурстук комиссиянын отуруму")
    sheet.line("«{{ contest }}» конкурсу", align=CENTRE, italic=True, after=8)
    sheet.facts(
        (
            ("Өткөрүлгөн күнү", "{{ held_on|day_ky }}"),
            ("Өткөрүлгөн жери", "{{ place }}"),
            ("Башталышы – аякташы", "{{ opened }} – {{ closed }}"),
            ("Төрага", "{{ chair }}"),
            ("Катчы", "{{ secretary }}"),
            ("Укуктук негизи", "{{ ground }}"),
            ("Конкурстун бюджети", "{{ budget|amount_ky }}"),
        ),
        first=48,
    )
    sheet.head("1. Катышуу")
    sheet.grid(
        ("№", "Аты-жөнү", "Комиссиядагы орду", "Кимдин атынан", "Катышуусу"),
        (
            "{{ loop.index }}",
            "{{ each.name }}",
            "{{ each.seat }}",
            "{{ each.side|dash }}",
            (
                "{% if each.present %}катышты{% else %}катышкан жок{% if each.why_absent %}: {{ each.why_absent }}{% endif %}"
                "{% endif %}"
            ),
        ),
        (10, 52, 32, 40, 36),
        each="each in attendance",
    )
    sheet.head("2. Күн тартиби")
    sheet.docx.add_paragraph("{%p for each in agenda %}")
    sheet.line("{{ loop.index }}. {{ each }}", after=1)
    sheet.docx.add_paragraph("{%p endfor %}")
    sheet.head("3. Маселелерди кароо")
    sheet.docx.add_paragraph("{%p for item in items %}")
    sheet.line("3.{{ item.number }}. {{ item.subject }}", bold=True, before=6, after=2, keep=True)
    sheet.line(QUORUM, after=2, keep=True)
    sheet.docx.add_paragraph("{%p if item.recusals %}")
    sheet.line(
        "Өзүн өзү четтеткендер: {% for each in item.recusals %}{{ each.name }} ({{ each.reason }})"
        "{% if not loop.last %}; {% endif %}{% endfor %}.",
        after=2,
        keep=True,
    )
    sheet.docx.add_paragraph("{%p endif %}")
    sheet.docx.add_paragraph("{%p if item.quorum %}")
    sheet.line(
        "Добуш берүү: макул – {{ item.votes_for }}, каршы – {{ item.votes_against }}, калыс – {{ item.abstained }}."
        "{% if item.casting %} Добуштар тең бөлүнгөндүктөн төраганын добушу чечүүчү болду.{% endif %}",
        after=2,
        keep=True,
    )
    sheet.docx.add_paragraph("{%p endif %}")
    sheet.line("Чечим: {{ item.decision }}", bold=True, after=1, keep=True)
    sheet.line("Негизи: {{ item.reason }}", after=4)
    sheet.docx.add_paragraph("{%p endfor %}")
    sheet.head("4. Баалоо критерийлери")
    sheet.grid(
        ("Белгиси", "Критерий", "Салмагы, %", "Шкаласы"),
        ("К{{ loop.index }}", "{{ each.name.ky }}", "{{ each.weight|decimal }}", "{{ each.scale }}"),
        (18, 100, 26, 26),
        each="each in criteria",
        centre=(0, 2, 3),
    )
    sheet.head("5. Рейтинг")
    _ranking(sheet)
    sheet.only_if("reserve")
    sheet.head("6. Резервдик тизме")
    sheet.grid(
        ("Орду", "Билдирме", "Уюм жана долбоор", "Балл", "Суралган сумма, сом"),
        (
            "{{ rank.place }}",
            "{{ rank.application }}",
            "{{ rank.organisation }}: «{{ rank.project }}»",
            "{{ rank.score|decimal(2) }}",
            "{{ rank.requested|money_ky }}",
        ),
        (14, 30, 78, 18, 30),
        each="rank in reserve",
        right=(3, 4),
    )
    sheet.end_if()
    sheet.head("{% if reserve %}7{% else %}6{% endif %}. Комиссиянын чечими")
    sheet.grid(
        ("№", "Чечим", "Негизи"),
        ("{{ each.number }}", "{{ each.text }}", "{{ each.reason }}"),
        (10, 90, 70),
        each="each in decisions",
    )
    sheet.line(
        "Чечимге Кыргыз Республикасынын мыйзамдарында белгиленген тартипте даттанса болот.",
        before=4,
        after=4,
        italic=True,
    )
    # before the signatures, so that nobody signs without having seen it
    sheet.unconfirmed()
    sheet.checkpoint(POINT[0], FIXES[0])  # the minutes are in Kyrgyz alone
    sheet.head("Колдор")
    sheet.grid(
        ("№", "Аты-жөнү", "Комиссиядагы орду", "Колу"),
        ("{{ loop.index }}", "{{ each.name }}", "{{ each.seat }}", ""),
        (10, 70, 40, 50),
        each="each in attendance if each.present",
        size=10,
        height=7.5,
    )
    return sheet


def _ranking(sheet: Sheet) -> None:
    """As many score columns as there are criteria: the column itself is in a loop."""
    widths = (13.0, 25.0, 64.0, 9.0, 9.0, 9.0, 15.0, 27.0)
    sheet.grid(
        ("Орду", "Билдирме", "Уюм, долбоор, жыйынтык", "{%tc for c in criteria %}", "К{{ loop.index }}", "{%tc endfor %}",
         "Балл", "Сумма, сом"),
        ("{{ rank.place }}", "{{ rank.application }}",
         "{{ rank.organisation }}: «{{ rank.project }}» – {{ rank.outcome }}",
         "{%tc for score in rank.scores %}", "{{ score|decimal }}", "{%tc endfor %}",
         "{{ rank.score|decimal(2) }}", "{{ rank.requested|money_ky }}"),
        widths,
        each="rank in ranking",
        centre=(0, 4),
        right=(6, 7),
        size=8.5,
    )  # fmt: skip
