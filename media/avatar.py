"""What an account shows of itself: the middle of a picture that it sent, square, in some sizes."""

from pathlib import Path
from typing import Annotated

import msgspec

from media import photo, poster
from media.manifest import File, Size, listed
from media.task import Report, Task


class Sent(Task, kw_only=True):
    """A picture from outside, the edges wanted in pixels, and what their files' names begin with."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")]
    edges: Annotated[list[Size], msgspec.Meta(min_length=1, max_length=4)]


class Portrait(msgspec.Struct, frozen=True, kw_only=True):
    """The same picture in each size, in the order that was asked for."""

    files: list[File]


def portrait(request: Sent, report: Report) -> Portrait:
    """Cut the middle out of a picture, as JPEGs with nothing in them but their pixels. A small one is not enlarged.

    Raises:
        Unreadable, Unsupported, TooLargeFrame: as `photo.decoded`; one that moves is unsupported.
    """
    report("avatar", 0.0)
    picture = photo.decoded(request.input, max(request.edges), moving=False)
    files = []
    for edge in request.edges:
        path = Path(request.folder, f"{request.name}-{edge}.jpg")
        poster.write(photo.covering(picture, edge, edge), path)
        files.append(listed(path, "avatar"))
    return Portrait(files=files)
