"""Objects in any S3 server, through the `minio` client; the only file that knows it.

What S3 does and does not promise was measured (findings: storage, sections 2 and 3).
"""

import base64
import contextlib
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, BinaryIO, cast
from urllib.parse import quote

import urllib3
from minio import Minio
from minio.commonconfig import ENABLED, GOVERNANCE, Filter
from minio.credentials.credentials import Credentials
from minio.datatypes import Object
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error
from minio.lifecycleconfig import AbortIncompleteMultipartUpload, LifecycleConfig, Rule
from minio.retention import Retention
from minio.signer import sign_v4_s3

from schemas.errors import AlreadyGiven, BadSetting, NotFound, Retained, StoreDown
from storage.objects import CHUNK, Stored, digest, plain_key, probe, whole

PART = 8 << 20  # larger objects go in parts of this size, two at a time: at most 24 MB in memory
POOL = 32  # connections; more threads than that wait
LONGEST_LINK = timedelta(days=7)  # the signature's own limit


class S3Objects:
    """A bucket with versions and object lock on any S3 server; made at the first write if absent.

    One for each process: threads share it, forks must not.
    """

    def __init__(
        self, endpoint: str, *, access_key: str, secret_key: str, bucket: str, region: str, secure: bool = True
    ) -> None:
        self.bucket = bucket
        self._region = region
        self._credentials = Credentials(access_key, secret_key) if access_key else None
        self._bucket_seen = False
        self._checks = self._locks = (
            False  # whether it has shown that it looks at checksums, and locks what it is told to
        )
        retries = urllib3.Retry(
            total=3, backoff_factor=0.2, status_forcelist=(502, 503, 504), respect_retry_after_header=False
        )
        pool = urllib3.PoolManager(
            maxsize=POOL, timeout=urllib3.Timeout(connect=2, read=60), retries=retries, cert_reqs="CERT_REQUIRED"
        )
        self._client = Minio(
            endpoint, access_key=access_key, secret_key=secret_key, secure=secure, region=region, http_client=pool
        )
        # some servers are asked under the bucket's own name
        home = self._client._base_url.build(method="PUT", region=region, bucket_name=bucket, object_name="any")  # noqa: SLF001
        self._server = pool.connection_from_host(home.hostname, home.port, home.scheme)

    def put(self, key: str, source: BinaryIO, size: int, sha256: str, until: datetime | None = None) -> str:
        plain_key(key)
        if size > PART:
            mark, locked = self._send_in_parts(key, source, size, sha256), False
        else:
            mark, locked = self._send_whole(key, source.read(size + 1), size, sha256, until)
        if until is not None and not locked:
            self.lock(key, until, mark)
        return mark

    def open(self, key: str) -> BinaryIO:
        with _answering(key):
            response = self._client.get_object(self.bucket, plain_key(key))
        return cast("BinaryIO", io.BufferedReader(_Body(response, key), CHUNK))

    def read(self, key: str, limit: int) -> bytes:
        return whole(self, key, limit)

    def size(self, key: str) -> int | None:
        found = self._stat(key)
        return None if found is None else found.size

    def delete(self, key: str) -> None:
        try:
            for version in self._versions(key):
                self._client.remove_object(self.bucket, key, version_id=version)
        except S3Error as refused:
            found = self._stat(key) if refused.code == "AccessDenied" else None
            until = _retained_until(found)
            if until is not None:
                raise Retained(key=key, until=until) from refused
            raise StoreDown(why=refused.code) from refused

    def lock(self, key: str, until: datetime, mark: str = "") -> None:
        until = _whole_seconds(until)
        if mark:
            # What is refused, as a date before the one that it has, is looked at below.
            with _answering(key), contextlib.suppress(S3Error):
                self._client.set_object_retention(self.bucket, key, Retention(GOVERNANCE, until), version_id=mark)
                return
        found = self._stat(key)
        if found is None:
            raise NotFound(noun="object", id=key)
        # A date that has passed by the server's own clock keeps nothing, and the server would call it an error.
        if until <= _server_time(found) or until <= (_retained_until(found) or until.min.replace(tzinfo=UTC)):
            return
        with _answering(key):
            retention = Retention(GOVERNANCE, until)
            self._client.set_object_retention(self.bucket, key, retention, version_id=found.version_id)

    def keys(self, prefix: str) -> Iterator[Stored]:
        with _answering(prefix):
            try:
                for found in self._client.list_objects(self.bucket, prefix=prefix, recursive=True):
                    if found.last_modified is not None:
                        yield Stored(str(found.object_name), found.size or 0, found.last_modified.astimezone(UTC))
            except S3Error as trouble:
                if trouble.code != "NoSuchBucket":
                    raise

    def first(self, prefix: str) -> str | None:
        with _answering(prefix):
            try:
                # minio's own list_objects asks for a thousand, which costs a server fifty milliseconds
                found = self._client._list_objects(self.bucket, prefix=prefix, max_keys=1)  # noqa: SLF001
                return next((str(one.object_name) for one in found), None)
            except S3Error as trouble:
                if trouble.code != "NoSuchBucket":
                    raise
                return None

    def clear(self, prefix: str) -> None:
        if self.first(prefix) is None:
            return
        with _answering(prefix):
            found = self._client.list_objects(self.bucket, prefix=prefix, recursive=True, include_version=True)
            those = [DeleteObject(str(one.object_name), one.version_id) for one in found]
            refused = list(self._client.remove_objects(self.bucket, those))
        for one in refused:
            self.delete(str(one.name))  # which tells why

    def drop(self, marks: Mapping[str, str]) -> None:
        # Without a version a server would only hide the object.
        those = [DeleteObject(plain_key(key), mark) for key, mark in marks.items() if mark]
        with _answering(self.bucket):
            refused = list(self._client.remove_objects(self.bucket, those))
        for key in (*(str(one.name) for one in refused), *(key for key, mark in marks.items() if not mark)):
            self.delete(key)

    def link(self, key: str, expires: timedelta, name: str) -> str | None:
        disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
        return self._client.presigned_get_object(
            self.bucket,
            plain_key(key),
            expires=max(timedelta(seconds=1), min(expires, LONGEST_LINK)),
            response_headers={"response-content-disposition": disposition},
        )

    def check(self) -> None:
        """Also raises BadSetting when the bucket cannot lock objects."""
        probe(self)
        with _answering(self.bucket):
            try:
                self._client.get_object_lock_config(self.bucket)
            except S3Error as trouble:
                if trouble.code != "ObjectLockConfigurationNotFoundError":
                    raise
                raise BadSetting(setting="s3_bucket") from trouble

    def tidy(self) -> int:
        """Nothing to do: the bucket's own rule ends uploads that were interrupted."""
        return 0

    def _send_whole(self, key: str, body: bytes, size: int, sha256: str, until: datetime | None) -> tuple[str, bool]:
        # The mark, and whether it is locked already.
        if len(body) != size:
            raise StoreDown(why="the source has another size")
        # minio's own put_object cannot send these: the first makes writers of one key exclude each other, the second
        # lets the server refuse a damaged body, which its signature alone does not.
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        headers: dict[str, str | list[str] | tuple[str]] = {"If-None-Match": "*", "x-amz-checksum-sha256": checksum}
        # What arrived damaged must go again, so only a server that refuses it by itself is told to lock at once.
        locked = until is not None and self._checks
        if until is not None and locked:
            headers |= {
                "x-amz-object-lock-mode": GOVERNANCE,
                "x-amz-object-lock-retain-until-date": f"{_whole_seconds(until):%Y-%m-%dT%H:%M:%SZ}",
            }
        with _answering(key):
            self._make_bucket()
            try:
                answer = self._put(key, body, sha256, headers)
            except S3Error as refused:
                if refused.code != "PreconditionFailed":
                    if not locked:
                        raise
                    # perhaps the date has passed by the server's clock, which is for `lock` to say
                    return self._send_whole(key, body, size, sha256, None)
                answer = None
        if answer is None:
            if not self._holds(key, size, sha256):
                raise AlreadyGiven(noun="object")
            return "", False
        mark = answer.headers.get("x-amz-version-id")
        if answer.headers.get("x-amz-checksum-sha256") == checksum:
            self._checks = True
        else:
            self._demand(key, size, sha256, mark)
        if until is not None and locked and not self._locks:
            kept = _retained_until(self._stat(key))
            self._locks = locked = kept is not None and kept >= _whole_seconds(until)
        return mark or "", locked

    def _put(self, key: str, body: bytes, sha256: str, headers: Mapping[str, Any]) -> urllib3.BaseHTTPResponse:
        """As the client's own `_execute`, at four fifths of the cost: it would hash the body again and look its pool up anew."""
        client, method, region = self._client, "PUT", self._region
        if self._credentials is None:
            return client._execute(method, self.bucket, key, body=body, headers=dict(headers))  # noqa: SLF001
        url = client._base_url.build(method=method, region=region, bucket_name=self.bucket, object_name=key)  # noqa: SLF001
        said, date = client._build_headers(url.netloc)  # noqa: SLF001
        said |= {**headers, "Content-Length": str(len(body)), "x-amz-content-sha256": sha256}
        signed: Any = sign_v4_s3(
            method=method,
            url=url,
            region=region,
            headers=said,
            credentials=self._credentials,
            content_sha256=sha256,
            date=date,
        )
        answer = self._server.urlopen(method, url.path, body, signed, redirect=False, assert_same_host=False)
        if answer.status == HTTPStatus.OK:
            return answer
        # what it is refused for is told by the client, which asks again
        return client._execute(method, self.bucket, key, body=body, headers=dict(headers))  # noqa: SLF001

    def _send_in_parts(self, key: str, source: BinaryIO, size: int, sha256: str) -> str:
        holds = self._holds(key, size, sha256)
        if holds is not None:
            if not holds:
                raise AlreadyGiven(noun="object")
            return ""
        with _answering(key):
            self._make_bucket()
            done = self._client.put_object(self.bucket, key, source, size, part_size=PART, num_parallel_uploads=2)
        self._demand(key, size, sha256, done.version_id)
        return done.version_id or ""

    def _demand(self, key: str, size: int, sha256: str, version: str | None) -> None:
        # What did not arrive whole must not stay.
        if not self._holds(key, size, sha256):
            with _answering(key):
                self._client.remove_object(self.bucket, key, version_id=version)
            raise StoreDown(why="what arrived is not what was sent")

    def _holds(self, key: str, size: int, sha256: str) -> bool | None:
        # Whether just these bytes lie there; None where nothing does.
        found = self._stat(key)
        if found is None:
            return None
        if found.size != size:
            return False
        told = _header(found, "x-amz-checksum-sha256")
        if told is not None and "-" not in told:
            return base64.b64decode(told).hex() == sha256
        # No checksum of the whole is kept for what came in parts: read it back.
        with self.open(key) as body:
            return digest(body)[0] == sha256

    def _stat(self, key: str) -> Object | None:
        with _answering(key):
            try:
                return self._client.stat_object(
                    self.bucket, plain_key(key), extra_headers={"x-amz-checksum-mode": "ENABLED"}
                )
            except S3Error as trouble:
                if trouble.code not in MISSING:
                    raise
                return None

    def _versions(self, key: str) -> list[str | None]:
        with _answering(key):
            found = self._client.list_objects(self.bucket, prefix=plain_key(key), include_version=True)
            return [version.version_id for version in found if version.object_name == key]

    def _make_bucket(self) -> None:
        if self._bucket_seen:
            return
        if not self._client.bucket_exists(self.bucket):
            try:
                self._client.make_bucket(self.bucket, object_lock=True)
            except S3Error as trouble:
                if trouble.code != "BucketAlreadyOwnedByYou":
                    raise
            ends = AbortIncompleteMultipartUpload(days_after_initiation=1)
            rule = Rule(ENABLED, rule_filter=Filter(prefix=""), rule_id="ends", abort_incomplete_multipart_upload=ends)
            # A server without such rules only keeps a few parts too many.
            with contextlib.suppress(S3Error):
                self._client.set_bucket_lifecycle(self.bucket, LifecycleConfig([rule]))
        self._bucket_seen = True


