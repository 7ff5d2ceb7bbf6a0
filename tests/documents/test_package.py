import hashlib
import io
import stat
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from documents.package import Unpacked, unpack
from schemas.errors import EmptyPackage, TooLarge, UnsafeArchive
from schemas.facts import Fault

LIMIT = 50_000_000


def zipped(files: dict[str, bytes], *, stored: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def opened(tmp_path: Path, data: bytes, *, file_limit: int = LIMIT, package_limit: int = LIMIT) -> Unpacked:
    source = tmp_path / "package.zip"
    source.write_bytes(data)
    return unpack(source, tmp_path / "into", file_limit=file_limit, package_limit=package_limit)


def names(package: Unpacked) -> list[str]:
    return [file.name for file in package.files]


def test_a_folder_and_a_zip_of_the_same_files_are_one_package(tmp_path: Path) -> None:
    files = {"арыз.txt": b"a", "смета/budget.csv": b"b"}
    folder = tmp_path / "folder"
    for name, data in {**files, ".DS_Store": b"x", "~$арыз.txt": b"x"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)

    from_folder = unpack(folder, tmp_path / "a", file_limit=LIMIT, package_limit=LIMIT)
    from_zip = opened(tmp_path, zipped(dict(reversed(files.items()))))

    assert names(from_folder) == ["арыз.txt", "смета/budget.csv"]
    assert from_folder.package_sha256 == from_zip.package_sha256
    assert from_folder.files[0].sha256 == hashlib.sha256(b"a").hexdigest()
    assert [(file.path.read_bytes(), file.size) for file in from_zip.files] == [(b"a", 1), (b"b", 1)]


def test_another_byte_or_another_name_is_another_package(tmp_path: Path) -> None:
    hashes = set()
    for at, files in enumerate(({"a.txt": b"a"}, {"a.txt": b"b"}, {"b.txt": b"a"})):
        place = tmp_path / str(at)
        place.mkdir()
        hashes.add(opened(place, zipped(files)).package_sha256)

    assert len(hashes) == 3


def test_a_single_file_is_a_package_and_an_office_file_is_not_taken_apart(tmp_path: Path) -> None:
    docx = zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})
    source = tmp_path / "Долбоор.docx"
    source.write_bytes(docx)

    assert names(unpack(source, tmp_path / "into", file_limit=LIMIT, package_limit=LIMIT)) == ["Долбоор.docx"]


def test_an_inner_zip_is_opened_once_and_one_deeper_is_kept_closed(tmp_path: Path) -> None:
    deeper = zipped({"c.txt": b"c"})
    package = opened(tmp_path, zipped({"a.txt": b"a", "in.zip": zipped({"b.txt": b"b", "deep.zip": deeper})}))

    assert names(package) == ["a.txt", "in.zip/b.txt", "in.zip/deep.zip"]
    closed = next(file for file in package.files if file.name.endswith("deep.zip"))
    assert closed.faults == (Fault.UNSAFE_ARCHIVE,)
    assert closed.path.read_bytes() == deeper
    assert {file.path for file in package.files} == set((tmp_path / "into").iterdir())


