"""Where somebody is in the suggested feed: all that is known of it stands in the cursor, and nothing is kept here.

A cursor is a mark of its list and four parts with dots between them: a head of 72 bytes; what was given that is in no list; what
of the newest was given ahead of its turn; the authors given last. Bytes are told in the letters of base64url (RFC 4648), of which
each is followed by what is left of it to 63. So, as with the cursors of other lists, a regular expression tells exactly which are
ours, and one that has a letter changed is none.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from uuid import UUID

from server.kit.paging import EPOCH, After, mark

HASH_BYTES = 6
NO_MODEL = bytes(HASH_BYTES)
WINDOW = 120
"""So far behind the first that was not given some of a list may have been."""
MOST_GIVEN, MOST_AHEAD, MOST_AUTHORS = 64, 96, 9
_MOMENT_BYTES, _MARKS_BYTES = 7, 2 + WINDOW // 8
_VERSION_BYTES = 8
_MOST_VERSION = 2**63 - 1
_HEAD_BYTES = HASH_BYTES + 2 * _MARKS_BYTES + _VERSION_BYTES + 1 + _MOMENT_BYTES + 16
START = After(EPOCH + timedelta(microseconds=256**_MOMENT_BYTES - 1), UUID(int=2**128 - 1))
"""Later than anything: none of the newest was given."""

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_COMPLEMENT = str.maketrans(_LETTERS, _LETTERS[::-1])
_COMPLEMENT_OF_BYTES = bytes.maketrans(_LETTERS.encode(), _LETTERS[::-1].encode())
_ARE_LETTERS = re.compile("[A-Za-z0-9_-]*")
_PAIR = f"(?:{'|'.join(map(''.join, zip(_LETTERS, reversed(_LETTERS), strict=True)))})"
_LISTS = ((HASH_BYTES, MOST_GIVEN), (HASH_BYTES, MOST_AHEAD), (HASH_BYTES, MOST_AUTHORS))


def hash_of(identity: UUID) -> bytes:
    """What stands for an id in a cursor: the last of its bytes, which are random."""
    return identity.bytes[-HASH_BYTES:]


@dataclass
class Marks:
    """Which places of a list are done with: given, or not to be given in this scroll.

    Attributes:
        first: all before this one are.
        ahead: bits of those from it on.
    """

    first: int = 0
    ahead: int = 0

    def has(self, place: int) -> bool:
        """Whether it is done with; what lies beyond the window is not."""
        return place < self.first or bool(self.ahead >> (place - self.first) & 1)

    def reaches(self, place: int) -> bool:
        """Whether it can be marked."""
        return place < self.first + WINDOW

    def set(self, place: int) -> None:
        """It is done with from now on, if it can be marked."""
        if self.first <= place and self.reaches(place):
            self.ahead |= 1 << (place - self.first)
            while self.ahead & 1:
                self.first, self.ahead = self.first + 1, self.ahead >> 1


@dataclass
class Scroll:
    """How far somebody has come.

    Attributes:
        model: hash of the model whose list is read; NO_MODEL where there is none.
        listed: what of that list is done with.
        version: of the popular ones; 0 where there are none.
        popular: what of these is done with.
        place: how many were given, as far as the order of places needs it.
        newest: those before this one, as `After` has it, are done with.
        given: hashes of what was given and stands in neither list, the newest not counted.
        ahead: hashes of those of the newest that were given behind that place.
        authors: hashes of the authors that were given last, the last one last.
    """

    model: bytes = NO_MODEL
    listed: Marks = field(default_factory=Marks)
    version: int = 0
    popular: Marks = field(default_factory=Marks)
    place: int = 0
    newest: After = START
    given: list[bytes] = field(default_factory=list)
    ahead: list[bytes] = field(default_factory=list)
    authors: list[bytes] = field(default_factory=list)


def cursor_of(of: str, scroll: Scroll, places: int) -> str:
    """The cursor of the page that begins here, of the list with this route; there are so many places before they begin anew."""
    at = (scroll.newest.at - EPOCH) // timedelta(microseconds=1)
    head = b"".join(
        [
            scroll.model,
            _packed(scroll.listed),
            scroll.version.to_bytes(_VERSION_BYTES),
            _packed(scroll.popular),
            (scroll.place % places).to_bytes(1),
            at.to_bytes(_MOMENT_BYTES),
            scroll.newest.id.bytes,
        ]
    )
    lists = (scroll.given, scroll.ahead, scroll.authors)
    return mark(of) + ".".join(map(_told, [head, *(b"".join(one) for one in lists)]))


def read(of: str, cursor: str) -> Scroll | None:
    """What a cursor of this list says; None for what is none."""
    begins = mark(of)
    parts = cursor.removeprefix(begins).split(".")
    if not cursor.startswith(begins) or len(parts) != 1 + len(_LISTS):
        return None
    found = [_heard(part) for part in parts]
    head, lists = found[0], found[1:]
    if head is None or len(head) != _HEAD_BYTES:
        return None
    hashes = []
    for one, (size, most) in zip(lists, _LISTS, strict=True):
        if one is None or len(one) % size or len(one) > size * most:
            return None
        hashes.append([one[at : at + size] for at in range(0, len(one), size)])
    return _scroll(head, hashes)


@cache
def pattern(of: str) -> str:
    """The regular expression (ECMA-262) of all cursors of the list, and of nothing else."""
    letters = 4 * _HEAD_BYTES // 3
    lists = "".join(rf"\.(?:{_PAIR}{{{4 * size // 3}}}){{0,{most}}}" for size, most in _LISTS)
    return f"^{mark(of)}{_PAIR}{{{letters}}}{lists}$"


def _scroll(head: bytes, hashes: Sequence[list[bytes]]) -> Scroll:
    sizes = (HASH_BYTES, _MARKS_BYTES, _VERSION_BYTES, _MARKS_BYTES, 1, _MOMENT_BYTES, 16)
    fields, at = [], 0
    for size in sizes:
        fields.append(head[at : at + size])
        at += size
    model, listed, version, popular, place, moment, identity = fields
    newest = After(EPOCH + timedelta(microseconds=int.from_bytes(moment)), UUID(bytes=identity))
    number = int.from_bytes(version) & _MOST_VERSION
    return Scroll(model, _unpacked(listed), number, _unpacked(popular), place[0], newest, *hashes)


def _packed(marks: Marks) -> bytes:
    return marks.first.to_bytes(2) + marks.ahead.to_bytes(WINDOW // 8)


def _unpacked(packed: bytes) -> Marks:
    return Marks(int.from_bytes(packed[:2]), int.from_bytes(packed[2:]))


def _told(part: bytes) -> str:
    letters = base64.urlsafe_b64encode(part)
    told = bytearray(2 * len(letters))
    told[::2], told[1::2] = letters, letters.translate(_COMPLEMENT_OF_BYTES)
    return told.decode()


def _heard(part: str) -> bytes | None:
    letters = part[::2]
    if len(part) % 8 or not _ARE_LETTERS.fullmatch(letters) or letters.translate(_COMPLEMENT) != part[1::2]:
        return None
    return base64.urlsafe_b64decode(letters)
