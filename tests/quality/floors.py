"""What was measured without scans, as the least that the checks may fall to: `floors.tsv`, one line to a check."""

from pathlib import Path

from tests.quality.measure import Measured

FLOORS = Path(__file__).parent / "floors.tsv"
_HEADER = ("whose words", "group", "check", "right, at least", "false alarms, at most", "wrong, at most")
Line = tuple[str, str, str, int, int, int]


def lines(found: Measured) -> list[Line]:
    """A line for each check, in order."""
    return sorted(
        (whose, group, name, score.right, score.false, score.wrong)
        for whose, table in (("known", found.known), ("unseen", found.unseen))
        for group, scores in table.groups().items()
        for name, score in scores.items()
    )


def write(found: Measured) -> None:
    told = [_HEADER, *(tuple(str(cell) for cell in line) for line in lines(found))]
    FLOORS.write_text("\n".join("\t".join(line) for line in told) + "\n", encoding="utf-8")


def kept() -> list[Line]:
    """The lines of the file."""
    rows = [row.split("\t") for row in FLOORS.read_text(encoding="utf-8").splitlines()[1:]]
    return [(row[0], row[1], row[2], int(row[3]), int(row[4]), int(row[5])) for row in rows]


def fallen(found: Measured) -> list[str]:
    """Each check that does worse than its line, in words. A check without a line has nothing right and no false alarm."""
    least = {line[:3]: line[3:] for line in kept()}
    now = {line[:3]: line[3:] for line in lines(found)}
    told: list[str] = []
    for name in sorted({*least, *now}):
        right, false, wrong = now.get(name, (0, 0, 0))
        at_least, at_most, wrong_at_most = least.get(name, (0, 0, 0))
        if right < at_least or false > at_most or wrong > wrong_at_most:
            told.append(f"{': '.join(name)}: right {right} of {at_least}, false alarms {false}, wrong {wrong}")
    return told
