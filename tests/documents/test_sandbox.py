import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from documents import recognise, sandbox_template
from documents.sandbox import Reader
from schemas.facts import Facts, Fault, Kind, Media
from tests.documents.hostile.pdfs import bomb, heavy

MEMORY = 1_000_000_000


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(cpu_seconds=2, memory=MEMORY, file_limit=50_000_000) as reader:
        yield reader


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


def test_the_letter_that_warms_the_template_has_text_and_values(reader: Reader, tmp_path: Path) -> None:
    facts = reader.read(*put(tmp_path, "letter.pdf", sandbox_template._letter()))

    assert (facts.faults, facts.text_layer, set(facts.values)) == ([], True, {"inn", "dated", "requested"})


def test_a_warm_template_knows_the_words_of_papers_that_are_of_no_kind() -> None:
    recognise._stems.cache_clear()

    sandbox_template._warm()

    assert recognise._stems.cache_info().currsize == 1


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
