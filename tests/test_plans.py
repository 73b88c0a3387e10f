"""Every hot statement is planned by the index that is meant for it, and reads as much as its answer needs, however much there is.

The town is small, but large enough for a wrong plan to show. Each statement runs as asyncpg has it: planned for its arguments at
first, then once for all of them.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import pytest

from bench.population.rows import Connection
from bench.population.snapshot import fresh
from bench.population.town import SMALL
from server.accounts import queries as accounts
from server.blocks import queries as blocks
from server.cards import queries as cards
from server.comments import queries as comments
from server.counts import queries as counts
from server.counts import truth
from server.deeds import queries as deeds
from server.follows import queries as follows
from server.kit import invalidation
from server.kit.ids import new_id
from server.kit.paging import FIRST
from server.likes import queries as likes
from server.live import queries as live
from server.notifications import queries as notifications
from server.plays import queries as plays
from server.plays import watches
from server.search import queries as search
from server.settings import Settings
from server.sight import queries as sight
from server.suggestions import queries as suggestions
from server.videos import queries as videos
from server.videos import tagged

MORE = """
INSERT INTO session (account_id, id, user_agent, created_at, expires_at)
SELECT id, gen_random_uuid(), 'a phone', now() - make_interval(secs => n * 1000), now() + interval '1 day'
FROM account, generate_series(1, 10) AS n;
INSERT INTO invalidation (account_id, id, kind, subject_id, at)
SELECT account_id, gen_random_uuid(), 'follow', author_id, now() - make_interval(secs => row_number() OVER () * 1.5)
FROM following;
INSERT INTO play_counted (shard, id, video_id, day)
SELECT row_number() OVER () % 4, gen_random_uuid(), video_id, now()::date FROM play;
INSERT INTO video_remains (video_id) SELECT gen_random_uuid() FROM generate_series(1, 2000);
INSERT INTO hashtag_video (tag, video_id, author_id, at)
SELECT DISTINCT tag, id, author_id, published_at
FROM video, unnest(hashtags || ('tag_' || ((hashtext(id::text) & 1023) ^ 4 / 1e9)::integer)) AS tag
WHERE published_at IS NOT NULL AND visibility = 'public';
INSERT INTO popular_name (beginning, kind, name, weight)
SELECT left(name, letters), kind, name, weight
FROM (
    SELECT 'user' AS kind, lower(username) AS name, count(*) AS weight FROM account JOIN follower ON author_id = id GROUP BY id
    UNION ALL
    SELECT 'hashtag', tag, count(*) FROM hashtag_video GROUP BY tag
) AS found, generate_series(0, least(8, length(name))) AS letters;
INSERT INTO deed (shard, id, account_id, kind, subject_id, at)
SELECT row_number() OVER () % 4, gen_random_uuid(), account_id, 'like', video_id, now() FROM play;
INSERT INTO notification_box (account_id, last_change) SELECT id, 100 FROM account;
INSERT INTO notification (account_id, id, kind, subject_id, created_at, since, until, change)
SELECT author_id, gen_random_uuid(), kind, v.id, now(), '2000-01-01', now(), row_number() OVER (PARTITION BY author_id)
FROM video AS v, unnest('{like,comment,mention,video_failed}'::text[]) AS kind;
INSERT INTO notification (account_id, id, kind, subject_id, created_at, since, until, change)
SELECT id, gen_random_uuid(), 'follower', id, now(), '2000-01-01', now(), 1 FROM account;
INSERT INTO notification_mention (account_id, video_id, at, by_id)
SELECT v.author_id, v.id, now(), f.account_id FROM video AS v
CROSS JOIN LATERAL (SELECT account_id FROM follower WHERE author_id = v.author_id LIMIT 2) AS f;
INSERT INTO count_change (shard, subject_id, id, kind, change)
SELECT get_byte(uuid_send(video_id), 15) % 4, video_id, gen_random_uuid(), 'like', 1 FROM video_count, generate_series(1, 3);
INSERT INTO count_change (shard, subject_id, id, kind, change)
SELECT get_byte(uuid_send(account_id), 15) % 4 + 4, account_id, gen_random_uuid(), 'follower', 1
FROM account_count, generate_series(1, 3);
INSERT INTO watch_log (account_id, video_id, watched_ms, completed, replays, source)
SELECT account_id, video_id, 3000, true, 0, 'link' FROM play;
INSERT INTO not_interested (account_id, video_id) SELECT account_id, gen_random_uuid() FROM play;
INSERT INTO watch_choice (account_id, learns, since)
SELECT id, row_number() OVER () % 2 = 0, now() - make_interval(days => (row_number() OVER () % 90)::integer) FROM account;
INSERT INTO video_tier (video_id, tier, warm_path) SELECT id, 'archived', '1/234.mp4' FROM video;
"""
# Behind the statistics: a burst that the relay has to number, while the planner knows of nothing without a number.
UNNUMBERED = """
ALTER TABLE publication SET (autovacuum_enabled = false);
UPDATE publication SET seq = NULL WHERE seq > (SELECT last_seq FROM event_log) - 5000;
UPDATE event_log SET last_seq = last_seq - 5000, relayed_seq = last_seq - 5000, leader = 'relay', leased_until = 'infinity';
"""
MOST_FOLLOWING = "SELECT account_id FROM following GROUP BY account_id ORDER BY count(*) DESC LIMIT 1"
MOST_FOLLOWED = "SELECT author_id FROM follower GROUP BY author_id ORDER BY count(*) DESC LIMIT 10"
MOST_COMMENTED = "SELECT video_id FROM comment GROUP BY video_id ORDER BY count(*) DESC LIMIT 10"
LIMIT = 11
LIKED, PLAYED = ("video_like_pkey", "video_like_account"), ("play_pkey", "play_account_video")
"""By the video or by the account: either has both columns."""
WHOLE = {"event_log"}
"""Tables of one row."""


@dataclass(frozen=True)
class Town:
    """Whom and what the statements are asked about: those of whom there is most."""

    conn: Connection
    reader: UUID
    followed: list[UUID]
    authors: list[UUID]
    videos: list[UUID]
    comment: UUID
    last_seq: int
    epoch: str


class Case(NamedTuple):
    """A statement.

    Attributes:
        arguments: of it.
        indexes: it reads by some of these, and by nothing else; a table may have two that serve alike.
        pages: it reads and writes at the most, of tables and indexes. Counts grow with what they count.
    """

    sql: str
    arguments: Callable[[Town], tuple[Any, ...]]
    indexes: tuple[str, ...]
    pages: int


LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
PAGE = (FIRST.at, FIRST.id, LIMIT)
SIGHT = ("blocking_pkey", "blocker_pkey")
FOLLOWERS = ("follower_pkey", "follower_newest")
LIKES = ("video_like_pkey", "video_like_newest")
FOLLOWING = ("following_pkey", "following_newest")
WATCHES = ("watch_log_rest_account_id_video_id_idx",)
TAGS = ("hashtag_video_pkey", "hashtag_video_newest")
TOLD_OF = (
    "notification_pkey",
    "notification_change",
    "notification_mention_pkey",
    "notification_mention_at",
    "notification_box_pkey",
    "account_pkey",
    "video_like_newest",
    "follower_newest",
    "comment_pkey",
    "video_pkey",
    *FOLLOWING,
    *SIGHT,
)


def _view(t: Town) -> tuple[Any, ...]:
    """A report of one view."""
    summed, logged = (t.videos[0], 1, 9000, 1, 0, 0, "link", new_id()), (t.videos[0], 9000, 10_000, True, 0, "link")
    return (t.reader, *([one] for one in summed), 3600, 4, *([one] for one in logged))


PUBLICATIONS = ("publication_pkey", "publication_by_author")
CASES: dict[str, Case] = {
    "feed of those followed": Case(videos.OF_FOLLOWED, lambda t: (t.followed, *PAGE), ("author_video_listed",), 3200),
    "latest": Case(videos.LATEST, lambda t: (*PAGE, t.reader), ("author_video_public", *SIGHT), 80),
    "videos of an author": Case(
        videos.OF_AUTHOR, lambda t: (t.authors[0], *PAGE, False, ["public"]), ("author_video_listed",), 20
    ),
    "counts of accounts": Case(counts.ACCOUNTS, lambda t: (t.authors,), ("account_count_pkey", "count_change_pkey"), 150),
    "counts of videos": Case(counts.VIDEOS, lambda t: (t.videos,), ("video_count_pkey", "count_change_pkey"), 150),
    "counting a change": Case(counts.APPEND, lambda t: (t.videos, t.videos, ["like"] * 10, [1] * 10, ["like"]), (), 60),
    "shards with changes": Case(counts.WAITING, lambda _: (8,), ("count_change_pkey",), 60),
    "folding counts of videos": Case(counts.FOLD_VIDEOS, lambda _: (1, 100), ("count_change_pkey", "video_pkey"), 1500),
    "folding counts of accounts": Case(counts.FOLD_ACCOUNTS, lambda _: (5, 100), ("count_change_pkey", "account_pkey"), 1500),
    "walking along videos": Case(truth.WALK_VIDEOS, lambda t: (t.videos[0], 10), ("video_pkey", "video_count_pkey"), 100),
    "walking along accounts": Case(truth.WALK_ACCOUNTS, lambda t: (t.reader, 10), ("account_pkey", "account_count_pkey"), 100),
    "public videos of an author": Case(
        truth.MEND_PUBLIC_VIDEOS,
        lambda t: (t.authors[0],),
        ("author_video_listed", "account_count_pkey", "count_change_pkey"),
        60,
    ),
    "heads of videos": Case(videos.HEADS, lambda t: (t.videos,), ("video_pkey", "account_pkey"), 80),
    "cards": Case(
        cards.SHOWN,
        lambda t: (t.videos,),
        ("video_pkey", "video_tier_pkey", "rendition_pkey", "play_total_pkey", "video_count_pkey", "count_change_pkey"),
        350,
    ),
    "counts of cards": Case(
        cards.COUNTS, lambda t: (t.videos,), ("video_pkey", "play_total_pkey", "video_count_pkey", "count_change_pkey"), 200
    ),
    "videos held": Case(videos.HELD_AT_ONCE, lambda t: (t.videos,), ("video_pkey", "account_pkey", "video_remains_pkey"), 140),
    "follows among pairs": Case(follows.FOLLOWED_PAIRS, lambda t: ([t.reader] * 10, t.followed[:10]), FOLLOWING, 100),
    "renditions": Case(cards.RENDITIONS, lambda t: (t.videos,), ("rendition_pkey",), 80),
    "authors of cards": Case(accounts.GET, lambda t: (t.authors,), ("account_pkey",), 40),
    "a user's name": Case(accounts.ID_OF_USERNAME, lambda _: ("person_000001",), ("username_pkey",), 5),
    "users mentioned": Case(accounts.IDS_OF_USERNAMES, lambda _: (["person_000001", "nobody"],), ("username_pkey",), 10),
    "users along their names": Case(accounts.USERNAMES, lambda _: ("person_0001", 50), ("username_pkey",), 15),
    "sessions": Case(accounts.SESSIONS, lambda t: (t.reader, *PAGE), ("session_pkey",), 20),
    "followers": Case(follows.FOLLOWERS, lambda t: (t.authors[0], *PAGE, t.reader), ("follower_newest", *SIGHT), 80),
    "following": Case(follows.FOLLOWING, lambda t: (t.reader, *PAGE, t.reader), ("following_newest", *SIGHT), 80),
    "everybody followed": Case(follows.FOLLOWED_BY, lambda t: (t.reader, 10_000), FOLLOWING, 80),
    "followed among authors": Case(follows.FOLLOWED_AMONG, lambda t: (t.reader, t.authors), FOLLOWING, 50),
    "how many are followed": Case(follows.COUNT, lambda t: (t.reader,), FOLLOWING, 80),
    "some followers": Case(follows.SOME_FOLLOWERS, lambda t: (t.authors[0], 10), ("follower_pkey", "follower_newest"), 20),
    "comments": Case(comments.OF_VIDEO, lambda t: (t.videos[0], FIRST.id, LIMIT, t.reader), ("comment_pkey", *SIGHT), 90),
    "newest comments": Case(comments.NEWEST, lambda t: (t.videos, 3, t.reader), ("comment_pkey", *SIGHT), 260),
    "a comment": Case(comments.FIND, lambda t: (t.comment, t.reader), ("comment_id", *SIGHT), 10),
    "comments by id": Case(comments.STORED, lambda t: (t.videos[:1], [t.comment]), ("comment_id", "comment_pkey"), 5),
    "commenting": Case(
        comments.INSERT,
        lambda t: (t.videos, [new_id() for _ in t.videos], [t.reader] * 10, ["text"] * 10, [datetime.now(UTC)] * 10),
        (),
        250,
    ),
    "liking": Case(likes.INSERT, lambda t: (t.videos, [t.reader] * 10), (), 250),
    "unliking": Case(likes.DELETE, lambda t: (t.videos, [t.reader] * 10), LIKED, 100),
    "liked among videos": Case(likes.LIKED, lambda t: (t.videos, t.reader), LIKED, 50),
    "seen among videos": Case(plays.SEEN, lambda t: (t.videos, t.reader), PLAYED, 50),
    "videos that are shown to everybody": Case(
        plays.OFFERED, lambda t: (t.videos,), ("video_pkey", "account_pkey", "video_tier_pkey"), 100
    ),
    "views": Case(plays.TOTALS, lambda t: (t.videos,), ("play_total_pkey",), 40),
    "recent views": Case(plays.RECENT, lambda t: (t.videos, 7), ("play_day_pkey",), 60),
    "views by day": Case(plays.CURVE, lambda t: (t.videos[0], 30), ("play_day_pkey",), 20),
    "how long a video is watched": Case(plays.HELD, lambda t: (t.videos[0], 50, 20), ("video_pkey", *PLAYED), 120),
    "bytes of renditions": Case(plays.RENDERED, lambda t: (t.videos[0],), ("rendition_pkey",), 20),
    "walking along views by day": Case(
        plays.DAYS, lambda _: (UUID(int=0), date(2020, 1, 1), date(2020, 1, 1), 10), ("play_day_pkey",), 100
    ),
    "durations": Case(plays.BEGIN, lambda t: (t.reader, t.videos), ("video_pkey",), 40),
    "keeping a view": Case(plays.KEEP, _view, ("watch_choice_pkey",), 45),
    "the log of watches": Case(watches.OF_ACCOUNT, lambda t: (t.reader, FIRST.id, FIRST.at.date(), 10), WATCHES, 60),
    "forgetting watches": Case(watches.FORGET, lambda t: (t.reader, 10, None), WATCHES, 200),
    "watches that are left over": Case(watches.LEFT_OVER, lambda _: (UUID(int=0), 7, 10), ("watch_choice_pkey", *WATCHES), 400),
    "shards with views": Case(plays.WAITING, lambda _: (4,), ("play_counted_pkey",), 30),
    "folding views": Case(plays.TAKE_COUNTED, lambda _: (1, 100), ("play_counted_pkey",), 1000),
    "adding views": Case(plays.ADD_TO_TOTALS, lambda t: (t.videos, [1] * len(t.videos)), (), 150),
    "walking along plays": Case(plays.WALK, lambda _: (UUID(int=0), 10), ("play_pkey", "video_pkey"), 100),
    "what may be suggested": Case(
        suggestions.OPEN,
        lambda t: ([t.reader] * len(t.videos), t.videos),
        ("video_pkey", *PLAYED, "not_interested_pkey", "video_tier_pkey", *SIGHT),
        250,
    ),
    "the newest that may be suggested": Case(
        suggestions.NEWEST,
        lambda t: (t.reader, *PAGE),
        ("author_video_public", *PLAYED, "not_interested_pkey", "video_tier_pkey", *SIGHT),
        300,
    ),
    "how an account stands to suggestions": Case(
        suggestions.STANDING,
        lambda t: ([t.reader], UUID(int=0), 100),
        ("watch_choice_pkey", *PLAYED, "not_interested_pkey"),
        150,
    ),
    "new videos and their impressions": Case(
        suggestions.YOUNG, lambda _: (20, LONG_AGO, UUID(int=0), 10), ("author_video_public", *PLAYED, "video_tier_pkey"), 200
    ),
    "videos that may still be new": Case(
        suggestions.STILL_YOUNG,
        lambda t: (20, (t.authors * len(t.videos))[: len(t.videos)], t.videos, LONG_AGO),
        ("author_video_pkey", "author_video_listed", *PLAYED, "video_tier_pkey"),
        300,
    ),
    "what an account liked of late": Case(suggestions.LIKED, lambda t: (t.reader, LONG_AGO, 200), (*LIKED, "video_pkey"), 200),
    "what an account watched of late": Case(suggestions.WATCHED, lambda t: (t.reader, LONG_AGO, 2000, 30), WATCHES, 60),
    "what is new of authors": Case(
        suggestions.FRESH, lambda t: (t.authors, LONG_AGO, 3, 20), ("author_video_listed", "author_video_newest"), 150
    ),
    "what has the same hashtags or author": Case(
        suggestions.ALIKE, lambda t: (t.videos, 5, 4), ("video_pkey", "author_video_listed", "author_video_newest", *TAGS), 900
    ),
    "who blocks": Case(sight.BLOCKS, lambda t: (t.reader, t.authors[0]), SIGHT, 5),
    "how one stands to another": Case(sight.STANDING, lambda t: (t.reader, t.authors[0]), (*SIGHT, *FOLLOWING), 10),
    "hidden among accounts": Case(sight.HIDDEN_AMONG, lambda t: (t.reader, t.authors), SIGHT, 60),
    "hidden from an account": Case(sight.HIDDEN_FROM, lambda t: (t.reader, 50_000), (*SIGHT, "blocking_newest"), 20),
    "hidden pairs": Case(sight.HIDDEN_PAIRS, lambda t: (t.authors, t.authors), SIGHT, 80),
    "blocks": Case(blocks.NEWEST, lambda t: (t.reader, *PAGE), ("blocking_newest",), 20),
    "names that begin so": Case(search.USERS, lambda t: ("person", "persoo", LIMIT, t.reader), ("username_pkey", *SIGHT), 80),
    "popular users": Case(
        search.POPULAR_USERS,
        lambda t: ("person", 500, "person", LIMIT, t.reader),
        ("popular_name_first", "username_pkey", *SIGHT),
        130,
    ),
    "popular users of long beginnings": Case(
        search.POPULAR_USERS,
        lambda t: ("person_0", 500, "person_0001", LIMIT, t.reader),
        ("popular_name_first", "username_pkey", *SIGHT),
        900,
    ),
    "popular hashtags": Case(search.POPULAR_HASHTAGS, lambda _: ("t", 500, "t", LIMIT), ("popular_name_first",), 60),
    "popular hashtags of long beginnings": Case(
        search.POPULAR_HASHTAGS, lambda _: ("tag_1", 500, "tag_12", LIMIT), ("popular_name_first",), 160
    ),
    "what is popular no more": Case(
        search.FORGET, lambda _: ("user", "person_0001", "person_00012", ["person_00011"], [7]), ("popular_name_pkey",), 900
    ),
    "hashtags that begin so": Case(tagged.BEGINNING_WITH, lambda _: ("tag", "tah", LIMIT), TAGS, 60),
    "hashtags with their counts": Case(tagged.COUNT, lambda _: (["tag_0", "tag_1", "nothing"], 100), TAGS, 250),
    "notifications": Case(notifications.LISTED, lambda t: (t.authors[0], FIRST.id, LIMIT), TOLD_OF, 9000),
    "how many are unread": Case(notifications.UNREAD, lambda t: (t.authors[0], 100), TOLD_OF, 2000),
    "telling": Case(
        notifications.TELL,
        lambda t: (
            [t.authors[0]] * 2,
            [new_id(), new_id()],
            ["like", "comment"],
            [t.videos[0]] * 2,
            *([datetime(2030, 1, 1, tzinfo=UTC)] * 2 for _ in "to"),
            [101] * 2,
            [0] * 2,
            60,
            60,
        ),
        ("notification_subject", "notification_pkey"),
        40,
    ),
    "changing a box": Case(notifications.CHANGE, lambda t: (t.authors,), (), 100),
    "trimming": Case(notifications.TRIM, lambda t: (t.authors, 5), ("notification_pkey",), 1500),
    "keeping a deed": Case(deeds.APPEND, lambda t: ([new_id()], t.authors[:1], ["like"], t.videos[:1], [], [], [], 4), (), 20),
    "shards with deeds": Case(deeds.WAITING, lambda _: (4,), ("deed_pkey",), 30),
    "taking deeds": Case(deeds.TAKE, lambda _: (1, 100), ("deed_pkey",), 1000),
    "invalidations": Case(invalidation.SINCE, lambda _: (10.5,), ("invalidation_at",), 10),
    "a short absence": Case(live.OF_AUTHORS, lambda t: (t.followed, t.last_seq - 50, t.last_seq, 200), PUBLICATIONS, 3200),
    "a long absence": Case(live.OF_AUTHORS, lambda t: (t.followed[:20], 0, t.last_seq, 200), PUBLICATIONS, 300),
    "since a follow": Case(
        live.SINCE_FOLLOW, lambda t: (t.authors[0], datetime(2020, 1, 1, tzinfo=UTC), t.last_seq, 200), PUBLICATIONS, 50
    ),
    "the log": Case(live.ENTRIES, lambda t: (t.last_seq - 500, t.last_seq, 500), ("publication_numbered",), 20),
    "the newest of the log": Case(live.NEWEST, lambda t: (t.last_seq, 500), ("publication_numbered",), 20),
    "ages": Case(live.AGES, lambda t: (t.last_seq - 5, t.last_seq), ("publication_numbered",), 10),
    "numbering": Case(
        live.NUMBER, lambda t: (0, "relay", t.epoch, t.last_seq, 500), ("publication_unnumbered", "publication_pkey"), 12_000
    ),
    "forgetting": Case(live.FORGETTABLE, lambda _: (0, 7, 5000), ("publication_numbered",), 20),
    "follows with their times": Case(live.PAIRS, lambda t: ([t.reader] * 10, t.followed[:10]), FOLLOWING, 100),
    "who arrives": Case(live.ARRIVED, lambda t: ([t.reader], [t.reader], [t.reader], 10_000), ("session_pkey", *FOLLOWING), 80),
}


@pytest.fixture(scope="module")
async def town(settings: Settings) -> AsyncIterator[Town]:
    conn = await asyncpg.connect(await fresh(settings.database_url, SMALL))
    await conn.execute(MORE)
    await conn.execute(
        "VACUUM (ANALYZE) not_interested, session, invalidation, play_counted, count_change, hashtag_video, popular_name"
    )
    await conn.execute("VACUUM (ANALYZE) video_remains, video_tier, deed, notification_box, notification, notification_mention")
    await conn.execute(UNNUMBERED)
    reader = await conn.fetchval(MOST_FOLLOWING)
    found = [row[0] for row in await conn.fetch(MOST_COMMENTED)]
    yield Town(
        conn,
        reader,
        followed=[row[0] for row in await conn.fetch(follows.FOLLOWED_BY, reader, 10_000)],
        authors=[row[0] for row in await conn.fetch(MOST_FOLLOWED)],
        videos=found,
        comment=await conn.fetchval("SELECT id FROM comment WHERE video_id = $1 LIMIT 1", found[0]),
        last_seq=await conn.fetchval("SELECT last_seq FROM event_log"),
        epoch=await conn.fetchval("SELECT epoch FROM event_log"),
    )
    await conn.close()


@pytest.mark.parametrize("planned", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("name", CASES)
async def test_a_statement_reads_what_it_answers(town: Town, name: str, planned: str) -> None:
    case = CASES[name]
    transaction = town.conn.transaction()
    await transaction.start()
    try:
        await town.conn.execute(f"SET LOCAL plan_cache_mode = {planned}; PREPARE asked AS {case.sql}")
        call = f"EXECUTE asked ({', '.join(map(_literal, case.arguments(town)))})"
        plan = json.loads(await town.conn.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {call}"))[0]["Plan"]
        await town.conn.execute("DEALLOCATE asked")
    finally:
        await transaction.rollback()
    nodes = list(_nodes(plan))
    assert {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"} <= WHOLE
    assert {node["Index Name"] for node in nodes if "Index Name" in node} <= set(case.indexes)
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] <= case.pages


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def _literal(value: Any) -> str:
    """As SQL writes it; PREPARE knows its type."""
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return f"'{{{','.join(map(str, value))}}}'"
    return f"'{value}'"
