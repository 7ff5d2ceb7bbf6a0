"""The two families of error. The class decides retry, status code and exit code; its name is the catalog key.

Facts are ids, codes, dates and amounts, never personal data: they fill the sentence in the reader's language
and may reach a log.
"""

from typing import ClassVar


class AsharError(Exception):
    """Something this program knows by name went wrong."""

    exit_code: ClassVar[int] = 70

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(type(self).__name__, facts)

    def __reduce__(self) -> tuple[object, ...]:
        """Facts have names: the way of other exceptions, by their arguments, would not bring one from another process."""
        return _again, (type(self), self.facts)

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return (
            f"{type(self).__name__}: {type(self).__doc__} ({told})"
            if told
            else f"{type(self).__name__}: {type(self).__doc__}"
        )


def _again(kind: type[AsharError], facts: dict[str, object]) -> AsharError:
    return kind(**facts)


class Refused(AsharError):
    """The rules do not allow this; trying again will not help."""

    exit_code = 2


class Temporary(AsharError):
    """Something outside did not answer; trying again may help."""

    exit_code = 75


# -- who and when ---------------------------------------------------------------------------------------------------


class NotAllowed(Refused):
    """This role may not do this act. Facts: act, role."""


class NotOperator(Refused):
    """A command of the machine, given under the name of a person who has not the operator's role. Facts: login."""


class NotFound(Refused):
    """There is no such thing here; another customer's things are answered the same way. Facts: noun, id."""


class WrongMoment(Refused):
    """This act is not possible at this stage. Facts: act, noun, status."""


class NotDeclared(Refused):
    """Members have not said whether they have an interest. Facts: members, count."""


class Sealed(Refused):
    """The package stays sealed until the cut-off. Facts: application, cutoff."""


class OwnInterest(Refused):
    """A member with a conflict of interest takes no part in this item. Facts: application, member."""


class OwnSheetFirst(Refused):
    """Others' score sheets are shown only after one's own is in. Facts: application."""


class NoReason(Refused):
    """This act needs a reason in words. Facts: act."""


class BadLogin(Refused):
    """A login is made of small Latin letters, digits, dots, dashes and underscores. Facts: login."""


class BadAddress(Refused):
    """The letter's address is none that mail can be sent to. Facts: letter."""


# -- packages and files ---------------------------------------------------------------------------------------------


class TooLate(Refused):
    """The package came after the cut-off; the receipt is kept. Facts: received, cutoff."""


class WrongContest(Refused):
    """The package names another contest. Facts: contest, named."""


class SameReport(Refused):
    """These files were handed in for this period and returned; another report is waited for. Facts: number, period, of, received."""


class EmptyPackage(Refused):
    """There is no file in the package."""


class UnsafeArchive(Refused):
    """The archive would write outside its folder, is nested too deep, or unpacks to far more than it weighs. Facts: name, why."""


class TooLarge(Refused):
    """The file is larger than may be handed in. Facts: name, size, limit (bytes)."""


class BadContestFile(Refused):
    """The contest file does not say what a contest needs. Facts: missing or wrong."""


class Retained(Refused):
    """These bytes are kept until a date and cannot be deleted before. Facts: key, until."""


class Withheld(Refused):
    """The file is given to nobody: it holds malware, or could not be checked for it. Facts: name."""


class BadCursor(Refused):
    """The page that was asked for is none of this question. Facts: cursor."""


class Altered(Refused):
    """The stored bytes are not those that were handed in. Facts: blob."""


# -- rules ----------------------------------------------------------------------------------------------------------


class IncompletePack(Refused):
    """The rule pack lacks values that the law's procedure needs. Facts: pack, missing."""


class NoPack(Refused):
    """No rule pack of that name. Facts: pack."""


class NoCalendar(Refused):
    """The public holidays of this year are not in the data yet. Facts: year."""


class NoQuorum(Refused):
    """Too few members entitled on this item are present. Facts: item, present, needed."""


class Shortage(Refused):
    """There are not enough members without a conflict to review every application. Facts: short."""


class BadSheet(Refused):
    """The score sheet leaves the scale, misses a criterion, or lacks a comment that is required. Facts: wrong."""


class AlreadyGiven(Refused):
    """This was given before, with other contents; what was given stays. Facts: noun."""


class UnmetConditions(Refused):
    """The tranche cannot be paid yet. Facts: tranche, unmet."""


class BadComposition(Refused):
    """The commission is not composed as the rules ask. Facts: contest, wrong."""


class OverCeiling(Refused):
    """The sum is above what the announcement allows. Facts: amount, ceiling (tyiyn)."""


class BadDraft(Refused):
    """The document's template asks for a value that is not there, or is itself broken. Facts: template, missing."""


class BadAmount(Refused):
    """The sum cannot be recorded: it is not above nought, or is more than there can be. Facts: amount (tyiyn)."""


class NoMilestones(Refused):
    """The rule pack cuts the project by milestones, and none is known. Facts: contract."""


class BadMilestone(Refused):
    """A milestone has a name and a day within the project. Facts: day, starts, ends."""


class TooLong(Refused):
    """A text is longer than its place. Facts: begins (its first words), length, limit (characters)."""


# -- settings and services ------------------------------------------------------------------------------------------


class BadSetting(Refused):
    """A setting is missing or wrong. Facts: setting."""


class NotRunning(Refused):
    """Ashar's services are not running here. Facts: service."""


class BrokenTrail(Refused):
    """The audit trail does not hold together. Facts: stream, seq, why."""


class NotCosigned(Refused):
    """A witness does not sign this head of the log. Facts: why, size (that it knows)."""


class BadDossier(Refused):
    """The dossier is not whole, or none at all; nothing is reckoned from it. Facts: file, code, place."""


class StoreDown(Temporary):
    """The object store did not answer. Facts: why."""


class DatabaseBusy(Temporary):
    """The database was busy or did not answer. Facts: why."""


class MailDown(Temporary):
    """The mail server did not take the letter. Facts: letter."""


class ScannerDown(Temporary):
    """The malware scanner did not answer; no file is opened before it has. Facts: why."""


class SourceDown(Temporary):
    """A mailbox, folder or bucket that reports come in by did not answer. Facts: source, why."""


class PrefectDown(Temporary):
    """Prefect did not answer; the acts are recorded and will be moved when it does. Facts: flow."""


class Overtaken(Temporary):
    """Somebody else changed this at the same moment. Facts: noun, id."""


class ServiceDown(Temporary):
    """A service did not start in its time. Facts: service."""


class NotInspected(Temporary):
    """The package is still being inspected; the check follows by itself. Facts: application."""


class NotSealed(Temporary):
    """New events are not in the signed log yet; the notary puts them there."""


# -- what may be erased ---------------------------------------------------------------------------------------------


class Held(Refused):
    """A legal hold covers this: it is neither erased nor disposed of until the hold is lifted. Facts: name, number, on."""


class StillNeeded(Refused):
    """This is not over yet, and its data are still needed. Facts: noun, name."""


class NotDue(Refused):
    """The term for which this is kept is not over. Facts: name, until."""
