"""Steps of the page on provoking errors, carried out as it says, on a real server."""

import socket
from urllib.parse import urlsplit

import httpx

from app.manual.provoking import Step

LONGEST_WAIT = 15.0


def carried_out(step: Step, client: httpx.Client) -> httpx.Response:
    """One step's answer."""
    if step.raw is not None:
        return by_hand(step.raw.encode(), client)
    headers = dict(step.sent_headers)
    if step.long_header:
        headers["X-Long"] = "a" * step.long_header
    form = step.form or None
    files = {name: ("sheet.csv", text.encode(), "text/csv") for name, text in step.files.items()} or None
    return client.request(step.method, step.path, headers=headers, content=step.content, data=form, files=files)


def by_hand(sent: bytes, client: httpx.Client) -> httpx.Response:
    """The answer to bytes that no client would send; the connection waits for it."""
    there = urlsplit(str(client.base_url))
    received = b""
    with socket.create_connection((there.hostname, there.port), timeout=LONGEST_WAIT) as line:
        line.sendall(sent)
        while not _whole(received) and (more := line.recv(65_536)):
            received += more
    head, _, body = received.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in rest)]
    return httpx.Response(int(first.split()[1]), headers=headers, content=body)


def _whole(received: bytes) -> bool:
    head, found, body = received.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(found) and bool(lengths) and len(body) >= int(lengths[0])
