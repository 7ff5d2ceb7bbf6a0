from pathlib import Path
from typing import Any

import pytest

from documents import forms, reading
from schemas.facts import BudgetLine, Facts, Fault, Indicator, Kind, Media, Seen

LIMIT = 10_000_000


def read(path: Path, name: str | None = None) -> Facts:
    return reading.read(path, name or path.name, file_limit=LIMIT)


def told(facts: Facts, *keys: str) -> dict[str, str | int]:
    return {key: facts.values[key].value for key in keys if key in facts.values}


APPLICATION = {
    "contest": "batken-2018-01",
    "theme": "Таштанды көйгөйү",
    "organisation": "Коомдук фонд «Таза Шаар»",
    "inn": "01707201410029",
    "okpo": "28765432",
    "registration_number": "12345-3300-КФ",
    "registered_on": "17.07.2014",
    "head": "Асанова Айгүл",
    "address": "Баткен шаары, Жаштык көчөсү, 5",
    "phone": "+996 555 12 34 56",
    "email": "taza@example.kg",
    "bank_account": "1234567890123456",
    "title": "Таштандысыз короо",
    "target_group": "Көп кабаттуу үйлөрдүн тургундары",
    "beneficiaries": "1 200 адам",
    "starts": "2018-жылдын 1-августу",
    "ends": "30.11.2018",
    "total": "60 000 сом",
    "requested": "50 000 сом",
    "own_contribution": "10 000 сом",
    "dated": "5 июля 2018 г.",
}
READ = {
    **APPLICATION,
    "registered_on": "2014-07-17",
    "phone": "+996555123456",
    "beneficiaries": 1200,
    "starts": "2018-08-01",
    "ends": "2018-11-30",
    "total": 6000000,
    "requested": 5000000,
    "own_contribution": 1000000,
    "dated": "2018-07-05",
}
INDICATORS = [["Коюлган урналар", "даана", "0", "40"], ["Катышкан тургундар", "адам", "15", "300"]]


@pytest.mark.parametrize("language", forms.LANGUAGES)
def test_a_filled_application_form_gives_every_value(language: str, tmp_path: Path, signature: bytes) -> None:
    path = tmp_path / "Билдирме.docx"
    path.write_bytes(forms.fill("application-form", language, APPLICATION, INDICATORS, signature=signature))

    facts = read(path)

    assert (facts.media, facts.kind, facts.kind_confidence, facts.faults) == (Media.DOCX, Kind.PROJECT, 100, [])
    assert told(facts, *READ) == READ
    assert [(i.name, i.unit, i.baseline, i.target) for i in facts.indicators] == [
        ("Коюлган урналар", "даана", 0, 40),
        ("Катышкан тургундар", "адам", 15, 300),
    ]
    assert facts.signed is Seen.SEEN
    assert facts.arithmetic_holds is True
    assert facts.text("form") == f"application-form 1 {language}"


@pytest.mark.parametrize("language", forms.LANGUAGES)
def test_an_empty_form_gives_no_values_and_no_signature(language: str, tmp_path: Path) -> None:
    path = tmp_path / "form.docx"
    path.write_bytes(forms.blank("application-form", language))

    facts = read(path)

    assert set(facts.values) == {"form"}
    assert (facts.kind, facts.signed, facts.indicators) == (Kind.PROJECT, Seen.NOT_SEEN, [])


@pytest.mark.parametrize("language", forms.LANGUAGES)
def test_the_same_labels_in_a_table_by_hand_give_the_same_values(language: str, word: Any) -> None:
    from documents.content import data

    labels = data("labels.toml")["line"]
    rows = [(labels[key][language][-1 if key in ("title", "head") else 0], value) for key, value in APPLICATION.items()]

    facts = read(word("proekt.docx", ["Описание проекта"], rows))

    assert facts.kind is Kind.PROJECT
    assert told(facts, *READ) == READ


