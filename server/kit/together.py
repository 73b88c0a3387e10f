"""Questions that are asked together: what comes while others are being answered is the next batch, and none waits for more."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Together(Generic[Question, Answer]):
    """Who asks alone is answered at once; of many that come together, a batch is as large as the one before it took long."""

    def __init__(self, name: str, ask: Callable[[Sequence[Question]], Awaitable[Sequence[Answer]]], most: int) -> None:
        """`ask` answers so many questions at the most, each in its place; what it raises all of them are told."""
        self._name = name
        self._ask = ask
        self._most = most
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._asking: asyncio.Task[Sequence[Answer]] | None = None
        self._closed = False

    async def ask(self, question: Question) -> Answer:
        """The answer. Whoever stops waiting for it holds up nobody.

        Raises:
            CancelledError: it is closed.
        """
        return await self.put(question)

    def put(self, question: Question) -> "asyncio.Future[Answer]":
        """Ask, and go on: the answer comes in the future. Raises as `ask`."""
        if self._closed:
            raise asyncio.CancelledError
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._asking is None:
            self._go_on()
        return answer

    async def close(self) -> None:
        """End what is being asked; whoever waits is cancelled."""
        self._closed = True
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])
        for _, answer in self._waiting:
            answer.cancel()

    def _go_on(self) -> None:
        batch: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._asking = asyncio.get_running_loop().create_task(self._answers(batch), name=self._name)
        self._asking.add_done_callback(lambda asking: self._answered(asking, batch))

    async def _answers(self, batch: list[tuple[Question, "asyncio.Future[Answer]"]]) -> Sequence[Answer]:
        # Only now, so that what is asked in one go is one batch.
        batch += self._waiting[: self._most]
        self._waiting = self._waiting[self._most :]
        answers = await self._ask([question for question, _ in batch])
        if len(answers) != len(batch):
            raise ValueError(f"{len(answers)} answers to {len(batch)} questions")
        return answers

    def _answered(self, asking: "asyncio.Task[Sequence[Answer]]", batch: list[tuple[Question, "asyncio.Future[Answer]"]]) -> None:
        self._asking = None
        error = None if asking.cancelled() else asking.exception()
        for place, (_, answer) in enumerate(batch):
            if answer.done():
                continue
            if asking.cancelled():
                answer.cancel()
            elif error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(asking.result()[place])
        self._waiting = [(question, answer) for question, answer in self._waiting if not answer.done()]
        if self._waiting and not self._closed:
            self._go_on()
