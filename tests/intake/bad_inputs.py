"""What may come in and must not harm: one list for the tests and for docs/bad-input.md.

`told` is what people read, with facts as they may be: an error at the door, or a remark on the file.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from schemas import errors
from schemas.errors import AsharError
from schemas.event import Act
from schemas.finding import Remark, Severity

CUTOFF = datetime(2018, 8, 3, 11, 0, tzinfo=UTC)
LATE = datetime(2018, 8, 3, 11, 0, 1, tzinfo=UTC)
SHA = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
CASE = "5f0c2e4a-6d0b-4b7e-9a3c-1d2e3f4a5b6c"
NOTHING = "nothing is recorded; the sender still has his files"
ALL = "the application, every byte of it, its receipt"


@dataclass(frozen=True)
class Bad:
    """One kind of bad input: `name` is the test, `came` what came in, `then` what happens, `kept` what stays."""

    name: str
    came: str
    then: str
    told: AsharError | Remark
    kept: str

    def __str__(self) -> str:
        return self.name


def fault(fault: str, name: str) -> Remark:
    return Remark(rule="unreadable", severity=Severity.TO_CURE, facts={"code": "D06", "fault": fault, "name": name})


def refused(act: Act, noun: str, status: str, **facts: object) -> AsharError:
    return errors.WrongMoment(act=act, noun=noun, status=status, **facts)


BAD = (
    # -- files
    Bad(
        "unknown_type",
        "a file that no program of an office makes",
        "taken; a gap to cure",
        fault("unknown_type", "план.xyz"),
        ALL,
    ),
    Bad(
        "program",
        "a program, or a script, that bears the name of a document or its own",
        "taken; a gap to cure; the file is not opened",
        fault("program", "Устав.pdf"),
        ALL,
    ),
    Bad("empty", "an empty file", "taken; a gap to cure", fault("empty", "Устав.docx"), ALL),
    Bad("encrypted", "a PDF with a password", "taken; a gap to cure", fault("encrypted", "Устав.pdf"), ALL),
    Bad("truncated", "half a PDF", "taken; a gap to cure", fault("truncated", "Устав.pdf"), ALL),
    Bad("damaged", "a .docx whose inside is broken", "taken; a gap to cure", fault("damaged", "Билдирме.docx"), ALL),
    Bad(
        "larger_than_a_file_may_be",
        "a file above `ASHAR_FILE_LIMIT`, in a package below its own limit",
        "taken; a gap to cure; the file is not read",
        fault("too_large", "Видео.pdf"),
        ALL,
    ),
    Bad(
        "three_hundred_megabytes",
        "a package above `ASHAR_PACKAGE_LIMIT` (300 MB), read in pieces: memory stays where it was",
        "refused at the door",
        errors.TooLarge(name="package", size=250_216_448, limit=250_000_000),
        NOTHING,
    ),
    Bad("no_files", "an empty folder", "refused at the door", errors.EmptyPackage(name="package"), NOTHING),
    Bad(
        "zip_that_climbs_out",
        "a zip with `../` in a name",
        "refused at the door; nothing is unpacked",
        errors.UnsafeArchive(name="package.zip", why="path"),
        NOTHING,
    ),
    Bad(
        "zip_bomb",
        "a zip that unpacks to far more than it weighs",
        "refused at the door",
        errors.UnsafeArchive(name="package.zip", why="ratio"),
        NOTHING,
    ),
    Bad(
        "link_in_a_folder",
        "a folder with a link to a file of the machine",
        "refused at the door; the link is not followed",
        errors.UnsafeArchive(name="package", why="link"),
        NOTHING,
    ),
    Bad(
        "wrong_contest",
        "papers that name another contest",
        "taken; a gap to cure",
        Remark(
            rule="wrong_contest",
            severity=Severity.TO_CURE,
            facts={"code": "D02", "name": "Билдирме.docx", "found": "OSH-2019-4", "expected": "BATKEN-2018-1"},
        ),
        ALL,
    ),
    Bad(
        "changed_after_signing",
        "a PDF that was changed after it was signed digitally",
        "taken; a gap to cure",
        Remark(rule="signature_broken", severity=Severity.TO_CURE, facts={"code": "D05", "name": "05_Күбөлүк.pdf"}),
        ALL,
    ),
    Bad(
        "signature_alone",
        "a digital signature (.p7s) without the file that it is of",
        "taken; the secretary is told",
        Remark(rule="signature_without_file", severity=Severity.NOTICE, facts={"name": "Устав.pdf.p7s"}),
        ALL,
    ),
    # -- time
    Bad(
        "a_second_late",
        "a package one second after the cut-off",
        "turned away",
        errors.TooLate(received=LATE, cutoff=CUTOFF, number=13, sha256=SHA),
        "a record of it with time, names and hashes; its receipt goes to the sender",
    ),
    Bad(
        "before_the_announcement",
        "a package for a contest that is not announced",
        "refused at the door",
        refused(Act.APPLICATION_RECEIVE, "contest", "drafted"),
        NOTHING,
    ),
    Bad(
        "cure_after_its_term",
        "what was missing, a day after the term",
        "refused on record, with a receipt; the application is refused for its gaps",
        errors.TooLate(received=LATE, cutoff=CUTOFF.date()),
        "the receipt with the hashes",
    ),
    Bad(
        "cancelled_contest",
        "a package for a contest that was cancelled",
        "refused on record, with a receipt",
        refused(Act.APPLICATION_RECEIVE, "contest", "cancelled"),
        "the receipt with the hashes",
    ),
    # -- law and settings
    Bad(
        "pack_without_a_value",
        "a rule pack that lacks a value",
        "not loaded, with every missing value at once",
        errors.IncompletePack(pack="kg-604-2022", missing=["cure.term: missing", "quorum.share: missing"]),
        "the contests that are pinned to complete packs go on",
    ),
    Bad(
        "contest_file_at_odds",
        "a contest file with days, sums and lots that do not go together, a text that is missing",
        "no contest is drafted, with everything at once",
        errors.BadContestFile(missing="goal.ru", wrong="budget_som, cutoff, project_ends"),
        "the programme as it was",
    ),
    # -- who and when
    Bad(
        "act_at_the_wrong_stage",
        "an act at a stage that does not allow it",
        "refused",
        refused(Act.CONTRACT_SIGN, "contract", "closed"),
        "everything as it was",
    ),
    Bad(
        "act_by_the_wrong_role",
        "an act by a role that may not do it",
        "refused before anything is read",
        errors.NotAllowed(act=Act.CONTEST_PUBLISH, role="applicant"),
        "everything as it was",
    ),
    Bad(
        "another_customers_thing",
        "the id of another customer's case, contract, period, finding …",
        "answered like an id that does not exist",
        errors.NotFound(noun="application", id=CASE),
        "everything as it was",
    ),
    Bad(
        "sealed_before_the_cutoff",
        "the trail of a package before its contest is opened",
        "refused, whoever asks",
        errors.Sealed(application=CASE, cutoff=CUTOFF),
        "the package stays sealed",
    ),
    Bad(
        "no_reason",
        "a decision without a reason",
        "refused",
        errors.NoReason(act=Act.FINDING_OVERRIDE),
        "everything as it was",
    ),
    Bad(
        "login_that_looks_like_another",
        "a login with a Cyrillic or Turkish letter that looks Latin",
        "refused",
        errors.BadLogin(login="bаtken.head"),
        "nothing is recorded",
    ),
    Bad(
        "sum_that_cannot_be",
        "a budget line of nought, below it, or above what can be counted",
        "refused",
        errors.BadAmount(amount=-5_000_000),
        "nothing is recorded",
    ),
    # -- things outside
    Bad(
        "store_down_in_the_middle",
        "the object store stops answering between two files",
        "not taken; the same package is taken when it answers again",
        errors.StoreDown(why="ConnectionError"),
        "no half application; bytes that were stored are swept later",
    ),
    Bad(
        "database_locked",
        "another program holds the database",
        "not taken; the same package is taken afterwards",
        errors.DatabaseBusy(why="turn"),
        "no half application",
    ),
    Bad(
        "address_that_is_none",
        "a letter to what is no e-mail address, with a mail server",
        "the errand becomes a person's task",
        errors.BadAddress(letter=CASE),
        "the letter, in the outbox",
    ),
)
