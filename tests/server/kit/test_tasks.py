"""Tasks that go on whatever happens."""

import pytest

from server.kit.tasks import keep_doing, running
from tests.waiting import until


@pytest.mark.parametrize(("error", "traces"), [(ConnectionError("away"), 0), (ValueError("a bug"), 1)])
async def test_what_fails_is_done_again_and_told_once_until_it_is_over(
    caplog: pytest.LogCaptureFixture, error: Exception, traces: int
) -> None:
    rounds, fails = 0, False

    async def work() -> None:
        nonlocal rounds
        rounds += 1
        if fails:
            raise error

    async def some_rounds() -> None:
        enough = rounds + 3
        await until(lambda: rounds > enough)

    async with running("a test", keep_doing(work, 0.001, "it cannot be done")):
        for fails in (True, False, True):  # noqa: B007 - `work` reads it
            await some_rounds()
    assert caplog.text.count("it cannot be done") == 2
    assert caplog.text.count("Traceback") == 2 * traces
