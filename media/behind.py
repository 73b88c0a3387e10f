"""Work in a thread behind another: while one picture is encoded the next one decodes (both leave the interpreter free)."""

import queue
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

T = TypeVar("T")
END: Final = object()


class Behind(Generic[T]):
    """Calls a function with each thing in turn; used as a context, which ends when all of them are done.

    An error of the function is raised to whoever puts the next thing, or at the end; nothing further is done then.
    """

    def __init__(self, work: Callable[[T], None], ahead: int) -> None:
        """Args: work: the function; ahead: how many things may wait for it, 0 to call it at once in the same thread."""
        self._work = work
        self._waiting: queue.Queue[T | object] = queue.Queue(ahead)
        self._error: BaseException | None = None
        self._broken_off = False
        self._thread = threading.Thread(target=self._run, name="behind", daemon=True) if ahead else None

    def __enter__(self) -> Self:
        if self._thread:
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._thread:
            self._broken_off = kind is not None
            self._waiting.put(END)
            self._thread.join()
        if kind is None:
            self._raise()

    def put(self, thing: T) -> None:
        """Hand over a thing; waits while too many wait already."""
        if self._thread is None:
            self._work(thing)
            return
        self._raise()
        self._waiting.put(thing)

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        while (thing := self._waiting.get()) is not END:
            if self._error is None and not self._broken_off:
                try:
                    self._work(thing)  # type: ignore[arg-type]  # all but END are of T
                except BaseException as error:  # it is raised in the other thread
                    self._error = error
