"""Flow: the trail is verified and its head signed; what is kept from the log raises an alarm."""

import logging

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from flows.batch import desk, effect
from flows.office import Office
from flows.steps import renewing, retrieval, sealing, watching, witnessing

log = logging.getLogger("ashar.audit")


@effect("seal")
def seal(office: Office) -> str:
    """New events go into the log, and its new head is signed."""
    checkpoint = sealing.seal(office)
    return checkpoint.note if checkpoint else ""


@effect("words")
def put_into_words(office: Office) -> int:
    """What the log got becomes findable by its words."""
    return retrieval.index(office)


@effect("witness")
def witness(office: Office) -> list[str]:
    """The witnesses are asked to cosign it; who is silent or refuses is told of."""
    asked = witnessing.ask(office)
    witnessing.watch(office)
    return [f"{one.witness}: {one.trouble or one.size}" for one in asked]


@effect("verify")
def verify(office: Office) -> tuple[int, int, int]:
    """Every chain from its first event to its head, and every row against what its events say; the index, which is no evidence.

    Streams, events, and differences of the index, by which a search may miss one.
    """
    streams, events = sealing.verify_all(office)
    retrieval.apart(office)
    misindexed = watching.misindexed(office)
    if misindexed:
        log.error("the index of events differs from them in %d places: ashar db index", misindexed)
    return streams, events, misindexed


@effect("renew")
def renew(office: Office) -> int:
    """What the log has published stays locked for longer."""
    return renewing.renew(office)


@effect("watch")
def watch(office: Office) -> int:
    """Events that wait for their place in the log for longer than a minute: operator and head are told."""
    return watching.alarm(office)


@flow(flow_run_name="audit")
def audit(verify_everything: bool = False, renew_locks: bool = False) -> int:
    """Seal what is new; with `verify_everything` read every chain again, with `renew_locks` extend those in the store."""
    with desk() as office:
        try:
            note = seal(office)
        finally:  # also where nothing can be sealed any more: that is when somebody has to know
            watch(office)
        put_into_words(office)
        witnesses = witness(office)
        streams, events, misindexed = verify(office) if verify_everything else (0, 0, 0)
        if renew_locks:
            renew(office)
    if note or misindexed:
        told = f"{events} events in {streams} streams verified"
        if misindexed:
            told += f"; the index differs from them in {misindexed} places: `ashar db index`"
        create_markdown_artifact(key="checkpoint", markdown=f"```\n{note}\n```\n\n{'; '.join(witnesses)}\n\n{told}")
    return events
