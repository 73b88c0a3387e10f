"""The answers `user` and `account`."""

from uuid import UUID

import msgspec


class UserCounts(msgspec.Struct, frozen=True):
    """Global counts, the same for everybody."""

    followers: int
    following: int
    videos: int


class UserViewer(msgspec.Struct, frozen=True):
    """What the user is to whoever asks."""

    following: bool


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A user, as everybody may see one; `viewer` is null without credentials."""

    id: UUID
    username: str
    display_name: str
    avatar_url: str | None
    bio: str
    created_at: str
    counts: UserCounts
    viewer: UserViewer | None


class Account(User, frozen=True, kw_only=True):
    """A user, as only they themselves see it."""

    email: str
    first_name: str | None
    last_name: str | None
    birth_date: str | None


class SignedIn(msgspec.Struct, frozen=True):
    """The answer of every log-in and refresh; `expires_in` is in seconds."""

    account: Account
    access_token: str
    refresh_token: str
    expires_in: int
