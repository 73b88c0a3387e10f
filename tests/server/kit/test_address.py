"""Which address a request counts for."""

import pytest
from aiohttp.test_utils import make_mocked_request

from server.keys import derive
from server.kit.address import EDGE_HEADER, Addresses, counted

NEW, OLD = derive("a new secret of 32 characters ...!"), derive("an old secret of 32 characters ...")
OTHER = derive("somebody's secret of 32 characters")


@pytest.mark.parametrize(
    ("address", "counts"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8::9", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_of_ipv6_the_network_counts(address: str, counts: str) -> None:
    assert counted(address) == counts


@pytest.mark.parametrize("key", [NEW.edge, OLD.edge])
def test_what_the_edge_says_is_believed_with_any_of_the_keys(key: str) -> None:
    request = make_mocked_request("GET", "/", headers={EDGE_HEADER: key, "X-Forwarded-For": "2001:db8:1:2::9"})
    assert Addresses((NEW, OLD)).of(request) == "2001:db8:1:2::/64"


@pytest.mark.parametrize("key", [None, "", "é", NEW.media, OTHER.edge])
def test_what_others_say_is_not(key: str | None) -> None:
    headers = {"X-Forwarded-For": "192.0.2.1", "X-Real-IP": "192.0.2.1", "Forwarded": "for=192.0.2.1"}
    told = headers if key is None else headers | {EDGE_HEADER: key}
    request = make_mocked_request("GET", "/", headers=told)
    assert Addresses((NEW, OLD)).of(request) == counted(request.remote or "") != "192.0.2.1"
