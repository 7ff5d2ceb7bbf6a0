"""The files of one hand-in, whole and well-made: kind, name and bytes. What spoils them is in `packages`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from cli.demo import cities, printing, wording, wording_more
from cli.demo.archives import settled
from cli.demo.cities import Applicant, City
from cli.demo.hands import signature_png
from cli.demo.word import word
from cli.demo.wording import Sheet, Wish
from documents import forms, words
from schemas.facts import Kind

_FORM_FIELDS = ("problem", "goal", "solution", "participation", "sustainability")
NAMES: dict[str, dict[Kind, str]] = {
    "kyrgyz": {
        Kind.LETTER: "01_Арыз",
        Kind.PROJECT: "02_Конкурстук билдирме",
        Kind.PLAN: "03_Иш-чаралар планы",
        Kind.BUDGET: "04_Смета",
        Kind.REGISTRATION: "05_Каттоо күбөлүгү",
        Kind.CHARTER: "06_Устав",
        Kind.TAX_CERTIFICATE: "07_Салык маалымкаты",
        Kind.SOCIAL_CERTIFICATE: "08_Соцфонд маалымкаты",
        Kind.HEAD_APPOINTMENT: "09_Буйрук",
        Kind.BANK_DETAILS: "10_Банк реквизиттери",
        Kind.PARTNER_LETTER: "13_Өнөктөштүк кат",
        Kind.DECLARATION: "15_Декларация",
        Kind.CONSENT: "17_Макулдук",
    },
    "russian": {
        Kind.LETTER: "Заявление",
        Kind.PROJECT: "Конкурсная заявка",
        Kind.PLAN: "План мероприятий",
        Kind.BUDGET: "Смета проекта",
        Kind.REGISTRATION: "Свидетельство о регистрации",
        Kind.CHARTER: "Устав",
        Kind.TAX_CERTIFICATE: "Справка налоговая",
        Kind.SOCIAL_CERTIFICATE: "Справка Соцфонда",
        Kind.HEAD_APPOINTMENT: "Приказ о назначении",
        Kind.BANK_DETAILS: "Реквизиты банка",
        Kind.PARTNER_LETTER: "Письмо партнера",
        Kind.DECLARATION: "Декларация",
        Kind.CONSENT: "Согласие на обработку данных",
    },
}


@dataclass(frozen=True)
class Paper:
    """One file that will be handed in."""

    kind: Kind
    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Writer:
    """Writes the papers of one applicant for one contest."""

    city: City
    one: Applicant
    wish: Wish = field(default_factory=Wish)
    own_tables: bool = False  # made their own Word table and workbook instead of filling in the city's forms

    @property
    def day(self) -> date:
        """The day of letters and declarations: some days before the cut-off."""
        return self.city.cutoff.date() - timedelta(days=2 + self.one.seed % 6)

    @property
    def certified(self) -> date:
        """The day of a certificate that is fresh enough."""
        return self.city.cutoff.date() - timedelta(days=8 + self.one.seed % 12)

    def sheet(self, kind: Kind) -> Sheet:
        """What a paper says; KeyError for the form and the budget, which are no running text."""
        made: dict[Kind, Callable[[], Sheet]] = {
            Kind.LETTER: lambda: wording.letter(self.city, self.one, self.wish, self.day),
            Kind.PLAN: lambda: wording.plan(self.city, self.one),
            Kind.REGISTRATION: lambda: wording.registration(self.one),
            Kind.CHARTER: lambda: wording.charter(self.one),
            Kind.TAX_CERTIFICATE: lambda: wording.tax(
                self.one, self.wish.tax_issued or self.certified, self.wish.tax_valid_until
            ),
            Kind.SOCIAL_CERTIFICATE: lambda: wording.social(self.one, self.wish.social_issued or self.certified),
            Kind.HEAD_APPOINTMENT: lambda: wording_more.appointment(self.one, self.wish),
            Kind.BANK_DETAILS: lambda: wording_more.bank(self.one, self.wish),
            Kind.PARTNER_LETTER: lambda: wording_more.partner(self.one, self.wish, self.day),
            Kind.DECLARATION: lambda: wording_more.declaration(self.city, self.one, self.wish, self.day),
            Kind.CONSENT: lambda: wording_more.consent(self.one, self.wish, self.day),
        }
        return made[kind]()

    def kinds(self) -> list[Kind]:
        """Everything that the announcement asks for, a partner's letter only where somebody contributes."""
        return [kind for kind in NAMES["kyrgyz"] if kind is not Kind.PARTNER_LETTER or self.one.partner]

    def paper(self, kind: Kind, name: str = "") -> Paper:
        """A paper in its usual format."""
        name = name or NAMES["kyrgyz" if self.one.language == "ky" else "russian"][kind]
        if kind is Kind.PROJECT:
            return Paper(kind, f"{name}.docx", self._project())
        if kind is Kind.BUDGET:
            return Paper(kind, f"{name}.xlsx", self.budget())
        digital = {Kind.REGISTRATION, Kind.TAX_CERTIFICATE, Kind.SOCIAL_CERTIFICATE}
        as_pdf = kind in digital or (kind in {Kind.CHARTER, Kind.HEAD_APPOINTMENT} and self.one.seed % 2)
        if as_pdf:
            return Paper(kind, f"{name}.pdf", printing.pdf(self.sheet(kind)))
        return Paper(kind, f"{name}.docx", word(self.sheet(kind)))

    def all(self) -> list[Paper]:
        return [self.paper(kind) for kind in self.kinds()]

    def _theme(self) -> str:
        title = self.city.themes.get(self.one.theme)
        return f"{self.one.theme}. {title[self.one.language]}" if title else self.one.theme

    def _values(self) -> dict[str, str]:
        one = self.one
        return {
            "contest": self.wish.contest or self.city.number,
            "theme": self._theme(),
            "organisation": one.organisation,
            "inn": one.inn,
            "okpo": one.okpo,
            "registration_number": one.registration_number,
            "registered_on": f"{one.registered_on:%d.%m.%Y}",
            "head": one.head,
            "address": one.address,
            "phone": one.phone,
            "email": one.email,
            "bank_account": one.bank_account,
            "title": one.title,
            "target_group": one.group,
            "beneficiaries": str(one.people),
            "starts": f"{self.city.project_starts:%d.%m.%Y}",
            "ends": f"{self.city.project_ends:%d.%m.%Y}",
            **dict(zip(_FORM_FIELDS, one.texts, strict=True)),
            "total": words.figures(one.total, one.language),
            "requested": words.figures(one.requested, one.language),
            "own_contribution": words.figures(one.own, one.language),
            "dated": f"{self.day:%d.%m.%Y}",
        }

    def _project(self) -> bytes:
        rows = [
            (promise.name, promise.unit, str(promise.baseline), str(promise.target)) for promise in self.one.indicators
        ]
        if not self.own_tables:
            picture = signature_png(self.one.key, self.one.name) if self.wish.signed else None
            return settled(forms.fill("application-form", self.one.language, self._values(), rows, signature=picture))
        language = self.one.language
        title = wording.pick(self.one, "КОНКУРСТУК БИЛДИРМЕ", "КОНКУРСНАЯ ЗАЯВКА")
        header = wording.pick(
            self.one,
            "Көрсөткүч|Бирдиги|Баштапкы мааниси|Максаттуу мааниси",
            "Показатель|Единица|Исходное значение|Целевое значение",
        )
        labelled = [(_label(key, language), value) for key, value in self._values().items()]
        return word(
            (
                wording.Said(title, "title"),
                wording.Rows(labelled[0], tuple(labelled[1:])),
                wording.Said(wording.pick(self.one, "Көрсөткүчтөр", "Показатели"), "head"),
                wording.Rows(tuple(header.split("|")), tuple(rows)),
                wording.signature(self.one, self.wish),
            )
        )

    def budget(self, *, slip: int = 0) -> bytes:
        """D04. `slip`: whole som by which the written sum of the money asked for differs from its lines."""
        one = self.one
        above = [(_label(key, one.language), value) for key, value in list(self._values().items())[:3:2]]
        if not self.own_tables and not slip:
            named = {"contest": self._values()["contest"], "organisation": one.organisation, "title": one.title}
            lines = [
                (n, cost.name, cost.unit, cost.quantity, cost.price, None, None, cost.own or None)
                for n, cost in enumerate(one.budget, 1)
            ]
            return settled(forms.fill("budget", one.language, named, lines))
        header = wording.pick(
            one,
            "№|Чыгымдын аталышы|Өлчөө бирдиги|Саны|Бирдиктин баасы|Жалпы сумма|МСЗ каражаты|Уюмдун салымы",
            "№|Наименование расходов|Ед. изм.|Кол-во|Цена за единицу|Сумма|Средства ГСЗ|Собственный вклад",
        )
        first = len(above) + 5
        last = first + len(one.budget) - 1
        rows: list[printing.Row] = []
        kept: dict[str, int] = {}
        for at, cost in enumerate(one.budget, first):
            rows.append(
                (
                    at - first + 1,
                    cost.name,
                    cost.unit,
                    cost.quantity,
                    cost.price,
                    f"=D{at}*E{at}",
                    f"=F{at}-H{at}",
                    cost.own,
                )
            )
            kept |= {f"F{at}": cost.total, f"G{at}": cost.total - cost.own}
        sums: list[str | int | None] = [None, wording.pick(one, "Жыйынтыгы", "Итого"), None, None, None]
        sums += [f"=SUM({column}{first}:{column}{last})" for column in "FGH"]
        kept |= {f"F{last + 1}": one.total, f"G{last + 1}": one.requested, f"H{last + 1}": one.own}
        if slip:
            sums[6] = one.requested + slip
        title = wording.pick(one, "ДОЛБООРДУН СМЕТАСЫ", "СМЕТА ПРОЕКТА")
        return printing.book(title, above, header.split("|"), rows, sums, kept=kept)


def _label(key: str, language: str) -> str:
    from documents.content import first_label

    return first_label(key, language)


def writer(city: str, key: str) -> Writer:
    """The writer of an applicant by its key. StopIteration if there is none."""
    home = cities.load(city)
    return Writer(home, next(one for one in home.applicants if one.key == key))
