"""Why a user's file cannot become a video, in the contract's words, and whether trying again can help."""

import errno
import traceback
import zlib
from typing import ClassVar, Final, Literal

Code = Literal["unreadable", "no_video", "too_long", "too_large_frame", "unsupported", "timed_out", "internal"]


NO_ROOM: Final = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.EIO}
)  # what a machine says that is out of something, or whose disk fails


class MediaError(Exception):
    """A step ended without a result. `retry` tells whether the same file may pass another time.

    Where `mark` is not empty nobody foresaw this: it may pass, and will not where another try ends with the same mark.
    """

    code: ClassVar[Code] = "internal"
    retry: bool = False

    def __init__(self, detail: str, retry: bool | None = None, mark: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.mark = mark
        if retry is not None:
            self.retry = retry


class Unreadable(MediaError):
    """Not media, cut off before the first picture, or a bomb by its structure."""

    code = "unreadable"


class NoVideo(MediaError):
    """Media, but no stream in it is moving pictures (sound alone, or sound with a cover)."""

    code = "no_video"


class TooLong(MediaError):
    """Longer than the limit; judged by the packets, never by what the header claims."""

    code = "too_long"


class TooLargeFrame(MediaError):
    """Pictures larger than any rung could need: a bomb by pixels."""

    code = "too_large_frame"


class Unsupported(MediaError):
    """A codec outside the allow-list, encrypted, too many streams, or too small to show."""

    code = "unsupported"


class TimedOut(MediaError):
    """The child used up its time. Processor time is the file's fault; wall time may be a busy machine's."""

    code = "timed_out"


class Internal(MediaError):
    """Our fault or the machine's: memory, a crash, a lost child. Another try may pass."""

    code = "internal"
    retry = True


BY_CODE: dict[str, type[MediaError]] = {
    kind.code: kind for kind in (Unreadable, NoVideo, TooLong, TooLargeFrame, Unsupported, TimedOut, Internal)
}


def mark_of(error: BaseException) -> str:
    """What tells a failure of ours from others: its type, and the lines by which it came. Empty where it may well pass."""
    if isinstance(error, MemoryError) or getattr(error, "errno", None) in NO_ROOM:
        return ""
    way = [f"{frame.f_globals.get('__name__')}:{line}" for frame, line in traceback.walk_tb(error.__traceback__)]
    return f"{type(error).__name__} at {way[-1] if way else '?'} by way {zlib.crc32(' '.join(way).encode()):08x}"
