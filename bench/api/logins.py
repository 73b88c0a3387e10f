"""Log-ins beside feeds: whether those who wait for a page notice that others log in."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import msgspec

from bench.api.load import Line, lines, require_ok, steadily
from bench.api.readers import Readers
from bench.api.serving import served
from bench.figures import Result
from bench.population.filling import PASSWORD

RATE, SECONDS, ROUNDS = 200.0, 3.0, 3
CROWD, AT_ONCE = 50, 50


async def measured(folder: Path, given: Mapping[str, str]) -> AsyncIterator[Result | str]:
    """How late pages are while nobody logs in, and while 50 do at once."""
    async with served(folder, given) as server:
        readers = Readers(server.settings)
        crowd = await readers.ask_all(await readers.some(CROWD))
        logins = [_log_in(name) for name in await readers.names(AT_ONCE)]
        calm, busy = [], []
        async with lines(server.socket, 32) as pages, lines(server.socket, AT_ONCE) as doors:
            for number in range(ROUNDS + 1):
                alone = await steadily(pages, crowd, RATE, SECONDS)
                busy_ones = [asyncio.create_task(_go_on(*both)) for both in zip(doors, logins, strict=True)]
                beside = await steadily(pages, crowd, RATE, SECONDS)
                for one in busy_ones:
                    one.cancel()
                await asyncio.wait(busy_ones)
                if number:  # the first one warms up
                    calm.append(alone.share(0.99) * 1e3)
                    busy.append(beside.share(0.99) * 1e3)
                doors[:] = [await line.again() for line in doors]
        yield Result("ms, p99 of pages", f"while {AT_ONCE} log in", "while nobody does", busy, calm, (), "log-ins beside feeds")


async def _go_on(line: Line, login: bytes) -> None:
    while True:
        require_ok(await line.ask(login))


def _log_in(name: str) -> bytes:
    body = msgspec.json.encode({"login": name, "password": PASSWORD})
    fields = f"Host: bench.test\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"POST /api/v1/sessions HTTP/1.1\r\n{fields}\r\n".encode() + body
