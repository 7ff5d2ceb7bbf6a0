import os
import signal
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from documents.sandbox import Reader
from schemas.document import Facts, Fault, Kind, Media

MEMORY = 1_000_000_000


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(cpu_seconds=2, memory=MEMORY, file_limit=50_000_000) as reader:
        yield reader


def pdf_of(objects: list[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer << /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))


def stream(data: bytes, extra: bytes = b"") -> bytes:
    return packed_stream(zlib.compress(data, 9), extra)


def packed_stream(packed: bytes, extra: bytes = b"") -> bytes:
    return b"<< /Length %d /Filter /FlateDecode %s >>\nstream\n%s\nendstream" % (len(packed), extra, packed)


def heavy(pages: int, operators: int) -> bytes:
    """Many pages that share one page of very many words: honest to look at, endless to read."""
    content = b"BT /F1 6 Tf " + b"(abcdefghij) Tj 1 0 Td " * operators + b"ET"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 3 0 R /Resources << /Font << /F1 4 0 R >> >> >>"
    kids = b" ".join(b"%d 0 R" % number for number in range(5, 5 + pages))
    return pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count %d /Kids [ %s ] >>" % (pages, kids),
            stream(content),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            *[page] * pages,
        ]
    )


def bomb(megabytes: int) -> bytes:
    """A page whose contents unpack to that much white space."""
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(b" " * 1_000_000) for _ in range(megabytes)) + packer.flush()
    return pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [ 3 0 R ] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << >> >>",
            packed_stream(packed),
        ]
    )


def put(tmp_path: Path, name: str, data: bytes) -> tuple[Path, str]:
    path = tmp_path / name
    path.write_bytes(data)
    return path, name


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def template(reader: Reader) -> int:
    assert reader._template is not None
    return reader._template.pid


def test_a_file_is_read_in_a_child_and_its_facts_come_back(reader: Reader, word: Any) -> None:
    facts = reader.read(word("a.docx", ["Устав общественного фонда «Мээрим»", "Общие положения"]), "устав.docx")

    assert (facts.media, facts.kind, facts.faults) == (Media.DOCX, Kind.CHARTER, [])


def test_many_files_come_back_in_their_order(reader: Reader, tmp_path: Path) -> None:
    files = [put(tmp_path, f"{at}.txt", f"ИНН 01707201410029 {'слово ' * at}".encode()) for at in range(20)]
    files.insert(7, put(tmp_path, "empty.pdf", b""))

    faults = [facts.faults for facts in reader.read_all(files)]

    assert faults == [[Fault.EMPTY] if at == 7 else [] for at in range(21)]


def test_an_endless_file_is_too_slow_and_the_next_is_read(reader: Reader, tmp_path: Path) -> None:
    files = [put(tmp_path, "endless.pdf", heavy(250, 60_000)), put(tmp_path, "a.txt", "кат".encode())]

    seen = reader.read_all(files)

    assert [facts.faults for facts in seen] == [[Fault.TOO_SLOW], []]


def test_a_bomb_is_held_by_its_memory(tmp_path: Path) -> None:
    with Reader(cpu_seconds=20, memory=600_000_000, file_limit=50_000_000) as reader:
        facts = reader.read(*put(tmp_path, "bomb.pdf", bomb(500)))

    assert facts.faults == [Fault.TOO_HUNGRY]


def test_a_reader_that_dies_in_the_middle_is_a_crash_of_that_file_only(reader: Reader, tmp_path: Path) -> None:
    file = put(tmp_path, "endless.pdf", heavy(250, 60_000))
    reader.read(*put(tmp_path, "a.txt", b"warm"))
    answers: list[Facts] = []
    asked = threading.Thread(target=lambda: answers.append(reader.read(*file)))
    asked.start()
    for _ in range(500):
        if running := children(template(reader)):
            break
        time.sleep(0.005)
    time.sleep(0.1)
    os.kill(running[0], signal.SIGSEGV)
    asked.join(20)

    assert [facts.faults for facts in answers] == [[Fault.CRASHED]]
    assert reader.read(*put(tmp_path, "b.txt", b"on we go")).faults == []


def test_a_template_that_was_killed_is_started_again(reader: Reader, tmp_path: Path) -> None:
    file = put(tmp_path, "a.txt", "ИНН 01707201410029".encode())
    first = reader.read(*file)
    old = template(reader)
    os.kill(old, signal.SIGKILL)

    assert reader.read(*file) == first
    assert template(reader) != old


def test_a_template_killed_in_the_middle_takes_its_child_along_and_the_batch_is_read_again(
    reader: Reader, tmp_path: Path
) -> None:
    files = [put(tmp_path, f"{at}.txt", b"a letter" * 10) for at in range(3)]
    files.append(put(tmp_path, "endless.pdf", heavy(250, 60_000)))
    reader.read(*files[0])
    answers: list[list[Facts]] = []
    asked = threading.Thread(target=lambda: answers.append(reader.read_all(files)))
    asked.start()
    time.sleep(0.6)
    old = template(reader)
    running = children(old)
    os.kill(old, signal.SIGKILL)
    asked.join(40)

    assert [facts.faults for facts in answers[0]] == [[], [], [], [Fault.TOO_SLOW]]
    assert not any(
        Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text() for pid in running
    )


def test_several_threads_may_share_a_reader(reader: Reader, tmp_path: Path) -> None:
    files = [put(tmp_path, f"{at}.txt", f"почта a{at}@b.kg ИНН 01707201410029".encode()) for at in range(6)]
    answers: dict[int, Facts] = {}
    threads = [
        threading.Thread(target=lambda at=at, file=file: answers.__setitem__(at, reader.read(*file)))
        for at, file in enumerate(files)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(answers) == list(range(6))


def test_a_closed_reader_leaves_no_process(tmp_path: Path) -> None:
    with Reader(cpu_seconds=2, memory=MEMORY, file_limit=1000) as reader:
        reader.read(*put(tmp_path, "a.txt", b"a"))
        pid = template(reader)

    assert not Path(f"/proc/{pid}").exists()


def test_secrets_of_the_caller_do_not_reach_the_reader(reader: Reader, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("ASHAR_S3_SECRET_KEY", "hush")
    with Reader(cpu_seconds=2, memory=MEMORY, file_limit=1000) as fresh:
        fresh.read(*put(tmp_path, "a.txt", b"a"))
        assert b"hush" not in Path(f"/proc/{template(fresh)}/environ").read_bytes()


def test_a_file_that_is_not_there_is_a_fault_and_no_error(reader: Reader, tmp_path: Path) -> None:
    assert reader.read(tmp_path / "nowhere.pdf", "nowhere.pdf").faults == [Fault.CRASHED]
