"""Ranges and conditions as RFC 9110 has them."""

import pytest

from server.kit.errors import RangeNotSatisfiable
from server.origin.ranges import asked, unchanged

ETAG = '"e"'


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=10-19", (10, 20)),
        ("bytes=90-200", (90, 100)),
        ("bytes=90-", (90, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-200", (0, 100)),
        ("BYTES= 1 - 2 ", (1, 3)),
        ("", None),
        ("bytes=-", None),
        ("bytes=5-4", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
        ("bytes=a-b", None),
        ("bytes=0-" + "9" * 40, None),
    ],
)
def test_one_range_is_cut_out_and_anything_else_is_the_whole(text: str, wanted: tuple[int, int] | None) -> None:
    assert asked({"Range": text}, 100, ETAG) == wanted


@pytest.mark.parametrize("text", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_beyond_the_end_tells_the_size(text: str) -> None:
    with pytest.raises(RangeNotSatisfiable) as refused:
        asked({"Range": text}, 100, ETAG)
    assert refused.value.headers["Content-Range"] == "bytes */100"


def test_a_range_of_another_version_is_the_whole() -> None:
    assert asked({"Range": "bytes=0-1", "If-Range": ETAG}, 100, ETAG) == (0, 2)
    assert asked({"Range": "bytes=0-1", "If-Range": '"other"'}, 100, ETAG) is None


@pytest.mark.parametrize(
    ("text", "same"), [('"e"', True), ('W/"e"', True), ('"a", "e"', True), ("*", True), ('"a"', False), ("", False)]
)
def test_what_the_client_has_already_is_unchanged(text: str, same: bool) -> None:
    assert unchanged({"If-None-Match": text}, ETAG) is same
