"""The checker finds each promise that is broken, and nothing where all were kept."""

import pytest

from soak.checker import Verdict, check
from soak.history import CaughtUp, Deed, Did, Ended, Followed, Heard, Numbered, Record, Slept

FAN, ANN, BEN = "fan", "ann", "ben"
FOLLOWED: list[Record] = [Did(FAN, "follow", ANN, 0.0, 1.0)]


def published(video: str, at: float, seq: int, author: str = ANN) -> list[Record]:
    return [Did(author, "publish", video, at, at + 0.1), Numbered(author, video, seq)]


def heard(video: str, at: float, session: str = "s1", author: str = ANN) -> Record:
    return Heard(FAN, session, at, video, author)


def did(who: str, deed: Deed, what: str, began: float, ended: float | None) -> Record:
    return Did(who, deed, what, began, ended)


def proven(*records: Record | list[Record]) -> Verdict:
    flat: list[Record] = [*FOLLOWED]
    for one in records:
        flat.extend(one if isinstance(one, list) else [one])
    if still_followed(flat):
        flat.append(Followed(FAN, ANN))
    return check(flat)


def still_followed(records: list[Record]) -> bool:
    """As PostgreSQL would have it in the end."""
    deeds = [one for one in records if isinstance(one, Did) and {one.who, one.what} == {FAN, ANN}]
    return max(deeds, key=lambda did: did.began).deed == "follow"


def test_a_good_history_is_fine() -> None:
    verdict = proven(
        published("a", 2, 1), published("b", 3, 2), heard("a", 2.2), heard("b", 3.2), CaughtUp(FAN, "s2", 4, True, 0, 0)
    )
    assert (verdict.owed, verdict.broken) == (2, [])


def test_what_never_came_is_lost() -> None:
    verdict = proven(published("a", 2, 1), published("b", 3, 2), heard("b", 3.2))
    assert [sentence.split(":")[0] for sentence in verdict.broken] == ["lost"]


def test_what_was_told_is_not_lost() -> None:
    verdict = proven(published("a", 2, 1), CaughtUp(FAN, "s2", 4, False, 0, 0))
    assert (verdict.owed, verdict.told, verdict.broken) == (1, 1, [])


def test_what_was_told_before_it_happened_is_lost_nevertheless() -> None:
    assert proven(CaughtUp(FAN, "s2", 1.5, False, 0, 0), published("a", 2, 1)).broken


@pytest.mark.parametrize(
    "why",
    [
        did(FAN, "unfollow", ANN, 1.5, 1.6),
        did(FAN, "unfollow", ANN, 1.5, None),
        did(FAN, "unfollow", ANN, 2.5, 2.6),
        did(ANN, "delete", "a", 5.0, None),
        did(ANN, "hide", "a", 5.0, 5.1),
        did(ANN, "block", FAN, 5.0, 5.1),
    ],
    ids=["unfollowed", "perhaps unfollowed", "unfollowed later", "perhaps deleted", "hidden", "blocked"],
)
def test_what_may_have_been_denied_is_not_owed(why: Record) -> None:
    verdict = proven(why, published("a", 2, 1))
    assert (verdict.owed, verdict.broken) == (0, [])


def test_an_author_out_of_order_is_found() -> None:
    verdict = proven(published("a", 2, 1), published("b", 3, 2), heard("b", 3.2), heard("a", 3.3))
    assert [sentence.split(":")[0] for sentence in verdict.broken] == ["order"]


def test_two_authors_have_no_order() -> None:
    following = [did(FAN, "follow", BEN, 0.0, 1.0), Followed(FAN, BEN)]
    both = [published("a", 2, 1), published("b", 3, 2, BEN), heard("b", 3.2, author=BEN), heard("a", 3.3)]
    assert proven(following, *both).broken == []


def test_a_repeat_is_allowed_over_sessions_and_not_within_one() -> None:
    story = [published("a", 2, 1), heard("a", 2.2)]
    again = proven(*story, heard("a", 3.0, "s2"))
    assert (again.repeats, again.broken) == (1, [])
    assert [sentence.split(":")[0] for sentence in proven(*story, heard("a", 3.0)).broken] == ["twice"]


def test_what_was_never_published_is_invented() -> None:
    assert [sentence.split(":")[0] for sentence in proven(heard("x", 3.0)).broken] == ["invented"]


@pytest.mark.parametrize(
    "why", [did(FAN, "unfollow", ANN, 2.0, 2.1), did(ANN, "block", FAN, 2.0, 2.1), did(ANN, "hide", "a", 2, 2.1)]
)
def test_what_comes_after_a_denial_is_found(why: Record) -> None:
    story = [published("a", 1.5, 1), why]
    assert proven(*story, heard("a", 3.0)).broken == []
    assert [sentence.split(":")[0] for sentence in proven(*story, heard("a", 9.0)).broken] == ["denied"]
    assert proven(*story, Slept(FAN, 1.0, 8.9), heard("a", 9.0)).broken == []


def test_following_again_ends_a_denial() -> None:
    again = [did(FAN, "unfollow", ANN, 2.0, 2.1), did(FAN, "follow", ANN, 5.0, 5.1)]
    assert proven(*again, published("a", 6, 1), heard("a", 6.2)).broken == []


def test_a_wrong_count_is_found() -> None:
    assert [sentence.split(":")[0] for sentence in proven(CaughtUp(FAN, "s", 2, True, 3, 2)).broken] == ["count"]


def test_a_note_that_is_not_so_is_found() -> None:
    records: list[Record] = [*FOLLOWED, did(FAN, "unfollow", ANN, 2.0, 2.1), Followed(FAN, ANN)]
    assert [sentence.split(":")[0] for sentence in check(records).broken] == ["notes"]


@pytest.mark.parametrize(
    ("code", "reason", "broken"),
    [
        (1012, "retry_after_ms=0", []),
        (1012, "retry_after_ms=5000", []),
        (1012, "retry_after_ms=5001", ["goodbye"]),
        (1012, "retry_after_ms=-1", ["goodbye"]),
        (1012, "soon", ["goodbye"]),
        (1006, "", []),
    ],
)
def test_a_goodbye_that_does_not_say_when_to_come_back_is_found(code: int, reason: str, broken: list[str]) -> None:
    assert [sentence.split(":")[0] for sentence in proven(Ended(FAN, "s", 2, code, reason)).broken] == broken
