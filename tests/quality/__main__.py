"""`make quality`: measures the whole set, prints the table, writes docs/quality.md and the manifests.

`--quick`: no scans, and no page is written; with `--floors` what was measured becomes the least that the test asks for.
`--words`: writes `documents/vocabulary.toml` first. `--slips`: tells every slip of the known wordings. `--unseen`: of the others too, for judging labels; no reader is mended by it.
"""

import sys
import tempfile
from pathlib import Path

from tests.quality import floors, measure, page, vocabulary


def main() -> None:
    quick = "--quick" in sys.argv
    if "--words" in sys.argv:
        vocabulary.write()
    with tempfile.TemporaryDirectory() as folder:
        room = measure.Room(Path(folder))
        try:
            found = measure.measured(room, quick=quick)
        finally:
            room.close()
    sys.stdout.write(page.told(found) + "\n")
    if not quick:
        page.write_manifests()
        page.write(found)
    if quick and "--floors" in sys.argv:
        floors.write(found)
    for asked, table in (("--slips", found.known), ("--unseen", found.unseen)):
        if asked in sys.argv:
            sys.stdout.write("\n".join(table.slips) + "\n")


if __name__ == "__main__":
    main()
