"""One object store for all tests of this room."""

from collections.abc import Iterator

import pytest

from services.object_store import ObjectStore


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """A real S3 server."""
    store = ObjectStore(tmp_path_factory.mktemp("s3") / "objects")
    store.start()
    yield store
    store.stop()
