"""Cursors: round trips, and what is none of ours."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from aiohttp.web_urldispatcher import UrlMappingMatchInfo
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from server.kit.errors import Invalid
from server.kit.paging import After, Paging

PAGING = Paging([b"key"])
AFTER = After(datetime(2026, 1, 1, tzinfo=UTC), uuid4())
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)).map(lambda m: m.replace(tzinfo=UTC))


def _request(query: str = "", of: str = "/videos") -> web.Request:
    app = web.Application()
    resource = app.router.add_resource(of)
    request = make_mocked_request("GET", f"/?{query}", app=app)
    request._match_info = UrlMappingMatchInfo({}, resource.add_route("GET", _page))
    return request


async def _page(_request: web.Request) -> web.Response:
    return web.Response()


def _asked(query: str) -> tuple[int, After]:
    return PAGING.asked(_request(query))


@given(MOMENTS, st.uuids())
def test_a_cursor_leads_back_to_its_place(at: datetime, identity: UUID) -> None:
    after = After(at, identity)
    assert _asked(f"cursor={PAGING.cursor(_request(), after)}") == (10, after)


def test_a_cursor_of_another_list_is_refused() -> None:
    cursor = PAGING.cursor(_request(of="/users"), AFTER)
    with pytest.raises(Invalid):
        _asked(f"cursor={cursor}")


def test_a_cursor_has_one_spelling() -> None:
    cursor = PAGING.cursor(_request(), AFTER)
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".replace(cursor[-1], ""):
        with pytest.raises(Invalid):
            _asked(f"cursor={cursor[:-1]}{letter}")


@given(st.text(max_size=80))
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        _asked(str(URL.build(query={"cursor": text}).raw_query_string))


def test_a_cursor_of_another_key_is_refused() -> None:
    other = Paging([b"other"]).cursor(_request(), AFTER)
    with pytest.raises(Invalid):
        _asked(f"cursor={other}")
