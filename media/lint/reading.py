"""Where playlists and bytes come from: a door that a folder and a network have in common, and how much goes through it."""

from typing import Final, NamedTuple, Protocol

PLAYLIST_BYTES: Final = 1 << 20
HEADER_BYTES: Final = 1 << 20  # of an init segment
SEGMENT_BYTES: Final = 64 << 20
MOST_ADDRESSES: Final = 64  # of playlists in a master playlist
MOST_SEGMENTS: Final = 2_000  # of a media playlist


class AbsentError(Exception):
    """A file is not there, too large, or not ours to ask for; the message is half a sentence that says which."""


class Part(NamedTuple):
    """Bytes of a file, fewer than asked for where it ends, and how many it has in all."""

    data: bytes
    total: int


class Reader(Protocol):
    """Files by their address, which is that of the master playlist with relative ones resolved against it.

    Both raise `AbsentError`. Neither may give more than the limits above.
    """

    def playlist(self, uri: str) -> str:
        """A playlist's text."""

    def part(self, uri: str, start: int, size: int | None) -> Part:
        """So many bytes from `start`; without `size` all to the end."""