def test_numbered_labels_with_colons_and_look_alike_letters_are_recognised(word: Any) -> None:
    rows = [
        ("1.", "Уюмдуӊ аталышы:", "КФ «Мээрим»"),
        ("2.", "ИНН :", "01707201410029"),
        ("3.", "Суралган суммa*", "50 000"),
    ]

    facts = read(word("Долбоор.docx", ["Долбоордун баяндамасы"], rows))

    assert told(facts, "organisation", "inn", "requested") == {
        "organisation": "КФ «Мээрим»",
        "inn": "01707201410029",
        "requested": 5000000,
    }


LINES = [
    [1, "Урналар", "даана", 40, 1000, None, None, 5000, None],
    [2, "Окутуу", "күн", 2, 7500.5, None, None, None, "тренер"],
]


@pytest.mark.parametrize("language", forms.LANGUAGES)
def test_a_budget_whose_formulas_were_never_worked_out_is_summed_up(language: str, tmp_path: Path) -> None:
    path = tmp_path / "smeta.xlsx"
    path.write_bytes(forms.fill("budget", language, {"contest": "batken-2018-01", "organisation": "КФ «Таза»"}, LINES))

    facts = read(path)

    assert (facts.media, facts.kind, facts.kind_confidence) == (Media.XLSX, Kind.BUDGET, 100)
    assert [(line.total, line.requested, line.own) for line in facts.lines] == [
        (4000000, 3500000, 500000),
        (1500100, 1500100, 0),
    ]
    assert told(facts, "total", "requested", "own_contribution", "contest") == {
        "total": 5500100,
        "requested": 5000100,
        "own_contribution": 500000,
        "contest": "batken-2018-01",
    }
    assert facts.arithmetic_holds is True
    assert facts.lines[0].place.endswith(", B8")


HEAD = ["№", "Наименование расходов", "Кол-во", "Цена", "Всего", "Запрашивается", "Собственный вклад"]


@pytest.mark.parametrize(
    ("rows", "holds"),
    [
        (
            [
                [1, "Баки", 4, 1000, 4000, 3000, 1000],
                [2, "Печать", 1, 500, 500, 500, 0],
                [None, "Итого", None, None, 4500, 3500, 1000],
            ],
            True,
        ),
        ([[1, "Баки", 4, 1000, 4100, 3100, 1000], [None, "Итого", None, None, 4100, 3100, 1000]], False),
        ([[1, "Баки", 4, 1000, 4000, 3000, 500], [None, "Итого", None, None, 4000, 3000, 500]], False),
        ([[1, "Баки", 4, 1000, 4000, 3000, 1000], [None, "Итого", None, None, 5000, 3000, 1000]], False),
        (
            [
                [1, "А", 1, 10, 10, 10, 0],
                [None, "Итого", None, None, 10, 10, 0],
                [2, "Б", 1, 5, 5, 5, 0],
                [None, "Всего", None, None, 15, 15, 0],
            ],
            True,
        ),
        (
            [
                [1, "А", 1, 10, 10, 10, 0],
                [None, "Итого", None, None, 11, 11, 0],
                [2, "Б", 1, 5, 5, 5, 0],
                [None, "Всего", None, None, 15, 15, 0],
            ],
            False,
        ),
    ],
    ids=["holds", "line", "shares", "sum", "sections", "section sum"],
)
def test_a_budget_that_does_not_add_up_is_told(rows: list[list[object]], holds: bool, sheet: Any) -> None:
    facts = read(sheet("Смета.xlsx", [["Смета проекта"], [], HEAD, *rows]))

    assert facts.kind is Kind.BUDGET
    assert facts.arithmetic_holds is holds


