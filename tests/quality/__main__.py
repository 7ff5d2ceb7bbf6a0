"""`make quality`: measures the whole set, prints the table and writes docs/quality.md. With `--quick`, no scans and no page."""

import sys
import tempfile
from pathlib import Path

from tests.quality import measure, page


def main() -> None:
    quick = "--quick" in sys.argv
    page.write_manifests()
    with tempfile.TemporaryDirectory() as folder:
        room = measure.Room(Path(folder))
        try:
            table = measure.measure(
                room,
                [file for file in measure.files() if not (quick and file.scanned)],
                [case for case in measure.packages() if not (quick and case.scanned)],
            )
        finally:
            room.close()
    sys.stdout.write(page.told(table) + "\n")
    if not quick:
        page.write(table)
    if "--slips" in sys.argv:
        sys.stdout.write("\n".join(table.slips) + "\n")


if __name__ == "__main__":
    main()
