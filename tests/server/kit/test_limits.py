"""Which call has which limit, and how the numbers are changed."""

from pathlib import Path

import pytest

import server
from server.kit.limits import BASE, CALLS, COMMENTS, LIKES, LIMITS, READING, SEARCH, UPLOADS, WRITES, changed, limit_of
from server.settings import Settings, SettingsError
from server.web import application

OPERATIONS_PAGE = Path(server.__file__).parent.parent / "docs" / "operations.md"
UNLIMITED = {"POST /uploads/{id}", "PATCH /uploads/{id}", "DELETE /uploads/{id}", "POST /videos/{id}/views"}


@pytest.mark.parametrize(
    ("method", "route", "limit"),
    [
        ("POST", "/api/v1/videos/{id}/comments", COMMENTS),
        ("POST", "/api/v1/videos/{video_id}/comments", COMMENTS),
        ("GET", "/api/v1/videos/{id}/comments", None),
        ("DELETE", "/api/v1/videos/{id}/like", LIKES),
        ("POST", "/api/v1/uploads", UPLOADS),
        ("GET", "/api/v1/search", SEARCH),
        ("PATCH", "/api/v1/me", WRITES),
        ("POST", "/api/v1/what/comes/later", WRITES),
        ("GET", "/media/{video_id}/{name}", None),
        ("GET", "/healthz", None),
    ],
)
def test_a_call_has_its_limit(method: str, route: str, limit: object) -> None:
    assert limit_of(method, route) is limit


def test_whatever_changes_something_has_a_limit(settings: Settings) -> None:
    free = {
        f"{route.method} {route.resource.canonical.removeprefix(BASE)}"
        for route in application(settings).router.routes()
        if route.resource is not None and route.method not in READING and limit_of(route.method, route.resource.canonical) is None
    }
    assert free == UNLIMITED


def test_names_are_one_each_and_calls_have_limits_of_the_list() -> None:
    assert len({limit.name for limit in LIMITS}) == len(LIMITS)
    assert {limit for limit in CALLS.values() if limit is not None} <= set(LIMITS)


def test_the_documents_tell_every_limit() -> None:
    text = OPERATIONS_PAGE.read_text()
    for limit in LIMITS:
        assert f"| `{limit.name}` | {limit.quota:,} | {limit.seconds:,} s | {limit.by} | {limit.why} |" in text


def test_numbers_change_by_name() -> None:
    found = changed(["comments=5/60", "sign_up=1000/600"])
    assert (found["comments"].quota, found["comments"].seconds, found["comments"].by) == (5, 60, "account")
    assert (found["sign_up"].quota, found["sign_up"].closed) == (1000, True)
    assert found["likes"] == LIKES


@pytest.mark.parametrize("change", ["comments", "comments=5", "comments=0/60", "comments=5/0", "nothing=5/60", "comments=-1/60"])
def test_what_is_no_change_is_said(change: str) -> None:
    with pytest.raises(SettingsError, match="REELWIRE_LIMITS"):
        changed([change])
