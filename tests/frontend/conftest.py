"""The sample frontend on a server of its own, a sandbox that lets its pages call, and a browser, each started once."""

import functools
import json
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from playwright.sync_api import Browser

from tests.support.browser import browser
from tests.support.databases import Databases
from tests.support.server import ROOT, Server, free_port

FOLDER = ROOT / "examples" / "frontend"
POLL_SECONDS = 0.5


class Files(SimpleHTTPRequestHandler):
    """The folder as it is, but for the `config.js` that a deployment writes."""

    config: bytes = b""

    def do_GET(self) -> None:
        if self.path != "/config.js":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript")
        self.send_header("Content-Length", str(len(self.config)))
        self.end_headers()
        self.wfile.write(self.config)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="session")
def sandbox_port() -> int:
    return free_port()


@pytest.fixture(scope="session")
def frontend(sandbox_port: int) -> Iterator[str]:
    """The address of the frontend, which is set up for the sandbox."""
    settings = {"api": f"http://127.0.0.1:{sandbox_port}", "apis": [], "hub": "demo", "pollSeconds": POLL_SECONDS}
    configured = type("Configured", (Files,), {"config": f"export default {json.dumps(settings)};".encode()})
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(configured, directory=str(FOLDER))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="session")
def sandbox(databases: Databases, frontend: str, sandbox_port: int) -> Iterator[Server]:
    """A sandbox that the frontend may call from its own origin, and to which its letters lead."""
    env = {
        "TEACHMEET_SANDBOX": "true",
        "TEACHMEET_CORS_ORIGINS": frontend,
        "TEACHMEET_SIGN_IN_URL": f"{frontend}/",
    }
    with databases.maker("sqlite") as make:
        server = Server(make(), env=env, port=sandbox_port)
        try:
            server.start()
            yield server
        finally:
            server.discard()


@pytest.fixture
def fresh(sandbox: Server) -> Iterator[httpx.Client]:
    """Calls the sandbox, which has just been reset, as the organiser."""
    with httpx.Client(base_url=sandbox.url, timeout=30) as client:
        client.post("/v1/sandbox/reset").raise_for_status()  # without the key, which the first reset brings
        client.headers["Authorization"] = "Bearer tm_sandbox_organiser"
        yield client


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started
