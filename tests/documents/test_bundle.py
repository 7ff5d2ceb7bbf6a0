"""A bundle: everything that was handed in, page by page, with contents that lead there; nothing stops it."""

import random
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, TextStringObject
from reportlab.pdfgen.canvas import Canvas

from documents.bundle import PAGES_AT_MOST, BundleCover, Part, bundle
from documents.bundle_pages import LINES_PER_SHEET, SAID
from schemas.facts import Media
from tests.documents import makers

COVER = BundleCover(
    title="Конкурстук билдирме",
    number="БТК-2026-002",
    rows=(("Арыз ээси", makers.TRICKY), ("Алынды", "2026-жылдын 6-февралы, саат 00:30:59")),
)


def pdf(*texts: str, size: tuple[float, float] = (595, 842), turned: int = 0) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, pagesize=size, invariant=1)
    for text in texts:
        canvas.drawString(60, 400, text)
        canvas.showPage()
    canvas.save()
    if not turned:
        return out.getvalue()
    writer = PdfWriter(BytesIO(out.getvalue()))
    for page in writer.pages:
        page.rotate(turned)
    return written(writer)


def written(writer: PdfWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def photo(kind: str, size: tuple[int, int] = (60, 40), **how: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, kind, **how)
    return out.getvalue()


def part(content: bytes, media: Media = Media.PDF, name: str = "файл.pdf", **more: Any) -> Part:
    return Part(name=name, label=more.pop("label", "D01 Арыз"), content=content, media=media, **more)


def texts(made: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(made)).pages]


def whole(made: bytes) -> str:
    return "".join("\n".join(texts(made)).split())


PARTS = [
    part(pdf("letter one", "letter two"), name="арыз ң ө ү & <1>.pdf", findings=("Кол коюлган эмес & мөөнөтү өткөн.",)),
    part(photo("JPEG"), Media.JPEG, "Фото.jpg", label="D05 Күбөлүк"),
    part(photo("PNG"), Media.PNG, "скан.png", label="D06 Устав"),
    part(b"office", Media.DOCX, "долбоор.docx", label="D02 Долбоор", shown=pdf("converted project")),
    part(b"PK zip", Media.ZIP, "архив.zip", label="Башка"),
    part(pdf("signed one"), name="кол.pdf", label="D07 Маалымкат", attach=True),
]


@pytest.fixture(scope="module")
def made() -> bytes:
    return bundle(COVER, PARTS)


def test_every_file_is_there_as_pages(made: bytes):
    seen = whole(made)
    for wanted in ("letterone", "lettertwo", "convertedproject", "signedone", "БТК-2026-002"):
        assert wanted in seen
    for each in PARTS:
        assert "".join(each.name.split()) in seen
    assert len(texts(made)) == 1 + 1 + 2 + 1 + 1 + 1 + 1 + 1 + 1


def test_the_cover_names_every_digest_and_keeps_kyrgyz_letters(made: bytes):
    first = "".join(texts(made)[0].split())
    assert "".join(makers.TRICKY.split()) in first
    assert "SHA-256" in first


def test_contents_bookmarks_and_links_lead_to_the_page(made: bytes):
    reader = PdfReader(BytesIO(made))
    marks = [(str(mark["/Title"]), reader.get_destination_page_number(mark)) for mark in reader.outline]  # type: ignore[index, arg-type]
    assert marks[2:] == [
        ("D01 Арыз: арыз ң ө ү & <1>.pdf", 2),
        ("D05 Күбөлүк: Фото.jpg", 4),
        ("D06 Устав: скан.png", 5),
        ("D02 Долбоор: долбоор.docx", 6),
        ("Башка: архив.zip", 7),
        ("D07 Маалымкат: кол.pdf", 8),
        ("Табылган кемчиликтер", 9),
    ]
    links = reader.pages[1]["/Annots"].get_object()
    targets = [link.get_object()["/Dest"][0].get_object() for link in links]
    assert [reader.get_page_number(target) for target in targets] == [at for _, at in marks[2:]]
    assert "convertedproject" in "".join(texts(made)[6].split())


def test_every_page_is_numbered(made: bytes):
    for at, text in enumerate(texts(made), 1):
        assert f"{at} / 10" in text


def test_findings_stand_at_the_end(made: bytes):
    assert "Кол коюлган эмес & мөөнөтү өткөн." in texts(made)[-1]
    assert SAID["ru"].none in texts(bundle(BundleCover("Заявка", "1", language="ru"), []))[-1]


def test_what_cannot_be_shown_and_what_is_signed_is_attached_as_it_came(made: bytes):
    attached = PdfReader(BytesIO(made)).attachments
    assert {name: data[0] for name, data in attached.items()} == {
        "05 архив.zip": b"PK zip",
        "06 кол.pdf": PARTS[5].content,
    }
    assert SAID["ky"].no_view in texts(made)[7]


