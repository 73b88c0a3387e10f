"""What the reconciler finds: each is said once in the log, and counted."""

import logging
from typing import Literal
from uuid import UUID

from prometheus_client import Counter

Finding = Literal[
    "job_missing",  # an unfinished video has none
    "job_ended",  # its job is over, the video is not
    "failed_for_good",  # it plays, and no more of it will
    "original_gone",  # there is nothing to go on from
    "video_gone",  # a job is for nothing
    "retried",  # it failed for a reason that may have passed
    "object_missing",  # something that was made is not in the store, and is made again
    "object_lost",  # the same, and there is nothing to make it from
    "object_stray",  # nothing names an object
    "parts_stray",  # nothing names an unfinished multipart upload
    "object_foreign",  # its name is none of ours
]

RECONCILED = Counter("reelwire_reconciled_total", "What the reconciler found and repaired, or named", ["finding"])

log = logging.getLogger(__name__)


def found(finding: Finding, subject: UUID | str, says: str) -> None:
    """Tell of something that was found, and of what becomes of it."""
    RECONCILED.labels(finding).inc()
    log.warning("reconciler: %s: %s: %s", finding, subject, says)
