"""Shapes of views: what clients report, and what is kept of it."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from server.videos.wire import Tier

Source = Literal["following", "suggested", "profile", "link"]

MOST_WATCHED_MS = 86_400_000
MOST_REPLAYS = 1000
MOST_AT_ONCE = 30
"""Views in one message of the socket."""


class Watched(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """POST /videos/{id}/views: how an account watched a video, told once when it was left.

    Attributes:
        watched_ms: for how long pictures moved, repeats included.
        completed: to its end at least once.
        replays: how often it was watched again after that.
        source: where the account came upon it.
    """

    watched_ms: Annotated[int, Meta(ge=0, le=MOST_WATCHED_MS)]
    completed: bool
    replays: Annotated[int, Meta(ge=0, le=MOST_REPLAYS)]
    source: Source


class WatchedVideo(Watched, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The same with the video, as the socket takes it."""

    video_id: UUID


class Play(msgspec.Struct, frozen=True):
    """What an account reports of one video at once, summed up.

    Attributes:
        skips: reports of so little that they are no view: the video was left at once.
        counted_as: the id of the view, should it count as one.
    """

    video_id: UUID
    reports: int
    watched_ms: int
    completions: int
    replays: int
    skips: int
    source: Source
    counted_as: UUID | None


class Watch(msgspec.Struct, frozen=True):
    """One report, as it is logged; `duration_ms` is the video's, if it is known."""

    video_id: UUID
    watched_ms: int
    duration_ms: int | None
    completed: bool
    replays: int
    source: Source


class LoggedWatch(Watch, frozen=True):
    """The same as it is stored: with its moment, and the day (UTC) that it is kept by."""

    at: datetime
    day: date


class Choice(msgspec.Struct, frozen=True):
    """Whether suggestions learn from what an account does; nothing from before `since` counts."""

    learns: bool
    since: datetime | None


class PatchSuggestions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PATCH /me/suggestions: whether suggestions learn from what one does."""

    learns: bool


class SuggestionChoice(msgspec.Struct, frozen=True):
    """GET and PATCH /me/suggestions.

    Attributes:
        learns: whether suggestions learn from what one does. Else one is suggested what everybody is.
        since: nothing from before counts; null: everything that is kept does.
    """

    learns: bool
    since: str | None


class Seen(msgspec.Struct, frozen=True):
    """All that an account has watched of a video, as it is stored, without whose it is; `source` is that of the newest report."""

    video_id: UUID
    source: Source
    reports: int
    watched_ms: int
    completions: int
    replays: int
    first_seen_at: datetime
    last_seen_at: datetime


class Views(msgspec.Struct, frozen=True):
    """Views of a video in the last 5 and 30 minutes, hour, 7 and 30 days; a window that is not known wholly is null, not 0.

    Each holds so many whole minutes, hours (of 7 days) or days (of 30), and the running one.
    """

    m5: int | None = None
    m30: int | None = None
    h1: int | None = None
    d7: int | None = None
    d30: int | None = None


class DayViews(msgspec.Struct, frozen=True):
    """Views in one day (UTC)."""

    day: date
    views: int


class Watching(msgspec.Struct, frozen=True):
    """How long a video holds whoever watches it; its author does not count.

    Attributes:
        viewers: accounts that this is made of, 5,000 at the most.
        average_ms: for how long one of them watches it at once, repeats included; null: nobody has.
        through: the shares (0..1) that still watch it at its beginning and after each 20th of it, 21 in all; the last is of
            those who see its end. Empty while nobody has watched it.
    """

    viewers: int
    average_ms: int | None
    through: list[float]


class Stored(msgspec.Struct, frozen=True):
    """Where what was made of a video lies.

    Attributes:
        state: at hand (`warm`, and `archiving` while it is copied), in the archive, or on its way back.
        bytes: of all its renditions, wherever they lie.
    """

    state: Tier
    bytes: int


class Stats(msgspec.Struct, frozen=True):
    """GET /videos/{id}/stats: how a video is watched, for its author.

    Attributes:
        views: all of them, as in `counts.views`.
        windows: those of late.
        days: those of the last 30 days, today included and last.
        shares: how often it was passed on.
    """

    views: int
    windows: Views
    days: list[DayViews]
    watching: Watching
    shares: int
    stored: Stored
