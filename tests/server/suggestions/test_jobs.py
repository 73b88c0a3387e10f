"""What is popular, rising and fresh, as the periodic job finds it."""

from datetime import UTC, datetime, timedelta

from server.kit.ids import new_id
from server.suggestions import jobs
from server.suggestions.jobs import mixed
from server.suggestions.queries import Open
from tests.server.suggestions.town import Town

VIEWS = "INSERT INTO play_day (video_id, day, views) VALUES ($1, (now() AT TIME ZONE 'UTC')::date - $2::integer, $3)"
NEWEST = "SELECT video_ids, whys FROM suggestion_popular ORDER BY version DESC LIMIT 1"


async def test_what_was_watched_weighs_less_with_time_and_every_fifth_is_fresh(town: Town) -> None:
    authors = await town.authors(20)
    old = await town.publish(authors[:8])
    new = await town.publish(authors[8:10], ago=timedelta(days=1))
    for n, video_id in enumerate(old[:6]):
        await town.pool.execute(VIEWS, video_id, n * 4, 100)
    await town.pool.execute(VIEWS, old[6], 20, 900)
    await town.pool.execute("INSERT INTO video_tier (video_id, tier) VALUES ($1, 'archived')", old[1])
    await jobs.popular(town.client.app)
    row = await town.pool.fetchrow(NEWEST)
    assert row is not None
    found = dict(zip(row["video_ids"], row["whys"], strict=True))
    # 900 views of 20 days ago weigh 900 · e^(-20/8) = 74: more than 100 of 4 days ago, less than 100 of today.
    assert [one for one in found if found[one] == "popular"] == [old[0], old[6], *old[2:6]]
    assert row["video_ids"][4] == new[1]
    assert [one for one in found if found[one] == "fresh"] == new[::-1]


async def test_old_versions_go_after_a_day(town: Town) -> None:
    await town.publish(await town.authors(3))
    for _ in range(2):
        await jobs.popular(town.client.app)
    await town.pool.execute("UPDATE suggestion_popular SET at = at - interval '25 hours'")
    assert await town.pool.fetchval("SELECT count(*) FROM suggestion_popular") == 2
    await jobs.popular(town.client.app)
    assert await town.pool.fetchval("SELECT count(*) FROM suggestion_popular") == 1


def test_an_author_has_two_of_ten_while_there_are_others() -> None:
    authors = [new_id() for _ in range(12)]
    watched = [Open(new_id(), author, datetime.now(UTC)) for author in authors for _ in range(20)]
    whose = {one.video_id: one.author_id for one in watched}
    found = [whose[video_id] for video_id, _ in mixed({"popular": watched, "rising": [], "fresh": watched[::-1]}, 1000)]
    assert len(found) == len(watched)
    crowded = [at for at in range(len(found)) if found[max(0, at - 9) : at + 1].count(found[at]) > 2]
    assert all(at > 200 for at in crowded)