def test_a_file_without_a_name_gets_one(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": b"a"}))
    at = data.index(b"PK\x01\x02")
    for place, start in ((26, 30), (at + 27, at + 45)):  # the length of the name, and the name itself
        struct.pack_into("<H", data, place, 0)
        del data[start : start + 1]
    struct.pack_into("<II", data, len(data) - 10, 46, at - 1)

    assert [(file.name, file.path.read_bytes()) for file in opened(tmp_path, bytes(data)).files] == [("_", b"a")]


@pytest.mark.parametrize("packed", [True, False], ids=["zip", "folder"])
def test_a_file_after_an_inner_zip_does_not_take_the_place_of_one_inside_it(tmp_path: Path, packed: bool) -> None:
    files = {"a.txt": b"a", "b.zip": zipped({"c.txt": b"c"}), "d.txt": b"d", "e.zip": zipped({"f.txt": b"f"})}
    source = tmp_path / "package"
    if packed:
        source.write_bytes(zipped(files))
    else:
        source.mkdir()
        for name, data in files.items():
            (source / name).write_bytes(data)

    package = unpack(source, tmp_path / "into", file_limit=LIMIT, package_limit=LIMIT)

    assert {file.name: (file.path.read_bytes(), file.faults) for file in package.files} == {
        "a.txt": (b"a", ()),
        "b.zip/c.txt": (b"c", ()),
        "d.txt": (b"d", ()),
        "e.zip/f.txt": (b"f", ()),
    }


@pytest.mark.parametrize(
    ("inner", "fault"),
    [
        (zipped({"b.txt": b"b" * 5000})[:-30], Fault.TRUNCATED),
        (zipped({"b.txt": b"honest words" * 50}, stored=True).replace(b"honest", b"hacked", 1), Fault.DAMAGED),
        (zipped({"../b.txt": b"b"}), Fault.UNSAFE_ARCHIVE),
    ],
    ids=["truncated", "damaged", "outside"],
)
def test_a_bad_inner_zip_is_kept_with_its_fault_and_the_rest_is_taken(
    tmp_path: Path, inner: bytes, fault: Fault
) -> None:
    package = opened(tmp_path, zipped({"a.txt": b"a", "in.zip": inner}))

    found = {file.name: file.faults for file in package.files}
    assert found == {"a.txt": (), "in.zip": (fault,)}
    assert next(file.path.read_bytes() for file in package.files if file.name == "in.zip") == inner


def special(name: str, mode: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        archive.writestr(info, b"/etc/passwd")
    return out.getvalue()


def doubled() -> bytes:
    return zipped({"a.txt": b"a", "b.txt": b"b"}).replace(b"b.txt", b"a.txt")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (zipped({"../a.txt": b"a"}), "path"),
        (zipped({"a/../../b.txt": b"a"}), "path"),
        (zipped({"..\\a.txt": b"a"}), "path"),
        (zipped({"/etc/a.txt": b"a"}), "path"),
        (zipped({"C:\\a.txt": b"a"}), "path"),
        (special("a.txt", stat.S_IFLNK | 0o777), "link"),
        (special("a.txt", stat.S_IFIFO | 0o644), "link"),
        (doubled(), "duplicate"),
        (zipped({f"{at}": b"" for at in range(5001)}), "entries"),
        (zipped({"zeros.txt": bytes(30_000_000)}), "ratio"),
        (zipped({"in.zip": zipped({"zeros.txt": bytes(30_000_000)})}), "ratio"),
    ],
    ids=[
        "up",
        "up inside",
        "backslash",
        "absolute",
        "drive",
        "symlink",
        "pipe",
        "duplicate",
        "entries",
        "bomb",
        "inner bomb",
    ],
)
def test_an_archive_that_lies_is_refused_and_leaves_nothing(tmp_path: Path, data: bytes, why: str) -> None:
    with pytest.raises(UnsafeArchive) as refused:
        opened(tmp_path, data)

    assert refused.value.facts["why"] == why
    assert list((tmp_path / "into").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["into", "package.zip"]


def crowded(entries: int, name: bytes = b"a") -> bytes:
    """An archive of one file that lists it so many times."""
    plain = zipped({"a": b"a"})
    at = plain.index(b"PK\x01\x02")
    one = bytearray(plain[at : plain.index(b"PK\x05\x06")])
    struct.pack_into("<H", one, 28, len(name))
    directory = (bytes(one[:46]) + name) * entries
    count = min(entries, 65_535)
    return plain[:at] + directory + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, len(directory), at, 0)


def as_large(data: bytes) -> bytes:
    """The same archive with the records that archives over 4 GB have."""
    at = data.index(b"PK\x05\x06")
    entries, length, start = struct.unpack_from("<HII", data, at + 10)
    large = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, entries, entries, length, start)
    where = struct.pack("<4sIQI", b"PK\6\7", 0, at, 1)
    return data[:at] + large + where + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)


