"""Pages of the following feed: what they cost when warm, and how late they are at a rate, cold and warm."""

import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from statistics import median
from uuid import UUID

import asyncpg

from bench.api.load import Late, Line, lines, saturate, steadily
from bench.api.readers import Readers
from bench.api.serving import Served, served
from bench.cpu import of_process, spent_by
from bench.figures import Result

FOLLOWS = (50, 1_000, 5_000)
ROUNDS, AT_ONCE, EACH = 5, 16, 200
RATE, SECONDS = 500.0, 6.0
CROWD = 400
"""Accounts whose pages are asked for at that rate."""
TOP_RATE = 6_000.0
LATERAL = """
SELECT v.*, a.username, (SELECT count(*) FROM video_like AS l WHERE l.video_id = v.id) AS likes, ARRAY(
    SELECT (c.id, c.text, c.author_id) FROM comment AS c WHERE c.video_id = v.id ORDER BY c.id DESC LIMIT 3
) AS comments
FROM following AS f
CROSS JOIN LATERAL (
    SELECT at, video_id
    FROM author_video
    WHERE author_id = f.author_id AND plays AND visibility <> 'private'
    ORDER BY at DESC, video_id DESC
    LIMIT 10
) AS p
JOIN video AS v ON v.id = p.video_id
JOIN account AS a ON a.id = v.author_id
WHERE f.account_id = $1
ORDER BY p.at DESC, p.video_id DESC
LIMIT 10
"""
"""What a page costs that is one statement."""


async def measured(folder: Path, given: Mapping[str, str]) -> AsyncIterator[Result | str]:
    """All of it, as it is found."""
    async with served(folder, given) as server:
        readers = Readers(server.settings)
        crowd = await readers.ask_all(await readers.some(CROWD))
        async with lines(server.socket, 64) as open_lines:
            yield _late("a process that has just started", await steadily(open_lines, crowd, RATE, SECONDS))
            yield _late("the same, warm", await steadily(open_lines, crowd, RATE, SECONDS))
            yield _late(f"{TOP_RATE:,.0f} a second", await steadily(open_lines, crowd, TOP_RATE, SECONDS))
            for follows in FOLLOWS:
                account_id = await readers.with_follows(follows)
                if account_id is not None:
                    yield await _beside_constant(server, readers, open_lines[:AT_ONCE], account_id, follows)


def _late(about: str, late: Late) -> str:
    told = ", ".join(f"{name} {late.share(part) * 1e3:.1f}" for name, part in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)))
    return f"  {about}, {len(late.seconds) / SECONDS:.0f} pages a second of {CROWD} readers: {told} ms"


async def _beside_constant(server: Served, readers: Readers, found: list[Line], account_id: UUID, follows: int) -> Result:
    page = await readers.ask(account_id)
    answer = await found[0].ask(page)
    length = re.search(rb"Content-Length: (\d+)", answer)
    assert length is not None
    constant = await readers.ask(account_id, f"/api/v1/constant/{int(length[1])}")
    ours, peer = [], []
    for number in range(ROUNDS + 1):
        with spent_by(server.pid) as feed:
            await saturate(found, [page], EACH)
        with spent_by(server.pid) as floor:
            await saturate(found, [constant], EACH)
        if number:  # the first one warms up
            ours.append(feed.seconds / (EACH * len(found)) * 1e6)
            peer.append(floor.seconds / (EACH * len(found)) * 1e6)
    lateral = await _lateral(server, account_id)
    beside = f"one LATERAL statement {lateral:,.0f} µs of PostgreSQL, {lateral / median(ours):,.0f} x"
    note = f"{int(length[1]):,} bytes a page; {beside}"
    return Result("µs of CPU", "GET /feed/following", "a constant body", ours, peer, (note,), f"{follows:,} follows")


async def _lateral(server: Served, account_id: UUID) -> float:
    """µs of processor time of one statement, in PostgreSQL alone."""
    conn = await asyncpg.connect(server.settings.database_url)
    try:
        pid = conn.get_server_pid()
        statement = await conn.prepare(LATERAL)
        for _ in range(3):
            await statement.fetch(account_id)
        before = of_process(pid)
        for _ in range(10):
            await statement.fetch(account_id)
        return (of_process(pid) - before) / 10 * 1e6
    finally:
        await conn.close()
