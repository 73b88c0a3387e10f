"""What a page says of itself to whoever does not run it: other sites' previews, search engines, readers without scripts."""

from typing import Literal

import msgspec


class Film(msgspec.Struct, frozen=True, kw_only=True):
    """The video of a page: one file that any browser plays.

    Attributes:
        path: of its public MP4, from the root of the origin.
        mime: its media type.
        seconds: how long it is.
        hashtags: without `#`.
        published_at: RFC 3339.
    """

    path: str
    mime: str
    width: int
    height: int
    seconds: int
    hashtags: list[str]
    published_at: str


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """One page in the words of others' previews.

    Attributes:
        path: its canonical address, from the root of the origin.
        title, description: one line each, cut to what previews show; not escaped.
        kind: Open Graph's `og:type`.
        picture: from the root of the origin; the application's icon where there is none of its own.
        wide: the picture is large enough to stand above the words.
        author: how whoever made it is called.
        username: theirs, without `@`.
        film: what plays there.
    """

    path: str
    title: str
    description: str
    kind: Literal["website", "profile", "video.other"]
    picture: str
    wide: bool = False
    author: str = ""
    username: str = ""
    film: Film | None = None
