"""Pages never repeat and never skip what was there all the time, whatever comes and goes while they are read."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import asyncpg
import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from server.notifications import jobs
from server.openapi.operations import OPERATIONS
from server.settings import Settings
from server.web import application
from tests.lines import LINES, PLACES, Line, Stock
from tests.people import Person

Step = tuple[str, int]
STEPS = st.tuples(st.sampled_from(["come", "go"]), st.integers(0, PLACES - 1))
MEANWHILE = st.lists(st.lists(STEPS, max_size=3), min_size=1, max_size=4)
"""What happens while the first page is read, the second, and so on."""
FULL = st.lists(st.integers(0, PLACES - 1), min_size=2, max_size=PLACES, unique=True)

MOST_PAGES = 2 * PLACES


@pytest.fixture(scope="module")
async def stock(settings: Settings) -> AsyncIterator[Stock]:
    """In a system where nothing is popular, whatever other tests have had watched."""
    database = await asyncpg.connect(settings.database_url)
    await database.execute("DELETE FROM suggestion_popular")
    await database.close()
    with pytest.MonkeyPatch.context() as product:
        product.setattr(jobs, "TELL_SECONDS", 3600.0)  # the test tells
        client: Any = TestClient(TestServer(application(settings)), cookie_jar=aiohttp.DummyCookieJar())
        async with client:
            yield await Stock.of(client)


@dataclass
class Reader:
    """Somebody who goes from page to page.

    Attributes:
        before: the list as it was at first.
        seen: what the pages have held.
        at_end: nothing of ours can follow.
    """

    line: Line
    who: Person
    path: str
    limit: int
    before: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    at_end: bool = False
    _cursor: str | None = None
    _others: set[str] = field(default_factory=set)

    async def look_through(self) -> None:
        """Once, before anything happens. What others have, such as videos of other tests, is older than all of ours."""
        everything, _ = await self._page("?limit=50")
        self._others = set(everything) - set(self.line.there.values())
        self.before = [key for key in everything if key not in self._others]

    async def turn(self) -> list[str]:
        """Read the next page."""
        after = f"&cursor={self._cursor}" if self._cursor else ""
        page, self._cursor = await self._page(f"?limit={self.limit}{after}")
        self.at_end = self._cursor is None or not self._others.isdisjoint(page)
        self.seen += [key for key in page if key not in self._others]
        return page

    async def _page(self, query: str) -> tuple[list[str], str | None]:
        answer = await self.who.get(self.path + query)
        assert answer.status == 200, answer.body
        return [self.line.key(item) for item in answer.body["items"]], answer.body["next_cursor"]


async def happen(line: Line, steps: Sequence[Step]) -> set[str]:
    """Do what is possible of these steps; what has come or gone by it."""
    touched = set()
    for what, place in steps:
        if what == "come" and place not in line.there:
            line.there[place] = await line.come(place)
            touched.add(line.there[place])
        elif what == "go" and place in line.there:
            await line.go(place)
            touched.add(line.there.pop(place))
    return touched


async def test_every_list_with_pages_is_read_here(stock: Stock) -> None:
    read = [path for line in LINES.values() for _, path in (await line(stock)).lists]
    paged = {operation.path for operation in OPERATIONS if "cursor" in operation.query}
    matching = {path: re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for path in paged}
    assert {path for path in paged if any(matching[path].fullmatch(one) for one in read)} == paged


@pytest.mark.parametrize("name", LINES)
@given(FULL, MEANWHILE, st.integers(1, 3))
@examples(max_examples=5, phases=[Phase.generate])  # a failure is not made smaller: that would take minutes
async def test_pages_never_repeat_or_skip(
    stock: Stock, name: str, full: list[int], meanwhile: list[list[Step]], limit: int
) -> None:
    line: Line = await LINES[name](stock)
    await happen(line, [("come", place) for place in full])
    readers = [Reader(line, *one, limit) for one in line.lists]
    for reader in readers:
        await reader.look_through()
    stays, gone = set(line.there.values()), set[str]()
    for steps in [*meanwhile, *[[]] * MOST_PAGES]:
        turning = [reader for reader in readers if not reader.at_end]
        if not turning:
            break
        touched, pages = await asyncio.gather(happen(line, steps), asyncio.gather(*(reader.turn() for reader in turning)))
        assert all((gone - touched).isdisjoint(page) for page in pages)
        gone = (gone | touched) - set(line.there.values())
        stays -= touched
    for reader in readers:
        assert reader.at_end
        assert len(set(reader.seen)) == len(reader.seen)
        assert [key for key in reader.seen if key in stays] == [key for key in reader.before if key in stays]
