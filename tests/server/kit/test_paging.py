"""Cursors: round trips, and what is none of ours."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from server.kit.errors import Invalid
from server.kit.paging import After, Paging

PAGING = Paging([b"key"])
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)).map(lambda m: m.replace(tzinfo=UTC))


def _asked(query: str) -> tuple[int, After]:
    return PAGING.asked(make_mocked_request("GET", f"/?{query}"))


@given(MOMENTS, st.uuids())
def test_a_cursor_leads_back_to_its_place(at: datetime, identity: UUID) -> None:
    after = After(at, identity)
    assert _asked(f"cursor={PAGING.cursor(after)}") == (10, after)


@given(st.text(max_size=80))
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        _asked(str(URL.build(query={"cursor": text}).raw_query_string))


def test_a_cursor_of_another_key_is_refused() -> None:
    other = Paging([b"other"]).cursor(After(datetime(2026, 1, 1, tzinfo=UTC), uuid4()))
    with pytest.raises(Invalid):
        _asked(f"cursor={other}")
