"""Lists as they are kept."""

import gc
from uuid import UUID

from server.kit.ids import new_id
from server.suggestions.listed import Listed
from server.suggestions.scroll import hash_of


def test_a_list_tells_what_it_was_given_in_its_order() -> None:
    videos = [(new_id(), "taste"), (new_id(), "topic:cats"), (new_id(), "taste")]
    listed = Listed(videos)
    assert len(listed) == 3
    assert list(listed) == videos
    assert listed[1] == videos[1]
    assert [listed.places[hash_of(video_id)] for video_id, _ in videos] == [0, 1, 2]
    assert hash_of(UUID(int=7)) not in listed.places
    assert list(Listed(())) == []


def test_a_long_one_is_no_more_for_the_collector_than_a_short_one() -> None:
    listed = [Listed((new_id(), "taste") for _ in range(many)) for many in (1, 1_000)]
    gc.collect()
    short, long = (sum(map(gc.is_tracked, vars(one).values())) for one in listed)
    assert short == long == 0
