"""A real Chromium, spoken to by its own protocol: no driver beside it."""

import base64
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any

from websockets.sync.client import ClientConnection, connect

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or "chromium"
SWITCHES = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions"),
    *("--disable-background-networking", "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-port=0"),
)


class Page:
    """One page; `ask` evaluates in it, `do` speaks the protocol."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._last = 0
        self.heard: list[dict[str, Any]] = []  # events of the protocol, such as requests and complaints

    def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._last += 1
        self._socket.send(json.dumps({"id": self._last, "method": method, "params": parameters}))
        while True:
            told = json.loads(self._socket.recv(timeout=120))
            if told.get("id") == self._last:
                if "error" in told:
                    raise RuntimeError(f"{method}: {told['error']}")
                return told["result"]
            self.heard.append(told)

    def ask(self, expression: str) -> Any:
        """The value of an expression, awaited."""
        told = self.do("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in told:
            raise RuntimeError(str(told["exceptionDetails"])[:1000])
        return told["result"].get("value")

    def wait(self, expression: str, seconds: float = 20) -> None:
        until = monotonic() + seconds
        while not self.ask(expression):
            if monotonic() > until:
                raise TimeoutError(expression)
            sleep(0.02)

    def open(self, file: Path) -> None:
        self.do("Page.enable")
        self.do("Page.navigate", url=file.absolute().as_uri())
        self.wait("document.readyState === 'complete' && typeof judged === 'function'")

    def judge(self, asked: Sequence[tuple[bytes, str, Sequence[str]]]) -> list[dict[str, Any]]:
        """Verdicts of the page's verifier on (zip, key or policy, receipts)."""
        told = [[base64.b64encode(raw).decode(), given, list(receipts)] for raw, given, receipts in asked]
        return self.ask(
            "(async asked => { const told = []; for (const [zip, given, receipts] of asked) {"
            " const raw = Uint8Array.from(atob(zip), one => one.charCodeAt(0));"
            " told.push(await judged(new Blob([raw]), given, receipts)); } return told; })"
            f"({json.dumps(told)})"
        )

    def picture(self, width: int, height: int) -> bytes:
        """A PNG of the whole page in a window so wide."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.do("Emulation.setDeviceMetricsOverride", **size)
        told = self.do("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(told["data"])


@contextmanager
def page() -> Iterator[Page]:
    """A fresh page of a fresh browser, on loopback, without a profile."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:  # a process of the browser may write to its end
        browser = subprocess.Popen(
            [PROGRAM, *SWITCHES, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            port = _port(Path(profile) / "DevToolsActivePort", browser)
            with connect(f"ws://127.0.0.1:{port[0]}{port[1]}", max_size=None, proxy=None) as socket:
                root = Page(socket)
                target = root.do("Target.createTarget", url="about:blank")["targetId"]
                with connect(f"ws://127.0.0.1:{port[0]}/devtools/page/{target}", max_size=None, proxy=None) as tab:
                    yield Page(tab)
        finally:
            browser.terminate()
            browser.wait(20)
            with suppress(ProcessLookupError):
                os.killpg(browser.pid, signal.SIGKILL)  # whatever it has left behind


def _port(file: Path, browser: subprocess.Popen[bytes]) -> tuple[str, str]:
    until = monotonic() + 30
    while monotonic() < until:
        if browser.poll() is not None:
            raise RuntimeError("the browser ended at once")
        if file.exists() and len(told := file.read_text().split()) == 2:
            return told[0], told[1]
        sleep(0.05)
    raise TimeoutError("the browser did not answer")
