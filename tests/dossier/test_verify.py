"""verify.py as a stranger has it: one file, Python alone, and its own arithmetic."""

import ast
import hashlib
import json
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from time import process_time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from documents.verifiers import verify
from storage import log
from storage.canonical import canonical
from tests.dossier.makers import CONTEST, VERIFIER, VERIFIERS, key_from, parts_of, raw, world
from tests.dossier.spoiling import POLICY, honest, parts, rows, sealed, with_rows

SCRIPT = VERIFIERS / "verify.py"
SILENT = sorted((Path(__file__).parent / "fixtures").glob("v1-silent-*.zip"))
FIXTURES = sorted(set((Path(__file__).parent / "fixtures").glob("v1-*.zip")) - set(SILENT))
OLD_KEY = (Path(__file__).parent / "fixtures" / "policy.txt").read_text(encoding="utf-8")


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "case.zip"
    file.write_bytes(sealed(parts()).zip())
    return file


def run(*words: object) -> subprocess.CompletedProcess[str]:
    """As a stranger runs it: nothing of ours within reach, and a console that knows no Cyrillic."""
    told = [str(one) for one in (sys.executable, "-I", "-S", SCRIPT, *words)]
    return subprocess.run(
        told, capture_output=True, encoding="utf-8", env={"PYTHONIOENCODING": "ascii"}, cwd="/", check=False
    )


class TestTheCommand:
    def test_a_good_one_is_told_in_three_languages_and_ends_with_0(self, good: Path):
        told = run(good, "--key", VERIFIER)

        assert told.returncode == 0, told.stderr
        for word in ("Толук жана өзгөртүүсүз", "Полно и без изменений", "Complete and unaltered"):
            assert word in told.stdout
        assert "Not proved:" in told.stdout

    def test_the_key_that_it_took_from_the_dossier_is_called_so(self, good: Path):
        assert VERIFIER in run(good, "-l", "en").stdout
        assert "You gave the key" in run(good, "-l", "en", "--key", VERIFIER).stdout

    def test_a_bad_one_ends_with_1_and_its_code(self, good: Path):
        good.write_bytes(good.read_bytes()[:-1])

        told = run(good, "-l", "ru")

        assert (told.returncode, "Первая ошибка: E01." in told.stdout) == (1, True)

    def test_a_policy_in_a_file_a_receipt_and_a_verdict_for_programs(self, good: Path, tmp_path: Path):
        (tmp_path / "policy").write_text(POLICY)
        size, note, _ = honest().notes[0]
        root = log.verify_note(note, VERIFIER).root.hex()

        told = run(good, "--policy", tmp_path / "policy", "--receipt", f"ashar {size} {root[:16]}", "--json")

        verdict = json.loads(told.stdout)
        assert (verdict["good"], verdict["receipts"], list(verdict["witnesses"])) == (True, 1, ["w"])

    def test_what_is_not_there_is_no_verdict(self, tmp_path: Path):
        assert run(tmp_path / "none.zip").returncode == 2

    def test_200_events_take_less_than_three_tenths_of_a_second(self):
        made = world(3, cases=2, each=200)
        whole = BytesIO(sealed(parts_of(made)).zip())
        begun = process_time()

        told = verify.verify(whole, VERIFIER)

        assert told["events"] == 200
        assert process_time() - begun < 0.3


class TestItStandsAlone:
    def test_it_is_python_3_9_and_imports_the_standard_library(self):
        tree = ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 9))
        imported = {
            name.partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in ([one.name for one in node.names] if isinstance(node, ast.Import) else [node.module or ""])
        }

        assert imported <= sys.stdlib_module_names

    def test_it_writes_nothing_and_goes_nowhere(self):
        source = SCRIPT.read_text(encoding="utf-8")

        assert not {"socket", "urllib", "http", "subprocess", "tempfile", "shutil", "os", "zipfile"} & set(
            source.replace(",", " ").split()
        )
        assert source.count("open(") == 3  # the policy, the dossier, standard output


