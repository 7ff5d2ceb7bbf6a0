"""Stages 15 and 16: periods, reports, judgement, visits and closing. The doors that others come in by."""

from flows.steps.monitoring.closing import close, draft_closing, evaluate, return_balance
from flows.steps.monitoring.judging import accept, explain, open_remarks, refuse, return_report, written_in
from flows.steps.monitoring.ladder import Swept, climb, sweep
from flows.steps.monitoring.periods import extend, pause, resume
from flows.steps.monitoring.reports import hand_in_report, latest, read_report, tell_same
from flows.steps.monitoring.visits import accept_mended, record_visit, tell_mended, waive_mend

__all__ = [
    "Swept",
    "accept",
    "accept_mended",
    "climb",
    "close",
    "draft_closing",
    "evaluate",
    "explain",
    "extend",
    "hand_in_report",
    "latest",
    "open_remarks",
    "pause",
    "read_report",
    "record_visit",
    "refuse",
    "resume",
    "return_balance",
    "return_report",
    "sweep",
    "tell_mended",
    "tell_same",
    "waive_mend",
    "written_in",
]
