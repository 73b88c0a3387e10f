"""Channel names are stable, few and spread."""

from collections import Counter
from uuid import UUID

from pubsub import channels
from pubsub.link import slot_of
from server.kit.ids import new_id

SOME = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


def test_an_id_has_the_same_channel_on_every_node_and_version() -> None:
    assert channels.of(SOME) == "reelwire:{516}"
    assert channels.video(SOME) == "reelwire:video:{516}:01890a5dac96774bbcceb302099a8057"
    assert channels.news(SOME) == "reelwire:news:{4}"


def test_channels_are_few_and_evenly_used() -> None:
    used = Counter(channels.of(new_id()) for _ in range(20_000))
    assert len(used) <= channels.HASHED
    assert max(used.values()) < 60  # twenty on average
    assert {channels.news(new_id()) for _ in range(1000)} == set(channels.ALL_NEWS)


def test_the_nodes_of_a_cluster_share_them() -> None:
    for names in (
        {channels.of(new_id()) for _ in range(5000)},
        {channels.video(new_id()) for _ in range(5000)},
        set(channels.ALL_NEWS),
    ):
        thirds = Counter(slot_of(name) * 3 // 16384 for name in names)
        assert min(thirds.values()) > len(names) / 5


def test_videos_share_slots_and_not_channels() -> None:
    names = {channels.video(new_id()) for _ in range(5000)}
    assert len(names) == 5000
    assert len({slot_of(name) for name in names}) <= channels.HASHED
