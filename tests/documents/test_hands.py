from pathlib import Path

import pytest

from cli.demo import printing
from cli.demo.word import word
from cli.demo.wording import Said, Sheet, Signed
from documents import hands, pdf
from documents import word as reader
from schemas.facts import Seen

TEXT = tuple(Said(f"Сап {number}: шаардын көчөлөрү жана короолору тууралуу сөз.") for number in range(12))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Директор: ______________ Осмонова Назгүл", True),
        ("Төрага ________ А. Асанов", True),
        ("Head of department ............ Mamytov E. K.", True),
        ("Башкы бухгалтер _____ / Сыдыкова А. /", True),
        ("№ ______ Баткен шаары", False),
        ("Директор: ______________", False),
        ("Осмонова Назгүл Бакытовна", False),
        ("«___» ________ 2018-ж.", False),
    ],
)
def test_a_post_an_empty_line_and_a_name_wait_for_a_hand(text: str, expected: bool):
    assert hands.waits(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Директор: Осмонова Н. Б.", True),
        ("Executive director Bakyt Asanov", True),
        ("Биздин уюм 2015-жылдан бери иштейт", False),
        ("Осмонова Назгүл " + "көчөлөрдүн тазалыгы жөнүндө сүйлөдү жана айтты " * 3, False),
    ],
)
def test_beside_a_picture_a_name_signs_and_a_sentence_does_not(text: str, expected: bool):
    assert hands.names_one(text) is expected


def seen(folder: Path, sheet: Sheet) -> list[Seen]:
    """What a Word file and a PDF of the sheet show."""
    (folder / "a.docx").write_bytes(word(sheet))
    (folder / "a.pdf").write_bytes(printing.pdf(sheet))
    return [reader.read(folder / "a.docx").signed, pdf.read(folder / "a.pdf").signed]


@pytest.mark.parametrize("label", ["Директор", "Уюштуруучу", "Entrepreneur"])
def test_a_hand_or_an_empty_line_at_any_post_is_told(tmp_path: Path, label: str):
    assert seen(tmp_path, (*TEXT, Signed(label, "Осмонова Н.", "hand"))) == [Seen.SEEN, Seen.SEEN]
    assert seen(tmp_path, (*TEXT, Signed(label, "Осмонова Н.", None))) == [Seen.NOT_SEEN, Seen.NOT_SEEN]
    assert seen(tmp_path, TEXT) == [Seen.CANNOT_TELL, Seen.CANNOT_TELL]


def test_a_picture_beside_a_name_in_the_letterhead_is_no_signature(tmp_path: Path):
    assert seen(tmp_path, (Signed("Коомдук фонд", "Таза Көчө", "hand"), *TEXT)) == [Seen.CANNOT_TELL, Seen.CANNOT_TELL]
