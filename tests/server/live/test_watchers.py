"""What waits for a round keeps to its limits, whatever comes in which order."""

from datetime import UTC, datetime
from uuid import UUID

from server.comments.wire import CommentRow
from server.kit.ids import new_id
from server.live.limits import COMMENTS_A_ROUND, DELETED_A_ROUND
from server.live.session import Session
from server.live.watchers import Pending

VIDEO = new_id()


def comment() -> CommentRow:
    return CommentRow(VIDEO, new_id(), new_id(), "well", datetime.now(UTC))


def ids(pending: Pending) -> list[UUID]:
    return list(pending.comments)


def test_the_newest_comments_and_deletions_are_kept() -> None:
    pending, many = Pending(), [comment() for _ in range(COMMENTS_A_ROUND + 3)]
    for one in many:
        pending.add(one)
    assert ids(pending) == [one.id for one in many[3:]]
    for _ in range(DELETED_A_ROUND + 3):
        pending.delete(new_id(), new_id())
    assert len(pending.deleted) == DELETED_A_ROUND


def test_what_is_put_back_comes_before_what_has_come_meanwhile() -> None:
    taken, pending = Pending(), Pending()
    assert not pending
    old = [comment() for _ in range(COMMENTS_A_ROUND)]
    for one in old:
        taken.add(one)
    taken.fields.add("title")
    taken.delete(gone := new_id(), new_id())
    fresh = comment()
    pending.add(fresh)
    pending.delete(old[5].id, old[5].author_id)
    pending.put_before(taken)
    expected = [one.id for one in (*old, fresh) if one is not old[5]]
    assert ids(pending) == expected[-COMMENTS_A_ROUND:]
    assert set(pending.deleted) == {gone, old[5].id}
    assert pending.fields == {"title"}
    assert pending.counts


async def test_a_session_that_watches_nothing_holds_nothing_of_its_own_for_it() -> None:
    one, two = [Session(new_id(), new_id(), 0, 1) for _ in range(2)]
    assert one.watching is two.watching
    assert one.watching == ()
