"""One small order: its parties, money and criteria; letters and signs that get lost are in the names."""

from datetime import date
from decimal import Decimal

from documents.clauses import Line, Party, Placeholder, Target, Text, Tranche
from documents.papers import Criterion

ZONE = "Asia/Bishkek"
TRICKY = "«Өңүр & Үмүт» <ЖЧК> – ң ө ү Ң Ө Ү \"тырмакча\" 'апостроф' 100 %"

MAYOR = Party(
    name=Text(ky="Баткен шаарынын мэриясы", ru="Мэрия города Баткен"),
    head=Text(ky="Асанов Үсөн Өмүрбекович", ru="Асанов Усон Омурбекович"),
    post=Text(ky="мэр", ru="мэр"),
    acts_on=Text(ky="Жобонун", ru="Положения"),
    address=Text(ky="Баткен ш., Ош көчөсү, 1", ru="г. Баткен, ул. Ошская, 1"),
    inn="01206199910015",
    okpo="21580433",
    bank="Борбордук казына",
    bik="440001",
    account="4402011101000123",
    phone="+996 3622 00000",
    email="meria@example.kg",
)
ORGANISATION = Party(
    name=Text(ky="«Таза көчө & Өнүгүү» коомдук фонду", ru="Общественный фонд «Таза көчө & Өнүгүү»"),
    head=Text(ky="Эшматова Гүлнара Өскөновна", ru="Эшматова Гульнара Осконовна"),
    post=Text(ky="директор", ru="директор"),
    address=Text(ky="Баткен ш., Нур көчөсү, 12", ru="г. Баткен, ул. Нур, 12"),
    inn="01707201410029",
    okpo="28411234",
    bank="ААК «Айыл Банк»",
    bik="135001",
    account="1350100020003000",
)
GROUND = Text(
    ky="Кыргыз Республикасынын «Мамлекеттик социалдык заказ жөнүндө» 2017-жылдын 28-апрелиндеги № 70 Мыйзамы",
    ru="Закон Кыргызской Республики «О государственном социальном заказе» от 28 апреля 2017 года № 70",
)
PROJECT = Text(ky="Таштанды – кирешенин булагы", ru="Мусор – источник дохода")
CONTEST = Text(ky="Баткен шаарындагы таштанды көйгөйү – 2026", ru="Проблема мусора в городе Баткен – 2026")
UNCONFIRMED = (
    Placeholder(
        name=Text(ky="беренелер ортосундагы айырма", ru="отклонение между статьями"),
        value="10 %",
        source="салыштырма / сравнение",
    ),
    Placeholder(name=Text(ky="отчетту текшерүү", ru="проверка отчёта"), value="5 жумуш күнү / 5 рабочих дней"),
)
LINES = (
    Line(name="Контейнерлер, 40 даана", total=68_000_000, requested=60_000_000, own=8_000_000),
    Line(name="Окутуу & семинарлар", total=36_560_005, requested=34_560_005, own=2_000_000),
    Line(name="Координатордун эмгек акысы", total=30_000_000, requested=30_000_000),
)
CONDITIONS = (
    Text(ky="келишимге кол коюлду", ru="договор подписан"),
    Text(ky="банк реквизиттери ырасталды", ru="банковские реквизиты подтверждены"),
)
TRANCHES = (
    Tranche(number=1, amount=62_280_000, due=date(2026, 4, 10), conditions=CONDITIONS),
    Tranche(
        number=2,
        amount=62_280_005,
        conditions=(Text(ky="1-мезгилдин отчету кабыл алынды", ru="отчёт за 1-й период принят"),),
    ),
)
TARGETS = (
    Target(name="Таштандыны бөлүп чогулткан үй-бүлөлөр", unit="үй-бүлө", baseline=0, target=1200, reached=1340),
    Target(name="Окутулган өспүрүмдөр", unit="адам", baseline=15, target=250, reached=231),
)
CRITERIA = (
    Criterion(
        name=Text(ky="Коомчулук үчүн маанилүүлүгү", ru="Важность для сообщества"), weight=Decimal(30), scale="0–5"
    ),
    Criterion(name=Text(ky="Чечимдин чыгармачылыгы", ru="Творческий подход"), weight=Decimal(25), scale="0–5"),
    Criterion(name=Text(ky="Туруктуулугу", ru="Устойчивость"), weight=Decimal(20), scale="0–5"),
    Criterion(
        name=Text(ky="Чыгымдардын негиздүүлүгү", ru="Обоснованность затрат"), weight=Decimal("12.5"), scale="0–5"
    ),
    Criterion(name=Text(ky="Өздүк салымы", ru="Собственный вклад"), weight=Decimal("12.5"), scale="0–5"),
)
