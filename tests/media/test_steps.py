"""From a film to what a player plays: both steps, in children, and then everything looked at as a player does."""

import hashlib
import re
from pathlib import Path

import av
import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image

from media import ladder, package, playlist, steps, workshop
from media.errors import Internal, MediaError
from media.ladder import SLOW_NETWORK
from media.lint import check_folder
from media.pool import Pool
from tests.media.films import QUARTERS, Film, Picture, corner, decoded, near, quiet, samples
from tests.media.made import Made, first_of, ladder_of, make, pictures, read, request_for

SECONDS = 3.4
SECRETS = {"title": "my secret title", "location": "+48.8584+002.2945/", "comment": "device of mine", "artist": "Jane Roe"}
SIGNATURES = [b"x264", b"Lavf", b"Lavc", *(value.encode() for value in SECRETS.values()), b"+48.85"]


@pytest.fixture(scope="module")
async def made(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("made")
    source = Film(seconds=SECONDS, width=272, height=480, metadata=SECRETS).write(folder / "source.mp4")
    (folder / "out").mkdir()
    return await make(pool, source, folder / "out")


def test_the_first_source_plays_to_its_end_and_has_its_index_first(made: Made) -> None:
    mp4, path = made.first.mp4, made.folder / made.first.mp4.name
    shown = decoded(path)
    assert (len(shown), shown[0].width, shown[0].height) == (102, mp4.width, mp4.height) == (102, 272, 480)
    assert samples(path).shape[1] / 48_000 == pytest.approx(SECONDS, abs=0.05)
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert mp4.bytes == len(data) < 5_000_000
    assert mp4.bitrate == pytest.approx(8 * len(data) / SECONDS, rel=0.01)


def test_what_was_encoded_in_a_hurry_gives_way(made: Made) -> None:
    assert not made.first.copied
    assert made.rest.replaces == [made.first.mp4.name] == ["272-first.mp4"]
    [start] = [mp4 for mp4 in made.rest.mp4s if mp4.start]
    assert (start.name, start.width, start.height) == ("272.mp4", 272, 480)
    sharp, quick = (decoded(made.folder / mp4.name)[40] for mp4 in (start, made.first.mp4))
    assert np.abs(sharp.to_ndarray()[:480].astype(int) - quick.to_ndarray()[:480]).mean() < 4


def test_there_are_three_renditions_and_one_for_slow_networks(made: Made) -> None:
    assert [rendition.name for rendition in made.renditions] == ["272", "234", "174"]
    assert made.audio is not None
    assert min(rendition.bandwidth for rendition in made.renditions) + made.audio.bandwidth <= SLOW_NETWORK
    assert [mp4.name for mp4 in made.rest.mp4s] == ["272.mp4", "174.mp4"]


def test_every_file_is_listed_as_it_is_and_nothing_else_is_left(made: Made) -> None:
    listed = [*made.first.files, *made.rest.files]
    assert sorted(path.name for path in made.folder.iterdir()) == sorted(file.name for file in listed)
    for file in listed:
        data = (made.folder / file.name).read_bytes()
        assert (file.bytes, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_nothing_personal_and_no_signature_survives(made: Made) -> None:
    for file in [*made.first.files, *made.rest.files]:
        data = (made.folder / file.name).read_bytes()
        assert not [words for words in SIGNATURES if words in data], file.name


def test_segments_decode_one_by_one_and_begin_with_an_idr_picture(made: Made) -> None:
    for rendition in made.renditions:
        init, segments = read(made.folder, rendition.playlist)
        shown = [pictures(init + segment.data) for segment in segments]
        assert all(part[0].key_frame for part in shown)
        assert sum(len(part) for part in shown) == round(rendition.frame_rate * SECONDS)
        for part, segment in zip(shown, segments, strict=True):
            assert len(part) / rendition.frame_rate == pytest.approx(segment.seconds, abs=0.001)
            assert not any(frame.is_corrupt for frame in part)


def test_boundaries_are_the_same_in_every_rendition(made: Made) -> None:
    lengths = [[segment.seconds for segment in read(made.folder, rendition.playlist)[1]] for rendition in made.renditions]
    assert all(one == pytest.approx(lengths[0], abs=0.001) for one in lengths)
    assert sum(lengths[0]) == pytest.approx(SECONDS, abs=0.001)
    assert max(lengths[0]) <= 2.001


def test_ranges_follow_each_other_to_the_end_of_the_file(made: Made) -> None:
    for rendition in made.renditions:
        init, segments = read(made.folder, rendition.playlist)
        at = len(init)
        for segment in segments:
            assert segment.offset == at
            at += len(segment.data)
        assert at == (made.folder / rendition.track).stat().st_size


def test_the_sound_track_is_as_long_as_the_pictures(made: Made) -> None:
    assert made.audio is not None
    _, segments = read(made.folder, made.audio.playlist)
    assert sum(segment.seconds for segment in segments) == pytest.approx(SECONDS, abs=0.03)
    assert samples(made.folder / made.audio.track).shape[1] / 48_000 == pytest.approx(SECONDS, abs=0.05)


def test_the_master_tells_what_was_measured(made: Made) -> None:
    assert made.audio is not None
    sound = read(made.folder, made.audio.playlist)[1]
    lines = made.master.splitlines()
    for rendition in made.renditions:
        facts = lines[lines.index(rendition.playlist) - 1]
        init, segments = read(made.folder, rendition.playlist)
        peak = max(8 * len(s.data) / s.seconds for s in segments) + max(8 * len(s.data) / s.seconds for s in sound)
        average = 8 * sum(len(s.data) for s in [*segments, *sound]) / SECONDS
        assert int(re.search(r":BANDWIDTH=(\d+)", facts)[1]) == pytest.approx(peak, rel=0.01)  # type: ignore[index]
        assert int(re.search(r"AVERAGE-BANDWIDTH=(\d+)", facts)[1]) == pytest.approx(average, rel=0.02)  # type: ignore[index]
        shown = pictures(init + segments[0].data)[0]
        assert f"RESOLUTION={shown.width}x{shown.height}," in facts
        assert f"FRAME-RATE={rendition.frame_rate:.3f}" in facts
        at = init.index(b"avcC") + 5
        assert f'CODECS="avc1.{init[at : at + 3].hex()},mp4a.40.2"' in facts
    [first] = (one.playlist for one in made.renditions if one.default)
    assert lines.index(first) == min(lines.index(one.playlist) for one in made.renditions)


def test_there_is_a_key_picture_for_every_second(made: Made) -> None:
    assert [(one.name, one.width, one.height) for one in made.rest.iframes] == [
        ("iframes-272", 272, 480),
        ("iframes-174", 174, 308),
    ]
    whole = decoded(made.folder / made.rest.mp4s[0].name)
    for iframes in made.rest.iframes:
        init, entries = read(made.folder, iframes.playlist)
        assert [entry.seconds for entry in entries] == pytest.approx([SECONDS / 4] * 4, abs=0.001)
        for number, entry in enumerate(entries):
            [frame] = pictures(init + entry.data)
            assert (frame.width, frame.height, frame.key_frame) == (iframes.width, iframes.height, True)
            same = whole[int(number * SECONDS / 4 * 30)].reformat(frame.width, frame.height, "rgb24")
            assert np.abs(frame.to_ndarray(format="rgb24").astype(int) - same.to_ndarray()).mean() < 12
        peak = max(8 * len(entry.data) / entry.seconds for entry in entries)
        assert iframes.bandwidth == pytest.approx(peak, rel=0.01)


def test_an_upload_without_sound(tmp_path: Path) -> None:
    rest, folder = ladder_of(Film(sound="", seconds=0.5).write(tmp_path / "film.mp4"))
    assert rest.audio is None
    assert not (folder / "audio.mp4").exists()
    assert "AUDIO" not in playlist.master(rest.renditions, rest.audio)
    for name in (*rest.replaces, rest.mp4s[0].name):
        assert len(decoded(folder / name)) == 15


def test_a_single_picture_is_a_very_short_clip(tmp_path: Path) -> None:
    first, folder = first_of(Film(sound="", seconds=1 / 30).write(tmp_path / "film.mp4"))
    assert len(decoded(folder / first.mp4.name)) == 1
    assert first.seconds == pytest.approx(1 / 30, abs=0.001)


def test_a_step_that_was_killed_half_way_can_be_done_again(tmp_path: Path) -> None:
    source = Film(seconds=0.2, sound="").write(tmp_path / "film.mp4")
    request = request_for(source)
    Path(request.folder, "work").mkdir()
    Path(request.folder, "work", "96.video").write_bytes(b"half")
    assert steps.first_source(request, quiet).mp4.bytes
    assert steps.first_source(request, quiet).mp4.bytes
    assert not Path(request.folder, "work").exists()


def noise(index: int, width: int, height: int) -> Picture:
    """What no encoder can make small."""
    return np.random.default_rng(index).integers(0, 255, (height, width, 3), dtype=np.uint8)


def test_the_slow_variant_stays_small_whatever_it_shows(tmp_path: Path) -> None:
    film = Film(picture=noise, width=160, height=240, seconds=1.2, options={"preset": "ultrafast", "crf": "30"})
    request = request_for(film.write(tmp_path / "film.mp4"))
    first = steps.first_source(request, quiet)
    rest = steps.ladder_rest(replace(request, first=first), quiet)
    assert rest.audio is not None
    assert rest.renditions[-1].bandwidth + rest.audio.bandwidth <= SLOW_NETWORK


def test_a_first_source_above_the_budget_is_encoded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Film(picture=noise, seconds=0.5, sound="").write(tmp_path / "film.mp4")
    usual, _ = first_of(source)
    monkeypatch.setattr(workshop, "BUDGET_BYTES", int(usual.mp4.bytes * 0.95))
    smaller, folder = first_of(source)
    assert smaller.mp4.bytes < usual.mp4.bytes * 0.95
    assert len(decoded(folder / smaller.mp4.name)) == 15
    monkeypatch.setattr(workshop, "BUDGET_BYTES", 100)
    with pytest.raises(Internal, match="stays above"):
        first_of(source)


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_flipped_bytes_end_in_a_whole_clip_or_a_refusal(tmp_path: Path, share: float) -> None:
    path = Film(seconds=1.0, sound="").write(tmp_path / "film.mp4")
    data, random = bytearray(path.read_bytes()), np.random.default_rng(5)
    media = data.index(b"mdat") + 2000
    for at in random.choice(np.arange(media, len(data)), int((len(data) - media) * share), replace=False):
        data[at] ^= 0xFF
    path.write_bytes(data)
    refused, ended = "", 1.0
    try:
        first, folder = first_of(path)
        ended = abs(len(decoded(folder / first.mp4.name)) / 30 - first.seconds)
    except MediaError as error:
        refused = error.code
    assert refused == "unreadable" or ended < 0.04


def test_limits_grow_with_the_upload(tmp_path: Path) -> None:
    short = request_for(Film(seconds=0.2).write(tmp_path / "short.mp4")).probe
    long = request_for(Film(seconds=2.0).write(tmp_path / "long.mp4")).probe
    assert steps.first_limits(short).cpu_seconds < steps.first_limits(long).cpu_seconds <= steps.rest_limits(long).cpu_seconds
    assert steps.first_limits(long).niceness < steps.rest_limits(long).niceness
    assert steps.rest_limits(long).wall_seconds > steps.rest_limits(long).cpu_seconds


GROUPS = {"preset": "ultrafast", "g": "30", "bf": "2", "sc_threshold": "0"}


@pytest.fixture(scope="module")
async def copied(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("copied")
    film = Film(seconds=SECONDS, width=272, height=480, metadata=SECRETS, volume=0.02, options=GROUPS)
    (folder / "out").mkdir()
    return await make(pool, film.write(folder / "source.mp4"), folder / "out", copied=True)


def test_standard_pictures_are_shown_as_they_are(copied: Made) -> None:
    source = decoded(copied.folder.parent / "source.mp4")
    final = next(mp4 for mp4 in copied.rest.mp4s if mp4.name == "272.mp4")
    for name in (copied.first.mp4.name, final.name):
        shown = decoded(copied.folder / name)
        assert len(shown) == len(source)
        assert all((a.to_ndarray() == b.to_ndarray()).all() for a, b in zip(shown, source, strict=True))
        data = (copied.folder / name).read_bytes()
        assert data.index(b"moov") < data.index(b"mdat")
    assert copied.first.copied
    assert copied.first.poster.width == 272


def test_the_sound_of_a_copied_video_comes_as_it_is_and_then_as_loud_as_all_others(copied: Made) -> None:
    assert copied.rest.replaces == [copied.first.mp4.name] == ["272-first.mp4"]
    as_it_is, final = (np.abs(samples(copied.folder / name)).max() for name in ("272-first.mp4", "272.mp4"))
    assert as_it_is < 0.03
    assert final > 2 * as_it_is


def test_a_sound_that_does_not_decode_is_encoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_arguments: object) -> None:
        raise Internal("read back: sound that does not decode")

    request = request_for(Film(seconds=0.5, volume=0.02).write(tmp_path / "film.mp4"))
    monkeypatch.setattr("media.readback.sound", fails)
    first = steps.first_source(request, quiet)
    assert np.abs(samples(Path(request.folder, first.mp4.name))).max() > 0.03


def test_the_rungs_around_copied_pictures_are_cut_where_those_are(copied: Made) -> None:
    lengths = [[segment.seconds for segment in read(copied.folder, rendition.playlist)[1]] for rendition in copied.renditions]
    assert [rendition.name for rendition in copied.renditions] == ["272", "234", "174"]
    assert all(one == pytest.approx(lengths[0], abs=0.001) for one in lengths)
    assert (copied.rest.unlisted, copied.rest.reasons) == ([], [])
    assert [mp4.name for mp4 in copied.rest.mp4s if mp4.start] == ["272.mp4"]


def test_long_groups_are_kept_in_a_file_and_not_in_the_stream(tmp_path: Path) -> None:
    path = Film(seconds=5.0, rate=10, width=272, height=480, sound="", options={**GROUPS, "g": "25"}).write(tmp_path / "film.mp4")
    request = request_for(path, copied=True)
    first = steps.first_source(request, quiet)
    rest = steps.ladder_rest(replace(request, first=first), quiet)
    assert (first.copied, first.mp4.name, rest.replaces) == (True, "272-own.mp4", [])
    source, kept = decoded(path), decoded(Path(request.folder, first.mp4.name))
    assert all((a.to_ndarray() == b.to_ndarray()).all() for a, b in zip(source, kept, strict=True))
    assert [rendition.name for rendition in rest.renditions] == ["272", "234", "174"]
    assert [mp4.name for mp4 in rest.mp4s if mp4.start] == ["272.mp4"]
    text = playlist.master(rest.renditions, rest.audio, rest.iframes)
    assert check_folder(Path(request.folder), text) == []


def test_nothing_personal_survives_a_copy(copied: Made) -> None:
    for file in [*copied.first.files, *copied.rest.files]:
        data = (copied.folder / file.name).read_bytes()
        assert not [words for words in SIGNATURES if words in data], file.name


def test_a_copy_above_the_budget_is_shown_beside_a_smaller_file_to_start_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Film(seconds=1.0, width=272, height=480, options=GROUPS).write(tmp_path / "film.mp4")
    budget = int(path.stat().st_size * 0.8)
    for module in (ladder, workshop):
        monkeypatch.setattr(module, "BUDGET_BYTES", budget)
    request = request_for(path, copied=True)
    first = steps.first_source(request, quiet)
    rest = steps.ladder_rest(replace(request, first=first), quiet)
    [start] = [mp4 for mp4 in rest.mp4s if mp4.start]
    assert not first.mp4.start
    assert start.bytes < budget < first.mp4.bytes


def test_what_cannot_be_copied_after_all_is_encoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_arguments: object) -> None:
        raise Internal("read back: it is not what it promised")

    request = request_for(Film(seconds=1.0, width=272, height=480, options=GROUPS).write(tmp_path / "film.mp4"), copied=True)
    with monkeypatch.context() as broken:
        broken.setattr("media.package.copied", fails)
        first = steps.first_source(request, quiet)
    assert not first.copied
    rest = steps.ladder_rest(replace(request, first=first), quiet)
    assert [rendition.name for rendition in rest.renditions] == ["272", "234", "174"]
    assert rest.replaces == [first.mp4.name]


def test_the_still_of_a_copy_has_its_colours_and_its_usual_size(tmp_path: Path) -> None:
    film = Film(seconds=1.0, width=720, height=1280, sound="", options=GROUPS, colours={"colorspace": 5})
    request = request_for(film.write(tmp_path / "film.mp4"), copied=True)
    first = steps.first_source(request, quiet)
    assert (first.copied, first.poster.width, first.poster.height) == (True, 540, 960)
    with Image.open(Path(request.folder, first.poster.name)) as still:
        shown = np.asarray(still)
    for (right, lower), colour in QUARTERS.items():
        assert near(corner(shown, right, lower), colour, 8), colour


def patches(index: int, width: int, height: int) -> Picture:
    """As much as an encoder can make small, and still something in every picture."""
    return np.kron(noise(index, width // 34, height // 40), np.ones((40, 34, 1), np.uint8))


def test_a_copy_that_is_damaged_where_no_key_picture_is_gives_way(tmp_path: Path) -> None:
    film = Film(seconds=3.0, rate=15, width=272, height=480, picture=patches, sound="", options=GROUPS | {"crf": "40"})
    path = film.write(tmp_path / "film.mp4")
    request = request_for(path, copied=True)
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        for number, packet in enumerate(container.demux(video=0)):  # the first two seconds are looked at before it is shown
            if number > 33 and packet.size > 200 and not packet.is_keyframe and packet.pos:
                for at in (packet.pos + packet.size - 20, packet.pos + packet.size - 12):
                    data[at] ^= 0xFF
    path.write_bytes(data)
    first = steps.first_source(request, quiet)
    assert first.copied
    rest = steps.ladder_rest(replace(request, first=first), quiet)
    assert rest.replaces == [first.mp4.name]
    assert first.mp4.name not in {file.name for file in rest.files}
    assert (rest.unlisted, [mp4.start for mp4 in rest.mp4s].count(True)) == ([], True)
    for rendition in rest.renditions:
        init, segments = read(Path(request.folder), rendition.playlist)
        assert sum(len(pictures(init + segment.data)) for segment in segments) == round(3 * rendition.frame_rate)


@pytest.mark.parametrize("kind", [0, 6, 12, 24, 30, 31])
def test_what_is_no_picture_is_not_copied(tmp_path: Path, kind: int) -> None:
    """Cameras write what they know into NAL units (H.264, 7.3.1) of kinds that decoders skip."""
    words = bytes([kind]) + b"GPS +48.8584+002.2945"
    source, signed = Film(seconds=0.5, sound="", options=GROUPS).write(tmp_path / "film.mp4"), tmp_path / "signed.mp4"
    with av.open(str(source)) as container, av.open(str(signed), "w") as out:
        copy = out.add_stream_from_template(container.streams.video[0])
        for packet in container.demux(video=0):
            if packet.size:
                more = av.Packet(bytes(packet) + len(words).to_bytes(4) + words)
                more.pts, more.dts, more.time_base, more.is_keyframe = (
                    packet.pts,
                    packet.dts,
                    packet.time_base,
                    packet.is_keyframe,
                )
                more.stream = copy
                out.mux(more)
    assert words in signed.read_bytes()
    package.copied(signed, 0, tmp_path / "copied.mp4")
    package.progressive(tmp_path / "copied.mp4", None, tmp_path / "shown.mp4")
    assert words[1:] not in (tmp_path / "shown.mp4").read_bytes()
    assert len(decoded(tmp_path / "shown.mp4")) == 15


def test_a_copy_whose_first_pictures_do_not_decode_is_never_shown(tmp_path: Path) -> None:
    film = Film(seconds=1.0, rate=15, width=272, height=480, picture=patches, sound="", options=GROUPS | {"crf": "40"})
    path = film.write(tmp_path / "film.mp4")
    request = request_for(path, copied=True)
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        for number, packet in enumerate(container.demux(video=0)):
            if number == 3 and packet.pos:
                data[packet.pos + packet.size - 20] ^= 0xFF
    path.write_bytes(data)
    assert request.probe.picture.gops
    assert not steps.first_source(request, quiet).copied
