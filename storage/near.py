"""Files that this machine has just put into the store, for the reader that comes next.

A package is looked into soon after it came in, mostly on the machine that took it: it need not come back from the store first. Each file is given out
once, only if its bytes are what the store was given. What nobody takes lies in the spool until housekeeping clears it.
"""

import contextlib
import os
from pathlib import Path

from storage.objects import digest


def leave(spool: Path, sha256: str, path: Path) -> None:
    """Keep the file at `path`, whose hash is known, at hand; it may be removed from there. Nothing happens where that cannot be."""
    with contextlib.suppress(OSError):
        os.link(path, _place(spool, sha256))


def take(spool: Path, sha256: str, path: Path) -> bool:
    """Move the bytes of this hash to `path`. False where they are not at hand, or no longer what they were."""
    with contextlib.suppress(OSError):
        _place(spool, sha256).rename(path)
        with path.open("rb") as file:
            if digest(file)[0] == sha256:
                return True
        path.unlink()
    return False


def _place(spool: Path, sha256: str) -> Path:
    return spool / f"near-{sha256}"
