"""A town that watches: everybody is of a kind, and likes videos of that kind."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import numpy as np

from bench.population.snapshot import beside, drop
from server.kit.ids import new_id
from storage.postgres import Rows

KINDS, DAYS = 3, 10.0
TABLES = (
    "account, video, watch_log, watch_choice, following, blocking, not_interested, report, play, video_like, comment, "
    "video_share, hashtag_video, video_tier, suggestion, suggestion_similar, suggestion_model, lease"
)


@asynccontextmanager
async def fresh_database(url: str) -> AsyncIterator[str]:
    """A database of its own, empty, beside the one of the URL."""
    name = f"training_{secrets.token_hex(4)}"
    conn = await asyncpg.connect(url)
    await conn.execute(f"CREATE DATABASE {name}")
    yield beside(url, name)
    await drop(conn, name)
    await conn.close()


@dataclass
class Town:
    """Who lives there, what there is, and who saw what; videos and accounts of equal remainders are of one kind."""

    accounts: list[UUID]
    videos: list[UUID]
    authors: dict[UUID, UUID]
    now: datetime
    watched: list[tuple[UUID, UUID, datetime, bool]] = field(default_factory=list)

    @classmethod
    def made(cls, accounts: int = 40, videos: int = 90) -> "Town":
        """Nobody has watched anything in it. Each author has three videos."""
        people, clips = [new_id() for _ in range(accounts)], [new_id() for _ in range(videos)]
        authors = {clip: people[number // 9 * KINDS + number % KINDS] for number, clip in enumerate(clips)}
        return cls(people, clips, authors, datetime.now(UTC))

    def kind(self, one: UUID) -> int:
        return (self.videos if one in self.authors else self.accounts).index(one) % KINDS

    def live(self, rows: int = 1500, *, contrary_hours: float = 0.0, seed: int = 3) -> None:
        """They watch; in the last hours everybody likes nothing but what is popular with all others."""
        chance = np.random.default_rng(seed)
        for number in range(rows):
            account = self.accounts[chance.integers(len(self.accounts))]
            video = self.videos[int(len(self.videos) * chance.beta(0.8, 1.4))]
            hours = DAYS * 24 * (1 - (number + 1) / rows)
            own = self.kind(account) == self.kind(video)
            if self.authors[video] == account or (not own and chance.random() < 0.5):
                continue
            liked = bool(chance.random() < (0.8 if own else 0.1))
            if hours < contrary_hours:
                liked = not own and self.videos.index(video) < len(self.videos) // 4
            self.watched.append((account, video, self.now - timedelta(hours=hours), liked))

    def liked(self, account: UUID) -> set[UUID]:
        return {video for who, video, _, liked in self.watched if who == account and liked}

    def seen(self, account: UUID) -> set[UUID]:
        return {video for who, video, _, _ in self.watched if who == account}

    async def fill(self, conn: Rows) -> None:
        """Into tables that are emptied first."""
        await conn.execute(f"TRUNCATE {TABLES} CASCADE")
        people = [(one, f"u{number}", f"u{number}@example.org", "") for number, one in enumerate(self.accounts)]
        await conn.copy_records_to_table("account", records=people, columns=["id", "username", "email", "password_hash"])
        before = self.now - timedelta(days=30)
        clips: list[tuple[object, ...]] = [
            (one, self.authors[one], "", "", [], "public", "ready", before, before, 8000, 0, b"") for one in self.videos
        ]
        columns = (
            "id author_id title description hashtags visibility status created_at published_at duration_ms raw_bytes raw_sha256"
        )
        await conn.copy_records_to_table("video", records=clips, columns=columns.split())
        tags = [(f"kind{self.kind(one)}", one, self.authors[one], before) for one in self.videos]
        await conn.copy_records_to_table("hashtag_video", records=tags, columns=["tag", "video_id", "author_id", "at"])
        views = [
            (at.date(), account, video, at, 8000 if liked else 1000, 8000, liked, 0, "suggested")
            for account, video, at, liked in self.watched
        ]
        names = "day account_id video_id at watched_ms duration_ms completed replays source"
        await conn.copy_records_to_table("watch_log", records=views, columns=names.split())


async def served_before(conn: Rows, town: Town) -> UUID:
    """A model that was published days ago, with a list for everybody; its id."""
    model_id = new_id()
    await conn.execute(
        "INSERT INTO suggestion_model (id, day, state, until, engine) VALUES ($1, $2, 'published', $3, 'local')",
        model_id, (town.now - timedelta(days=2)).date(), town.now - timedelta(days=2),
    )  # fmt: skip
    lists = [(account, model_id, town.videos[:3], ["taste"] * 3) for account in town.accounts]
    await conn.copy_records_to_table("suggestion", records=lists)
    return model_id
