"""`websockets` with its own `broadcast()`."""

from websockets.asyncio.server import ServerConnection, broadcast, serve

from bench.peers.control import addresses, obey


async def main() -> None:
    """Serve until killed."""
    port, path = addresses()
    members: set[ServerConnection] = set()

    async def join(connection: ServerConnection) -> None:
        members.add(connection)
        try:
            await connection.wait_closed()
        finally:
            members.discard(connection)

    async with serve(join, "127.0.0.1", port, compression=None, ping_interval=None, backlog=4096):
        await obey(path, lambda line: broadcast(members, line.decode()))


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())
