"""Puts a town into an empty database, consistently: mirrors, counts and the log of publications agree with the rest."""

import asyncpg
import msgspec
import numpy as np
from argon2 import PasswordHasher, Type

from bench.population.bare import bare
from bench.population.rows import Array, Connection, Constants, Ids, copy, integers, moments, text_array
from bench.population.town import DAY, FOLLOWERS, PRIVATE, PUBLIC, UNFINISHED, Town
from media.manifest import Rendition
from server.accounts.passwords import MEMORY_KIB, PASSES
from server.live.limits import RETENTION_DAYS
from server.plays.jobs import DAYS_KEPT

PASSWORD = "everybody has the same"
SALT = b"of one and all  "
TABLES = (
    *("account", "username", "email_address", "following", "follower", "blocking", "blocker"),
    *("video", "rendition", "author_video", "publication", "comment", "video_like", "play", "play_total", "play_day"),
    *("video_count", "account_count"),
)
LOGGED = "UPDATE event_log SET last_seq = $1, relayed_seq = $1, forgotten_seq = $2"
DAYS_TO_POSTGRES = 10_957
THEMES = ("harbour", "kitchen", "mountain", "skate", "garden", "night", "market", "piano")
COMMENTS = (
    *("This made my day.", "Where is that?", "More of this, please!", "I have watched it four times by now, and I am not done."),
    *("How did you do the turn at the end? I have tried it for weeks.", "No way.", "Grüße aus Köln 🌊", "first"),
)
STATES: dict[int, Constants] = {
    PUBLIC: {"visibility": b"public", "status": b"ready", "progress": np.array(1, ">f4").tobytes()},
    FOLLOWERS: {"visibility": b"followers", "status": b"ready", "progress": np.array(1, ">f4").tobytes()},
    PRIVATE: {"visibility": b"private", "status": b"ready", "progress": np.array(1, ">f4").tobytes()},
    UNFINISHED: {"visibility": b"public", "status": b"processing", "progress": np.array(0.25, ">f4").tobytes()},
}
LADDER = (("540.mp4", "mp4", 540, 960, 1_400_000), ("720", "hls", 720, 1280, 2_500_000), ("234.mp4", "mp4", 234, 416, 190_000))


async def fill(database_url: str, town: Town) -> None:
    """Put the town into a database that has every migration and nothing else, and have it analyzed."""
    conn = await asyncpg.connect(database_url)
    try:
        async with conn.transaction(), bare(conn, *TABLES):
            await _people(conn, town)
            await _videos(conn, town)
            await _said(conn, town)
            await _counts(conn, town)
        await conn.execute("VACUUM (ANALYZE)", timeout=None)
    finally:
        await conn.close()


async def _people(conn: Connection, town: Town) -> None:
    names = np.array([b"person_%06d" % number for number in range(len(town.account))])
    addresses = np.array([name + b"@example.org" for name in names.tolist()])
    hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1, type=Type.ID)
    password = {"password_hash": hasher.hash(PASSWORD, salt=SALT).encode(), "display_name": b"Somebody", "bio": b"Here I am."}
    ids = town.account.column
    columns = {"id": ids, "username": names, "email": addresses, "created_at": moments(town.account_at)}
    await copy(conn, "account", columns, [password])
    await copy(conn, "username", {"name": names, "account_id": ids})
    await copy(conn, "email_address", {"address": addresses, "account_id": ids})
    for table in ("following", "follower"):
        await copy(
            conn,
            table,
            {"account_id": ids[town.follow_from], "author_id": ids[town.follow_to], "created_at": moments(town.follow_at)},
        )
    blocks = {"account_id": ids[town.block_from], "blocked_id": ids[town.block_to]}
    await copy(conn, "blocking", blocks)
    await copy(conn, "blocker", blocks)


async def _videos(conn: Connection, town: Town) -> None:
    many = len(town.video)
    numbers = np.arange(many)
    authors, at = town.account.column[town.author], moments(town.video_at)
    columns = {
        "id": town.video.column,
        "author_id": authors,
        "created_at": at,
        "published_at": at,
        "duration_ms": integers(6000 + numbers % 50_000, 4),
        "raw_bytes": integers(2_000_000 + numbers, 8),
        "raw_sha256": np.random.default_rng(many).integers(0, 1 << 64, (many, 4), dtype="u8").view("V32")[:, 0],
    }
    kinds = [_video(state, theme) for state in STATES for theme in THEMES]
    await copy(conn, "video", columns, kinds, town.state * len(THEMES) + numbers % len(THEMES))
    listed: list[Constants] = [
        {"visibility": STATES[state]["visibility"], "plays": bytes([state != UNFINISHED])} for state in STATES
    ]
    await copy(conn, "author_video", {"author_id": authors, "video_id": town.video.column, "at": at}, listed, town.state)
    playing = np.repeat(town.video.column[town.state != UNFINISHED], len(LADDER))
    await copy(conn, "rendition", {"video_id": playing}, _ladder(), np.arange(len(playing)) % len(LADDER))
    published = np.flatnonzero(town.state <= FOLLOWERS)
    # As the relay and its retention have it: gapless numbers, of which the older ones are forgotten.
    kept = published[town.video_at[published] > town.now - RETENTION_DAYS * DAY]
    forgotten = len(published) - len(kept)
    log = {"author_id": authors[kept], "video_id": town.video.column[kept], "published_at": at[kept]}
    await copy(conn, "publication", log | {"seq": integers(np.arange(len(kept)) + forgotten + 1, 8)})
    await conn.execute(LOGGED, len(published), forgotten)


