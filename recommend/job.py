"""What a process that evaluates is told."""

import msgspec


class Job(msgspec.Struct, frozen=True):
    """Files to judge with: either the model, whose lists go into the file `dump` where one is named, or the baselines."""

    interactions: str
    test: str
    items: str | None
    dump: str | None
    baselines: bool
    threads: int
