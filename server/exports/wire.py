"""The shape of an export: all that is kept of an account, in the API's own shapes where there are such."""

import msgspec

from server.accounts.wire import Session
from server.cards.wire import Author, Comment, Video
from server.moderation.wire import Reason
from server.notifications.wire import Notification
from server.plays.wire import Source, SuggestionChoice
from server.profiles.wire import Account


class Person(Author, frozen=True):
    """Whom one follows or has blocked, or who follows one, and since when."""

    since: str


class GivenLike(msgspec.Struct, frozen=True):
    """A video that the account likes."""

    video_id: str
    created_at: str


class View(msgspec.Struct, frozen=True):
    """All that the account has watched of a video; `source` is that of the newest report."""

    video_id: str
    source: Source
    reports: int
    watched_ms: int
    completions: int
    replays: int
    first_seen_at: str
    last_seen_at: str


class Watch(msgspec.Struct, frozen=True):
    """One report of a view, of those that are kept one by one for a while: suggestions learn from them."""

    video_id: str
    watched_ms: int
    duration_ms: int | None
    completed: bool
    replays: int
    source: Source
    at: str


class Share(msgspec.Struct, frozen=True):
    """A video that the account has passed on, and how often."""

    video_id: str
    shares: int
    first_shared_at: str
    last_shared_at: str


class GivenReport(msgspec.Struct, frozen=True):
    """What the account reported of a video; `closed_at` is null while nobody has dealt with it."""

    video_id: str
    reason: Reason
    detail: str | None
    created_at: str
    closed_at: str | None


class Declined(msgspec.Struct, frozen=True):
    """A video the like of which the account does not want to see."""

    video_id: str
    created_at: str


class SuggestedPage(msgspec.Struct, frozen=True):
    """A page of the suggested feed that the account was given; the slot of each video, and the model that made its list."""

    at: str
    model_id: str | None
    video_ids: list[str]
    slots: list[str]


class SuggestionList(msgspec.Struct, frozen=True):
    """What the nightly training chose for the account, best first, with the reason for each; a day as an ISO date."""

    model_id: str
    day: str
    video_ids: list[str]
    whys: list[str]


class Export(msgspec.Struct, frozen=True):
    """GET /me/export; sent piece by piece, in this order. Each list is newest first, by its videos' ages where it names such."""

    account: Account
    suggestions: SuggestionChoice
    sessions: list[Session]
    videos: list[Video]
    comments: list[Comment]
    likes: list[GivenLike]
    following: list[Person]
    followers: list[Person]
    blocks: list[Person]
    views: list[View]
    watches: list[Watch]
    shares: list[Share]
    reports: list[GivenReport]
    not_interested: list[Declined]
    suggested: list[SuggestedPage]
    suggestion_lists: list[SuggestionList]
    notifications: list[Notification]
