import hashlib

from rules import edition, packs


def test_the_program_is_called_by_its_version_and_the_hash_of_its_rules():
    code = hashlib.sha256()
    for path in sorted(edition.FOLDER.glob("*.py")):
        code.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")

    assert edition.program().partition("+")[2] == code.hexdigest()[:12]
    assert edition.program()[0].isdecimal()


def test_a_packs_edition_names_its_text_and_people_see_the_beginning_of_its_hash():
    pack = packs.load("kg-604-2022")
    text = (packs.FOLDER / "kg-604-2022.toml").read_bytes()
    assert pack.edition == f"kg-604-2022@{pack.version}+{hashlib.sha256(text).hexdigest()}"
    assert edition.shown(pack.edition) == f"kg-604-2022@{pack.version}+{pack.sha256[:12]}"
    assert edition.text_of(pack.edition) == pack.sha256


def test_an_edition_without_a_text_is_shown_as_it_is():
    assert edition.shown("kg-604-2022@2022.1") == "kg-604-2022@2022.1"
    assert edition.text_of("kg-604-2022@2022.1") == ""
