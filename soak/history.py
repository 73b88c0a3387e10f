"""What a run is made of, one line of JSON for each thing that happened; the checker needs nothing else."""

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Literal, TypeAlias, TypeVar

import msgspec

Deed = Literal["follow", "unfollow", "publish", "hide", "delete", "block", "unblock"]
R = TypeVar("R", bound=msgspec.Struct)
RETRY = re.compile(r"retry_after_ms=(\d+)")


class Did(msgspec.Struct, frozen=True, tag="did"):
    """Somebody did something. `ended` is None where nobody knows whether it was done: the answer was lost.

    Attributes:
        who: the account that did it.
        what: whom it followed or blocked, or which video it was.
    """

    who: str
    deed: Deed
    what: str
    began: float
    ended: float | None


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    """A session began; `resumes` from a position, or from now on."""

    client: str
    session: str
    at: float
    resumes: bool


class Heard(msgspec.Struct, frozen=True, tag="heard"):
    """A `video.published` came to a client."""

    client: str
    session: str
    at: float
    video: str
    author: str


class CaughtUp(msgspec.Struct, frozen=True, tag="caught_up"):
    """A replay ended. `came` is how many publications had come in this session before it, to stand beside `missed`."""

    client: str
    session: str
    at: float
    recovered: bool
    missed: int
    came: int


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """A session is over; `code` is 1006 or None where nobody said goodbye."""

    client: str
    session: str
    at: float
    code: int | None
    reason: str = ""


class Slept(msgspec.Struct, frozen=True, tag="slept"):
    """A client read nothing for a while, though it was connected: what it reads afterwards was sent before."""

    client: str
    began: float
    ended: float


class Struck(msgspec.Struct, frozen=True, tag="struck"):
    """A fault."""

    fault: str
    began: float
    ended: float


class Numbered(msgspec.Struct, frozen=True, tag="numbered"):
    """What PostgreSQL has of a publication in the end: whether it happened, and where its place is."""

    author: str
    video: str
    seq: int


class Followed(msgspec.Struct, frozen=True, tag="followed"):
    """What PostgreSQL has of a follow in the end."""

    who: str
    author: str


Record: TypeAlias = Did | Opened | Heard | CaughtUp | Ended | Slept | Struck | Numbered | Followed

_encode = msgspec.json.Encoder().encode
_decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)


class History:
    """All records of a run in order, in memory, and in a file for whoever wants to look.

    `clock` tells the time of records; that of a model may count what happens instead of seconds.
    """

    def __init__(self, file: IO[bytes] | None = None, clock: Callable[[], float] | None = None) -> None:
        self._file = file
        self._clock = clock or asyncio.get_running_loop().time
        self._began = self._clock()
        self.records: list[Record] = []

    @property
    def now(self) -> float:
        """Seconds since the run began."""
        return self._clock() - self._began

    def note(self, record: Record) -> None:
        self.records.append(record)
        if self._file is not None:
            self.write(self._file, record)

    @staticmethod
    def write(file: IO[bytes], record: Record) -> None:
        """As `read` reads it."""
        file.write(_encode(record) + b"\n")


def hint_of(reason: str) -> int | None:
    """After how many milliseconds a client is asked to come back (close code 1012); None where the reason says nothing."""
    found = RETRY.fullmatch(reason)
    return int(found[1]) if found else None


def read(path: Path) -> list[Record]:
    """The history of a run that was written to a file."""
    return [_decoder.decode(line) for line in path.read_bytes().splitlines()]


def of(records: list[Record], kind: type[R]) -> Iterator[R]:
    """Those of one kind."""
    return (record for record in records if isinstance(record, kind))
