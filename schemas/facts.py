"""What was read in a file: its kind, faults, values and where each stood. No table is here, so that a reader carries no database."""

import struct
from base64 import b64decode
from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, model_validator


class Kind(StrEnum):
    """Document catalogue of DOMAIN: what a file is for."""

    LETTER = "D01"
    PROJECT = "D02"
    PLAN = "D03"
    BUDGET = "D04"
    REGISTRATION = "D05"
    CHARTER = "D06"
    TAX_CERTIFICATE = "D07"
    SOCIAL_CERTIFICATE = "D08"
    HEAD_APPOINTMENT = "D09"
    BANK_DETAILS = "D10"
    STAFF_CV = "D11"
    PAST_PROJECTS = "D12"
    PARTNER_LETTER = "D13"
    LICENCE = "D14"
    DECLARATION = "D15"
    ANNUAL_REPORT = "D16"
    CONSENT = "D17"
    PRICE_QUOTE = "D18"
    # produced by Ashar or handed in later
    RECEIPT = "receipt"
    BUNDLE = "bundle"
    MINUTES = "minutes"
    CONTRACT = "contract"
    ANNOUNCEMENT = "announcement"
    NOTICE = "notice"
    PROGRAMME_REPORT = "programme_report"
    FINANCIAL_REPORT = "financial_report"
    PAYMENT_ORDER = "payment_order"
    OVERVIEW = "overview"
    DISPOSAL = "disposal"
    OTHER = "other"


class Media(StrEnum):
    """True type, by content."""

    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    DOC = "doc"
    XLS = "xls"
    ODT = "odt"
    RTF = "rtf"
    JPEG = "jpeg"
    PNG = "png"
    ZIP = "zip"
    TEXT = "text"
    SIGNATURE = "signature"  # a detached signature of another file
    UNKNOWN = "unknown"


class Fault(StrEnum):
    """What makes one file of no or little use. The value is the catalog key of its sentence."""

    EMPTY = "empty"
    UNKNOWN_TYPE = "unknown_type"
    WRONG_NAME = "wrong_name"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    TRUNCATED = "truncated"
    TOO_LARGE = "too_large"
    TOO_MANY_PAGES = "too_many_pages"
    ROWS_CUT = "rows_cut"
    TOO_SLOW = "too_slow"
    TOO_HUNGRY = "too_hungry"
    CRASHED = "crashed"
    PROGRAM = "program"
    INFECTED = "infected"
    UNSCANNED = "unscanned"
    ACTIVE_CONTENT = "active_content"
    XFA = "xfa"
    MACROS = "macros"
    EXTERNAL_LINKS = "external_links"
    TRACKED_CHANGES = "tracked_changes"
    UNSAFE_ARCHIVE = "unsafe_archive"
    LEGACY = "legacy"
    NO_TEXT = "no_text"
    BAD_TEXT = "bad_text"
    TURNED = "turned"
    ILLEGIBLE = "illegible"


class Seen(StrEnum):
    """Whether a signature or stamp is there: three answers, never a guess."""

    SEEN = "seen"
    NOT_SEEN = "not_seen"
    CANNOT_TELL = "cannot_tell"


class Value(BaseModel):
    """One thing read from a file, with the place it came from."""

    model_config = ConfigDict(frozen=True)

    value: str | int  # dates as ISO text, money as integer tyiyn
    place: str  # "table 1, row 3", "sheet Смета, B12", "page 2"
    confidence: int = 100  # per cent; integers only, since facts enter the ledger


class Signature(BaseModel):
    """One digital signature of a file. The three verdicts are the validator's; who reads them decides."""

    model_config = ConfigDict(frozen=True)

    by: str  # the certificate's subject
    at: str = ""  # ISO instant: the time stamp's, else what the signer claims
    stamped: bool = False  # a time stamp stands for it
    intact: bool  # what was signed is unchanged, but for what the signer allowed
    trusted: bool  # it leads to a known certification centre
    whole: bool = True  # nothing but other signatures was added to the file afterwards
    checked: bool = True  # False: no verdict, for its form or its algorithm is not known here; a person looks
    place: str = ""  # the field, or the name of the signature's own file


