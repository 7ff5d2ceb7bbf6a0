"""What the demo hands in is what it says: always the same, whole or broken exactly as declared."""

import hashlib
import io
import zipfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from PIL import Image
from pypdf import PdfReader
from pypdf.errors import PdfReadError

from cli.demo import cities, packages
from cli.demo.packages import Expected, Package
from documents import package as unpacking
from documents import reading
from schemas.errors import UnsafeArchive
from schemas.facts import Facts, Fault, Kind, Seen

LIMIT = {"file_limit": 100_000_000, "package_limit": 250_000_000}


def digest(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Package]]:
    into = tmp_path_factory.mktemp("packages")
    return {city: packages.make(city, into / city) for city in cities.CITIES}


def everything(made: dict[str, list[Package]]) -> list[Package]:
    return [package for city in made.values() for package in city]


def the(made: dict[str, list[Package]], situation: str) -> Package:
    return next(package for package in everything(made) if package.situation == situation)


def contents(package: Package) -> dict[str, bytes]:
    if package.path.is_dir():
        return {path.name: path.read_bytes() for path in package.path.iterdir()}
    with zipfile.ZipFile(package.path) as archive:
        return {name.rpartition("/")[2]: archive.read(name) for name in archive.namelist()}


def facts(package: Package, tmp_path: Path) -> dict[str, Facts]:
    unpacked = unpacking.unpack(package.path, tmp_path / package.path.name, **LIMIT)
    return {
        one.name.rpartition("/")[2]: reading.read(one.path, one.name, file_limit=LIMIT["file_limit"])
        for one in unpacked.files
    }


def name_of(package: Package, kind: Kind) -> str:
    return next(name for name, one in package.kinds.items() if one is kind)


def test_the_same_packages_come_out_byte_by_byte_each_time(made, tmp_path: Path):
    packages.scan.scan.cache_clear()
    packages.scan.photograph.cache_clear()
    again = packages.make("batken", tmp_path)

    assert digest(tmp_path) == digest(made["batken"][0].path.parent)
    assert [(one.key, one.arrives_at) for one in again] == [(one.key, one.arrives_at) for one in made["batken"]]


def test_every_situation_is_told_and_occurs(made):
    told = [name for name, _ in packages.situations()]
    seen = Counter(package.situation for package in everything(made))

    assert set(seen) == set(told)
    assert len(told) == len(set(told))
    assert all(sentence.endswith(".") for _, sentence in packages.situations())


@pytest.mark.parametrize("city", cities.CITIES)
def test_twelve_organisations_apply_in_each_city_and_at_least_five_become_eligible(made, city):
    own = [package for package in made[city] if package.cure_of is None]
    eligible = [package for package in own if package.expected in (Expected.ELIGIBLE, Expected.CURED)]

    assert len({package.organisation for package in own}) == 12
    assert len(eligible) >= 5
    assert len({package.merit for package in eligible}) == len(eligible)
    assert [package.arrives_at for package in made[city]] == sorted(package.arrives_at for package in made[city])


def test_what_closes_gaps_comes_from_a_sender_of_the_same_contest_after_the_cutoff(made):
    for city, handed in made.items():
        first = {package.sender: package for package in handed if package.cure_of is None}
        cured = {package.cure_of for package in handed if package.cure_of}
        assert all(package.arrives_at > cities.load(city).cutoff for package in handed if package.cure_of)
        assert cured <= set(first)
        assert {sender for sender, package in first.items() if package.expected is Expected.CURED} <= cured


def test_late_is_one_second_or_a_day_after_the_cutoff_and_nobody_else_is_late(made):
    for city, handed in made.items():
        cutoff = cities.load(city).cutoff
        for package in handed:
            if package.situation == "late_by_a_second":
                assert package.arrives_at - cutoff == timedelta(seconds=1)
            elif package.situation == "late_by_a_day":
                assert timedelta(hours=12) < package.arrives_at - cutoff < timedelta(days=2)
            elif package.cure_of is None:
                assert package.arrives_at <= cutoff


BROKEN = {"password", "empty_pdf", "truncated", "unknown_type", "legacy_doc", "zip_in_zip", "unsafe_zip"}


def test_every_other_file_opens_with_the_ordinary_library(made):
    opened = Counter()
    for package in everything(made):
        if package.situation in BROKEN:
            continue
        for name, content in contents(package).items():
            kind = name.rpartition(".")[2]
            opened[kind] += 1
            if kind == "docx":
                assert Document(io.BytesIO(content)).paragraphs
            elif kind == "xlsx":
                assert openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].max_row > 5
            elif kind == "pdf":
                assert len(PdfReader(io.BytesIO(content)).pages) >= 1
            else:
                Image.open(io.BytesIO(content)).load()

    assert set(opened) == {"docx", "xlsx", "pdf", "jpg"}
    assert opened["docx"] > 200