@pytest.mark.parametrize(
    "data",
    [crowded(100_000), as_large(crowded(100_000)), crowded(200, b"a" * 65_000), crowded(100_000) + b"PK\5\6"],
    ids=["many", "many, as over 4 GB", "long names", "an end behind the end"],
)
def test_a_directory_that_would_fill_the_memory_is_not_read(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "package.zip").write_bytes(zipped({"a.txt": b"a", "in.zip": data}, stored=True))
    tracemalloc.start()
    package = unpack(tmp_path / "package.zip", tmp_path / "into", file_limit=LIMIT, package_limit=LIMIT)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    broken = data.endswith(b"PK\5\6")
    fault = Fault.DAMAGED if broken else Fault.UNSAFE_ARCHIVE
    assert [(file.name, file.faults) for file in package.files] == [("a.txt", ()), ("in.zip", (fault,))]
    assert most < 25_000_000


def test_an_archive_with_the_records_of_large_ones_is_opened_like_any_other(tmp_path: Path) -> None:
    package = opened(tmp_path, as_large(zipped({"a.txt": b"a", "b.txt": b"b"})))

    assert [(file.name, file.faults) for file in package.files] == [("a.txt", ()), ("b.txt", ())]


def test_a_header_that_lies_about_its_size_changes_nothing(tmp_path: Path) -> None:
    data = bytearray(zipped({"zeros.txt": bytes(30_000_000)}))
    at = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 10)

    package = opened(tmp_path, bytes(data))

    assert [(file.name, file.faults) for file in package.files] == [("package.zip", (Fault.DAMAGED,))]


def test_the_whole_package_has_a_limit_counted_byte_by_byte(tmp_path: Path) -> None:
    files = {f"{at}.bin": bytes([at]) * 1000 for at in range(10)}

    assert len(opened(tmp_path, zipped(files), package_limit=10_000).files) == 10
    for path in (tmp_path / "into").iterdir():
        path.unlink()
    with pytest.raises(TooLarge) as refused:
        opened(tmp_path, zipped(files), package_limit=9_999)
    assert refused.value.facts["limit"] == 9_999
    assert list((tmp_path / "into").iterdir()) == []


def test_a_file_over_its_own_limit_is_kept_with_a_fault(tmp_path: Path) -> None:
    package = opened(tmp_path, zipped({"a.bin": b"12345", "b.bin": b"1234"}), file_limit=4)

    assert [(file.name, file.faults) for file in package.files] == [("a.bin", (Fault.TOO_LARGE,)), ("b.bin", ())]


@pytest.mark.parametrize("data", [zipped({}), zipped({"__MACOSX/._a": b"x", "folder/": b""})], ids=["nothing", "junk"])
def test_a_package_without_files_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(EmptyPackage):
        opened(tmp_path, data)


def test_an_empty_folder_is_refused_and_a_link_in_a_folder_too(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(EmptyPackage):
        unpack(folder, tmp_path / "into", file_limit=LIMIT, package_limit=LIMIT)
    (folder / "a.txt").symlink_to("/etc/hostname")
    with pytest.raises(UnsafeArchive):
        unpack(folder, tmp_path / "into", file_limit=LIMIT, package_limit=LIMIT)


@pytest.mark.parametrize("page", ["cp866", "cp1251", "utf-8"])
def test_names_of_every_packer_are_read(tmp_path: Path, page: str) -> None:
    raw = "Смета проекта.xlsx".encode(page)
    stand_in = b"x" * len(raw)
    data = zipped({stand_in.decode(): b"a"}).replace(stand_in, raw)

    assert names(opened(tmp_path, data)) == ["Смета проекта.xlsx"]


def test_a_name_in_the_unicode_field_outweighs_the_short_one(tmp_path: Path) -> None:
    import zlib

    short, long = b"bilet.txt", "Билдирүү.txt".encode()
    extra = struct.pack("<HHBI", 0x7075, 5 + len(long), 1, zlib.crc32(short)) + long
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo(short.decode())
        info.extra = extra
        archive.writestr(info, b"a")

    assert names(opened(tmp_path, out.getvalue())) == ["Билдирүү.txt"]


def test_a_locked_archive_is_kept_as_it_came(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": b"a"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1

    package = opened(tmp_path, bytes(data))

    assert [(file.name, file.faults) for file in package.files] == [("package.zip", (Fault.ENCRYPTED,))]


def test_a_broken_archive_is_kept_as_it_came(tmp_path: Path) -> None:
    package = opened(tmp_path, zipped({"a.txt": b"a" * 9000})[:-40])

    assert [(file.name, file.faults) for file in package.files] == [("package.zip", (Fault.TRUNCATED,))]
