import hashlib

from rules import edition


def test_the_program_is_called_by_its_version_and_the_hash_of_its_rules():
    code = hashlib.sha256()
    for path in sorted(edition.FOLDER.glob("*.py")):
        code.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")

    assert edition.program().partition("+")[2] == code.hexdigest()[:12]
    assert edition.program()[0].isdecimal()
