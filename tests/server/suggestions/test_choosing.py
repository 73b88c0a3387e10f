"""All that was learned of an account goes when it forbids that or begins anew, and nothing else."""

import pytest

from tests.people import Person
from tests.server.suggestions.town import Town, page

ROWS = """
SELECT
    (SELECT count(*) FROM watch_log WHERE account_id = $1) AS watches,
    (SELECT count(*) FROM suggestion WHERE account_id = $1) AS lists,
    (SELECT count(*) FROM suggestion_served WHERE account_id = $1) AS pages
"""


async def known(town: Town) -> Person:
    """Who has watched one, has a list, and was given a page."""
    person = await town.person()
    videos = await town.publish(await town.authors(3))
    await town.list_of(person, await town.model(), videos)
    await town.watch(person, videos[0])
    await page(person)
    await town.suggesting.log.flush()
    return person


async def left(town: Town, person: Person) -> tuple[int, ...]:
    row = await town.pool.fetchrow(ROWS, person.id)
    assert row is not None
    return tuple(row.values())


@pytest.mark.parametrize("body", [{"learns": False}, None])
async def test_who_forbids_it_or_begins_anew_is_forgotten_and_nobody_else(town: Town, body: dict[str, bool] | None) -> None:
    ann, ben = await known(town), await known(town)
    assert (await ann.patch("/me/suggestions", json={"learns": True})).status == 200
    assert await left(town, ann) == (1, 1, 1)
    asked = ann.delete("/me/suggestions") if body is None else ann.patch("/me/suggestions", json=body)
    assert (await asked).status in (200, 204)
    assert await left(town, ann) == (0, 0, 0)
    assert await left(town, ben) == (1, 1, 1)
    assert await town.pool.fetchval("SELECT count(*) FROM play WHERE account_id = $1", ann.id) == 1
