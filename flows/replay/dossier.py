"""A dossier read (docs/dossier.md), once its own verifier has found it whole."""

import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from flows.steps.laws import MEMBERS
from rules.packs import Pack, parse
from schemas.errors import BadDossier

# the very file that a dossier carries, for strangers: it has no types
verify: Any = import_module("documents.verifiers.verify")


@dataclass(frozen=True)
class Dossier:
    """What replay needs of a dossier. `laws`: packs and calendars as they were, by their hash; `withheld`: events without body."""

    kind: str
    name: str
    streams: Mapping[str, str]  # id -> public name
    bodies: list[bytes]
    disclosed: Mapping[str, Mapping[str, str]]  # event -> digest -> text
    laws: Mapping[str, bytes]
    withheld: int = 0
    packs: dict[tuple[str, str], Pack] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether it is a contest's, with all its cases."""
        return self.kind != "case"

    def events(self) -> Iterator[dict[str, Any]]:
        """Bodies in the log's order."""
        for body in self.bodies:
            yield json.loads(body)

    def pack(self, name: str, sha256: str) -> Pack | None:
        """The pack of that hash; None where the dossier has it not. Raises IncompletePack."""
        if (name, sha256) not in self.packs and sha256 in self.laws:
            self.packs[name, sha256] = parse(name, self.laws[sha256])
        return self.packs.get((name, sha256))


def read(path: Path, key: str = "") -> Dossier:
    """A dossier that holds, under the log's `key` or, without one, its own. Raises BadDossier with the verifier's code."""
    try:
        with path.open("rb") as file:
            verdict = verify.verify(file, key)
    except OSError as trouble:
        raise BadDossier(file=path.name, code="E01", place=trouble.strerror or "") from trouble
    except verify.Wrong as wrong:
        code, place = wrong.args
        raise BadDossier(file=path.name, code=code, place=str(place)) from wrong
    with zipfile.ZipFile(path) as archive:
        about = json.loads(archive.read("data/about.json"))
        bodies = archive.read("data/events.jsonl").splitlines()
        lines = archive.read("data/disclosures.jsonl").splitlines()
        packs = [name for name in archive.namelist() if name.startswith(MEMBERS)]
        laws = {name.removeprefix(MEMBERS).removesuffix(".toml"): archive.read(name) for name in packs}
    disclosed: dict[str, dict[str, str]] = {}
    for one in map(json.loads, lines):
        if "value" in one:  # else it is kept from this reader
            disclosed.setdefault(one["event"], {})[one["digest"]] = one["value"]
    streams = {one["id"]: one["name"] for one in about["streams"]}
    left_out = verdict["events"] - verdict["bodies"]
    return Dossier(about["kind"], about["name"], streams, bodies, disclosed, laws, left_out)