def test_a_budget_typed_in_word_is_read_the_same(word: Any) -> None:
    table = [
        ["№", "Чыгымдын аталышы", "Бардыгы, сом", "МСЗдан суралат, сом", "Өздүк салым, сом"],
        ["1", "Урналар", "40 000,00", "35 000,00", "5 000,00"],
        ["", "Бардыгы", "40 000,00", "35 000,00", "5 000,00"],
    ]

    facts = read(word("byudzhet.docx", ["Долбоордун сметасы"], table))

    assert facts.kind is Kind.BUDGET
    assert facts.lines == [
        BudgetLine(name="Урналар", total=4000000, requested=3500000, own=500000, place="table 1, row 2")
    ]
    assert facts.arithmetic_holds is True


@pytest.mark.parametrize("language", forms.LANGUAGES)
def test_reports_tell_what_was_reached_and_spent(language: str, tmp_path: Path, signature: bytes) -> None:
    head = {
        "number": "12/2018",
        "organisation": "КФ «Таза Шаар»",
        "period": "2",
        "starts": "01.09.2018",
        "ends": "30.11.2018",
    }
    programme, financial = tmp_path / "a.docx", tmp_path / "b.xlsx"
    rows = [["Коюлган урналар", "даана", "", "40", "38"]]
    programme.write_bytes(forms.fill("programme-report", language, head, rows, signature=signature))
    lines = [[1, "Урналар", 35000, 36500, None, "чек 5"], [2, "Окутуу", 15000, 12000, None, "акт"]]
    financial.write_bytes(forms.fill("financial-report", language, head, lines))

    told_work, told_money = read(programme), read(financial)

    expected = {"number": "12/2018", "period": 2, "starts": "2018-09-01", "ends": "2018-11-30"}
    assert told_work.kind is Kind.PROGRAMME_REPORT
    assert told(told_work, *expected) == expected
    assert told_work.indicators == [
        Indicator(name="Коюлган урналар", unit="даана", target=40, reached=38, place="table 3, row 2")
    ]
    assert told_work.signed is Seen.SEEN
    assert told_money.kind is Kind.FINANCIAL_REPORT
    assert told(told_money, *expected) == expected
    assert [(line.requested, line.total) for line in told_money.lines] == [(3500000, 3650000), (1500000, 1200000)]
    assert told(told_money, "spent", "balance") == {"spent": 4850000, "balance": 150000}
    assert told_money.arithmetic_holds is True


CERTIFICATES = [
    (
        Kind.TAX_CERTIFICATE,
        [
            "САЛЫК КАРЫЗЫНЫН ЖОКТУГУ ЖӨНҮНДӨ МААЛЫМКАТ",
            "№ 05-03/2018",
            "Берилген күнү: 2018-жылдын 20-июну",
            "Салык төлөөчү: «Таза Шаар» коомдук фонду, ИНН 01707201410029",
            "2018-жылдын 19-июнуна карата салык карызы жок.",
            "Маалымкат 2018-жылдын 20-июлуна чейин жарактуу.",
        ],
        {"issued_on": "2018-06-20", "valid_until": "2018-07-20", "inn": "01707201410029"},
    ),
    (
        Kind.TAX_CERTIFICATE,
        [
            "Государственная налоговая служба",
            "Справка об отсутствии налоговой задолженности",
            "№ 12-4 от 20 июня 2018 г.",
            "ОФ «Чистый город», ИНН 01707201410029",
            "По состоянию на 19.06.2018 задолженности не имеет.",
            "Действительна до 20.07.2018",
        ],
        {"issued_on": "2018-06-20", "valid_until": "2018-07-20", "inn": "01707201410029"},
    ),
    (
        Kind.SOCIAL_CERTIFICATE,
        [
            "Социальный фонд Кыргызской Республики",
            "Справка об отсутствии задолженности по страховым взносам",
            "Дата выдачи: 01.06.2018",
            "Наименование: ОФ «Чистый город»",
            "ИНН: 01707201410029",
            "Срок действия: до 01.07.2018",
        ],
        {"issued_on": "2018-06-01", "valid_until": "2018-07-01", "inn": "01707201410029"},
    ),
    (
        Kind.REGISTRATION,
        [
            "Министерство юстиции Кыргызской Республики",
            "Свидетельство о государственной регистрации юридического лица",
            "Общественный фонд «Чистый город»",
            "Регистрационный номер: 12345-3300-ОФ",
            "Дата первичной регистрации: 17.07.2014",
            "ИНН: 01707201410029",
            "ОКПО: 28765432",
        ],
        {"registration_number": "12345-3300-ОФ", "registered_on": "2014-07-17", "okpo": "28765432"},
    ),
    (
        Kind.TAX_CERTIFICATE,
        [
            "Tax clearance certificate",
            "Issued on: 20 June 2018",
            "Public foundation “Clean City”, INN 01707201410029",
            "There are no tax arrears.",
            "Valid until 20 July 2018",
        ],
        {"issued_on": "2018-06-20", "valid_until": "2018-07-20", "inn": "01707201410029"},
    ),
]


