"""Which steps are done again when one has lost something."""

import pytest

from server.transcoding.repeats import to_repeat
from storage.job_steps import Step

NAMES = ("probe", "first", "ladder", "pictures", "fingerprint")


@pytest.mark.parametrize(
    ("lost", "replaces", "again"),
    [
        ({"pictures"}, b'["720-first.mp4"]', {"pictures"}),
        ({"ladder"}, b"[]", {"ladder"}),
        ({"ladder"}, b'["720-first.mp4"]', {"first", "ladder", "pictures", "fingerprint"}),
        ({"first"}, b"[]", {"first", "ladder", "pictures", "fingerprint"}),
    ],
)
def test_what_builds_on_a_lost_step_is_done_again(lost: set[str], replaces: bytes, again: set[str]) -> None:
    known = [Step(name, 1, b'{"replaces": %s}' % replaces if name == "ladder" else b"{}") for name in NAMES]
    assert to_repeat(lost, known) == again


def test_where_no_step_is_known_those_that_have_lost_something_are_done_again() -> None:
    assert to_repeat({"first", "ladder"}, []) == {"first", "ladder"}
