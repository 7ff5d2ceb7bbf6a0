"""The papers that the applicant writes himself beside the application: order, bank details, promises."""

from datetime import date, timedelta

from cli.demo.cities import Applicant, City
from cli.demo.wording import Fields, Said, Sheet, Signed, Wish, pick, signature, som, who
from documents import words


def appointment(one: Applicant, wish: Wish) -> Sheet:
    """D09: буйрук."""
    on = one.registered_on + timedelta(days=3)
    said = pick(
        one,
        f"Жалпы чогулуштун № 2 протоколунун негизинде {one.head} төмөнкү уюмдун директору кызматына дайындалсын: {one.organisation}. Директор уюмдун атынан ишеним катсыз иш жүргүзүүгө, биринчи кол коюу укугуна ээ.",
        f"На основании протокола общего собрания № 2 назначить на должность директора организации {one.organisation}: {one.head}, с правом действовать без доверенности и правом первой подписи.",
    )
    return (
        Said(one.organisation, "centre"),
        Said(pick(one, "БУЙРУК", "ПРИКАЗ"), "title"),
        Said(pick(one, "Жетекчини дайындоо жөнүндө", "О назначении руководителя"), "centre"),
        Said(f"№ 1\t{on:%d.%m.%Y}"),
        Said(said),
        signature(one, wish),
    )


def bank(one: Applicant, wish: Wish) -> Sheet:
    """D10: банк реквизиттери."""
    return (
        Said(pick(one, "БАНК РЕКВИЗИТТЕРИ", "БАНКОВСКИЕ РЕКВИЗИТЫ"), "title"),
        Fields(
            (
                *who(one),
                (pick(one, "Дареги", "Адрес"), one.address),
                (
                    pick(one, "Банктын аталышы", "Наименование банка"),
                    "«Айыл Банк» ААКсы" if one.language == "ky" else "ОАО «Айыл Банк»",
                ),
                ("БИК", "135001"),
                (pick(one, "Эсептешүү эсеби", "Расчётный счёт"), one.bank_account),
            )
        ),
        signature(one, wish),
    )


def partner(one: Applicant, wish: Wish, on: date) -> Sheet:
    """D13: өнөктөштүк кат. Its sum is the own contribution of the budget."""
    said = pick(
        one,
        f"«{one.title}» долбооруна өнөктөш катары катышууга жана төмөндө көрсөтүлгөн салымды (имарат, жабдуу, адистердин убактысы) кошууга милдеттенебиз. Долбоор биздин ишибизге да пайдалуу деп эсептейбиз.",
        f"Обязуемся участвовать в проекте «{one.title}» в качестве партнёра и внести указанный ниже вклад (помещение, оборудование, время специалистов). Считаем проект полезным и для нашей работы.",
    )
    label = pick(one, "Өнөктөштүн колу", "Подпись партнёра")
    return (
        Said(one.partner, "right"),
        Said(pick(one, "ӨНӨКТӨШТҮК КАТ", "ПИСЬМО ПАРТНЁРА"), "title"),
        Said(said),
        Fields(
            (
                (pick(one, "Салымдын суммасы", "Сумма вклада"), som(one.own, one)),
                (pick(one, "Күнү", "Дата"), words.day(on, one.language)),
            )
        ),
        Signed(
            pick(one, "Колу, мөөр", "Подпись, печать"),
            label.split()[0],
            f"{one.key} partner" if wish.signed else None,
            one.partner[:28],
        ),
    )


def declaration(city: City, one: Applicant, wish: Wish, on: date) -> Sheet:
    """D15: декларация."""
    ky = (
        "уюмдун жетекчилеринин жана кызматкерлеринин конкурстук комиссиянын мүчөлөрү менен кызыкчылыктардын кагылышы жөнүндө белгилүү болгон бардык маалыматты билдирет",
        "уюм жоюу стадиясында эмес, банкрот деп таанылган эмес",
        "бул долбоорго башка булактан кош каржылоо алынган эмес",
        "тапшырылган документтердеги маалымат чындыкка дал келет",
    )
    ru = (
        "сообщает всё, что известно о конфликте интересов руководителей и сотрудников с членами конкурсной комиссии",
        "организация не находится в стадии ликвидации и не признана банкротом",
        "двойного финансирования этого проекта из других источников нет",
        "сведения в поданных документах достоверны",
    )
    items = ky if one.language == "ky" else ru
    return (
        Said("ДЕКЛАРАЦИЯ", "title"),
        Fields(((pick(one, "Конкурстун номери", "Номер конкурса"), wish.contest or city.number), *who(one))),
        Said(pick(one, "Арыз ээси төмөнкүнү ырастайт:", "Заявитель подтверждает:")),
        *(Said(f"{number}) {item};", "item") for number, item in enumerate(items, 1)),
        Fields(((pick(one, "Күнү", "Дата"), words.day(on, one.language)),)),
        signature(one, wish),
    )


def consent(one: Applicant, wish: Wish, on: date) -> Sheet:
    """D17: жеке маалыматтарды иштетүүгө макулдук."""
    said = pick(
        one,
        f"Мен, {one.head}, билдирмеде көрсөтүлгөн аты-жөнүмдү, телефонумду жана дарегимди конкурсту өткөрүү, келишим түзүү жана мониторинг үчүн иштетүүгө макулдук берем. Макулдук жазуу жүзүндө кайтарып алынганга чейин күчүндө.",
        f"Я, {one.head}, даю согласие на обработку моих имени, телефона и адреса, указанных в заявке, для проведения конкурса, заключения договора и мониторинга. Согласие действует до письменного отзыва.",
    )
    return (
        Said(pick(one, "ЖЕКЕ МААЛЫМАТТАРДЫ ИШТЕТҮҮГӨ МАКУЛДУК", "СОГЛАСИЕ НА ОБРАБОТКУ ПЕРСОНАЛЬНЫХ ДАННЫХ"), "title"),
        Said(said),
        Fields(((pick(one, "Күнү", "Дата"), words.day(on, one.language)),)),
        signature(one, wish),
    )
