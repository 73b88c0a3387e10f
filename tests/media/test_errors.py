"""Failures that nobody foresaw are told apart by what they are and where they come from."""

import errno

import pytest

from media.errors import mark_of


def _raised(error: Exception) -> Exception:
    with pytest.raises(type(error)) as raised:
        raise error
    return raised.value


def _elsewhere(error: Exception) -> Exception:
    with pytest.raises(type(error)) as raised:
        raise error
    return raised.value


def test_the_same_failure_has_the_same_mark_whatever_it_says() -> None:
    first, second = (mark_of(_raised(ValueError(text))) for text in ("/tmp/a", "/tmp/b"))
    assert first == second
    assert first.startswith("ValueError at tests.media.test_errors:")


def test_another_error_or_another_place_is_another_failure() -> None:
    marks = {mark_of(_raised(ValueError())), mark_of(_raised(KeyError())), mark_of(_elsewhere(ValueError()))}
    assert len(marks) == 3


@pytest.mark.parametrize("error", [MemoryError(), OSError(errno.ENOSPC, "full"), BlockingIOError(errno.EAGAIN, "no fork")])
def test_a_machine_without_room_leaves_no_mark(error: Exception) -> None:
    assert mark_of(_raised(error)) == ""
