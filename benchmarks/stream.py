"""Bookings while many listen to the marketplace: `python -m benchmarks.stream PORT EVENT HOW_MANY` listens until ended.

The listeners are in a process of their own, which takes its part of the machine too, as their devices would not.
"""

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from app.kernel.settings import Settings
from benchmarks.evening import Evening, set_up
from benchmarks.load import Outcome, press, request
from benchmarks.process import OURS, server
from benchmarks.reckoning import median, rate

LISTENERS = 1_000
READY_SECONDS = 60.0


class _Listener(asyncio.Protocol):
    """Asks for the stream and counts its bytes."""

    heard = 0

    def __init__(self, asked: bytes) -> None:
        self._asked = asked
        self.first: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(self._asked)

    def data_received(self, data: bytes) -> None:
        type(self).heard += len(data)
        if not self.first.done():
            self.first.set_result(None)


async def _listen(port: int, event_id: str, how_many: int) -> None:
    asked = request("GET", f"/v1/events/{event_id}/marketplace/stream")
    loop = asyncio.get_running_loop()
    listeners = [
        (await loop.create_connection(lambda: _Listener(asked), "127.0.0.1", port))[1] for _ in range(how_many)
    ]
    await asyncio.gather(*(each.first for each in listeners))
    print("all listen", flush=True)
    await asyncio.Event().wait()


@contextlib.contextmanager
def listeners(port: int, event_id: str, *, how_many: int = LISTENERS) -> Iterator[None]:
    """So many who listen, for as long as it lasts."""
    command = [sys.executable, "-m", "benchmarks.stream", str(port), event_id, str(how_many)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        if process.stdout.readline() != "all listen\n":
            raise RuntimeError("the listeners ended before they listened")
        time.sleep(1)
        yield
        if process.poll() is not None:
            raise RuntimeError("the listeners ended before the measurement")
    finally:
        process.terminate()
        process.wait(timeout=10)


def stream(name: str, fresh: Callable[[], str], *, seconds: float, repeats: int) -> None:
    """Registrations a second with everybody listening, beside the rate with nobody."""
    alone: list[Outcome] = []
    watched: list[Outcome] = []
    grown = []
    for _ in range(repeats):
        for outcomes, many in ((alone, 0), (watched, LISTENERS)):
            url = fresh()
            evening = set_up(Settings(database_url=url), teachers=int(seconds * 5_000))
            with server(OURS, url) as running, contextlib.ExitStack() as stack:
                before = running.megabytes
                if many:
                    stack.enter_context(listeners(running.port, str(evening.event_id)))
                    grown.append(running.megabytes - before)
                outcomes.append(press(running.port, registering(evening), seconds=seconds))
    print(f"\n{name}: registrations of one event, {LISTENERS:,} listening to its marketplace")
    print(f"  rate of that with nobody {rate(watched) / rate(alone):5.2f}   ({rate(alone):.0f}/s alone)")
    print(f"  memory of the listeners  {median(grown):.0f} MB")


def registering(evening: Evening) -> Iterator[bytes]:
    """A request for each teacher of an evening, to register them."""
    path = f"/v1/events/{evening.event_id}/registrations"
    for teacher_id in evening.teacher_ids:
        yield request("POST", path, key=evening.key, body=f'{{"teacher_id":"{teacher_id}"}}'.encode())


if __name__ == "__main__":
    asyncio.run(_listen(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
