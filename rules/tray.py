"""When somebody is asked after a parcel that waits in the tray."""

from datetime import date

from rules.deadlines import add_working_days, is_working
from schemas.customer import Role

LADDER = ((Role.COORDINATOR, 1), (Role.HEAD, 2))  # who hears, after so many terms


def asked_after(received: date, today: date, days: int, asked: list[str]) -> list[Role]:
    """The coordinator after `days` working days, the head after twice as many, each once, on a working day.

    Raises NoCalendar.
    """
    if not is_working(today):
        return []
    return [
        role for role, times in LADDER if role.value not in asked and add_working_days(received, days * times) <= today
    ]
