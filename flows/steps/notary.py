"""The notary: seals whatever happens, a second later, for as long as it runs; and once an hour when nothing does.

It holds the log's key and is a process of its own, on PostgreSQL with a role of its own. A database or a store that
is away is waited for. A trail that does not hold together is told and not signed.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Event

from sqlalchemy import text

from flows.office import Office
from flows.steps.sequencer import NEWEST, WORK, Sequencer, leaves_of
from schemas.errors import AsharError, BadSetting, BrokenTrail, NotRunning, Temporary
from services import notary
from storage import grants
from storage.engine import sole
from storage.work import looking

INTERVAL = 1.0  # seconds between two looks
BUSY = 1.5  # the same while many events come: a checkpoint costs the store as much for a few as for hundreds
MANY = 50  # leaves of one look
BEAT = timedelta(hours=1)  # a checkpoint is never older than this
LONGEST_PAUSE = 60.0  # seconds, after troubles in a row


class Notary:
    """Looks, seals, and says how it goes: `tell` hears the trouble of each look, None when it went well."""

    def __init__(self, office: Office, tell: Callable[[AsharError | None], None] = lambda _: None) -> None:
        self.office, self._tell = office, tell
        self._sequencer = Sequencer(office)
        self._troubles = 0
        self._trouble: AsharError | None = None  # of the last look
        self._looked = False
        self._size = 0  # of the newest checkpoint that it made
        self._many = False

    def keep(self, stopped: Event) -> None:
        """Look every second, when busy a little less often, until told to stop; a round that was begun is ended."""
        while not stopped.is_set():
            began = time.monotonic()
            self._tell(self._look(stopped))
            pause = min((BUSY if self._many else INTERVAL) * 2 ** min(self._troubles, 10), LONGEST_PAUSE)
            stopped.wait(max(pause - (time.monotonic() - began), 0.05))

    def _look(self, stopped: Event) -> AsharError | None:
        try:
            beat = self._due()
            if beat is not None:
                with sole(self.office.engine, WORK) as mine:
                    if not mine or stopped.is_set():
                        return self._trouble  # as it was: another seals, or puts right
                    made = self._sequencer.drain(beat=beat, stop=stopped.is_set)
                if made is not None:
                    self._many, self._size = made.size - self._size >= MANY, made.size
                notary.put_right(self.office.home)
            else:
                self._many = False
                self._sequencer.index()  # there is time for the few that are left
        except AsharError as trouble:
            # what is away comes back by itself; the rest waits for a person, who need not start this anew then
            self._troubles += 1 if isinstance(trouble, Temporary | NotRunning) else 10
            self.office.look_for_the_store_again()
            if isinstance(trouble, BrokenTrail) and trouble.facts.get("why") == "behind":
                notary.tell_behind(self.office.home)
            self._trouble = trouble
            return trouble
        self._troubles, self._trouble, self._looked = 0, None, True
        return None

    def _due(self) -> bool | None:
        """None when there is nothing to do; else whether a heartbeat is due. Raises BadSetting for a role that may not."""
        with looking(self.office.engine, self.office.system) as look:
            if not grants.may_seal(look.session):
                raise BadSetting(setting="ASHAR_NOTARY_DATABASE_URL")
            if not self._looked:
                return False  # whatever there is to do: an older database shows at once
            newest = look.session.scalars(NEWEST).first()
            if look.session.scalar(text("SELECT 1 FROM unsealed LIMIT 1")) is not None:
                return False
            if newest is None:
                return False if leaves_of(look.session) else None
            if newest.size != leaves_of(look.session):
                return False
            return True if self.office.now() - newest.at >= BEAT else None
