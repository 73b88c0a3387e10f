"""Stills from outside, honest ones and attacks, each written by a function of its own."""

import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from media import limits
from media.errors import MediaError
from media.pool import Pool
from media.task import Task
from tests.media.films import Picture, quarters


async def require_refused(pool: Pool, step: Callable[..., Any], request: Task, refusal: type[MediaError]) -> None:
    """A child refuses what it was sent, for good, and leaves nothing in its folder."""
    with pytest.raises(refusal) as caught:
        await pool.run(step, request, limits=limits.STILL)
    assert not caught.value.retry
    assert not os.listdir(request.folder)


def saved(path: Path, pixels: Picture | None = None, **how: object) -> Path:
    """A picture in the format of the path's suffix."""
    Image.fromarray(quarters(0, 160, 120) if pixels is None else pixels).save(path, **how)  # type: ignore[arg-type]
    return path


def turned(path: Path) -> Path:
    """A photo of the quarters that a phone took lying on its side: EXIF says how to turn it, and where it was taken."""
    upright = Image.fromarray(quarters(0, 120, 160))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right by 90 degrees
    exif[0x010F] = "Secret Phones Ltd"
    lying = upright.transpose(Image.Transpose.ROTATE_90)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    lying.save(path, exif=exif, quality=95, comment=b"my secret comment", icc_profile=profile)
    return path


def double(path: Path) -> Path:
    """A JPEG with a second picture behind the first, as phones write them (CIPA DC-007)."""
    first, second = Image.fromarray(quarters(0, 160, 120)), Image.new("RGB", (80, 60))
    first.save(path, "MPO", save_all=True, append_images=[second], quality=95)
    return path


def moving(path: Path) -> Path:
    """Two pictures that take turns, in a format that can: WebP or PNG."""
    first, second = Image.fromarray(quarters(0, 160, 120)), Image.new("RGB", (160, 120))
    first.save(path, save_all=True, append_images=[second], duration=100)
    return path


def pixel_bomb(path: Path, edge: int = 16_000) -> Path:
    """A quarter of a milliard of pixels in a quarter of a megabyte: PNG, all black."""
    packer = zlib.compressobj(9)
    rows = [packer.compress(bytes(1 + edge // 8)) for _ in range(edge)]
    data = b"".join([*rows, packer.flush()])
    header = struct.pack(">IIBBBBB", edge, edge, 1, 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b""))
    return path


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def large_webp(path: Path, edge: int = 16_000) -> Path:
    """A WebP whose header claims as much and whose body is nothing."""
    head = struct.pack("<II", 10, 0) + (edge - 1).to_bytes(3, "little") + (edge - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + head[:4] + head[4:]
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


def truncated(path: Path) -> Path:
    noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    saved(path, noise, quality=95)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    return path


def flipped(path: Path, seed: int) -> Path:
    """A JPEG or PNG in which a few bytes are others."""
    saved(path)
    data, random = bytearray(path.read_bytes()), np.random.default_rng(seed)
    for at in random.integers(2, len(data), 12):
        data[at] ^= int(random.integers(1, 256))
    path.write_bytes(data)
    return path


def svg(path: Path) -> Path:
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd" width="9" height="9"/></svg>')
    return path


def archive(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("picture.png", saved(path.with_name("inner.png")).read_bytes())
    return path


def empty(path: Path) -> Path:
    path.touch()
    return path
