"""Shapes of what accounts object to."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

Reason = Literal["spam", "violence", "sexual", "hate", "harassment", "copyright", "other"]

MAX_DETAIL = 1000


class NewReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /videos/{id}/reports: what is wrong with a video; `detail` in the account's own words."""

    reason: Reason
    detail: Annotated[str, Meta(max_length=MAX_DETAIL)] | None = None


class Report(msgspec.Struct, frozen=True):
    """What an account reported of a video, as operators see it; `closed_at` is null while nobody has dealt with it."""

    video_id: UUID
    account_id: UUID
    reason: Reason
    detail: str | None
    created_at: datetime
    closed_at: datetime | None


class NotInterested(msgspec.Struct, frozen=True):
    """A video the like of which an account does not want to see, as it is stored, without whose wish it is."""

    video_id: UUID
    created_at: datetime
