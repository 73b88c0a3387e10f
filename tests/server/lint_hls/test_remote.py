"""Fetching: ranges, signatures, limits, and no other origin."""

import asyncio
import gzip

import pytest

from media.lint import AbsentError, Finding, Part, check
from media.lint.reading import PLAYLIST_BYTES
from media.playlist import with_query
from server.lint_hls import remote
from server.lint_hls.remote import Remote, UnreachableError
from tests.media.lint.streams import MASTER
from tests.server.lint_hls.conftest import Host


async def found(host: Host) -> list[Finding]:
    def run() -> list[Finding]:
        with Remote(host.url) as reader:
            return [*check(host.url, reader), *reader.findings]

    return await asyncio.to_thread(run)


async def clauses(host: Host, severity: str = "error") -> set[str]:
    return {finding.clause for finding in await found(host) if finding.severity == severity}


async def test_signatures_reach_the_server_as_they_are(host: Host) -> None:
    host.query = "expires=1&signature=k.a%2Fb%2B_-%7E"
    for name, data in host.stream.files.items():
        if name.endswith(".m3u8"):
            host.stream.files[name] = with_query(data.decode(), host.query).encode()
    host.query = "expires=1&signature=k.a/b%2B_-~"  # as aiohttp's server shows it
    host.url += "?expires=1&signature=k.a%2Fb%2B_-%7E"
    assert await found(host) == []
    assert {path.partition("?")[2] for path in host.asked} == {"expires=1&signature=k.a%2Fb%2B_-%7E"}


@pytest.mark.parametrize(
    ("headers", "severity", "clause"),
    [
        ({"Content-Type": "text/plain"}, "warning", "10.4"),
        ({"Cache-Control": ""}, "warning", "RFC 9111 5.2"),
        ({"Access-Control-Allow-Origin": ""}, "warning", "Fetch 3.3"),
    ],
)
async def test_delivery(host: Host, headers: dict[str, str], severity: str, clause: str) -> None:
    host.headers = headers
    assert await clauses(host, severity) == {clause}


async def test_playlists_are_packed(host: Host) -> None:
    host.packed = False
    assert await clauses(host) == {"10.1"}


async def test_a_playlist_is_known_by_its_name_or_type(host: Host) -> None:
    host.stream.files["master"] = host.stream.files[MASTER]
    host.url, host.headers = host.url.removesuffix(".m3u8"), {"Content-Type": "text/plain"}
    assert "RFC 8216 4" in await clauses(host)


async def test_ranges_are_answered_with_ranges(host: Host) -> None:
    host.ranges = False
    assert await clauses(host) == {"RFC 9110 14.2"}


async def test_redirects_and_other_origins_are_not_followed(host: Host) -> None:
    host.moved = {"audio.mp4": host.url}
    assert await clauses(host) == {"8.18", "RFC 8216 3"}
    host.moved, asked = {}, len(host.asked)
    elsewhere = host.url.replace("127.0.0.1", "localhost").replace(MASTER, "audio.m3u8")
    host.stream = host.stream.edited(MASTER, 'URI="audio.m3u8"', f'URI="{elsewhere}"')
    missing = [finding for finding in await found(host) if finding.severity == "error"]
    assert any("another origin" in finding.sentence for finding in missing)
    assert not [path for path in host.asked[asked:] if "audio" in path]


async def test_what_lies_behind_the_end(host: Host) -> None:
    def run() -> Part:
        with Remote(host.url) as reader:
            return reader.part(host.url.replace(MASTER, "audio.mp4"), 10_000_000, 5)

    assert await asyncio.to_thread(run) == Part(b"", len(host.stream.files["audio.mp4"]))


async def test_few_bytes_that_unpack_to_many(host: Host) -> None:
    host.stream.files["v272.m3u8"] = b"#" * (PLAYLIST_BYTES + 1)
    assert len(gzip.compress(host.stream.files["v272.m3u8"])) < 10_000
    assert "RFC 8216 4.1" in await clauses(host)


async def test_time_and_size_end(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "ALL_BYTES", 1000)
    with pytest.raises(UnreachableError):
        await found(host)
    monkeypatch.setattr(remote, "ALL_SECONDS", 0.0)
    with pytest.raises(UnreachableError):
        await found(host)
    monkeypatch.undo()
    monkeypatch.setattr(remote, "ANSWER_SECONDS", 0.0)
    with pytest.raises(AbsentError, match="cannot be fetched"):
        await found(host)
