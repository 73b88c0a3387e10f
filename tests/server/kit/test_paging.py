"""Cursors: round trips, and what is none of ours."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from aiohttp.web_urldispatcher import UrlMappingMatchInfo
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from yarl import URL

from server.kit.errors import Invalid
from server.kit.paging import After, asked, cursor_after, cursor_of, pattern
from server.openapi.document import BASE
from server.openapi.operations import OPERATIONS

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
    return asked(_request(query))


@given(MOMENTS, st.uuids())
def test_a_cursor_leads_back_to_its_place(at: datetime, identity: UUID) -> None:
    after = After(at, identity)
    assert _asked(f"cursor={cursor_after(_request(), after)}") == (10, after)


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(Invalid):
        _asked(f"cursor={cursor_after(_request(of='/users'), AFTER)}")


@pytest.mark.parametrize("letter", ["0", "f", "A", "_", "\u0663", "\n"])
def test_a_cursor_that_is_changed_is_refused(letter: str) -> None:
    cursor = cursor_after(_request(), AFTER)
    for at in (0, 1, 7, 8, 50, len(cursor) - 1):
        others = {cursor[:at] + letter + cursor[at + 1 :], cursor[:at] + letter + cursor[at:], cursor[:at] + cursor[at + 1 :]}
        for changed in others - {cursor}:
            with pytest.raises(Invalid):
                _asked(str(URL.build(query={"cursor": changed}).raw_query_string))


@given(st.text(max_size=80))
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        _asked(str(URL.build(query={"cursor": text}).raw_query_string))


@given(st.from_regex(pattern("/videos"), fullmatch=True))
@examples(max_examples=10)
def test_all_that_the_document_tells_of_are_cursors(text: str) -> None:
    _asked(str(URL.build(query={"cursor": text.removesuffix("\n")}).raw_query_string))


def test_no_two_lists_have_the_same_cursors() -> None:
    paths = {operation.path for operation in OPERATIONS if "cursor" in operation.query}
    assert len({cursor_of(BASE + path, AFTER) for path in paths}) == len(paths)
