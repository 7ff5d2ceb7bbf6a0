"""`python -m tests.quality`: the table over unseen wordings. With `--quick` no scans, with `--slips` every slip."""

import sys
import tempfile
from pathlib import Path

from tests.measured import measure, page
from tests.quality.papers import unseen


def main() -> None:
    quick = "--quick" in sys.argv
    with tempfile.TemporaryDirectory() as folder:
        room = measure.Room(Path(folder))
        try:
            table = measure.measure(room, [file for file in unseen() if not (quick and file.scanned)], [])
        finally:
            room.close()
    sys.stdout.write(page.told(table) + "\n")
    if "--slips" in sys.argv:
        sys.stdout.write("\n".join(table.slips) + "\n")


if __name__ == "__main__":
    main()
