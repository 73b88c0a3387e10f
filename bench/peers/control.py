"""What our own peers share: their two addresses on the command line, and lines to be broadcast."""

import asyncio
import sys
from collections.abc import Callable

LONGEST_LINE = 1 << 20


def addresses() -> tuple[int, str]:
    """The port for sockets and the path of the control socket."""
    return int(sys.argv[1]), sys.argv[2]


async def obey(path: str, broadcast: Callable[[bytes], object]) -> None:
    """Hand over each line that comes, for ever. Says `ready` first."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            done = broadcast(line[:-1])
            if asyncio.iscoroutine(done):
                await done
        writer.close()

    server = await asyncio.start_unix_server(talk, path, limit=LONGEST_LINE)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()
