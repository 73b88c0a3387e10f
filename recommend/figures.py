"""What is told of a model: how good its lists are, whom they serve, what they cost."""

import msgspec


class Estimate(msgspec.Struct, frozen=True):
    """A figure with the 95 % interval of the bootstrap over users."""

    value: float
    low: float
    high: float


class NewUsers(msgspec.Struct, frozen=True):
    """Judged users without a row in the interactions."""

    users: int
    ndcg: Estimate | None
    recall: Estimate | None


class NewItems(msgspec.Struct, frozen=True):
    """Items with 20 rows or fewer.

    `users` liked one of them in the test. `recall` is how many of these are in their lists; `order` the chance that one
    stands above another new item.
    """

    items: int
    users: int
    recall: Estimate | None
    order: Estimate | None


class Figures(msgspec.Struct, frozen=True):
    """Of one model. `served` users of the test have a list of 20; `gauc` is the order among items that were really shown."""

    name: str
    ndcg: Estimate | None
    recall: Estimate | None
    gauc: Estimate | None
    coverage: float | None
    novelty: float | None
    served: int
    new_users: NewUsers
    new_items: NewItems


class Cost(msgspec.Struct, frozen=True):
    """Of a process: user and system time, and the most memory that it held at once."""

    cpu_seconds: float
    peak_mib: int


class Judged(msgspec.Struct, frozen=True):
    """What a process found out. `judged` users liked something in the test that they had not been shown before."""

    rows: int
    test_rows: int
    users: int
    items: int
    judged: int
    models: list[Figures]


class Evaluation(msgspec.Struct, frozen=True):
    """The whole: the model first, then what it has to beat."""

    rows: int
    test_rows: int
    users: int
    items: int
    judged: int
    models: list[Figures]
    cost: dict[str, Cost]