class BudgetLine(BaseModel):
    """One line of a budget. All sums in tyiyn."""

    name: str
    total: int
    requested: int
    own: int = 0
    place: str = ""


class PlannedLine(BaseModel):
    """What the plan of one period gives a line of the contract, in tyiyn."""

    name: str
    amount: int


class Indicator(BaseModel):
    """What the project promises to reach, or what a report says was reached."""

    name: str
    unit: str = ""
    baseline: int = 0
    target: int = 0
    reached: int | None = None
    place: str = ""


class Expense(BaseModel):
    """One receipt of the register of a financial report. The sum in tyiyn; `dated` ISO, empty where no day could be read."""

    number: str = ""
    dated: str = ""
    payee: str = ""
    line: str = ""  # of the budget
    amount: int = 0
    place: str = ""


class Checkpoint(BaseModel):
    """A step of the work with the day it was planned for and the day it was done. Days ISO, empty where none could be read."""

    name: str
    planned: str = ""
    actual: str = ""
    place: str = ""


SKETCH = 256  # numbers of a sketch


class Sketch(BaseModel):
    """What is kept of a text for telling copies: the smallest numbers of its word sequences, and how many it has in all."""

    model_config = ConfigDict(frozen=True)

    of: int  # different sequences of words in the text
    hashes: str  # the smallest of their 32-bit numbers, ascending, big-endian, base64

    @model_validator(mode="after")
    def _whole(self) -> "Sketch":
        numbers = self.numbers()
        if len(numbers) != min(self.of, SKETCH) or list(numbers) != sorted(set(numbers)):
            raise ValueError("no sketch")
        return self

    def numbers(self) -> tuple[int, ...]:
        """The numbers, ascending. Raises ValueError for what is no base64."""
        raw = b64decode(self.hashes, validate=True)
        return struct.unpack(f">{len(raw) // 4}I", raw[: len(raw) // 4 * 4])


class Facts(BaseModel):
    """What inspection and reading found in one file. Never the whole text."""

    media: Media = Media.UNKNOWN
    faults: list[Fault] = []
    pages: int | None = None
    text_layer: bool = False
    language: str | None = None
    kind: Kind = Kind.OTHER
    kind_confidence: int = 0
    signed: Seen = Seen.CANNOT_TELL
    recognised: int = 0  # pages read by text recognition; their values are no surer than it was
    scanned: bool = False  # shown to the malware scanner, every byte
    signatures: list[Signature] = []
    # keys in use: contest, theme, title, organisation, inn, okpo, head, phone, email, address, bank_account,
    # registration_number, registered_on, number, issued_on, valid_until, dated, requested, own_contribution, total,
    # target_group, beneficiaries, starts, ends, spent, balance, opening, received, closing, period,
    # taken_on (the day that a photograph carries), form (the city's own form and its version),
    # organisation_key (the name folded for comparison), commercial (legal form), arrears,
    # malware (its name), signs (the file that a detached signature is of)
    values: dict[str, Value] = {}
    # fields of a form that were seen, by the key of their label: True where something is written, long answers too
    fields: dict[str, bool] = {}
    lines: list[BudgetLine] = []
    indicators: list[Indicator] = []
    expenses: list[Expense] = []  # the register of a financial report
    explanations: dict[str, str] = {}  # of a financial report: why a line is off the plan, by the line's name
    checkpoints: list[Checkpoint] = []  # of a programme report; of an application and its plan: with the day planned
    sketch: Sketch | None = None  # of a project or a plan: for telling copies
    # whether the file adds up; None where there is nothing to add
    arithmetic_holds: bool | None = None

    def text(self, name: str) -> str | None:
        found = self.values.get(name)
        return None if found is None else str(found.value)

    def amount(self, name: str) -> int | None:
        """Money in tyiyn, or a count."""
        found = self.values.get(name)
        return found.value if found is not None and isinstance(found.value, int) else None

    def day(self, name: str) -> date | None:
        found = self.values.get(name)
        try:
            return date.fromisoformat(str(found.value)) if found is not None else None
        except ValueError:
            return None


class Picture(BaseModel):
    """One page of a file as PNG (base64), 8 bits of grey; `faults` where there is none."""

    png: str = ""
    pages: int = 0
    faults: list[Fault] = []
