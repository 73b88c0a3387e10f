"""Shapes of counts, and of what changes them."""

from typing import Literal
from uuid import UUID

import msgspec

Kind = Literal["like", "comment", "follower", "following", "video"]
"""What is counted: of videos `like` and `comment`; of accounts who follows them, whom they follow, and their public videos."""


class Change(msgspec.Struct, frozen=True):
    """So many more of something, or fewer; of one video or account."""

    subject_id: UUID
    kind: Kind
    change: int


class VideoTotals(msgspec.Struct, frozen=True):
    """How often a video is liked and commented on."""

    likes: int = 0
    comments: int = 0


class AccountTotals(msgspec.Struct, frozen=True):
    """How many follow an account, how many it follows, and its public videos that play."""

    followers: int = 0
    following: int = 0
    videos: int = 0
