import pytest

from documents.content import Content, Passage
from documents.recognise import by_name, kind_of
from schemas.facts import Kind


def said(*lines: str) -> Content:
    return Content(passages=[Passage(line, f"paragraph {at}") for at, line in enumerate(lines, 1)])


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        (Kind.LETTER, ["Мэрге", "Арыз", "Конкурска катышууга уруксат берүүнү суранабыз"]),
        (Kind.LETTER, ["Мэру города", "Заявление", "Просим допустить к участию в конкурсе"]),
        (Kind.PLAN, ["Иш-чаралардын планы", "Иш-чара", "Аткаруу мөөнөтү", "Жооптуу"]),
        (Kind.PLAN, ["Календарный план мероприятий проекта", "Срок исполнения", "Ответственный"]),
        (Kind.CHARTER, ["УСТАВ", "Общественного фонда «Чистый город»", "1. Общие положения", "Настоящий устав"]),
        (Kind.CHARTER, ["«Таза Шаар» коомдук фондунун", "УСТАВЫ", "Жалпы жоболор"]),
        (Kind.REGISTRATION, ["Юридикалык жакты мамлекеттик каттоо жөнүндө күбөлүк", "Юстиция министрлиги"]),
        (
            Kind.SOCIAL_CERTIFICATE,
            ["Социалдык фонд", "Камсыздандыруу төгүмдөрү боюнча карызы жоктугу жөнүндө маалымкат"],
        ),
        (Kind.HEAD_APPOINTMENT, ["БУЙРУК № 1", "А. Асанова директор кызматына дайындалсын"]),
        (Kind.HEAD_APPOINTMENT, ["Доверенность", "Настоящим доверяю"]),
        (Kind.BANK_DETAILS, ["Банк реквизиттери", "Эсептешүү эсеби", "БИК"]),
        (Kind.STAFF_CV, ["Резюме", "Опыт работы", "Образование"]),
        (Kind.PARTNER_LETTER, ["Письмо поддержки", "в качестве партнера обязуется внести 20 000 сом"]),
        (Kind.LICENCE, ["ЛИЦЕНЗИЯ", "на право осуществления образовательной деятельности"]),
        (Kind.DECLARATION, ["Декларация", "об отсутствии конфликта интересов"]),
        (Kind.DECLARATION, ["ДЕКЛАРАЦИЯ", "Кызыкчылыктардын кагылышы жок, уюм жоюу стадиясында эмес"]),
        (Kind.CONSENT, ["Жеке маалыматтарды иштетүүгө макулдук"]),
        (Kind.CONSENT, ["Согласие на обработку персональных данных"]),
        (Kind.PRICE_QUOTE, ["Коммерческое предложение", "Срок поставки 5 дней"]),
        (Kind.ANNUAL_REPORT, ["Годовой отчёт за 2017 год"]),
        (Kind.PROGRAMME_REPORT, ["Программалык отчёт", "Отчёттук мезгил: 1", "Эмне аткарылды"]),
        (Kind.FINANCIAL_REPORT, ["Финансовый отчёт", "Израсходовано", "Остаток"]),
        (Kind.TAX_CERTIFICATE, ["Tax clearance certificate", "There are no tax arrears"]),
        (Kind.TAX_CERTIFICATE, ["СПРАВКА", "об отсутствии налоговой задолженности"]),
        (
            Kind.SOCIAL_CERTIFICATE,
            ["Справка", "об отсутствии задолженности по социальному страхованию", "Социальный фонд КР"],
        ),
        (
            Kind.DECLARATION,
            ["Заявление об отсутствии конфликта интересов", "организация не находится в стадии ликвидации"],
        ),
        (
            Kind.PROJECT,
            ["Долбоор: Таштандысыз Баткен", "Долбоордун максаты", "Максаттуу топ", "Иш-чаралар планы", "Смета"],
        ),
        (Kind.PLAN, ["Долбоордун иш-чаралар планы", "Ай", "Иш-чара", "Жооптуу"]),
        (Kind.PARTNER_LETTER, ["Колдоо көрсөтүү каты", "Мектеп өнөктөш катары 5 000 сом салым кошот"]),
        (Kind.HEAD_APPOINTMENT, ["Протокол общего собрания", "Избрать директором А. Асанову"]),
    ],
)
def test_a_paper_is_known_by_its_words_whatever_its_name(kind: Kind, lines: list[str]) -> None:
    assert kind_of(said(*lines), "Скан001.pdf")[0] is kind


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Kind.TAX_CERTIFICATE, "D07_справка.pdf"),
        (Kind.BUDGET, "Смета проекта.xlsx"),
        (Kind.CHARTER, "ustav_skan.pdf"),
        (Kind.TAX_CERTIFICATE, "салык маалымкаты.jpg"),
        (Kind.SOCIAL_CERTIFICATE, "Справка соцфонда.pdf"),
        (Kind.REGISTRATION, "Свидетельство.pdf"),
        (Kind.FINANCIAL_REPORT, "Финансовый отчет 2.xlsx"),
        (Kind.OTHER, "Скан001.pdf"),
        (Kind.OTHER, "IMG_20180705.jpg"),
        (Kind.OTHER, "предустав.pdf"),  # a word inside another one
        (Kind.CHARTER, "предустав и устав.pdf"),
        (Kind.CHARTER, "1устав.pdf"),
    ],
)
def test_without_words_the_name_is_asked(kind: Kind, name: str) -> None:
    found, confidence = by_name(name)

    assert found is kind
    assert (confidence > 0) is (kind is not Kind.OTHER)


def test_words_outweigh_the_name_and_agreement_is_surer() -> None:
    tax = said("Справка об отсутствии налоговой задолженности", "налоговая служба")

    assert kind_of(tax, "ustav.pdf")[0] is Kind.TAX_CERTIFICATE
    assert kind_of(tax, "налог.pdf")[1] > kind_of(tax, "ustav.pdf")[1]


def test_plain_prose_is_no_known_paper() -> None:
    assert kind_of(said("Вчера в городе прошёл дождь.", "Жители рады."), "текст.txt") == (Kind.OTHER, 0)
