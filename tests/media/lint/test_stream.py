"""Whole streams: what our pipeline makes has no errors, and what is missing is said."""

from pathlib import Path

import pytest

from media.lint import AbsentError, check, check_folder
from media.playlist import with_query
from tests.media.lint.streams import MASTER, Stream, held, make


def test_in_what_the_pipeline_makes_nothing_is_found(stream: Stream) -> None:
    assert stream.errors() == set()
    assert stream.findings() == []


def test_in_what_it_copies_nothing_is_found_either(tmp_path: Path) -> None:
    # Groups of half a second in three seconds: a short segment is left at the end.
    assert held(make(tmp_path, seconds=3.0, sound="")).findings() == []


def test_a_folder_is_checked_with_a_master_that_was_never_written(made: Path) -> None:
    text = (made / MASTER).read_text()
    assert not [finding for finding in check_folder(made, text, "other.m3u8") if finding.severity == "error"]
    [found] = [finding for finding in check_folder(made, text.replace('LANGUAGE="und",', "")) if finding.severity == "error"]
    assert (found.clause, found.place) == ("8.10", f"{MASTER}:4")
    assert str(found).startswith(f"error: {MASTER}:4: ")


def test_signatures_in_addresses_change_nothing(stream: Stream) -> None:
    signed = {
        name: with_query(data.decode(), "e=1&s=k.a") if name.endswith("m3u8") else "" for name, data in stream.files.items()
    }
    files = {f"{name}?e=1&s=k.a": signed[name].encode() or data for name, data in stream.files.items()}
    found = check(f"{MASTER}?e=1&s=k.a", Stream(files))
    assert found == []
    del files["v174.mp4?e=1&s=k.a"]
    found = check(f"{MASTER}?e=1&s=k.a", Stream(files))
    assert found
    assert not [finding for finding in found if "k.a" in str(finding)]


def test_without_a_master_there_is_nothing_to_check(stream: Stream) -> None:
    with pytest.raises(AbsentError):
        check("none.m3u8", stream)


def test_a_missing_sound_is_one_finding(stream: Stream) -> None:
    del stream.files["audio.m3u8"]
    assert stream.errors() == {"RFC 8216 4.1"}


@pytest.mark.parametrize(
    ("gone", "clause"), [("v234.m3u8", "RFC 8216 4.1"), ("audio.m3u8", "RFC 8216 4.1"), ("v174.mp4", "RFC 8216 3")]
)
def test_every_address_leads_to_a_file(stream: Stream, gone: str, clause: str) -> None:
    del stream.files[gone]
    found = [finding for finding in stream.findings() if finding.clause == clause]
    assert found
    assert "is not there" in found[0].sentence


def test_masters_in_masters_are_not_followed(stream: Stream) -> None:
    nested = Stream({**stream.files, "v234.m3u8": stream.files[MASTER]})
    assert "RFC 8216 4.1" in nested.errors()


def test_independence_is_said_in_the_master_or_in_every_playlist(stream: Stream) -> None:
    without = stream.line(MASTER, "#EXT-X-INDEPENDENT", "")
    assert ("9.11" in without.warnings(), without.errors()) == (True, set())
    assert without.line("v174.m3u8", "#EXT-X-INDEPENDENT", "").errors() == {"9.12"}


def test_nothing_that_is_written_stops_the_check(stream: Stream) -> None:
    for name in ("v272.mp4", "audio.mp4"):
        data = stream.files[name]
        for at in range(0, 1300, 3):
            broken = data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
            Stream({**stream.files, name: broken}).findings()
    text = stream.files["v272.m3u8"]
    for at in range(len(text)):
        Stream({**stream.files, "v272.m3u8": text[:at] + b"\x00" + text[at + 1 :]}).findings()