def test_the_same_parts_are_the_same_bytes(made: bytes):
    assert bundle(COVER, list(PARTS)) == made


def test_a_long_package_has_as_many_contents_pages_as_it_needs():
    given = [part(pdf(f"text {at}"), name=f"{at}.pdf") for at in range(LINES_PER_SHEET + 1)]
    seen = texts(bundle(BundleCover("Билдирме", "1"), given))
    start = next(at for at, text in enumerate(seen) if text.startswith("text 0"))
    assert [text.split("\n")[0] for text in seen[start : start + 3]] == ["text 0", "text 1", "text 2"]
    assert sum(text.startswith(SAID["ky"].contents) for text in seen) == 2


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_turned_page_is_stamped_along_its_foot_as_it_is_seen(turned: int):
    import pypdfium2

    made = bundle(COVER, [part(pdf("turned", size=(400, 600), turned=turned))])
    page = pypdfium2.PdfDocument(made)[2]
    image = page.render(scale=2).to_pil().convert("L")
    assert image.size == ((800, 1200) if turned % 180 == 0 else (1200, 800))
    foot = image.crop((0, image.height - 40, image.width, image.height))
    assert foot.getextrema()[0] < 160
    others = [image.crop((0, 0, image.width, 40)), image.crop((0, 0, 20, image.height - 60))]
    assert all(edge.getextrema()[0] > 250 for edge in others)


def test_a_photo_lies_as_the_camera_held_it():
    exif = Image.Exif()
    exif[0x0112] = 6
    page = PdfReader(BytesIO(bundle(COVER, [part(photo("JPEG", (60, 40), exif=exif), Media.JPEG)]))).pages[2]
    assert page.mediabox.height > page.mediabox.width


def locked() -> bytes:
    writer = PdfWriter(BytesIO(pdf("secret")))
    writer.encrypt("пароль", algorithm="AES-256")
    return written(writer)


def acting() -> bytes:
    writer = PdfWriter(BytesIO(pdf("acting")))
    page = writer.pages[0]
    script = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    )
    page[NameObject("/AA")] = DictionaryObject({NameObject("/O"): script})
    return written(writer)


def bomb() -> bytes:
    writer = PdfWriter(BytesIO(pdf("bomb")))
    stream = DecodedStreamObject()
    stream.set_data(b" " * 60_000_000)
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    return written(writer)


@pytest.mark.parametrize(
    ("content", "media", "why"),
    [
        (b"", Media.PDF, "broken"),
        (b"%PDF-1.7\n%%EOF", Media.PDF, "broken"),
        (pdf("cut off")[:400], Media.PDF, "broken"),
        (locked(), Media.PDF, "locked"),
        (b"\xff\xd8\xff\xe0 not a picture", Media.JPEG, "broken"),
        (photo("PNG")[:60], Media.PNG, "broken"),
        (b"\xd0\xcf\x11\xe0", Media.DOC, "no_view"),
    ],
    ids=["empty", "no pages", "cut off", "locked", "no jpeg", "cut png", "legacy"],
)
def test_a_part_that_cannot_be_opened_is_attached_with_a_sentence(content: bytes, media: Media, why: str):
    made = bundle(COVER, [part(content, media, "x"), part(pdf("the next one"))])
    seen = texts(made)
    assert getattr(SAID["ky"], why) in seen[2]
    assert SAID["ky"].attached in seen[2]
    assert "the next one" in seen[3]
    assert PdfReader(BytesIO(made)).attachments["01 x"] == [content]


def test_a_part_with_too_many_pages_is_attached_instead():
    writer = PdfWriter()
    for _ in range(PAGES_AT_MOST + 1):
        writer.add_blank_page(100, 100)
    seen = texts(bundle(COVER, [part(written(writer))]))
    assert len(seen) == 4
    assert str(PAGES_AT_MOST + 1) in seen[2]


def test_scripts_do_not_come_along():
    made = bundle(COVER, [part(acting())])
    assert b"JavaScript" not in made
    assert "acting" in texts(made)[2]


def test_a_packed_bomb_stays_packed():
    made = bundle(COVER, [part(bomb())])
    assert len(made) < 2_000_000
    assert len(PdfReader(BytesIO(made)).pages) == 4


@settings(max_examples=15, deadline=None)
@given(st.integers(min_value=0, max_value=10**6))
def test_no_damaged_file_stops_the_bundle(seed: int):
    chance = random.Random(seed)
    content = bytearray(pdf("first", "second"))
    for _ in range(chance.randint(1, 40)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    made = bundle(COVER, [part(bytes(content)), part(pdf("the next one"))])
    # the page before the findings: the damaged pages themselves may hold anything
    assert "the next one" in PdfReader(BytesIO(made)).pages[-2].extract_text()
