"""Channel names are stable, few and spread."""

from collections import Counter
from uuid import UUID

from pubsub import channels
from server.kit.ids import new_id


def test_an_id_has_the_same_channel_on_every_node_and_version() -> None:
    assert channels.of(UUID("01890a5d-ac96-774b-bcce-b302099a8057")) == "reelwire:{516}"


def test_every_channel_is_one_that_a_process_joins() -> None:
    used = Counter(channels.of(new_id()) for _ in range(20_000))
    assert set(used) <= set(channels.ALL_HASHED)
    assert max(used.values()) < 60  # twenty on average
