"""Signatures beside their files, all checked in the sandbox: the file bears the verdict, the signature says whose it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from documents import detached
from documents.sandbox import Reader
from schemas.facts import Facts, Fault, Media, Seen
from tests.documents.signers import HEAD, flip, paper, root, sign_apart, sign_pdf, signer

LETTER, CHARTER = "арыз.pdf", "устав.pdf"


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(cpu_seconds=20, memory=1_000_000_000, file_limit=50_000_000, roots=[root()]) as reader:
        yield reader


def laid_out(folder: Path, files: dict[str, bytes]) -> list[tuple[Path, str]]:
    paths = [(folder / str(at), name) for at, name in enumerate(files)]
    for (path, _), content in zip(paths, files.values(), strict=True):
        path.write_bytes(content)
    return paths


def package(reader: Reader, folder: Path, files: dict[str, bytes]) -> dict[str, Facts]:
    paths = laid_out(folder, files)
    seen = reader.read_all(paths)
    detached.check(reader, [(path, name, facts) for (path, name), facts in zip(paths, seen, strict=True)])
    return dict(zip(files, seen, strict=True))


def verdicts(facts: Facts) -> list[tuple[bool, bool, bool]]:
    return [(one.checked, one.intact, one.trusted) for one in facts.signatures]


def test_signatures_are_checked_under_the_limits_of_the_sandbox(reader: Reader, tmp_path: Path):
    good = sign_pdf(paper())
    seen = package(
        reader, tmp_path, {"a.pdf": good, "b.pdf": flip(good, good.index(b"/MediaBox") + 14), "c.pdf": paper()}
    )

    assert [verdicts(one) for one in seen.values()] == [[(True, True, True)], [(True, False, False)], []]
    assert [one.signed for one in seen.values()] == [Seen.SEEN, Seen.CANNOT_TELL, Seen.CANNOT_TELL]


def test_the_file_bears_the_verdict_of_the_signature_beside_it(reader: Reader, tmp_path: Path):
    files = {LETTER: paper(), CHARTER: paper("Charter"), f"{LETTER}.p7s": sign_apart(paper())}
    seen = package(reader, tmp_path, files)

    assert seen[f"{LETTER}.p7s"].text("signs") == LETTER
    assert (seen[LETTER].signed, verdicts(seen[LETTER])) == (Seen.SEEN, [(True, True, True)])
    assert (seen[CHARTER].signed, verdicts(seen[CHARTER])) == (Seen.CANNOT_TELL, [])


def test_two_people_may_sign_one_file_each_with_a_signature_of_his_own(reader: Reader, tmp_path: Path):
    second = sign_apart(paper(), signer("Асанова Айгүл", organisation=""))
    seen = package(reader, tmp_path, {LETTER: paper(), "1.p7s": sign_apart(paper()), "2.sig": second})

    assert [one.by.split(",")[0] for one in seen[LETTER].signatures] == [HEAD, "Асанова Айгүл"]


def test_a_signature_of_another_file_does_not_make_this_one_signed(reader: Reader, tmp_path: Path):
    seen = package(reader, tmp_path, {LETTER: paper("Changed"), f"{LETTER}.p7s": sign_apart(paper())})

    assert (seen[LETTER].signed, verdicts(seen[LETTER])) == (Seen.CANNOT_TELL, [(True, False, False)])


@pytest.mark.parametrize("broken", [b"\x30\x80garbage", sign_apart(paper())[:900], b""])
def test_a_broken_signature_says_nothing_of_the_file_that_it_is_called_after(
    reader: Reader, tmp_path: Path, broken: bytes
):
    seen = package(reader, tmp_path, {LETTER: paper(), f"{LETTER}.p7s": broken})

    assert (seen[LETTER].signed, seen[LETTER].signatures) == (Seen.CANNOT_TELL, [])
    assert len(seen[f"{LETTER}.p7s"].faults) == 1


def test_a_signature_whose_file_is_not_there_stays_alone(reader: Reader, tmp_path: Path):
    seen = package(reader, tmp_path, {CHARTER: paper("Charter"), f"{LETTER}.p7s": sign_apart(paper())})

    assert (detached.alone(seen[f"{LETTER}.p7s"]), seen[CHARTER].signatures) == (True, [])


def test_a_file_that_is_withheld_is_not_opened_for_its_signature(reader: Reader, tmp_path: Path):
    ((letter, _), (own, name)) = laid_out(tmp_path, {LETTER: paper(), "a.p7s": sign_apart(paper())})
    withheld, signature = Facts(faults=[Fault.INFECTED]), Facts(media=Media.SIGNATURE)
    detached.check(reader, [(letter, LETTER, withheld), (own, name, signature)])

    assert (withheld.signatures, signature.text("signs")) == ([], None)


def test_only_the_very_bytes_count_where_a_later_version_may_have_the_name(reader: Reader, tmp_path: Path):
    ((letter, _), (own, name)) = laid_out(tmp_path, {LETTER: paper("Later"), f"{LETTER}.p7s": sign_apart(paper())})
    later, signature = Facts(media=Media.PDF), Facts(media=Media.SIGNATURE)

    assert detached.match(reader, (own, name, signature), [(letter, LETTER, later)], by_digest=True) is None
    assert (later, signature) == (Facts(media=Media.PDF), Facts(media=Media.SIGNATURE))


def test_of_two_files_of_one_name_only_one_bears_the_verdict(reader: Reader, tmp_path: Path):
    paths = laid_out(tmp_path, {"a": paper(), "b": paper("Other"), "c": sign_apart(paper())})
    first, second, own = Facts(media=Media.PDF), Facts(media=Media.PDF), Facts(media=Media.SIGNATURE)
    named = [LETTER, LETTER, f"{LETTER}.p7s"]
    detached.check(
        reader, [(path, name, facts) for (path, _), name, facts in zip(paths, named, (first, second, own), strict=True)]
    )

    assert ([one.intact for one in first.signatures], second.signatures) == ([True], [])


def test_past_a_number_that_no_package_needs_signatures_are_not_looked_at(reader: Reader, tmp_path: Path):
    ((path, name),) = laid_out(tmp_path, {"a.p7s": b"garbage"})
    files = [(path, name, Facts(media=Media.SIGNATURE)) for _ in range(detached.AT_MOST + 1)]
    detached.check(reader, files)

    assert [one.faults for _, _, one in files] == [[Fault.DAMAGED]] * detached.AT_MOST + [[Fault.TOO_SLOW]]
