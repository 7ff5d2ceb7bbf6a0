"""A small HTTP server for short answers to short questions, and the call that asks one; neither waits for ever.

Whoever speaks to it may be hostile: a body has a limit, a connection a life, an address a rate, and all together a number.
"""

import http.client
import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from schemas.errors import AsharError, Temporary

ADDRESSES = 4096  # callers whose rate is remembered


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: GET or POST, the path without what follows a question mark, the body."""

    method: str
    path: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered; `why` stands in the server's own log."""

    status: int
    body: str
    type: str = "text/plain; charset=utf-8"
    why: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a caller may ask of the server."""

    body: int = 65_536  # bytes
    silence: float = 10.0  # seconds between two bytes
    life: float = 60.0  # seconds of a connection, however busy
    at_once: int = 32  # connections
    rate: float = 20.0  # questions a second of one address
    burst: int = 60


@dataclass
class _Bucket:
    left: float
    at: float = field(default_factory=time.monotonic)


class SmallServer(ThreadingHTTPServer):
    """Answers every question by one function, which may raise AsharError."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self, address: tuple[str, int], answer: Callable[[Question], Reply], limits: Limits, note: Callable[[str], None]
    ) -> None:
        self.answer, self.limits, self.note = answer, limits, note
        self._places = threading.BoundedSemaphore(limits.at_once)
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    @property
    def port(self) -> int:
        return self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)  # no thread for it: a crowd shall not take the machine
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no thread to be had
            self._places.release()
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        end = threading.Timer(self.limits.life, _hang_up, [request])
        end.daemon = True
        end.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            end.cancel()
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away, or spoke no HTTP, is nobody's trouble."""

    def in_rate(self, address: str) -> bool:
        """Whether this address may ask once more now."""
        with self._lock:
            one = self._buckets.pop(address, None) or _Bucket(float(self.limits.burst))
            now = time.monotonic()
            one.left = min(one.left + (now - one.at) * self.limits.rate, float(self.limits.burst))
            one.at = now
            allowed = one.left >= 1
            one.left -= 1 if allowed else 0
            self._buckets[address] = one
            while len(self._buckets) > ADDRESSES:
                self._buckets.popitem(last=False)
        return allowed


def _hang_up(request: socket.socket) -> None:
    try:
        request.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


class _Handler(BaseHTTPRequestHandler):
    server: SmallServer  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "ashar", ""

    def setup(self) -> None:
        self.timeout = self.server.limits.silence  # pyright: ignore[reportAttributeAccessIssue] -- read from the instance
        super().setup()

    def do_GET(self) -> None:
        self._reply(self._answered(b""))

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        many = len(self.headers.get_all("Content-Length", [])) > 1
        if self.headers.get("Transfer-Encoding") or many or not length.isascii() or not length.isdecimal():
            self._reply(Reply(411, "length required\n", why="length"), close=True)
        elif len(length) > 9 or int(length) > self.server.limits.body:
            self._reply(Reply(413, "too large\n", why="large"), close=True)
        else:
            body = self.rfile.read(int(length))
            if len(body) == int(length):
                self._reply(self._answered(body))
            else:
                self.close_connection = True

    def _answered(self, body: bytes) -> Reply:
        if not self.server.in_rate(str(self.client_address[0])):
            return Reply(429, "slower\n", why="rate")
        try:
            return self.server.answer(Question(self.command, self.path.partition("?")[0], body))
        except Temporary as trouble:
            return Reply(503, "later\n", why=type(trouble).__name__)
        except AsharError as trouble:
            return Reply(500, "out of order\n", why=str(trouble))
        except Exception as trouble:  # noqa: BLE001 -- one question does not end the server
            return Reply(500, "out of order\n", why=type(trouble).__name__)

    def _reply(self, reply: Reply, *, close: bool = False) -> None:
        content = reply.body.encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Content-Type-Options", "nosniff")
        if reply.status in (429, 503):
            self.send_header("Retry-After", "1")
        if close:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(content)
        self.server.note(f"{self.client_address[0]} {self.command} {reply.status} {reply.why}".rstrip())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the library's name
        """What is worth a line is told by `note`; a stranger's words are not."""


def ask(url: str, body: bytes, *, limit: int, seconds: float) -> tuple[int, str, bytes] | None:
    """POST `body`: status, content type and what came back; None where nothing did in that time.

    No redirect is followed. `seconds` is for all of it: an answer that drips in is none.
    """
    found: list[tuple[int, str, bytes]] = []
    caller = threading.Thread(target=_post, args=(url, body, limit, seconds, found), daemon=True)
    caller.start()
    caller.join(seconds)
    return found[0] if found else None


def fetch(url: str, *, limit: int, seconds: float) -> bytes | None:
    """GET: what lies there; None where nothing does, or it is longer than `limit`. No redirect is followed."""
    to = urlsplit(url)
    kind = http.client.HTTPSConnection if to.scheme == "https" else http.client.HTTPConnection
    try:
        connection = kind(to.hostname or "", to.port, timeout=seconds)
        try:
            connection.request("GET", to.path or "/")
            answer = connection.getresponse()
            content = answer.read(limit + 1)
            return content if answer.status == 200 and len(content) <= limit else None
        finally:
            connection.close()
    except (OSError, ValueError, http.client.HTTPException):
        return None


def _post(url: str, body: bytes, limit: int, seconds: float, found: list[tuple[int, str, bytes]]) -> None:
    to = urlsplit(url)
    kind = http.client.HTTPSConnection if to.scheme == "https" else http.client.HTTPConnection
    try:
        connection = kind(to.hostname or "", to.port, timeout=seconds)
        try:
            connection.request("POST", to.path or "/", body, {"Content-Type": "text/plain; charset=utf-8"})
            answer = connection.getresponse()
            content = answer.read(limit + 1)
            if len(content) <= limit:
                found.append((answer.status, answer.headers.get_content_type(), content))
        finally:
            connection.close()
    except (OSError, ValueError, http.client.HTTPException):
        return
