"""What a process that evaluates is told."""

import msgspec

from recommend.engines import LOCAL


class Job(msgspec.Struct, frozen=True):
    """Files to judge with: either the model, whose lists go into the file `dump` where one is named, or the baselines.

    Where there is a folder `log` (`recommend.log`), it has all rows: those of its last `days` are the test.
    """

    interactions: str | None
    test: str | None
    items: str | None
    dump: str | None
    baselines: bool
    threads: int
    log: str | None = None
    days: float = 1.0
    engine: str = LOCAL  # of the model, never of the baselines