@pytest.mark.parametrize(("kind", "lines", "expected"), CERTIFICATES, ids=["ky", "ru", "social", "registration", "en"])
def test_a_certificate_gives_its_dates(kind: Kind, lines: list[str], expected: dict[str, str], pdf: Any) -> None:
    facts = read(pdf("Скан001.pdf", lines))

    assert facts.kind is kind
    assert told(facts, *expected) == expected
    assert facts.text_layer
    assert facts.pages == 1


def test_a_letter_gives_contest_organisation_date_and_signature(word: Any, signature: bytes) -> None:
    lines = [
        "Баткен шаарынын мэриясына",
        "АРЫЗ",
        "«Таза Шаар» коомдук фонду № batken-2018-01 конкурска катышууга уруксат берүүнү суранат.",
    ]

    signed = read(word("a.docx", [*lines, "2018-жылдын 5-июлу"], signature=signature))
    unsigned = read(word("b.docx", [*lines, "2018-жылдын 5-июлу", "Колу: ____________ А. Асанова"]))

    assert signed.kind is Kind.LETTER
    assert told(signed, "contest", "dated", "organisation_key") == {
        "contest": "batken-2018-01",
        "dated": "2018-07-05",
        "organisation_key": "таза шаар",
    }
    assert (signed.signed, unsigned.signed) == (Seen.SEEN, Seen.NOT_SEEN)
    assert signed.language == "ky"


def test_a_pdf_with_a_picture_at_the_signature_is_signed_and_one_with_a_line_is_not(pdf: Any, signature: bytes) -> None:
    lines = ["Заявление на участие в конкурсе", "ОФ «Чистый город» просит допустить к участию.", "05.07.2018"]

    assert read(pdf("a.pdf", [*lines, "Подпись:"], stamp=signature)).signed is Seen.SEEN
    assert read(pdf("b.pdf", [*lines, "Подпись: ______________"])).signed is Seen.NOT_SEEN
    assert read(pdf("c.pdf", lines)).signed is Seen.CANNOT_TELL


def test_a_scan_has_no_text_and_shows_what_was_on_paper(pdf: Any, scan: bytes, tmp_path: Path) -> None:
    photo = tmp_path / "Налоговая справка.jpg"
    photo.write_bytes(scan)

    scanned, photographed = read(pdf("07_справка.pdf", scan, scan)), read(photo)

    assert (scanned.faults, scanned.text_layer, scanned.pages, scanned.signed) == ([Fault.NO_TEXT], False, 2, Seen.SEEN)
    assert (photographed.faults, photographed.kind, photographed.media) == (
        [Fault.NO_TEXT],
        Kind.TAX_CERTIFICATE,
        Media.JPEG,
    )


def test_the_tree_of_a_word_file_is_kept_for_whoever_asks(word: Any) -> None:
    kept: list[object] = []
    path = word("a.docx", ["Устав"])

    assert reading.read(path, path.name, file_limit=LIMIT, keep=kept) == read(path)
    assert len(kept) == 1 and kept[0] is not None
