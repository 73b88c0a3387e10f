"""What a URL says of servers."""

import pytest

from pubsub.target import Address, is_cluster, read, read_cluster


def test_one_server_has_an_address_or_a_path() -> None:
    found = read("redis://ann:p%40ss@example.org:7000/3")
    assert (found.address, found.database, found.username, found.password) == (("example.org", 7000), 3, "ann", "p@ss")
    assert read("redis://example.org").address == ("example.org", 6379)
    found = read("unix://:secret@/run/valkey.sock")
    assert (found.path, found.password) == ("/run/valkey.sock", "secret")


def test_a_cluster_has_some_nodes_and_one_introduction() -> None:
    url = "redis+cluster://ann:p%40ss@one:7000,two,[::1]:7002,[::2]"
    found, seeds = read_cluster(url)
    assert is_cluster(url)
    assert not is_cluster("redis://one:7000")
    assert seeds == [("one", 7000), ("two", 6379), ("::1", 7002), ("::2", 6379)]
    assert (found.username, found.password) == ("ann", "p@ss")
    assert found.at(seeds[2]).address == ("::1", 7002)
    assert read_cluster("redis+cluster://:secret@one:7000/0")[0].password == "secret"


@pytest.mark.parametrize(
    "url",
    [
        "redis+cluster://",
        "redis+cluster://one:7000/1",
        "redis+cluster://one:port",
        "redis+cluster://one:7000,",
        "redis+cluster://one?db=1",
    ],
)
def test_a_cluster_that_cannot_be_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"cluster|host|port"):
        read_cluster(url)


@pytest.mark.parametrize("url", ["rediss://example.org", "valkey://example.org"])
def test_a_server_that_cannot_be_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"TLS|schemes"):
        read(url)


def test_a_server_that_leaves_its_host_out_means_itself() -> None:
    assert Address.read(":7001", Address("asked", 7000)) == ("asked", 7001)
    assert Address.read("other:7001", Address("asked", 7000)) == ("other", 7001)
    assert Address.read("::1:7001", Address("asked", 7000)) == ("::1", 7001)
