"""Lists appear all at once, without those whose accounts left meanwhile; older ones go afterwards."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from server.kit.ids import new_id
from server.kit.request import POOL
from server.training import actions, lists, publishing, queries
from storage.postgres import connection
from tests.server.training.town import Town, served_before


async def test_one_row_publishes_and_who_left_has_no_list(
    app: web.Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "AT_ONCE", 2)
    monkeypatch.setattr(publishing, "CLEARED_AT_ONCE", 2)
    town, pool, now = Town.made(5, 9), app[POOL], datetime.now(UTC)
    ann, bob, cat, dan, gone = town.accounts
    why = r'topic:a\b"{,}'
    lines = [f"{one}\t{town.videos[0]} {town.videos[1]}\ttaste {why}\n" for one in (ann, bob, cat, gone)]
    (tmp_path / "lists").write_text("".join(lines))
    (tmp_path / "similar").write_text(f"{town.videos[0]}\t{town.videos[1]} {town.videos[2]}\n")
    async with connection(pool) as conn:
        await town.fill(conn)
        oldest, before = await served_before(conn, town), await served_before(conn, town)
        model = new_id()
        await queries.begin(conn, model, now.date(), "local")
    told = (town.now - timedelta(days=2)).date(), town.now - timedelta(days=2)
    await publishing.write_lists(pool, tmp_path / "lists", model)
    await publishing.write_similar(pool, tmp_path / "similar", model)
    async with connection(pool) as conn:
        assert await lists.published(conn) == lists.Model(before, *told)
        assert await lists.similar_to(conn, town.videos, 5) == {}
        await conn.execute("DELETE FROM account WHERE id = $1", gone)
        await conn.execute("INSERT INTO watch_choice (account_id, learns) VALUES ($1, false)", bob)
        await conn.execute("INSERT INTO watch_choice (account_id, since) VALUES ($1, $2)", cat, now + timedelta(hours=1))
    assert await publishing.publish(pool, model, now, "{}", 4)
    await publishing.tidy(pool)
    async with connection(pool) as conn:
        found = await lists.list_of(conn, ann)
        assert found == lists.Suggested(model, now.date(), now, town.videos[:2], ["taste", why])
        assert await lists.list_of(conn, dan) == lists.Suggested(before, *told, town.videos[:3], ["taste"] * 3)
        assert [await lists.list_of(conn, who_chose) for who_chose in (bob, cat)] == [None, None]
        assert await conn.fetchval("SELECT lists FROM suggestion_model WHERE id = $1", model) == 1
        assert await conn.fetchval("SELECT count(*) FROM suggestion WHERE model_id = $1", oldest) == 0
        assert await lists.similar_to(conn, town.videos, 1) == {town.videos[0]: [town.videos[1]]}
        await actions.forget(conn, dan)
        assert await lists.list_of(conn, dan) is None


async def test_what_was_given_up_is_not_published(app: web.Application) -> None:
    town, now, model = Town.made(3, 9), datetime.now(UTC), new_id()
    async with connection(app[POOL]) as conn:
        await town.fill(conn)
        await queries.begin(conn, model, now.date(), "local")
        await queries.begin(conn, new_id(), now.date(), "local")
    assert not await publishing.publish(app[POOL], model, now, "{}", 0)
    async with connection(app[POOL]) as conn:
        assert await lists.published(conn) is None
        assert (await queries.tried(conn, now.date())).failed == 1
