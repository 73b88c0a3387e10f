"""Who rises: what gathers views faster than before, and everybody may see."""

from datetime import timedelta

import pytest

from server.plays import rising
from server.plays.rising import hottest, steepness
from server.plays.windows import Busy, ViewWindows
from storage.postgres import Pool
from tests.people import Client, Person
from tests.videos import Told, published, uploaded
from tests.viewed import Clock, seen

A_DAY = 86_400

pytestmark = pytest.mark.usefixtures("nobody_folds", "patient_commands")


async def test_those_rise_that_gather_views_faster_than_before(
    client: Client, ann: Person, of_own: ViewWindows, clock: Clock
) -> None:
    clock.ago = 8 * A_DAY
    await of_own.mend(client.app)
    clock.ago = 0
    steep, steeper, steady, few = [await published(client, ann) for _ in range(4)]
    of_own.counted([seen(steady, 100, timedelta(hours=3)), seen(steep, 10, timedelta(hours=3))])
    of_own.counted([seen(steady, 100), seen(steep, 50), seen(steeper, 60), seen(few, rising.LEAST_VIEWS - 1)])
    await of_own.flush()
    assert await rising.rising(client.app, 10) == [steeper, steep]
    assert await rising.rising(client.app, 1) == [steeper]
    assert await hottest(client.app, 10) == [steady, steeper, steep, few]


async def test_what_not_everybody_may_see_does_not_rise(
    client: Client, ann: Person, ben: Person, pool: Pool, of_own: ViewWindows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rising, "ASKED_AT_ONCE", 2)
    await of_own.mend(client.app)
    there, archived, deleted, left = [await published(client, who) for who in (ann, ann, ann, ben)]
    hidden = [await published(client, ann, Told(visibility="followers")), await uploaded(client, ann)]
    of_own.counted([seen(video_id, 50) for video_id in (archived, deleted, left, *hidden)] + [seen(there, 20)])
    await of_own.flush()
    await pool.execute("INSERT INTO video_tier (video_id, tier, warm_path) VALUES ($1, 'archived', '1/234.mp4')", archived)
    assert (await ann.delete(f"/videos/{deleted}")).status == 204
    await pool.execute("DELETE FROM account WHERE id = $1", ben.id)
    assert await rising.rising(client.app, 10) == [there]
    assert await hottest(client.app, 10) == [there]


async def test_nothing_rises_while_nobody_knows_what_was_before(
    client: Client, ann: Person, of_own: ViewWindows, clock: Clock
) -> None:
    video_id = await published(client, ann)
    clock.ago = -2
    of_own.counted([seen(video_id, 50)])
    await of_own.flush()
    assert await rising.rising(client.app, 10) == []
    await of_own.mend(client.app)
    assert await rising.rising(client.app, 10) == [video_id]


@pytest.mark.parametrize(
    ("busy", "steep"),
    [
        (Busy(h1=0, d7=0, hours=0.1), 1.0),
        (Busy(h1=10, d7=10, hours=0.1), 6.0),
        (Busy(h1=10, d7=1680, hours=168.0), 1.0),
        (Busy(h1=98, d7=432, hours=168.0), 25.0),
    ],
)
def test_it_is_steep_by_what_an_hour_had_before(busy: Busy, steep: float) -> None:
    assert steepness(busy) == pytest.approx(steep, rel=0.01)
