"""Signatures in files of their own: each is checked, in the sandbox, against the other files of its package.

The file that it is of bears its verdicts from then on; the signature itself says whose it is (the value `signs`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from documents.sandbox import Reader
from schemas.facts import Facts, Fault, Media, Seen

AT_MOST: Final = 64  # of one package; eight papers signed by two have 16
_WITHHELD: Final = frozenset({Fault.INFECTED, Fault.UNSCANNED})

File = tuple[Path, str, Facts]  # where it lies, the sender's name, and what was seen in it


def check(reader: Reader, files: Sequence[File]) -> None:
    """Adds the verdicts to the facts of a package's files. A package without such signatures costs nothing."""
    found = [one for one in files if alone(one[2])]
    for one in found[:AT_MOST]:
        match(reader, one, files)
    for _, _, facts in found[AT_MOST:]:
        facts.faults.append(Fault.TOO_SLOW)


def alone(facts: Facts) -> bool:
    """Whether it is a readable signature whose file is not known yet."""
    return facts.media is Media.SIGNATURE and "signs" not in facts.values and not set(facts.faults) - {Fault.WRONG_NAME}


def match(reader: Reader, own: File, beside: Sequence[File], *, by_digest: bool = False) -> Facts | None:
    """The facts, among those beside, of the file that a signature is of; its verdicts are added to both.

    `by_digest`: only the file whose very bytes were signed, not one that the signature is called after.
    """
    path, name, facts = own
    # of two files of one name the first: a verdict belongs to one file
    others = {called: (at, seen) for at, called, seen in reversed(beside) if _may_be_signed(seen)}
    told = reader.signature(path, name, [(at, called) for called, (at, _) in others.items()])
    signs = told.values.get("signs")
    if by_digest and (signs is None or signs.place != "digest"):
        return None
    facts.faults = list(dict.fromkeys([*facts.faults, *told.faults]))
    facts.signatures = told.signatures
    if signs is None or str(signs.value) not in others:
        return None
    facts.values["signs"] = signs
    _, signed = others[str(signs.value)]
    signed.signatures = [*signed.signatures, *told.signatures]
    if any(one.intact for one in told.signatures):
        signed.signed = Seen.SEEN
    return signed


def _may_be_signed(facts: Facts) -> bool:
    return facts.media is not Media.SIGNATURE and _WITHHELD.isdisjoint(facts.faults)
