"""What somebody did that an account is told of."""

from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

import msgspec

Kind: TypeAlias = Literal["follower", "like", "comment", "mention", "video_ready", "video_failed"]


class Deed(msgspec.Struct, frozen=True):
    """Something that was done.

    Attributes:
        account_id: who is told.
        kind: what it was.
        subject_id: the video that it was done to; of a follow the account.
        by_id: who did it; nobody where a worker did.
        comment_id: the comment that it was done by, where it was.
    """

    account_id: UUID
    kind: Kind
    subject_id: UUID
    by_id: UUID | None = None
    comment_id: UUID | None = None


class Taken(msgspec.Struct, frozen=True):
    """Deeds of one kind at one subject that were taken to be told of, and when the first and the last of them were done.

    Of a mention, who did it and in which comment; else None.
    """

    account_id: UUID
    kind: Kind
    subject_id: UUID
    by_id: UUID | None
    comment_id: UUID | None
    first_at: datetime
    last_at: datetime
