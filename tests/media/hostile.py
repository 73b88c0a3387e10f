"""The main attacks on whoever opens other people's files, each written by a function of its own."""

import struct
import zlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.media.films import Film, patched


def text(path: Path) -> Path:
    path.write_bytes(b"this is not a video\n" * 500)
    return path


def ffconcat(path: Path, victim: str) -> Path:
    """37 bytes that open another user's upload, wherever the name of the file ends."""
    path.write_text(f"ffconcat version 1.0\nfile {victim}\n")
    return path


def hls(path: Path, address: str, *, ended: bool = True) -> Path:
    """A playlist whose one segment is elsewhere, or one that makes readers wait for more for ever."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:2", "#EXTINF:2,", address]
    path.write_text("\n".join([*lines, *(["#EXT-X-ENDLIST"] if ended else []), ""]))
    return path


def sdp(path: Path, port: int) -> Path:
    """A session description that makes readers listen on a UDP port."""
    path.write_text(
        f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {port} RTP/AVP 96\na=rtpmap:96 H264/90000\n"
    )
    return path


def outside_reference(path: Path) -> Path:
    """A movie whose samples are said to lie in another file."""
    Film(sound="").write(path)
    data = path.read_bytes()
    url = b"\x00\x00\x00\x0curl \x00\x00\x00\x01"
    path.write_bytes(data.replace(url, b"\x00\x00\x00\x0curl \x00\x00\x00\x00"))
    return path


def index_bomb(path: Path, samples: int = 85_000_000) -> Path:
    """A sample table that claims millions of samples of one size, in a file of a few kilobytes: 3 GB where it is believed."""
    Film(sound="", seconds=0.2).write(path)
    patched(path, b"stsz", 4, 1)
    patched(path, b"stsz", 8, samples)
    patched(path, b"stts", 8, samples)
    return patched(path, b"stsc", 12, samples)


def pixel_bomb(path: Path, edge: int = 16_000) -> Path:
    """A movie of one JPEG whose header claims a quarter of a milliard of pixels."""
    film = Film(codec="mjpeg", pixel_format="yuvj420p", options={}, sound="", seconds=0.04, muxing={})
    data = bytearray(film.write(path).read_bytes())
    struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, edge, edge)
    path.write_bytes(data)
    return path


def many_streams(path: Path, count: int = 60) -> Path:
    with av.open(str(path), "w", format="mp4") as out:
        streams = []
        for _ in range(count):
            stream = out.add_stream("mpeg4", rate=25)
            stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
            streams.append(stream)
        for stream in streams:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), "rgb24")))
            out.mux(stream.encode(None))
    return path


def long_and_slow(path: Path, seconds: int = 900) -> Path:
    """A quarter of an hour in a few kilobytes, at a picture a second."""
    return Film(width=32, height=32, rate=1, seconds=seconds, sound="", codec="mpeg4", options={"g": "600"}).write(path)


def far_apart(path: Path, seconds: int = 70_000) -> Path:
    """Two pictures with most of a day between them: 2 million at 30 a second."""
    return Film(width=32, height=32, sound="", codec="mpeg4", options={}, times=[0.0, 0.1, float(seconds)]).write(path)


def cut(path: Path, share: float, *, index_first: bool) -> Path:
    """A film that breaks off."""
    Film(seconds=2, muxing={"movflags": "+faststart"} if index_first else {}).write(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def deflated_blocks(path: Path, blocks: int = 6, size: int = 8 << 20) -> Path:
    """A Matroska file whose blocks are zeros, deflated: fifty megabytes in fifty kilobytes."""
    squeezed = zlib.compress(bytes(size), 9)
    encoding = _element("6d80", _element("6240", _number("5031", 0) + _element("5034", _number("4254", 0))))
    video = _element("e0", _number("b0", 64) + _number("ba", 64))
    entry = _number("d7", 1) + _number("73c5", 1) + _number("83", 1) + _element("86", b"V_VP8") + encoding + video
    cluster = _number("e7", 0) + b"".join(
        _element("a3", b"\x81" + struct.pack(">h", 40 * block) + b"\x80" + squeezed) for block in range(blocks)
    )
    header = _element("1a45dfa3", _element("4282", b"matroska") + _number("4287", 4) + _number("4285", 2))
    segment = _element("1549a966", _number("2ad7b1", 1_000_000)) + _element("1654ae6b", _element("ae", entry))
    path.write_bytes(header + _element("18538067", segment + _element("1f43b675", cluster)))
    return path


def _element(identity: str, content: bytes) -> bytes:
    return bytes.fromhex(identity) + struct.pack(">Q", len(content) | 1 << 56) + content


def _number(identity: str, value: int) -> bytes:
    return _element(identity, value.to_bytes(4))


def sound_with_cover(path: Path) -> Path:
    """A song with a picture on its sleeve; the picture is a video stream to a naive reader."""
    with av.open(str(path), "w", format="mp4") as out:
        sound = out.add_stream("aac", rate=48_000, layout="stereo")
        cover = out.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 64, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 48_000), np.float32), "fltp", "stereo")
        frame.sample_rate, frame.time_base, frame.pts = 48_000, Fraction(1, 48_000), 0
        out.mux(sound.encode(frame))
        out.mux(sound.encode(None))
        still = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24").reformat(format="yuvj420p")
        out.mux(cover.encode(still))
        out.mux(cover.encode(None))
    return path


def wrecked(path: Path, sound: int = 71) -> Path:
    """Standard input of 300 pictures of which no more than the first `sound` and the key pictures decode.

    Where each NAL unit begins and ends is right, so that copying it finds nothing wrong.
    """
    groups = {"preset": "ultrafast", "g": "45", "bf": "0", "sc_threshold": "0"}
    Film(seconds=20.0, rate=15, width=272, height=480, sound="", options=groups).write(path)
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    for packet in packets[sound:]:
        at = packet.pos or 0
        end = at + packet.size
        while at < end and not packet.is_keyframe:
            size = int.from_bytes(data[at : at + 4])
            data[at + 5 : at + 4 + size] = b"\xff" * (size - 1)
            at += 4 + size
    path.write_bytes(data)
    return path
