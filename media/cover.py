"""A poster that the author chose: a moment of the clip, or a picture of their own."""

from pathlib import Path

from PIL import Image

from media import photo, poster
from media.errors import Unreadable
from media.manifest import Name, Size, Still, listed
from media.rendition import Rendition
from media.task import Report, Task


class Moment(Task, kw_only=True):
    """One of our renditions, the moment in it, and the poster's name in the folder. Behind the end is the last picture."""

    at_ms: int
    name: Name = "poster.jpg"


class Photo(Task, kw_only=True):
    """A picture from outside, the size that it is to cover at most (a video's, or a square), and the poster's name."""

    width: Size
    height: Size
    name: Name = "poster.jpg"


def poster_at(request: Moment, report: Report) -> Still:
    """Make the picture that is shown at a moment the poster.

    Raises:
        Unreadable: there is no picture in it.
    """
    wanted, found = request.at_ms / 1000, None
    with Rendition.opened(request.input) as rendition:
        for time, frame in rendition.pictures(min(wanted, rendition.seconds)):
            if found is not None and round(1000 * time) > request.at_ms:
                break
            found = frame
            report("poster", min(time / wanted, 1.0) if wanted else 1.0)
    if found is None:
        raise Unreadable("none of its pictures decodes")
    return _written(Image.fromarray(poster.pixels(poster.coloured(found))), request)


def poster_from(request: Photo, report: Report) -> Still:
    """Make somebody's picture the poster: its middle, in the shape that is asked for.

    Raises:
        Unreadable, Unsupported, TooLargeFrame: as `photo.decoded`.
    """
    report("poster", 0.0)
    picture = photo.decoded(request.input, max(request.width, request.height))
    return _written(photo.covering(picture, request.width, request.height), request)


def _written(picture: Image.Image, request: Moment | Photo) -> Still:
    path = Path(request.folder, request.name)
    return Still(poster=poster.write(picture, path), files=[listed(path, "poster")])
