"""Profiles and the videos on them: what they cost when warm beside a constant body, and how late they are at a rate."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from bench.api.feed import RATE, SECONDS, beside_constant, told
from bench.api.load import lines, steadily
from bench.api.readers import Readers
from bench.api.serving import served
from bench.figures import Result

AUTHORS = 400
"""Whose pages are asked for at that rate, each by another reader."""
PAGES = (("/api/v1/users/{}", "GET /users/{id}"), ("/api/v1/users/{}/videos?limit=10", "GET /users/{id}/videos"))


async def measured(folder: Path, given: Mapping[str, str]) -> AsyncIterator[Result | str]:
    """Both kinds of pages, each by a process that has just started."""
    for path, name in PAGES:
        async with served(folder, given) as server:
            readers = Readers(server.settings)
            authors = await readers.authors(AUTHORS)
            pairs = [pair for pair in zip(await readers.some(AUTHORS), reversed(authors), strict=False) if pair[0] != pair[1]]
            crowd = [await readers.ask(reader_id, path.format(author)) for reader_id, author in pairs]
            about = f"pages of {len(authors)} authors"
            async with lines(server.socket, 64) as open_lines:
                for when in ("a process that has just started", "the same, warm"):
                    yield f"  {name}: {told(when, await steadily(open_lines, crowd, RATE, SECONDS), about)}"
                yield await beside_constant(server, readers, open_lines, (pairs[0][0], path.format(pairs[0][1])), name)
