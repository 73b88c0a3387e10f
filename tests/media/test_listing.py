"""A rendition that breaks a rule is not listed, and what all share must be right."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from media import steps
from media.errors import Internal
from media.listing import refused
from media.manifest import AudioTrack, IFrames, Rendition
from tests.media.films import Film, quiet
from tests.media.made import request_for

Stream = tuple[Path, list[Rendition], AudioTrack | None, list[IFrames]]


@pytest.fixture
def stream(tmp_path: Path) -> Stream:
    request = request_for(Film(seconds=2.4).write(tmp_path / "film.mp4"))
    first = steps.first_source(request, quiet)
    rest = steps.ladder_rest(replace(request, first=first), quiet)
    return Path(request.folder), rest.renditions, rest.audio, rest.iframes


def test_a_stream_without_fault_is_listed_whole(stream: Stream) -> None:
    assert refused(*stream) == ([], [])


def test_a_rendition_whose_file_is_broken_is_left_out(stream: Stream) -> None:
    folder, renditions, audio, iframes = stream
    track = folder / renditions[0].track
    track.write_bytes(track.read_bytes()[:-100])
    names, reasons = refused(folder, renditions, audio, iframes)
    assert names == [renditions[0].name]
    assert renditions[0].track in reasons[0]


def test_a_rendition_that_says_too_little_of_its_rate_is_left_out(stream: Stream) -> None:
    folder, renditions, audio, iframes = stream
    modest = replace(renditions[0], bandwidth=1)
    names, _ = refused(folder, [modest, *renditions[1:]], audio, iframes)
    assert names == [modest.name]


def test_a_fault_in_what_all_share_is_no_stream(stream: Stream) -> None:
    folder, renditions, audio, iframes = stream
    assert audio
    (folder / audio.playlist).unlink()
    with pytest.raises(Internal, match="breaks rules"):
        refused(folder, renditions, audio, iframes)
