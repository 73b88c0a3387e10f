"""Work in a thread behind another: while one picture is encoded the next one decodes (both leave the interpreter free)."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")


class Behind(Generic[T]):
    """Calls a function with each thing in turn; used as a context, which ends when all of them are done.

    An error of the function is raised to whoever puts the next thing, or at the end; nothing further is done then.
    """

    def __init__(self, work: Callable[[T], None], ahead: int) -> None:
        """Args: work: the function; ahead: how many things may wait for it, 0 to call it at once in the same thread."""
        self._work = work
        self._ahead = ahead
        self._executor = ThreadPoolExecutor(1, "behind") if ahead else None
        self._latest: deque[Future[None]] = deque()
        self._broken = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._executor is None:
            return
        try:
            while kind is None and self._latest:
                self._latest.popleft().result()
        finally:
            self._executor.shutdown(cancel_futures=True)

    def put(self, thing: T) -> None:
        """Hand over a thing; waits while too many wait already."""
        if self._executor is None:
            self._work(thing)
            return
        while self._latest and (self._latest[0].done() or len(self._latest) > self._ahead):
            self._latest.popleft().result()
        self._latest.append(self._executor.submit(self._do, thing))

    def _do(self, thing: T) -> None:
        """In the other thread: what was put behind an error, before anybody had heard of it, is left undone."""
        if self._broken:
            return
        self._broken = True  # unless it comes back
        self._work(thing)
        self._broken = False
