"""People and videos for suggestions: published at any time, watched and liked, with lists as a night's training leaves them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from server.kit.ids import new_id
from server.kit.request import ANNOUNCER, POOL
from server.kit.work import work
from server.plays import actions as plays
from server.plays.wire import WatchedVideo
from server.suggestions import queries
from server.suggestions.actions import SUGGESTING, Suggesting
from storage.postgres import connection
from tests.people import Client, Person, sign_up

AUTHOR = "INSERT INTO account (id, username, email, password_hash) VALUES ($1, $2, $2, '')"
VIDEO = """
INSERT INTO video
    (id, author_id, title, description, hashtags, visibility, status, raw_bytes, raw_sha256, generation, published_at)
SELECT id, author_id, '', '', tags, 'public', 'ready', 1, '', 1, at
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS v (id, author_id, at), (SELECT $4::text[] AS tags) AS t
"""
LISTED = """
INSERT INTO author_video (author_id, video_id, at, visibility, plays)
SELECT author_id, id, published_at, 'public', true FROM video WHERE id = ANY($1)
"""
TAGGED = """
INSERT INTO hashtag_video (tag, video_id, author_id, at)
SELECT tag, id, author_id, published_at FROM video, unnest(hashtags) AS tag WHERE id = ANY($1)
"""
MODEL = """
INSERT INTO suggestion_model (id, day, state, until, engine) VALUES ($1, current_date, $2, $3, 'local') RETURNING id
"""
LIST = "INSERT INTO suggestion (account_id, model_id, video_ids, whys) VALUES ($1, $2, $3, $4)"
SIMILAR = "INSERT INTO suggestion_similar (video_id, model_id, video_ids) VALUES ($1, $2, $3)"
OLD = timedelta(days=30)
"""So long ago was published what is not new."""


class Town:
    """Everybody and everything."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.pool = client.app[POOL]

    @property
    def suggesting(self) -> Suggesting:
        return self.client.app[SUGGESTING]

    async def person(self, name: str = "reader") -> Person:
        return await sign_up(self.client, name)

    async def authors(self, many: int) -> list[UUID]:
        """So many, who only publish."""
        found = [new_id() for _ in range(many)]
        await self.pool.executemany(AUTHOR, [(one, f"a{one.hex[-28:]}") for one in found])
        return found

    async def publish(self, authors: Sequence[UUID], each: int = 1, ago: timedelta = OLD, tags: Iterable[str] = ()) -> list[UUID]:
        """So many by each of them, one author after the other, the newest last."""
        whose = [author for author in authors for _ in range(each)]
        ids = [new_id() for _ in whose]
        begins = datetime.now(UTC) - ago
        times = [begins + timedelta(seconds=n) for n in range(len(ids))]
        await self.pool.execute(VIDEO, ids, whose, times, list(tags))
        await self.pool.execute(LISTED, ids)
        await self.pool.execute(TAGGED, ids)
        return ids

    async def model(self, until: timedelta = timedelta(hours=1), state: str = "published") -> UUID:
        """A model that knows what was done up to so long ago."""
        model_id: UUID = await self.pool.fetchval(MODEL, new_id(), state, datetime.now(UTC) - until)
        return model_id

    async def list_of(self, person: Person, model_id: UUID, video_ids: Sequence[UUID], why: str = "taste") -> None:
        await self.pool.execute(LIST, person.id, model_id, list(video_ids), [why] * len(video_ids))

    async def similar(self, video_id: UUID, model_id: UUID, video_ids: Sequence[UUID]) -> None:
        await self.pool.execute(SIMILAR, video_id, model_id, list(video_ids))

    async def popular(self, video_ids: Sequence[UUID], why: str = "popular") -> None:
        """Another version of what is popular."""
        async with connection(self.pool) as conn:
            await queries.keep_popular(conn, video_ids, [why] * len(video_ids), 86_400.0)
        self.suggesting.popular.forget()

    async def watch(self, person: Person, *video_ids: UUID) -> None:
        """To the end."""
        assert person.id is not None
        reports = [
            WatchedVideo(video_id=one, watched_ms=5000, completed=True, replays=0, source="suggested") for one in video_ids
        ]
        async with work(self.pool, self.client.app[ANNOUNCER], person.id) as w:
            await plays.watch_many(w, person.id, reports, limited=False)

    async def like(self, person: Person, video_id: UUID) -> None:
        assert (await person.put(f"/videos/{video_id}/like")).status == 204
        self.suggesting.personal.forget()


async def page(person: Person, query: str = "") -> dict[str, Any]:
    answer = await person.get(f"/feed/suggested{query}")
    assert answer.status == 200, answer.body
    body: dict[str, Any] = answer.body
    return body


async def scroll(person: Person, limit: int = 10, most: int = 1000) -> list[dict[str, Any]]:
    """All items of so many pages, or to the end."""
    found: list[dict[str, Any]] = []
    cursor = ""
    for _ in range(most):
        told = await page(person, f"?limit={limit}{cursor}")
        found += told["items"]
        if told["next_cursor"] is None:
            break
        cursor = f"&cursor={told['next_cursor']}"
    return found


def ids(items: Iterable[dict[str, Any]]) -> list[UUID]:
    return [UUID(item["id"]) for item in items]


def codes(items: Iterable[dict[str, Any]]) -> list[str]:
    return [item["why"]["code"] for item in items]


def crowded(items: Sequence[dict[str, Any]]) -> list[int]:
    """Places where an author has more than two of the last ten."""
    whose = [item["author"]["id"] for item in items]
    return [at for at in range(len(whose)) if whose[max(0, at - 9) : at + 1].count(whose[at]) > 2]
