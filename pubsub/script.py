"""Scripts that run on the broker's server, each call about one key: sent by their name, and taught to a server that is new."""

from collections.abc import Sequence
from hashlib import sha1
from typing import Any

from redis.exceptions import NoScriptError

from pubsub.commands import Command, Commands, Word


class Script:
    """One of them."""

    def __init__(self, text: str, beside: str = "") -> None:
        """With `beside` there is a second key: the first one and this behind it. Keys have a tag then: both are on one server."""
        self._text = text
        self._beside = beside
        self._sha1 = sha1(text.encode(), usedforsecurity=False).hexdigest()

    async def run(self, commands: Commands, calls: Sequence[tuple[str, Sequence[Word]]]) -> list[Any]:
        """Run it for each key with these arguments; the answers as those of `Commands.run`.

        Raises:
            BrokerUnavailable: see there.
        """
        said = [Command(key, ("EVALSHA", self._sha1, *self._keys(key), *arguments)) for key, arguments in calls]
        found = await commands.run(said)
        # A server that does not know the script, because it is new or was restarted, learns it by hearing it once.
        unknown = [n for n, answer in enumerate(found) if isinstance(answer, NoScriptError)]
        if unknown:
            taught = [Command(said[n].key, ("EVAL", self._text, *said[n].words[2:])) for n in unknown]
            for n, answer in zip(unknown, await commands.run(taught), strict=True):
                found[n] = answer
        return found

    def _keys(self, key: str) -> tuple[Word, ...]:
        return (2, key, key + self._beside) if self._beside else (1, key)
