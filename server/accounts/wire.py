"""Shapes of accounts and sessions: bodies that come in, rows that other rooms may see."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

AVATARS = "avatars/{account_id}/"
"""Where the pictures that an account shows of itself lie, in the media bucket and below /media/."""
AVATAR_EDGES = (96, 320)
"""Their sizes in pixels; smaller ones are not enlarged. Answers name the last one."""

# The end of the text, in Python's regular expressions and in those of JSON Schema: `$` would let a line break follow.
END = r"(?![\s\S])"

# Never shaped like a UUID: a path names a user by either, and 30 characters are fewer than a UUID's 36 or 32.
Username = Annotated[str, Meta(min_length=3, max_length=30, pattern=r"^[A-Za-z0-9_]+" + END)]
Password = Annotated[str, Meta(min_length=8, max_length=256)]
# Neither white space nor what is not printed, by their numbers: `\\s` means less in JSON Schema than in Python.
_PRINTED = r"[^@\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+"
Email = Annotated[str, Meta(min_length=3, max_length=254, pattern=f"^{_PRINTED}@{_PRINTED}{END}")]
Name = Annotated[str, Meta(max_length=50)]
Bio = Annotated[str, Meta(max_length=160)]


class SignUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /accounts."""

    username: Username
    email: Email
    password: Password
    first_name: Name | None = None
    last_name: Name | None = None
    birth_date: date | None = None


class LogIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /sessions; `login` is the username or the e-mail."""

    login: Annotated[str, Meta(min_length=1, max_length=254)]
    password: Annotated[str, Meta(min_length=1, max_length=256)]


class Refresh(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /sessions/refresh with a body."""

    refresh_token: Annotated[str, Meta(max_length=4096)]


class PatchMe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PATCH /me: what is absent stays; username, email and password need the current password."""

    first_name: Name | UnsetType | None = UNSET
    last_name: Name | UnsetType | None = UNSET
    birth_date: date | UnsetType | None = UNSET
    display_name: Name | UnsetType = UNSET
    bio: Bio | UnsetType = UNSET
    username: Username | UnsetType = UNSET
    email: Email | UnsetType = UNSET
    password: Password | UnsetType = UNSET
    current_password: Annotated[str, Meta(max_length=256)] | UnsetType = UNSET


class DeleteMe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """DELETE /me."""

    password: Annotated[str, Meta(min_length=1, max_length=256)]


class AccountRow(msgspec.Struct, frozen=True):
    """An account as it is stored, without its password."""

    id: UUID
    username: str
    email: str
    first_name: str | None
    last_name: str | None
    birth_date: date | None
    display_name: str
    bio: str
    avatar: str | None
    created_at: datetime

    @property
    def shown_name(self) -> str:
        return self.display_name or self.username

    @property
    def avatar_url(self) -> str | None:
        """Of the largest picture, where the account shows one."""
        return avatar_url(self.id, self.avatar) if self.avatar else None


def avatar_url(account_id: UUID, avatar: str, edge: int = AVATAR_EDGES[-1]) -> str:
    """Where everybody finds a picture in one of its sizes."""
    return f"/media/{AVATARS.format(account_id=account_id)}{avatar}-{edge}.jpg"


class Issued(msgspec.Struct, frozen=True):
    """A new or refreshed session's tokens."""

    account_id: UUID
    access_token: str
    refresh_token: str
    expires_in: int


class SessionRow(msgspec.Struct, frozen=True):
    """A log-in that still stands, as it is stored."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    user_agent: str


class Session(msgspec.Struct, frozen=True):
    """A log-in that still stands; `current` is the one that asks."""

    id: UUID
    created_at: str
    last_used_at: str
    user_agent: str
    current: bool
