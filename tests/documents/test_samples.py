"""Files that others wrote: each gets a verdict. Where the samples are not at hand, small ones are made instead."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents import reading
from documents.sandbox import Reader
from schemas.facts import Fault, Media

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"
KNOWN = {
    "broken.docx": Fault.DAMAGED,
    "broken.odt": Fault.DAMAGED,
    "invalid.pdf": Fault.DAMAGED,
    "example.doc": Fault.LEGACY,
    "fstek17.pdf": Fault.BAD_TEXT,
    "tz_scan_1page.pdf": Fault.NO_TEXT,
    "with-attachment.pdf": Fault.ACTIVE_CONTENT,
    "livecycle.pdf": Fault.XFA,
    "example.webp": Fault.UNKNOWN_TYPE,
    "01_МФО_Наклон.jpg": Fault.NO_TEXT,
}
WHOLE = {"law.pdf", "example.docx", "tz.docx", "example.xlsx", "example.odt", "cp1251.pdf", "VVP_6_tables.pdf"}


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(cpu_seconds=20, memory=1_000_000_000, file_limit=50_000_000) as reader:
        yield reader


@pytest.fixture
def files(tmp_path: Path, word: Any, sheet: Any, pdf: Any, scan: bytes) -> list[Path]:
    """The samples, or stand-ins under their names."""
    if SAMPLES.is_dir():
        return sorted(path for path in SAMPLES.iterdir() if path.is_file())
    text = ["Закон Кыргызской Республики", "О государственном социальном заказе", "Статья первая. Общие положения"]
    made = [word("example.docx", text), sheet("example.xlsx", [["Смета", 1]]), pdf("law.pdf", text)]
    made += [pdf("tz_scan_1page.pdf", scan)]
    for name, data in {
        "broken.docx": b"not a docx at all",
        "invalid.pdf": b"%PDF-1.7 and nothing else\n%%EOF",
        "01_МФО_Наклон.jpg": scan,
        "example.webp": b"RIFF\x10\0\0\0WEBPVP8 " + bytes(range(200, 255)),
    }.items():
        (tmp_path / name).write_bytes(data)
        made.append(tmp_path / name)
    return made


def test_every_sample_gets_a_verdict(reader: Reader, files: list[Path]) -> None:
    seen = dict(zip([path.name for path in files], reader.read_all([(path, path.name) for path in files]), strict=True))

    ended_badly = {Fault.CRASHED, Fault.TOO_SLOW, Fault.TOO_HUNGRY}
    assert {name for name, facts in seen.items() if ended_badly & set(facts.faults)} == set()
    assert {name for name, facts in seen.items() if facts.media is Media.UNKNOWN and not facts.faults} == set()
    assert {name: fault for name, fault in KNOWN.items() if name in seen and fault not in seen[name].faults} == {}
    assert {name: seen[name].faults for name in WHOLE & set(seen) if seen[name].faults} == {}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=st.sampled_from(
        [b"%PDF-1.7\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xd8\xff", b"{\\rtf1", b""]
    ),
    body=st.binary(max_size=600),
    suffix=st.sampled_from(["pdf", "docx", "xlsx", "doc", "jpg", "rtf", "txt", ""]),
)
def test_any_bytes_get_a_verdict(head: bytes, body: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / "any"
    path.write_bytes(head + body)

    facts = reading.read(path, f"any.{suffix}", file_limit=1_000_000)

    assert facts.media is not Media.UNKNOWN or facts.faults


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1, exclude_max=True), new=st.integers(0, 255), cut=st.floats(0.2, 1))
def test_a_changed_or_shortened_form_gets_a_verdict(at: float, new: int, cut: float, tmp_path: Path) -> None:
    from documents.forms import blank

    for form, suffix in (("application-form", "docx"), ("budget", "xlsx")):
        data = bytearray(blank(form, "ky"))
        data[int(at * len(data))] = new
        path = tmp_path / "changed"
        path.write_bytes(data[: int(len(data) * cut)])

        facts = reading.read(path, f"a.{suffix}", file_limit=1_000_000)

        assert facts.media is not Media.UNKNOWN or facts.faults
