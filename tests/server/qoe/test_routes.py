"""What clients tell of their playback, and what /metrics tells of that."""

import secrets
from dataclasses import replace
from typing import Any

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from server.kit.body import MAX_JSON_BYTES
from server.qoe.wire import MOST_PLAYS
from server.settings import Settings
from server.web import application
from tests.people import Person

CLIENT = {"network": "slow", "screen": "small", "data_saver": True}
PLAY = {
    "outcome": "started", "startup_ms": 120, "ahead": True, "stalls": 2, "stalled_ms": 700, "watched_ms": 8000,
    "rendition_changes": 1,
}  # fmt: skip
HUGE = {"client": CLIENT, "plays": [PLAY], "wasted_bytes": 0, "preloaded_bytes": 0, "x" * MAX_JSON_BYTES: 1}


def beacon(*plays: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"client": CLIENT, "plays": list(plays), **more}


async def _sums(nobody: Person) -> dict[str, float]:
    """Every sample of playback on the page of metrics."""
    text = (await nobody.get("/metrics")).body.decode()
    lines = [line.rpartition(" ") for line in text.splitlines() if line.startswith("reelwire_qoe_")]
    return {name.removeprefix("reelwire_qoe_"): float(value) for name, _, value in lines}


async def test_what_is_told_is_on_the_page_of_metrics(nobody: Person) -> None:
    before = await _sums(nobody)
    left, broken = (
        {**PLAY, "outcome": "left", "startup_ms": 9000},
        {**PLAY, "outcome": "broken", "startup_ms": 700, "ahead": False},
    )
    told = beacon(PLAY, left, broken, first_picture_ms=640, preloaded_bytes=5000, wasted_bytes=1000)
    answer = await nobody.post("/qoe", json=told)
    assert (answer.status, answer.body) == (204, b"")
    after = await _sums(nobody)
    grown = {
        name: round(value - before.get(name, 0), 6)
        for name, value in after.items()
        if not name.split("{")[0].endswith("_created")
    }
    assert {name: value for name, value in grown.items() if value and "_bucket" not in name} == {
        'beacons_total{data_saver="yes",screen="small"}': 1,
        'startup_seconds_count{ahead="yes",network="slow"}': 1,
        'startup_seconds_sum{ahead="yes",network="slow"}': 0.12,
        'startup_seconds_count{ahead="no",network="slow"}': 1,
        'startup_seconds_sum{ahead="no",network="slow"}': 0.7,
        'first_picture_seconds_count{network="slow",screen="small"}': 1,
        'first_picture_seconds_sum{network="slow",screen="small"}': 0.64,
        'plays_total{network="slow",outcome="started"}': 1,
        'plays_total{network="slow",outcome="left"}': 1,
        'plays_total{network="slow",outcome="broken"}': 1,
        'stalls_total{network="slow"}': 6,
        'stalled_seconds_total{network="slow"}': 2.1,
        'watched_seconds_total{network="slow"}': 24,
        'rendition_changes_total{network="slow"}': 3,
        'preloaded_bytes_total{network="slow"}': 5000,
        'wasted_bytes_total{network="slow"}': 1000,
    }
    assert grown['startup_seconds_bucket{ahead="yes",le="0.15",network="slow"}'] == 1
    assert grown['startup_seconds_bucket{ahead="yes",le="0.1",network="slow"}'] == 0


async def test_members_and_guests_may_tell_but_not_with_bad_credentials(nobody: Person, ann: Person) -> None:
    assert (await ann.post("/qoe", json=beacon(PLAY))).status == 204
    assert (await nobody.post("/qoe", json=beacon())).status == 204
    assert (await replace(ann, access="x").post("/qoe", json=beacon(PLAY))).code == "invalid_token"


@pytest.mark.parametrize(
    ("told", "fields"),
    [
        ({}, {"client", "plays"}),
        (beacon(PLAY, account_id="x"), {"account_id"}),
        (beacon({**PLAY, "video_id": "x"}), {"plays[0]"}),
        (beacon(PLAY, {**PLAY, "startup_ms": -1}), {"plays[1].startup_ms"}),
        (beacon({**PLAY, "startup_ms": 600_001}), {"plays[0].startup_ms"}),
        (beacon({**PLAY, "stalled_ms": 86_400_001}), {"plays[0].stalled_ms"}),
        (beacon({**PLAY, "outcome": "bored"}), {"plays[0].outcome"}),
        (beacon({**PLAY, "stalls": 1.5}), {"plays[0].stalls"}),
        (beacon(*[PLAY] * (MOST_PLAYS + 1)), {"plays"}),
        (beacon(wasted_bytes=2**40 + 1), {"wasted_bytes"}),
        (beacon() | {"client": {**CLIENT, "network": "5g"}}, {"client.network"}),
        (beacon() | {"client": {**CLIENT, "user_agent": "x"}}, {"client"}),
    ],
)
async def test_what_is_unknown_or_out_of_bounds_is_refused_by_its_name(
    nobody: Person, told: dict[str, Any], fields: set[str]
) -> None:
    before = await _sums(nobody)
    refused = await nobody.post("/qoe", json=told)
    assert (refused.status, refused.code, refused.fields) == (422, "invalid", fields)
    assert await _sums(nobody) == before


async def test_only_json_of_64_kib_is_read(nobody: Person) -> None:
    assert (await nobody.post("/qoe", json=HUGE)).code == "body_too_large"
    assert (await nobody.post("/qoe", data=b"{", headers={"Content-Type": "application/json"})).code == "malformed"
    assert (await nobody.post("/qoe", data=b"{}", headers={"Content-Type": "text/plain"})).code == "wrong_media_type"


async def test_an_address_may_tell_so_often(aiohttp_client: AiohttpClient, settings: Settings) -> None:
    secret = (secrets.token_hex(32),)  # buckets that no other test has
    client = await aiohttp_client(application(replace(settings, rate_limits=True, secret_keys=secret, limits=("qoe=2/86400",))))
    nobody = Person(client)
    assert [(await nobody.post("/qoe", json=beacon(PLAY))).status for _ in range(3)] == [204, 204, 429]
