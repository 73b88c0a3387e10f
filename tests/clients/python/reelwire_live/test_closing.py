"""What each close code and each refused upgrade means for the next try."""

import pytest

from reelwire_live.closing import After, after_close, after_refusal


def longest() -> float:
    return 1.0


def shortest() -> float:
    return 0.0


def test_a_restarting_server_says_when_to_come_back() -> None:
    assert after_close(1012, "retry_after_ms=1234", 9, longest) == After(1.234)
    assert after_close(1012, "retry_after_ms=0", 1, longest) == After(0.0)


@pytest.mark.parametrize("reason", ["", "retry_after_ms=soon", "retry_after_ms=-1", "x retry_after_ms=1"])
def test_a_hint_that_is_none_is_as_good_as_no_hint(reason: str) -> None:
    assert after_close(1012, reason, 1, longest) == After(1.0)


def test_no_hint_keeps_a_client_away_for_longer_than_half_a_minute() -> None:
    assert after_close(1012, "retry_after_ms=999999", 1) == After(30.0)


@pytest.mark.parametrize("code", [4001, 4002])
def test_a_refused_token_is_renewed_at_once_and_a_second_one_after_a_pause(code: int) -> None:
    assert after_close(code, "", 1, longest) == After(0.0, renew=True)
    assert after_close(code, "", 3, longest) == After(4.0, renew=True)


def test_an_ended_log_in_is_the_end() -> None:
    assert after_close(4003, "session ended", 1).over


def test_after_too_much_it_stays_away_for_ten_seconds_and_more() -> None:
    assert after_close(4008, "", 1, shortest) == After(10.5)


def test_a_client_that_was_too_slow_comes_back_at_once_but_not_again_and_again() -> None:
    assert after_close(4009, "", 1, longest) == After(0.0)
    assert after_close(4009, "", 2, longest) == After(2.0)


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1009, 1011, 4999])
def test_anything_else_backs_off(code: int) -> None:
    assert after_close(code, "", 4, longest) == After(8.0)


def test_a_refused_upgrade_renews_waits_or_backs_off() -> None:
    assert after_refusal(401, "", 1, longest) == After(0.0, renew=True)
    assert after_refusal(401, "", 2, longest) == After(2.0, renew=True)
    assert after_refusal(503, "3", 1, shortest) == After(3.5)
    assert after_refusal(503, "9999", 1, shortest) == After(30.5)
    assert after_refusal(502, "Wed, 21 Oct 2026 07:28:00 GMT", 1, longest) == After(1.0)
