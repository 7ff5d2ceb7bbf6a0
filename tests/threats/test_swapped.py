"""The bytes behind two documents are swapped by the owner of the database, each with its hash: none is given out."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from flows.steps import dossier
from schemas.document import Blob, Document
from schemas.errors import Altered
from tests.offices import Desk


def swapped(desk: Desk) -> list[Document]:
    """Two documents of the first case, whose blobs have changed places."""
    files = desk.all(Document, subject_id=desk.case(1).id, order="name")
    pair = [one for one in files if one.blob_id and one.sha256 != files[-1].sha256][:1] + files[-1:]
    first, second = (desk.get(Blob, one.blob_id) for one in pair if one.blob_id)
    rows = ((first, Blob(key="", sha256="", size=0)), (second, first), (first, second))
    with desk.office.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER guard_blob_same"))
        for one, other in rows:
            told = {"key": other.key, "sha256": other.sha256, "size": other.size, "id": one.id.hex}
            connection.execute(text("UPDATE blob SET key = :key, sha256 = :sha256, size = :size WHERE id = :id"), told)
    return pair


def test_they_are_told_all_and_none_is_read(desk_at: Callable[..., Desk]):
    desk = desk_at("received")
    assert desk.office.blobs.verify() == []
    pair = swapped(desk)

    for one in pair:
        assert one.blob_id is not None
        with pytest.raises(Altered):
            desk.office.read_files([one])
        with pytest.raises(Altered):
            desk.office.blobs.read(one.blob_id, 10**9, one.sha256)
    wanted = sorted(f"{one.blob_id} swapped" for one in pair)
    assert sorted(desk.office.blobs.verify()) == sorted(desk.office.blobs.verify(sample=0)) == wanted


def test_no_dossier_holds_them(desk_at: Callable[..., Desk], tmp_path: Path):
    desk = desk_at("checked")
    swapped(desk)
    with pytest.raises(Altered):
        dossier.dossier(desk.office, desk.who("head"), desk.case(1).id, tmp_path / "case.zip")
    assert not (tmp_path / "case.zip").exists()
