"""What the log has published stays locked for good: its locks are extended twice a year, each long before it ends."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from flows.office import Office
from storage import policy, tiles

CREW = 8  # threads: a store answers in milliseconds, and many at once


def renew(office: Office) -> int:
    """Extend the locks of checkpoints, policies, laws and full tiles; those of tiles that lost theirs to an interruption too.

    Returns how many objects are kept. Raises StoreDown.
    """
    until = policy.renewed_until(office.machine_now())
    count = 0
    with ThreadPoolExecutor(CREW) as crew:
        for _ in crew.map(lambda key: office.objects.lock(key, until), _published(office)):
            count += 1
    return count


def _published(office: Office) -> Iterator[str]:
    signed = policy.newest_size(office.objects) or 0
    for prefix in (policy.CHECKPOINTS, policy.POLICIES, policy.LAWS):
        yield from (one.key for one in office.objects.keys(prefix))
    yield from tiles.full(office.objects, signed)
