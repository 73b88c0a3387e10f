"""What finds the factors of a matrix, by its name: this machine, or Spark. Both are given the same, and answer the same."""

from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:  # whoever only names an engine does not wait for what it is made of
    from recommend.factors import Factorise

LOCAL: Final = "local"
SPARK: Final = "spark"
ENGINES: Final = {LOCAL: "recommend.factors", SPARK: "recommend.spark"}
"""By name: the module whose `factorise` it is, imported when it is asked for."""
MEMORY_BYTES: Final = {LOCAL: 4 << 30, SPARK: 16 << 30}
"""Address space of a process that learns with it, and of Spark's Java as well, which reserves far more than it fills."""


class NoEngineError(Exception):
    """There is no such engine, or what it needs is not installed; the message says what to do."""


def factoriser(name: str) -> "Factorise":
    """The engine of this name.

    Raises:
        NoEngineError: there is none, or it is not installed here.
    """
    if name not in ENGINES:
        raise NoEngineError(f"there is no engine {name!r}; there are: {', '.join(ENGINES)}")
    return cast("Factorise", import_module(ENGINES[name]).factorise)
