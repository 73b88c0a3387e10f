"""Why a user's file cannot become a video, in the contract's words, and whether trying again can help."""

from typing import ClassVar, Literal

Code = Literal["unreadable", "no_video", "too_long", "too_large_frame", "unsupported", "timed_out", "internal"]


class MediaError(Exception):
    """A step ended without a result. `retry` tells whether the same file may pass another time."""

    code: ClassVar[Code] = "internal"
    retry: bool = False

    def __init__(self, detail: str, retry: bool | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
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
