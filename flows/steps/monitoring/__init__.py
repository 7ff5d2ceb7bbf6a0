"""Stages 15 and 16: periods, reports, judgement, visits and closing. The doors that others come in by."""

from flows.steps.monitoring.closing import close, draft_closing, evaluate, return_balance
from flows.steps.monitoring.forms import forms_of
from flows.steps.monitoring.judging import accept, explain, open_remarks, refuse
from flows.steps.monitoring.ladder import Swept, climb, sweep
from flows.steps.monitoring.periods import extend, pause, resume
from flows.steps.monitoring.reports import hand_in_report, latest, read_report, tell_same
from flows.steps.monitoring.returning import return_at_once, return_report, written_in
from flows.steps.monitoring.visits import accept_mended, record_visit, return_mend, tell_mended, waive_mend
from flows.steps.monitoring.wakes import Reckoned, check_agenda

__all__ = [
    "Reckoned",
    "Swept",
    "accept",
    "accept_mended",
    "check_agenda",
    "climb",
    "close",
    "draft_closing",
    "evaluate",
    "explain",
    "extend",
    "forms_of",
    "hand_in_report",
    "latest",
    "open_remarks",
    "pause",
    "read_report",
    "record_visit",
    "refuse",
    "resume",
    "return_at_once",
    "return_balance",
    "return_mend",
    "return_report",
    "sweep",
    "tell_mended",
    "tell_same",
    "waive_mend",
    "written_in",
]
