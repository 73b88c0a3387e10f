"""Pages of the following feed: what they cost when warm, and how late they are at a rate, cold and warm."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from statistics import median
from uuid import UUID

import asyncpg

from bench.api.load import Late, Line, lines, saturate, steadily
from bench.api.readers import FOLLOWING, Readers
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
            about = f"pages of {CROWD} readers"
            for when, rate in (
                ("a process that has just started", RATE),
                ("the same, warm", RATE),
                ("as many as it can", TOP_RATE),
            ):
                yield f"  {told(when, await steadily(open_lines, crowd, rate, SECONDS), about)}"
            for follows in FOLLOWS:
                account_id = await readers.with_follows(follows)
                if account_id is not None:
                    cost = await _lateral(server, account_id)
                    result = await beside_constant(server, readers, open_lines, (account_id, FOLLOWING), f"{follows:,} follows")
                    times = cost / median(result.ours)
                    note = f"one LATERAL statement {cost:,.0f} µs of PostgreSQL, {times:,.0f} x"
                    yield replace(result, ours_is="GET /feed/following", notes=(*result.notes, note))


def told(when: str, late: Late, about: str) -> str:
    """How late pages were."""
    shares = ", ".join(f"{name} {late.share(part) * 1e3:.1f}" for name, part in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)))
    return f"{when}, {len(late.seconds) / SECONDS:.0f} {about} a second: {shares} ms"


async def beside_constant(server: Served, readers: Readers, found: list[Line], asked: tuple[UUID, str], about: str) -> Result:
    """What a path costs that an account asks for, warm, beside an ordinary handler that answers a constant body of that size."""
    account_id, path = asked
    found = found[:AT_ONCE]
    page = await readers.ask(account_id, path)
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
    return Result("µs of CPU", "the page", "a constant body", ours, peer, (f"{int(length[1]):,} bytes",), about)


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