class TestItsCurve:
    def test_it_says_of_signatures_what_the_library_says(self):
        for seed in range(12):
            key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(bytes([seed])).digest())
            message = bytes([seed]) * seed
            signature = key.sign(message)
            assert verify.signed(raw(key), message, signature)
            for at in (0, 31, 32, 63):
                spoilt = bytearray(signature)
                spoilt[at] ^= 1 << seed % 8
                assert not verify.signed(raw(key), message, bytes(spoilt))
            assert not verify.signed(raw(key), message + b"x", signature)
            assert not verify.signed(raw(key_from(99)), message, signature)

    def test_the_first_vectors_of_rfc_8032(self):
        key = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        signature = bytes.fromhex(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        )
        assert verify.signed(key, b"\x72", signature)

    def test_a_signature_has_one_spelling(self):
        key = key_from(5)
        signature = key.sign(b"x")
        larger = int.from_bytes(signature[32:], "little") + verify.ORDER

        assert not verify.signed(raw(key), b"x", signature[:32] + larger.to_bytes(32, "little"))

    def test_points_of_small_order_are_no_keys_in_either(self):
        """The page knows them by their y; here they are reckoned."""
        page = (VERIFIERS / "verify.html").read_text(encoding="utf-8")
        ys = {0, 1, verify.P - 1}
        for line in page.split("const TORSION")[1].split(";")[0].split("0x")[1:]:
            ys.add(int(line.split("n")[0], 16))

        assert len(ys) == len({0, 1, verify.P - 1}) + 2
        for y in ys:
            for sign in (0, 1):
                assert not verify.usable((y | sign << 255).to_bytes(32, "little"))
        assert verify.usable(raw(key_from(6)))


class TestItsTrees:
    @pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 8, 9, 21, 64, 65])
    def test_they_are_those_of_the_log(self, size: int):
        leaves = [log.leaf_hash(bytes([one])) for one in range(size)]
        tree = log.Tree(leaves)
        assert verify.root_of(leaves) == tree.root()
        assert verify.last_leaf_root(leaves[-1], size, tree.inclusion(size - 1)) == tree.root()
        for old in range(1, size + 1):
            path = tree.consistency(old)
            assert verify.consistent(old, size, tree.root(old), tree.root(), path)
            assert not verify.consistent(old, size, tree.root(old), tree.root(), [*path, bytes(32)])
            assert not verify.consistent(old, size, bytes(32), tree.root(), path)
            for at in range(len(path)):
                assert not verify.consistent(old, size, tree.root(old), tree.root(), path[:at] + path[at + 1 :])


@pytest.mark.parametrize("file", FIXTURES, ids=lambda file: file.stem)
def test_a_dossier_of_version_1_is_verified_for_ever(file: Path):
    with file.open("rb") as opened:
        told = verify.verify(opened, OLD_KEY)

    assert (told["name"].startswith(CONTEST), told["witnesses"]) == (True, {"w": 1_790_000_000})


@pytest.mark.parametrize("file", SILENT, ids=lambda file: file.stem)
def test_the_oldest_leave_out_a_value_and_hold_once_its_line_is_put_back(file: Path):
    with zipfile.ZipFile(file) as archive:
        given = {name: archive.read(name) for name in archive.namelist() if "manifest-" not in name}
    with pytest.raises(verify.Wrong) as wrong, file.open("rb") as opened:
        verify.verify(opened, OLD_KEY)
    assert wrong.value.args == ("E33", "data/events.jsonl:1")

    first = json.loads(rows(given)[0])["id"]
    values = {canonical(line) for one in world(2026).told for line in one.disclosures if line["event"] == first}
    there = rows(given, "data/disclosures.jsonl")
    digests = {json.loads(one)["digest"] for one in there}
    back = [one for one in values if json.loads(one)["digest"] not in digests]
    begin = sorted([*back, *(one for one in there if json.loads(one)["event"] == first)])
    rest = [one for one in there if json.loads(one)["event"] != first]
    whole = with_rows(given, [*begin, *rest], "data/disclosures.jsonl")

    told = verify.verify(BytesIO(sealed(whole).zip()), OLD_KEY)
    assert (len(back), told["redacted"], told["unaccounted"], told["withheld"]) == (1, 0, 0, 1)


def test_there_are_dossiers_of_version_1():
    assert [one.stem for one in FIXTURES] == ["v1-case", "v1-closing", "v1-contest"]
    assert [one.stem for one in SILENT] == ["v1-silent-case", "v1-silent-closing", "v1-silent-contest"]
