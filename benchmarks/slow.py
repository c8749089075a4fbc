"""Slow clients, in a process of their own: `python -m benchmarks.slow PORT HOW_MANY` besieges a server until it is
ended.

So many connections never finish the head of their request, and as many send a body by the byte, one a second. Whoever
is cut off comes again.
"""

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator

HEAD = b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n"
BODY = (
    b"POST /v1/hubs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Authorization: Bearer nobody\r\nContent-Length: 100000\r\n\r\n"
)
SETTLE_SECONDS = 3.0


async def _linger(port: int, begun: bytes, *, drips: bool) -> None:
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(begun)
            ended = asyncio.create_task(reader.read())
            while not (await asyncio.wait([ended], timeout=1.0))[0]:
                if drips:
                    writer.write(b" ")
            with contextlib.suppress(OSError):
                await ended
            writer.close()
        await asyncio.sleep(0.1)


async def _besiege(port: int, how_many: int) -> None:
    half_open = [_linger(port, HEAD, drips=False) for _ in range(how_many)]
    dripping = [_linger(port, BODY, drips=True) for _ in range(how_many)]
    await asyncio.gather(*half_open, *dripping)


@contextlib.contextmanager
def siege(port: int, *, how_many: int) -> Iterator[None]:
    """Twice so many slow clients at a server, for as long as it lasts."""
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.slow", str(port), str(how_many)])
    try:
        time.sleep(SETTLE_SECONDS)
        yield
        if process.poll() is not None:
            raise RuntimeError("the slow clients ended before the measurement")
    finally:
        process.terminate()
        process.wait(timeout=10)


if __name__ == "__main__":
    asyncio.run(_besiege(*map(int, sys.argv[1:])))
