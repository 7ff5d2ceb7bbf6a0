"""Fuzzes one target: `python -m tests.fuzz.run TARGET RUNS [SECONDS]`. Guided by coverage where atheris is installed, else blind.

What ends a run is written to the folder that is printed; a small copy of it belongs among the tests.
"""

import random
import sys
import tempfile
from pathlib import Path

RUN_SECONDS, MEMORY_MB, LENGTH = 20, 2_000, 20_000


def guided(target: str, runs: int, seconds: int, folder: Path) -> None:
    import atheris  # pyright: ignore[reportMissingImports] -- of the group fuzz

    with atheris.instrument_imports(include=["documents", "schemas.oldletters"]):
        from tests.fuzz.seeds import seeds
        from tests.fuzz.targets import TARGETS

    first = folder / "seeds"
    first.mkdir()
    for at, seed in enumerate(seeds(target)):
        (first / str(at)).write_bytes(seed)

    def one(data: bytes) -> None:
        try:
            TARGETS[target](data)
        except MemoryError:  # the sandbox says that the file is too hungry
            return

    options = [f"-runs={runs}", f"-timeout={RUN_SECONDS}", f"-rss_limit_mb={MEMORY_MB}", f"-max_len={LENGTH}"]
    options += [
        f"-artifact_prefix={folder}/",
        "-seed=1",
        f"-max_total_time={seconds}",
        "-verbosity=0",
        "-print_final_stats=1",
        str(first),
    ]
    atheris.Setup([sys.argv[0], *options], one)
    atheris.Fuzz()


def mutated(seed: bytes, chance: random.Random) -> bytes:
    """A seed with some bytes changed, cut out, doubled or moved."""
    data = bytearray(seed)
    for _ in range(chance.randint(1, 8)):
        at, to = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        to = min(to, at + chance.choice((1, 4, 64, 1_024)))
        what = chance.randrange(5)
        if what == 0 and at < len(data):
            data[at] = chance.randrange(256)
        elif what == 1:
            del data[at:to]
        elif what == 2:
            data[at:at] = data[at:to] * chance.choice((1, 2, 50))
        elif what == 3:
            data[at:at] = chance.randbytes(chance.randint(1, 8))
        else:
            data[at:to] = chance.choice((b"\0", b"\xff", b"0", b"-1", b"9" * 20, b"<", b"(", b"\\u")) * 2
    return bytes(data[:LENGTH])


def blind(target: str, runs: int, folder: Path) -> None:
    """Changed seeds without a look at coverage."""
    from tests.fuzz.seeds import seeds
    from tests.fuzz.targets import TARGETS

    chance, known = random.Random(target), seeds(target)
    for _ in range(runs):
        data = mutated(chance.choice(known), chance)
        (folder / "last").write_bytes(data)
        try:
            TARGETS[target](data)
        except MemoryError:
            continue
    sys.stdout.write(f"{target}: {runs} runs\n")


if __name__ == "__main__":
    place = Path(tempfile.mkdtemp(prefix=f"fuzz-{sys.argv[1]}-"))
    sys.stdout.write(f"{place}\n")
    sys.stdout.flush()
    seconds = int(sys.argv[3]) if len(sys.argv) > 3 else 0  # none: as long as it takes
    try:
        guided(sys.argv[1], int(sys.argv[2]), seconds, place)
    except ModuleNotFoundError as missing:
        if missing.name != "atheris":
            raise
        blind(sys.argv[1], int(sys.argv[2]), place)
