"""Files that were made to hurt: each is refused with its code, in little time and memory, and nobody is called."""

import asyncio
import csv
import secrets
import struct
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from media import limits, steps
from media.errors import MediaError
from media.facts import Probe
from media.launcher import Ended
from media.limits import MEBIBYTE
from media.manifest import FirstSource
from media.pool import Pool
from media.probe import probe
from media.task import Task
from tests.media import hostile
from tests.media.canary import Canary
from tests.media.films import Film, decoded, samples
from tests.media.made import ladder_of

SHARED = Path(__file__).parents[3] / "shared" / "media"
MOST_SECONDS, MOST_BYTES = 20.0, 1 << 30
CODES = {"unreadable", "no_video", "too_long", "too_large_frame", "unsupported"}


async def examined(pool: Pool, path: Path) -> tuple[Probe | MediaError, Ended]:
    """What the probe says of a file, and what it cost."""
    used: list[Ended] = []
    try:
        found: Probe | MediaError = await pool.run(probe, Task(input=str(path)), limits=limits.PROBE, on_end=used.append)
    except MediaError as error:
        found = error
    return found, used[0]


ATTACKS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "text.mp4": (hostile.text, "unreadable"),
    "script.mp4": (lambda path: hostile.ffconcat(path, "victim.mp4"), "unreadable"),
    "absolute-script.mp4": (lambda path: hostile.ffconcat(path, str(path.parent / "victim.mp4")), "unreadable"),
    "playlist.m3u8": (lambda path: hostile.hls(path, "victim.mp4"), "unreadable"),
    "playlist.mp4": (lambda path: hostile.hls(path, f"file://{path.parent / 'victim.mp4'}"), "unreadable"),
    "endless.m3u8": (lambda path: hostile.hls(path, "victim.mp4", ended=False), "unreadable"),
    "index.mp4": (hostile.index_bomb, "unreadable"),
    "pixels.mov": (hostile.pixel_bomb, "unreadable"),
    "streams.mp4": (hostile.many_streams, "unsupported"),
    "slow.mp4": (hostile.long_and_slow, "too_long"),
    "apart.mp4": (hostile.far_apart, "too_long"),
    "deflated.mkv": (hostile.deflated_blocks, "unreadable"),
    "cover.mp4": (hostile.sound_with_cover, "no_video"),
    "cut.mp4": (lambda path: hostile.cut(path, 0.5, index_first=False), "unreadable"),
}


@pytest.mark.parametrize("name", ATTACKS)
async def test_an_attack_is_refused_cheaply(pool: Pool, tmp_path: Path, name: str) -> None:
    make, code = ATTACKS[name]
    await asyncio.to_thread(Film(sound="", seconds=0.5).write, tmp_path / "victim.mp4")
    found, used = await examined(pool, await asyncio.to_thread(make, tmp_path / name))
    assert isinstance(found, MediaError)
    assert (found.code, found.retry) == (code, False), found.detail
    assert used.cpu_seconds < MOST_SECONDS / 4
    assert used.peak_bytes < 200 * MEBIBYTE


@pytest.mark.parametrize("name", ["call.m3u8", "call.mp4", "call"])
async def test_a_playlist_calls_nobody(pool: Pool, tmp_path: Path, canary: Canary, name: str) -> None:
    path = hostile.hls(tmp_path / name, f"http://127.0.0.1:{canary.port}/canary")
    found, _ = await examined(pool, path)
    assert isinstance(found, MediaError)
    assert found.code == "unreadable"
    assert canary.calls == 0


async def test_a_session_description_does_not_listen(pool: Pool, tmp_path: Path) -> None:
    found, used = await examined(pool, hostile.sdp(tmp_path / "session.mp4", 15_004))
    assert isinstance(found, MediaError)
    assert found.code == "unreadable"
    assert used.cpu_seconds < 1


async def test_references_to_other_files_lead_nowhere(pool: Pool, tmp_path: Path) -> None:
    found, _ = await examined(pool, await asyncio.to_thread(hostile.outside_reference, tmp_path / "film.mov"))
    assert isinstance(found, Probe)  # the samples are taken from the file itself, where they are
    assert found.seconds == 1


async def test_too_large_pictures_are_refused_by_what_the_header_says(pool: Pool, tmp_path: Path) -> None:
    film = Film(width=4128, height=96, sound="", seconds=0.1)
    found, _ = await examined(pool, await asyncio.to_thread(film.write, tmp_path / "wide.mp4"))
    assert isinstance(found, MediaError)
    assert found.code == "too_large_frame"


