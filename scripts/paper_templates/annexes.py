"""What a contract and the papers after it share: requisites with signatures, budget, schedule of tranches."""

from typing import Final

from paper_templates.kit import Sheet

REQUISITES: Final = (
    ("{side}.address", "Дареги / Адрес"),
    ("{side}.inn", "ИНН"),
    ("{side}.okpo", "ОКПО"),
    ("{side}.bank", "Банк"),
    ("{side}.bik", "БИК"),
    ("{side}.account", "Э/э / Р/с"),
    ("{side}.phone", "Тел."),
    ("{side}.email", "E-mail"),
)


def requisites(sheet: Sheet) -> None:
    """Both sides' details and the places to sign."""

    def lines(side: str, title: str) -> list[str]:
        # a name that is the same in both languages is written once
        made = [title, _once(side, "name")]
        for path, label in REQUISITES:
            name = path.format(side=side)
            value = _once(side, "address") if name.endswith("address") else f"{{{{ {name}|dash }}}}"
            made.append(f"{label}: {value}")
        return [
            *made,
            "",
            _once(side, "post"),
            "______________________",
            f"{_once(side, 'head')}",
            "М.О. / М.П.",
        ]

    sheet.signatures(lines("customer", "ЗАКАЗЧЫ / ЗАКАЗЧИК"), lines("contractor", "АТКАРУУЧУ / ИСПОЛНИТЕЛЬ"))


def _once(side: str, field: str) -> str:
    ky, ru = f"{side}.{field}.ky", f"{side}.{field}.ru"
    return f"{{{{ {ky} }}}}{{% if {ru} != {ky} %}} / {{{{ {ru} }}}}{{% endif %}}"


def budget(sheet: Sheet) -> None:
    sheet.grid(
        ("№", "Чыгымдардын беренеси / Статья расходов", "Заказчы / Заказчик, сом", "Өздүк салым / Собств. вклад, сом",
         "Бардыгы / Всего, сом"),
        ("{{ loop.index }}", "{{ line.name }}", "{{ line.requested|money_ky }}", "{{ line.own|money_ky }}",
         "{{ line.total|money_ky }}"),
        (10, 76, 28, 28, 28),
        each="line in lines",
        total=("", "БАРДЫГЫ / ИТОГО", "{{ lines|sum(attribute='requested')|money_ky }}",
               "{{ lines|sum(attribute='own')|money_ky }}", "{{ lines|sum(attribute='total')|money_ky }}"),
        right=(2, 3, 4),
    )  # fmt: skip


def schedule(sheet: Sheet) -> None:
    sheet.grid(
        ("№", "Сумма, сом", "Мөөнөтү / Срок", "Төлөөнүн шарттары / Условия выплаты"),
        ("{{ tranche.number }}", "{{ tranche.amount|money_ky }}",
         ("{% if tranche.due %}{{ tranche.due|until }} чейин / до {{ tranche.due|day_ru }}{% else %}шарттар аткарылгандан кийин "
         "/ после выполнения условий{% endif %}"),
         ("{% for each in tranche.conditions %}{{ loop.index }}) {{ each.ky }} / {{ each.ru }}{% if not loop.last %}; "
         "{% endif %}{% endfor %}")),
        (10, 28, 42, 90),
        each="tranche in tranches",
        total=("", "{{ tranches|sum(attribute='amount')|money_ky }}", "БАРДЫГЫ / ИТОГО",
               "{{ tranches|sum(attribute='amount')|amount_ky }} / {{ tranches|sum(attribute='amount')|amount_ru }}"),
        right=(1,),
    )  # fmt: skip


def reports(sheet: Sheet) -> None:
    """The reports that are due, with their days."""
    sheet.grid(
        ("№", "Мезгил / Период", "Программалык жана финансылык отчеттун мөөнөтү / Срок отчётов"),
        ("{{ period.number }}",
         ("{{ period.starts|since }} {{ period.ends|until }} чейин / с {{ period.starts|day_ru }} по {{ period.ends|day_ru }}"
          "{% if period.name.ky %}: {{ period.name.ky }}{% if period.name.ru != period.name.ky %} / {{ period.name.ru }}"
          "{% endif %}{% endif %}"),
         "{{ period.due|until }} чейин / до {{ period.due|day_ru }}"),
        (10, 85, 75),
        each="period in periods",
    )  # fmt: skip