def _video(state: int, theme: str) -> Constants:
    """What videos of a state and a theme have in common."""
    common: dict[str, bytes | None] = {
        **STATES[state],
        "title": f"A clip of the {theme} #{theme}".encode(),
        "description": f"Filmed on a phone in the {theme}, with whoever was there.".encode(),
        "hashtags": text_array(theme),
        "width": integers(720, 4).tobytes(),
        "height": integers(1280, 4).tobytes(),
        "thumbhash": b"1QcSHQRnh493V4dIh4eXh1h4kJUI",
        "poster": b"1/poster.jpg",
        "generation": integers(1, 4).tobytes(),
    }
    if state == UNFINISHED:
        common |= dict.fromkeys(("duration_ms", "width", "height", "thumbhash", "poster", "generation"))
    # All kinds name the same columns; where a kind does not say, each row does.
    if state in (PRIVATE, UNFINISHED):
        common["published_at"] = None
    return common


def _ladder() -> list[Constants]:
    """The renditions of every video that plays."""
    return [
        {
            "name": name.encode(),
            "kind": kind.encode(),
            "generation": integers(1, 4).tobytes(),
            "width": integers(width, 4).tobytes(),
            "height": integers(height, 4).tobytes(),
            "bitrate": integers(bitrate, 4).tobytes(),
            "bytes": integers(bitrate, 8).tobytes(),
            "facts": b"\x01" + _facts(name, kind, width, height, bitrate),
        }
        for name, kind, width, height, bitrate in LADDER
    ]


def _facts(name: str, kind: str, width: int, height: int, bitrate: int) -> bytes:
    if kind == "mp4":
        return b'{"start": true}'
    return msgspec.json.encode(
        Rendition(
            name=name,
            short_edge=min(width, height),
            width=width,
            height=height,
            frame_rate=30.0,
            codecs="avc1.64001f",
            bandwidth=bitrate * 5 // 4,
            average_bandwidth=bitrate,
            default=True,
            playlist=f"{name}.m3u8",
            track=f"{name}-track.mp4",
            bytes=bitrate,
        )
    )


async def _said(conn: Connection, town: Town) -> None:
    accounts, videos = town.account.column, town.video.column
    comments = {
        "video_id": videos[town.comment_video],
        "id": town.comment.column,
        "author_id": accounts[town.comment_author],
        "created_at": moments(town.comment_at),
    }
    texts: list[Constants] = [{"text": text.encode()} for text in COMMENTS]
    await copy(conn, "comment", comments, texts, np.arange(len(town.comment)) % len(texts))
    at = moments(town.play_at)
    pairs = {"video_id": videos[town.play_video], "account_id": accounts[town.play_account]}
    liked = {name: column[: town.size.likes] for name, column in {**pairs, "created_at": at}.items()}
    await copy(conn, "video_like", liked)
    # Everybody has watched once, to the end.
    once = integers(1, 8).tobytes()
    watched: Constants = {"reports": once, "completions": once, "replays": bytes(8), "source": b"following"}
    counted = Ids.at(town.play_at, np.random.default_rng(len(town.play_at))).column
    plays = {**pairs, "watched_ms": integers(6000 + town.play_video % 50_000, 8), "counted_as": counted}
    await copy(conn, "play", plays | dict.fromkeys(("first_seen_at", "last_seen_at", "counted_at"), at), [watched])
    await views(conn, videos, town.play_video, town.play_at // DAY - DAYS_TO_POSTGRES, town.now // DAY - DAYS_TO_POSTGRES)


async def views(conn: Connection, videos: Array, seen: Array, day: Array, today: int) -> None:
    """The counts of what was watched, in all and by day."""
    watched, views = np.unique(seen, return_counts=True)
    await copy(conn, "play_total", {"video_id": videos[watched], "views": integers(views, 8)})
    recent = day > today - DAYS_KEPT
    days, views = np.unique(np.stack([seen[recent], day[recent]]), axis=1, return_counts=True)
    columns = {"video_id": videos[days[0]], "day": integers(days[1], 4), "views": integers(views, 8)}
    await copy(conn, "play_day", columns)


async def _counts(conn: Connection, town: Town) -> None:
    """What was folded of everything; nothing waits."""
    videos, accounts = len(town.video), len(town.account)
    said = {"likes": _many(town.play_video[: town.size.likes], videos), "comments": _many(town.comment_video, videos)}
    await copy(conn, "video_count", {"video_id": town.video.column, **said})
    counted = {
        "account_id": town.account.column,
        "followers": _many(town.follow_to, accounts),
        "following": _many(town.follow_from, accounts),
        "videos": _many(town.author[town.state == PUBLIC], accounts),
    }
    await copy(conn, "account_count", counted)


def _many(numbers: Array, least: int) -> Array:
    """How often each number is there."""
    return integers(np.bincount(numbers, minlength=least), 8)
