"""Work behind another thread: in order, bounded, and with its errors told."""

import threading

import pytest

from media.behind import Behind


@pytest.mark.parametrize("ahead", [0, 3])
def test_everything_is_done_in_order(ahead: int) -> None:
    done: list[int] = []
    with Behind(done.append, ahead) as behind:
        for number in range(50):
            behind.put(number)
    assert done == list(range(50))


def test_it_is_done_in_another_thread_and_no_more_than_so_many_wait() -> None:
    open_, put, threads = threading.Event(), list[int](), set[str]()

    def work(_number: int) -> None:
        threads.add(threading.current_thread().name)
        assert open_.wait(60)

    def fill() -> None:
        with Behind(work, 2) as behind:
            for number in range(10):
                behind.put(number)
                put.append(number)

    filling = threading.Thread(target=fill)
    filling.start()
    filling.join(0.2)  # time for more than may be, were there no limit
    assert len(put) <= 3  # one in hand, two that wait
    open_.set()
    filling.join(60)
    assert len(put) == 10
    assert threads == {"behind_0"}


@pytest.mark.parametrize("ahead", [0, 2])
def test_an_error_is_raised_where_things_are_put(ahead: int) -> None:
    done: list[int] = []

    def work(number: int) -> None:
        if number == 3:
            raise ValueError("three")
        done.append(number)

    def run() -> None:
        with Behind(work, ahead) as behind:
            for number in range(100):
                behind.put(number)

    with pytest.raises(ValueError, match="three"):
        run()
    assert done == [0, 1, 2]


def test_what_breaks_off_before_it_ends_it() -> None:
    done: list[int] = []

    def run() -> None:
        with Behind(done.append, 2) as behind:
            behind.put(1)
            raise KeyError("broken off")

    with pytest.raises(KeyError):
        run()
    assert done in ([], [1])