class _Body(io.RawIOBase):
    """The stream of one answer; a connection that breaks on the way is StoreDown, not a short file."""

    def __init__(self, response: urllib3.BaseHTTPResponse, key: str) -> None:
        self._response = response
        self._key = key

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        with _answering(self._key):
            data = self._response.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._response.close()
            self._response.release_conn()
        super().close()


MISSING = frozenset({"NoSuchKey", "NoSuchVersion"})


@contextlib.contextmanager
def _answering(key: str) -> Iterator[None]:
    try:
        yield
    except S3Error as trouble:
        if trouble.code in MISSING:
            raise NotFound(noun="object", id=key) from trouble
        raise StoreDown(why=trouble.code) from trouble
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as trouble:
        raise StoreDown(why=type(trouble).__name__) from trouble


def _whole_seconds(until: datetime) -> datetime:
    # The server keeps no parts of them.
    return until.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=bool(until.microsecond))


def _header(found: Object, name: str) -> str | None:
    return None if found.metadata is None else cast("str | None", found.metadata.get(name))


def _server_time(found: Object) -> datetime:
    told = _header(found, "date")
    return parsedate_to_datetime(told) if told else datetime.min.replace(tzinfo=UTC)


def _retained_until(found: Object | None) -> datetime | None:
    told = None if found is None else _header(found, "x-amz-object-lock-retain-until-date")
    return datetime.fromisoformat(told) if told else None
