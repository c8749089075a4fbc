"""Puts the answers in the guides right, after a change that is meant: `python -m tests.manual.refresh [GUIDE…]`.

What a guide leaves out stays left out. Ids that are another now are put right in all of the guide's text that follows.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import httpx

from app.kernel.migrations import upgrade
from app.manual.guides import BY_NAME
from app.manual.provoking import ORIGIN
from tests.manual.telling import as_said, tell
from tests.support.databases import settings_for
from tests.support.server import ROOT, Server

FOLDER = ROOT / "app" / "manual" / "guides"


def refreshed(text: str, url: str) -> str:
    """A guide with the answers that it gets."""
    moved: dict[str, str] = {}
    with httpx.Client(timeout=20) as client:

        def send(wanted: httpx.Request) -> httpx.Response:
            for old, new in moved.items():
                wanted = _with(wanted, old, new)
            return client.send(_at(wanted, url))

        def hear(language: str, said: str, answer: httpx.Response) -> str:
            now = as_said(language, said, answer)
            moved.update(zip(_ids(said), _ids(now), strict=False) if len(_ids(said)) == len(_ids(now)) else ())
            return now

        client.post(f"{url}/v1/sandbox/reset").raise_for_status()
        text = tell(text, send, hear)
    for old, new in moved.items():
        text = text.replace(old, new)
    return text


def _at(wanted: httpx.Request, url: str) -> httpx.Request:
    address = str(wanted.url).replace(ORIGIN, url, 1)
    headers = {name: value for name, value in wanted.headers.items() if name != "host"}
    return httpx.Request(wanted.method, address, headers=headers, content=wanted.read())


def _with(wanted: httpx.Request, old: str, new: str) -> httpx.Request:
    headers = {name: value for name, value in wanted.headers.items() if name not in ("host", "content-length")}
    content = wanted.read().replace(old.encode(), new.encode())
    return httpx.Request(wanted.method, str(wanted.url).replace(old, new), headers=headers, content=content)


def _ids(text: str) -> list[str]:
    return [word for word in text.replace('"', " ").replace("/", " ").split() if _is_id(word.strip(",.;"))]


def _is_id(word: str) -> bool:
    try:
        UUID(word)
    except ValueError:
        return False
    return len(word) == 36


def _chosen(names: list[str]) -> Iterator[Path]:
    yield from (FOLDER / f"{name}.md" for name in names or BY_NAME)


def main(names: list[str]) -> None:
    """Puts right the guides of these names, or all."""
    with TemporaryDirectory() as directory:
        database = f"sqlite:///{directory}/guides.sqlite"
        upgrade(settings_for(database))
        server = Server(database, env={"TEACHMEET_SANDBOX": "true"})
        try:
            server.start()
            for path in _chosen(names):
                path.write_text(refreshed(path.read_text(), server.url))
        finally:
            server.discard()


if __name__ == "__main__":
    main(sys.argv[1:])
