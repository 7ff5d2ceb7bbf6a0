"""Files that lost their end on the way, and packages that are hostile as a whole."""

from pathlib import Path

import pytest

from documents.forms import blank
from documents.package import unpack
from documents.sandbox import Reader
from schemas.errors import TooLarge
from schemas.facts import Fault
from tests.documents.conftest import picture
from tests.documents.hostile import offices, pdfs

LIMIT = 50_000_000
WHOLE = {
    "a.docx": blank("application-form", "ky"),
    "a.xlsx": blank("budget", "ru"),
    "a.odt": offices.odt("<t:p>Устав фонда</t:p>" * 200),
    "a.rtf": rb"{\rtf1\ansicpg1251 " + rb"{\b \'d3\'f1\'f2\'e0\'e2}\par " * 400 + b"}",
    "a.pdf": pdfs.written([b"Public foundation, line %d" % at for at in range(300)]),
    "a.png": picture(),
    "a.jpg": picture(600, 800, "JPEG"),
}
SCANS = {"a.png", "a.jpg"}


def test_a_file_cut_at_any_tenth_is_told_to_be_cut_and_a_whole_one_is_not(tmp_path: Path) -> None:
    files: list[tuple[Path, str]] = []
    for name, data in WHOLE.items():
        for tenths in range(1, 11):
            path = tmp_path / f"{tenths}-{name}"
            path.write_bytes(data[: len(data) * tenths // 10])
            files.append((path, name))
    with Reader(cpu_seconds=6, memory=1_000_000_000, file_limit=LIMIT) as reader:
        seen = [facts.faults for facts in reader.read_all(files)]

    for at, name in enumerate(WHOLE):
        cut, whole = seen[10 * at : 10 * at + 9], seen[10 * at + 9]
        # words of a letter that was cut can still be read, and the rest is not even a picture
        told = [Fault.TRUNCATED] if name == "a.rtf" else [Fault.TRUNCATED, Fault.DAMAGED]
        assert (name, cut, whole) == (name, [told] * 9, [Fault.NO_TEXT] if name in SCANS else [])


def test_a_package_of_two_gigabytes_in_two_megabytes_is_refused_before_the_disk_is_full(tmp_path: Path) -> None:
    source = tmp_path / "package.zip"
    source.write_bytes(offices.archive("2 GB"))

    with pytest.raises(TooLarge) as refused:
        unpack(source, tmp_path / "into", file_limit=LIMIT, package_limit=LIMIT)

    assert LIMIT < int(str(refused.value.facts["size"])) < LIMIT + 1_000_000
    assert list((tmp_path / "into").iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "name", "fault"),
    [("lying", "package.zip", Fault.DAMAGED), ("nested", "in.zip/in.zip", Fault.UNSAFE_ARCHIVE)],
)
def test_a_package_that_lies_or_has_no_bottom_is_kept_closed(
    tmp_path: Path, kind: str, name: str, fault: Fault
) -> None:
    source = tmp_path / "package.zip"
    source.write_bytes(offices.archive(kind))

    package = unpack(source, tmp_path / "into", file_limit=LIMIT, package_limit=LIMIT)

    assert [(file.name, file.faults) for file in package.files] == [(name, (fault,))]