def test_broken_files_are_broken_as_declared(made):
    def bytes_of(situation: str, kind: Kind) -> bytes:
        package = the(made, situation)
        return contents(package)[name_of(package, kind)]

    charter = PdfReader(io.BytesIO(bytes_of("password", Kind.CHARTER)))
    assert charter.is_encrypted
    assert not charter.decrypt("")
    assert bytes_of("empty_pdf", Kind.SOCIAL_CERTIFICATE) == b""
    with pytest.raises(PdfReadError):
        PdfReader(io.BytesIO(bytes_of("truncated", Kind.REGISTRATION)), strict=True)
    assert bytes_of("legacy_doc", Kind.PLAN).startswith(b"\xd0\xcf\x11\xe0")


@pytest.mark.parametrize(
    ("situation", "kind", "fault"),
    [
        ("password", Kind.CHARTER, Fault.ENCRYPTED),
        ("empty_pdf", Kind.SOCIAL_CERTIFICATE, Fault.EMPTY),
        ("truncated", Kind.REGISTRATION, Fault.TRUNCATED),
        ("unknown_type", Kind.PLAN, Fault.UNKNOWN_TYPE),
        ("legacy_doc", Kind.PLAN, Fault.LEGACY),
        ("photographed", Kind.REGISTRATION, Fault.NO_TEXT),
        ("photographed", Kind.TAX_CERTIFICATE, Fault.NO_TEXT),
    ],
)
def test_the_reader_finds_the_fault_that_was_put_in(made, tmp_path, situation, kind, fault):
    package = the(made, situation)
    assert fault in facts(package, tmp_path)[name_of(package, kind)].faults


def test_what_is_in_order_is_recognised_file_by_file(made, tmp_path):
    for situation in ("perfect", "perfect_zip", "old_names", "zip_in_zip", "russian_look_alikes"):
        package = the(made, situation)
        read = facts(package, tmp_path)
        assert {name: one.kind for name, one in read.items()} == package.kinds
        assert not [name for name, one in read.items() if one.faults]
        budget = read[name_of(package, Kind.BUDGET)]
        assert budget.amount("requested") == package.requested
        assert budget.arithmetic_holds


def test_a_budget_keeps_the_results_of_its_formulas_or_has_none(made):
    def result(situation: str) -> object:
        package = the(made, situation)
        book = openpyxl.load_workbook(io.BytesIO(contents(package)[name_of(package, Kind.BUDGET)]), data_only=True)
        return next(row[5].value for row in book.worksheets[0].iter_rows() if isinstance(row[3].value, int))

    assert result("perfect_zip") == 36_000
    assert result("perfect") is None


def test_an_unsigned_letter_has_an_empty_line_and_the_cured_one_a_signature(made, tmp_path):
    package = the(made, "unsigned")
    cure = next(one for one in everything(made) if one.cure_of == package.sender)

    assert facts(package, tmp_path / "first")[name_of(package, Kind.LETTER)].signed is Seen.NOT_SEEN
    assert facts(cure, tmp_path / "cure")[name_of(cure, Kind.LETTER)].signed is Seen.SEEN


def test_a_package_sent_twice_is_one_package(made, tmp_path):
    for handed in made.values():
        for again in (package for package in handed if package.situation == "same_package_again"):
            first = next(package for package in handed if package.key == again.key)
            one, two = (unpacking.unpack(each.path, tmp_path / each.path.name, **LIMIT) for each in (first, again))
            assert first.path != again.path
            assert one.package_sha256 == two.package_sha256


def test_the_hostile_zip_is_refused_and_names_of_old_windows_are_read(made, tmp_path):
    with pytest.raises(UnsafeArchive):
        unpacking.unpack(the(made, "unsafe_zip").path, tmp_path / "unsafe", **LIMIT)
    names = {one.name for one in unpacking.unpack(the(made, "old_names").path, tmp_path / "old", **LIMIT).files}
    assert "Справка Соцфонда.pdf" in names


def test_a_telephone_picture_lies_on_its_side_and_says_so(made):
    package = the(made, "photographed")
    picture = Image.open(io.BytesIO(contents(package)["Каттоо күбөлүгү.jpg"]))

    assert picture.width > picture.height
    assert picture.getexif()[0x0112] == 6


def test_packages_are_small_enough_to_be_made_on_the_spot(made):
    sizes = [len(content) for package in everything(made) for content in contents(package).values()]

    assert max(sizes) < 1_000_000
    assert sum(sizes) < 30_000_000
