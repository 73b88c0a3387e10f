"""The ladder's arithmetic, over phones, cinemas and stamps."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.ladder import (
    BUDGET_BYTES,
    MOST_PIXELS,
    SEGMENT_SECONDS,
    SLOW_NETWORK,
    Plan,
    Source,
    boundaries,
    plan,
    short_edges,
    usual_rate,
)

MILLION = 1e6


def planned(
    width: int, height: int, seconds: float = 15, rate: int = 30, channels: int = 2, source: float = 20 * MILLION
) -> Plan:
    return plan(Source(width, height, Fraction(rate), max(1, round(seconds * rate)), channels, source, "h264"))


@pytest.mark.parametrize(
    ("width", "height", "edges"),
    [
        (1080, 1920, [1080, 720, 540, 360, 234]),
        (1920, 1080, [1080, 720, 540, 360, 234]),
        (2160, 3840, [1080, 720, 540, 360, 234]),
        (720, 1280, [720, 540, 360, 234]),
        (1080, 1080, [1080, 720, 540, 360, 234]),
        (900, 1600, [900, 720, 540, 360, 234]),
        (360, 640, [360, 290, 234]),
        (640, 272, [272, 234, 174]),
        (161, 121, [120, 90, 66]),
        (1080, 2400, [992, 720, 540, 360, 234]),
        (16, 16, [16, 16, 16]),
    ],
)
def test_rungs_suit_the_short_edge(width: int, height: int, edges: list[int]) -> None:
    assert short_edges(width, height) == edges


@given(
    width=st.integers(16, 4096),
    height=st.integers(16, 2304),
    seconds=st.floats(0.03, 180),
    rate=st.sampled_from([Fraction(10), Fraction(24000, 1001), Fraction(25), Fraction(30), Fraction(48), Fraction(60)]),
    channels=st.integers(0, 6),
    source=st.floats(1000, 200 * MILLION),
)
def test_what_holds_for_every_source(
    width: int, height: int, seconds: float, rate: Fraction, channels: int, source: float
) -> None:
    found = plan(Source(width, height, rate, max(1, round(seconds * rate)), channels, source, "hevc"))
    rungs = [found.first, *found.rest]
    assert len(rungs) >= 3
    assert len({rung.name for rung in rungs}) == len(rungs)
    assert sum(rung.default for rung in rungs) == 1
    assert found.first.mp4
    for rung in rungs:
        assert rung.width % 2 == rung.height % 2 == 0
        assert rung.width <= width
        assert rung.height <= height
        assert rung.width * rung.height <= MOST_PIXELS
        assert all(boundary % rung.stride == 0 for boundary in found.boundaries)
        assert rung.maxrate > 0
        assert rung.buffer > 0
    biggest = (found.first.maxrate * found.seconds + found.first.buffer + found.audio_rate * found.seconds) / 8
    assert biggest < BUDGET_BYTES
    quick = found.quick
    assert (quick.maxrate * found.seconds + quick.buffer + found.audio_rate * found.seconds) / 8 < BUDGET_BYTES
    assert quick.short_edge <= max(360, min(rung.short_edge for rung in rungs))
    slow = next(rung for rung in rungs if rung.slow)
    assert slow.maxrate + found.audio_rate <= SLOW_NETWORK
    lengths = [b - a for a, b in zip(found.boundaries, [*found.boundaries[1:], found.frames], strict=True)]
    assert found.boundaries[0] == 0
    assert max(lengths) / found.rate <= SEGMENT_SECONDS * 1.01
    for keys in found.iframes:
        assert (keys.width, keys.height) in {(rung.width, rung.height) for rung in rungs}
        assert keys.short_edge <= max(360, min(rung.short_edge for rung in rungs))
        assert keys.stride <= found.rate * 1.02


def test_the_first_source_has_540_lines_while_the_budget_allows_them() -> None:
    assert planned(1080, 1920, 15).first.short_edge == 540
    assert planned(1080, 1920, 60).first.short_edge == 540
    assert planned(1080, 1920, 180).first.short_edge == 360
    assert planned(360, 640, 15).first.short_edge == 360


def test_what_is_encoded_in_a_hurry_is_small_and_spends_bits_instead_of_time() -> None:
    found = planned(1080, 1920, 15)
    usual = next(rung for rung in found.rest if rung.name == "360")
    assert (found.quick.width, found.quick.height, found.quick.hurried, found.still) == (360, 640, True, (540, 960))
    assert found.quick.maxrate > 1.5 * usual.maxrate
    assert (planned(96, 160).quick.short_edge, planned(96, 160).still) == (96, (96, 160))


def test_it_takes_its_time_where_the_budget_is_small() -> None:
    assert not planned(1080, 1920, 180).quick.hurried


def test_a_starved_first_source_gets_a_full_rung_beside_it() -> None:
    found = planned(1080, 1920, 180)
    assert [rung.name for rung in (found.first, *found.rest)] == ["360", "1080", "720", "540", "360-2", "234"]
    assert next(rung.name for rung in found.rest if rung.default) == "540"
    assert not found.first.default


def test_sixty_pictures_a_second_are_kept_where_they_are_seen() -> None:
    strides = {rung.name: rung.stride for rung in (lambda p: (p.first, *p.rest))(planned(1080, 1920, rate=60))}
    assert strides == {"1080": 1, "720": 1, "540": 2, "360": 2, "234": 4}


def test_a_thin_source_is_not_blown_up() -> None:
    thick, thin = planned(1080, 1920), planned(1080, 1920, source=500_000)
    assert max(rung.maxrate for rung in thin.rest) <= 1_000_000 < max(rung.maxrate for rung in thick.rest)


def test_one_channel_needs_less() -> None:
    assert [planned(540, 960, channels=count).audio_rate for count in (0, 1, 2, 6)] == [0, 64_000, 96_000, 96_000]


def test_usual_rates_meet_the_table() -> None:
    assert usual_rate(360 * 640) == pytest.approx(365_000)
    assert usual_rate(540 * 960) == pytest.approx(1_400_000)
    assert usual_rate(64 * 64) == 40_000


def test_segments_are_nearly_equal_and_none_is_a_stub() -> None:
    found = boundaries(5341, Fraction(30), 2)
    lengths = [b - a for a, b in zip(found, [*found[1:], 5341], strict=True)]
    assert max(lengths) <= 60
    assert max(lengths) - min(lengths) <= 3
    assert boundaries(1, Fraction(30), 4) == (0,)


def test_a_key_picture_is_shown_for_about_a_second() -> None:
    found = plan(Source(1080, 1920, Fraction(30000, 1001), 449, 2, 20 * MILLION, "h264"))
    assert [(keys.name, keys.width, keys.height) for keys in found.iframes] == [
        ("iframes-360", 360, 640),
        ("iframes-234", 234, 416),
    ]
    assert [float(keys.stride) for keys in found.iframes] == pytest.approx([449 / 15] * 2)
    assert [keys.maxrate for keys in found.iframes] == pytest.approx([365_000 / 8, 145_000 / 8], rel=0.01)  # 6.5
    assert len(planned(16, 16).iframes) == 1


@pytest.mark.parametrize(("group", "listed"), [(30, True), (60, True), (61, False), (120, False)])
def test_an_uploads_own_pictures_are_part_of_the_stream_where_keys_come_often(group: int, listed: bool) -> None:
    found = plan(Source(1080, 1920, Fraction(30), 450, 2, 5 * MILLION, "h264", tuple(range(0, 450, group))))
    streamed = [rung for rung in (found.first, *found.rest) if rung.copied]
    assert [rung.name for rung in streamed] == (["1080"] if listed else [])
    assert found.copied is not None
    assert found.copied.name == ("1080" if listed else "1080-own")
    lengths = [b - a for a, b in zip(found.boundaries, [*found.boundaries[1:], found.frames], strict=True)]
    assert max(lengths) <= 60
    assert all(rung.name != "1080" or rung.copied == listed for rung in found.rest)
