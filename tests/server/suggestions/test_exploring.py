"""New videos get their impressions, by chance, and what the log says of that chance is right."""

from collections import Counter
from datetime import timedelta

import pytest

from server.suggestions import exploring as exploring_
from server.suggestions.exploring import IMPRESSIONS
from server.suggestions.queries import forget
from server.suggestions.scroll import Scroll
from storage.postgres import connection
from tests.server.suggestions.town import Town, codes, ids, scroll

NEW = timedelta(hours=2)
LOGGED = """
SELECT model_id, video_ids, slots, propensities FROM suggestion_served WHERE account_id = $1 ORDER BY at
"""
REPORTED = "SELECT video_id, count(*) AS accounts FROM play WHERE video_id = ANY($1) GROUP BY video_id"
MOST_READERS = 100


async def test_every_new_video_gets_its_impressions(town: Town) -> None:
    old = await town.publish(await town.authors(60))
    await town.popular(old)
    new = await town.publish(await town.authors(4), ago=NEW)
    town.suggesting.exploring.dice.seed(1)
    for _ in range(MOST_READERS):
        await town.suggesting.exploring.refresh()
        if not town.suggesting.exploring.videos.all:
            break
        reader = await town.person()
        assert reader.id is not None
        given = (await town.suggesting.page(reader.id, 20, Scroll())).given
        assert [at for at, one in enumerate(given) if one.source == "explore"] in ([9, 19], [9])
        await town.watch(reader, *(one.candidate.video_id for one in given))
    accounts = {row["video_id"]: row["accounts"] for row in await town.pool.fetch(REPORTED, new)}
    assert {*accounts} == {*new}
    assert all(IMPRESSIONS <= reported <= IMPRESSIONS + 2 for reported in accounts.values()), accounts


async def test_each_has_the_probability_that_is_logged(town: Town) -> None:
    reader, model = await town.person(), await town.model()
    assert reader.id is not None
    authors = await town.authors(30)
    old = await town.publish(authors)
    await town.list_of(reader, model, old)
    new = await town.publish([*await town.authors(8), reader.id], ago=NEW)
    await town.watch(reader, new[0])
    assert (await reader.put(f"/videos/{new[1]}/not-interested")).status == 204
    await town.suggesting.exploring.refresh()
    town.suggesting.exploring.dice.seed(1)
    drawn = Counter[object]()
    for _ in range(300):
        given = (await town.suggesting.page(reader.id, 10, Scroll())).given
        assert [one.propensity for one in given] == [1.0] * 9 + [1 / 6]
        drawn[given[9].candidate.video_id] += 1
    assert {*drawn} == {*new[2:8]}
    # With five degrees of freedom chance alone exceeds that once in a thousand times.
    assert sum((times - 50) ** 2 / 50 for times in drawn.values()) < 20.5


async def test_what_was_shown_is_logged_with_slot_probability_and_model(town: Town) -> None:
    reader, model = await town.person(), await town.model()
    assert reader.id is not None
    old = await town.publish(await town.authors(30))
    await town.list_of(reader, model, old[:15])
    await town.popular(old[15:])
    new = await town.publish(await town.authors(4), ago=NEW)
    await town.suggesting.exploring.refresh()
    items = await scroll(reader, limit=10, most=2)
    await town.suggesting.log.flush()
    rows = await town.pool.fetch(LOGGED, reader.id)
    assert [one for row in rows for one in row["video_ids"]] == ids(items)
    assert [row["model_id"] for row in rows] == [model, model]
    assert [one for row in rows for one in row["slots"]][9::10] == ["explore"] * 2
    assert [one for row in rows for one in row["propensities"]][9::10] == pytest.approx([1 / 4, 1 / 3])
    assert {*ids(items[9::10])} <= {*new}
    assert codes(items[9:10]) == ["explore"]
    async with connection(town.pool) as conn:
        assert await forget(conn, reader.id, 1) == 1
        assert await forget(conn, reader.id, 1000) == 1
        assert await forget(conn, reader.id, 1000) == 0


async def test_what_has_come_back_after_it_was_hidden_takes_part_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    (author,) = await town.authors(1)
    one, other = await town.publish([author], each=2, ago=NEW)
    exploring = town.suggesting.exploring
    visible = "UPDATE author_video SET visibility = $2 WHERE video_id = $1"
    await exploring.refresh()
    assert [young.video_id for young in exploring.videos.all] == [one, other]
    await town.pool.execute(visible, one, "private")
    await exploring.refresh()
    assert [young.video_id for young in exploring.videos.all] == [other]
    await town.pool.execute(visible, one, "public")
    monkeypatch.setattr(exploring_, "ANEW", 1)
    await exploring.refresh()
    assert [young.video_id for young in exploring.videos.all] == [one, other]


async def test_one_that_nobody_watches_holds_up_no_look(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exploring_, "ROWS", 2)
    monkeypatch.setattr(exploring_, "LOOKS", 1)
    videos = await town.publish(await town.authors(5), ago=NEW)
    exploring = town.suggesting.exploring
    found = []
    for _ in range(4):
        await exploring.refresh()
        found.append([young.video_id for young in exploring.videos.all])
    assert found == [videos[:2], videos[:4], videos, videos]
    monkeypatch.setattr(exploring_, "IMPRESSIONS", 1)
    await town.watch(await town.person(), videos[1])
    await exploring.refresh()
    assert [young.video_id for young in exploring.videos.all] == [videos[0], *videos[2:]]