async def test_a_film_that_breaks_off_is_as_long_as_what_is_there(pool: Pool, tmp_path: Path) -> None:
    path = await asyncio.to_thread(hostile.cut, tmp_path / "cut.mp4", 0.5, index_first=True)
    found, _ = await examined(pool, path)
    assert isinstance(found, Probe)
    assert 0.5 < found.seconds < 1.5


async def test_ten_bombs_do_not_hold_the_encoders(pool: Pool, tmp_path: Path) -> None:
    path = await asyncio.to_thread(hostile.index_bomb, tmp_path / "index.mp4")
    bombs = [asyncio.create_task(examined(pool, path)) for _ in range(10)]
    good = await asyncio.to_thread(Film(seconds=0.3).write, tmp_path / "good.mp4")
    facts, _ = await examined(pool, good)
    assert isinstance(facts, Probe)
    assert all(isinstance(found, MediaError) for found, _ in await asyncio.gather(*bombs))


async def _first(pool: Pool, path: Path, facts: Probe, folder: Path, used: list[Ended]) -> FirstSource:
    request = steps.Request(input=str(path), folder=str(folder), probe=facts)
    return await pool.run(steps.first_source, request, limits=steps.first_limits(facts), on_end=used.append)


def shared(kind: str) -> list[tuple[Path, str]]:
    """The files of a folder beside the repository with what its manifest expects; none in a clone that stands alone."""
    if not SHARED.exists():
        return []
    with (SHARED / "manifest.csv").open() as file:
        return [(SHARED / row["file"], row["expected"]) for row in csv.DictReader(file) if row["file"].startswith(kind)]


@pytest.mark.parametrize("part", range(2))
async def test_every_bad_file_at_hand_ends_as_expected(pool: Pool, tmp_path: Path, part: int) -> None:
    for path, expected in (await asyncio.to_thread(shared, "bad/"))[part::2]:
        found, used = await examined(pool, path)
        spent = [used]
        if isinstance(found, Probe):
            assert not expected.startswith("reject:"), path.name
            folder = tmp_path / secrets.token_hex(4)
            folder.mkdir()
            first = await _first(pool, path, found, folder, spent)
            assert first.seconds == pytest.approx(found.seconds, abs=0.1)
        else:
            assert found.code in CODES, (path.name, found.detail)
            assert not found.retry, path.name
            assert not expected.startswith("accept"), (path.name, found.detail)
        assert sum(used.cpu_seconds for used in spent) < MOST_SECONDS, path.name
        assert max(used.peak_bytes for used in spent) < MOST_BYTES, path.name


@pytest.mark.parametrize("part", range(4))
async def test_every_good_file_at_hand_becomes_playable(pool: Pool, tmp_path: Path, part: int) -> None:
    for path, _ in (await asyncio.to_thread(shared, "good/"))[part::4]:
        found, used = await examined(pool, path)
        assert isinstance(found, Probe), (path.name, found)
        folder, spent = tmp_path / path.stem, [used]
        folder.mkdir()
        first = await _first(pool, path, found, folder, spent)
        assert first.mp4.bytes < 5_000_000
        assert max(used.peak_bytes for used in spent) < MOST_BYTES, path.name


@pytest.mark.parametrize("sound", ["aac", "ac3"])
def test_damaged_sound_is_a_gap_and_pictures_go_on(tmp_path: Path, sound: str) -> None:
    path = Film(seconds=1.0, sound=sound).write(tmp_path / "film.mp4")
    data, random = bytearray(path.read_bytes()), np.random.default_rng(3)
    with av.open(str(path)) as container:
        for number, packet in enumerate(container.demux(audio=0)):
            if packet.size > 8 and packet.pos and number > 15:  # each decoder has its own words for what it finds
                data[packet.pos : packet.pos + packet.size] = random.integers(0, 256, packet.size, np.uint8).tobytes()
    path.write_bytes(data)
    rest, folder = ladder_of(path)
    assert rest.audio is not None
    assert samples(folder / rest.audio.track).shape[1] / 48_000 == pytest.approx(1, abs=0.05)
    assert len(decoded(folder / rest.mp4s[0].name)) == 30


@pytest.mark.parametrize("codec", ["mpeg4", "libx265"])
def test_a_sample_without_bytes_is_left_out(tmp_path: Path, codec: str) -> None:
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    path = Film(seconds=1.0, sound="", codec=codec, options=options).write(tmp_path / "film.mp4")
    data = bytearray(path.read_bytes())
    sizes = data.index(b"stsz") + 16  # ISO/IEC 14496-12, 8.7.3: version, size of all, count, then each one's
    before, empty = struct.unpack_from(">II", data, sizes + 4 * 20)
    struct.pack_into(">II", data, sizes + 4 * 20, before + empty, 0)
    path.write_bytes(data)
    rest, folder = ladder_of(path)
    assert len(decoded(folder / rest.mp4s[0].name)) == 30
