"""A still that somebody sends: opened as the hostile file it is, put upright, cropped, and rid of everything but its colours."""

import io
import struct
import warnings
import zlib
from pathlib import Path
from typing import Final

# Pillow would import the plugins late, behind the locked door of the child. MPO and TIFF are inside the JPEGs of phones.
from PIL import Image, ImageCms, ImageOps, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin  # noqa: F401

from media.errors import TooLargeFrame, Unreadable, Unsupported
from media.limits import MAX_PHOTO_BYTES, MAX_PHOTO_PIXELS

FORMATS: Final = ("JPEG", "PNG", "WEBP")
PAPER: Final = "white"  # behind what is transparent
# What Pillow raises over damaged files, plugin by plugin.
DAMAGE: Final = (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError, struct.error, zlib.error)


def decoded(path: str, edge: int, *, moving: bool = True) -> Image.Image:
    """The picture in a file, upright, in the colours of sRGB; no smaller than `edge` where the file has that much.

    Of one that moves it is the first, unless `moving` is false.

    Raises:
        Unreadable: not one of `FORMATS`, or damaged.
        TooLargeFrame: more than `MAX_PHOTO_PIXELS`, judged before any of them is decoded.
        Unsupported: more than `MAX_PHOTO_BYTES`, or not to move.
    """
    if Path(path).stat().st_size > MAX_PHOTO_BYTES:
        raise Unsupported(f"more than {MAX_PHOTO_BYTES} bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sizes we judge ourselves
            with Image.open(path, formats=FORMATS) as picture:
                _judge(picture)
                if not moving and picture.format != "MPO" and getattr(picture, "is_animated", False):  # phones' JPEGs are MPO
                    raise Unsupported("it moves: send a still")
                picture.draft("RGB", (edge, edge))  # JPEG can be decoded at a half, a quarter or an eighth
                ImageOps.exif_transpose(picture, in_place=True)
                return _plain(picture)
    except PermissionError:
        raise  # ours, never the picture's: something was imported too late
    except Image.DecompressionBombError as error:
        raise TooLargeFrame(f"more than {MAX_PHOTO_PIXELS} pixels") from error
    except DAMAGE as error:
        raise Unreadable(f"not a JPEG, PNG or WebP picture that can be read ({type(error).__name__})") from error


def _judge(picture: Image.Image) -> None:
    if picture.width * picture.height > MAX_PHOTO_PIXELS:
        raise TooLargeFrame(f"{picture.width}x{picture.height}: more than {MAX_PHOTO_PIXELS} pixels")


def _plain(picture: Image.Image) -> Image.Image:
    """Eight bits of red, green and blue: no transparency, no palette, no colour profile."""
    profile = picture.info.get("icc_profile")
    if picture.has_transparency_data:
        drawn = picture if picture.mode == "RGBA" else picture.convert("RGBA")
        picture = Image.new("RGB", drawn.size, PAPER)
        picture.paste(drawn, mask=drawn)
    elif picture.mode != "RGB":
        picture = picture.convert("RGB")
    else:
        picture.load()
    if profile:  # cameras of phones write Display P3
        try:
            ours, theirs = ImageCms.createProfile("sRGB"), ImageCms.ImageCmsProfile(io.BytesIO(profile))
            ImageCms.profileToProfile(picture, theirs, ours, inPlace=True)
        except (ImageCms.PyCMSError, *DAMAGE):  # a profile that makes no sense, or not of these colours, says nothing
            return picture
    return picture


def covering(picture: Image.Image, width: int, height: int) -> Image.Image:
    """The middle of a picture in the shape of width to height, at most as large, never enlarged."""
    shape = width / height
    across = min(picture.width, picture.height * shape)
    down = min(picture.height, picture.width / shape)
    size = (max(1, min(width, round(across))), max(1, min(height, round(down))))
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS)
