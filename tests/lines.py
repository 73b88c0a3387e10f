"""Lists that are read in pages, and how something comes into them and goes: in places that are full or empty."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from server.kit.request import POOL
from server.notifications import jobs
from tests.people import PASSWORD, Client, Person, sign_up
from tests.videos import Told, published

PLACES = 6

Pages = tuple[Person, str]
"""Who reads, and what."""


class Line(Protocol):
    """One or several lists of the same things.

    Attributes:
        lists: which lists.
        there: what is in each place that is full.
    """

    lists: list[Pages]
    there: dict[int, str]

    async def come(self, place: int) -> str:
        """Fill a place; what is there now, as `key` has it."""
        ...

    async def go(self, place: int) -> None:
        """Empty a place."""
        ...

    def key(self, item: dict[str, Any]) -> str:
        """What an item of the lists is."""
        ...


@dataclass
class Stock:
    """Who and what is there for all lines."""

    client: Client
    people: list[Person]
    videos: list[UUID]

    @classmethod
    async def of(cls, client: Client) -> "Stock":
        people = [await sign_up(client, f"p{place}") for place in range(PLACES)]
        return cls(client, people, [await published(client, people[0]) for _ in range(PLACES)])


def _done(answer: Any) -> Any:
    assert answer.status in (201, 204), answer.body
    return answer.body


@dataclass
class Videos:
    """What two authors publish: in feeds, in the list of one of them (who has even places), and below a hashtag."""

    client: Client
    authors: tuple[Person, Person]
    lists: list[Pages]
    tag: str
    there: dict[int, str] = field(default_factory=dict)

    @classmethod
    async def of(cls, stock: Stock) -> "Videos":
        one, other, reader = [await sign_up(stock.client, name) for name in ("one", "other", "reader")]
        await reader.follow(one)
        await reader.follow(other)
        paths = ("/feed/following", "/feed/latest", f"/hashtags/{one.username}/videos", f"/users/{one.id}/videos")
        return cls(stock.client, (one, other), [(reader, path) for path in paths], one.username)

    async def come(self, place: int) -> str:
        return str(await published(self.client, self.authors[place % 2], Told(f"#{self.tag}")))

    async def go(self, place: int) -> None:
        _done(await self.authors[place % 2].delete(f"/videos/{self.there[place]}"))

    def key(self, item: dict[str, Any]) -> str:
        return str(item["id"])


@dataclass
class Suggestions:
    """What is suggested to nobody in particular, where nothing is popular: all there is. One author has one place."""

    client: Client
    people: list[Person]
    lists: list[Pages]
    there: dict[int, str] = field(default_factory=dict)

    @classmethod
    async def of(cls, stock: Stock) -> "Suggestions":
        people = [await sign_up(stock.client, f"s{place}") for place in range(PLACES)]
        return cls(stock.client, people, [(Person(stock.client), "/feed/suggested")])

    async def come(self, place: int) -> str:
        return str(await published(self.client, self.people[place]))

    async def go(self, place: int) -> None:
        _done(await self.people[place].delete(f"/videos/{self.there[place]}"))

    def key(self, item: dict[str, Any]) -> str:
        return str(item["id"])


@dataclass
class People:
    """Who follows one, whom another follows, and whom a third one blocks."""

    people: list[Person]
    three: list[Person]
    lists: list[Pages]
    there: dict[int, str] = field(default_factory=dict)

    @classmethod
    async def of(cls, stock: Stock) -> "People":
        three = [await sign_up(stock.client, name) for name in ("star", "fan", "foe")]
        star, fan, foe = three
        paths = [(star, f"/users/{star.id}/followers"), (star, f"/users/{fan.id}/following"), (foe, "/me/blocks")]
        return cls(stock.people, three, paths)

    async def come(self, place: int) -> str:
        await self._each("PUT", place)
        return str(self.people[place].id)

    async def go(self, place: int) -> None:
        await self._each("DELETE", place)

    async def _each(self, method: str, place: int) -> None:
        (star, fan, foe), person = self.three, self.people[place]
        done = (
            person.call(method, f"/me/following/{star.id}"),
            fan.call(method, f"/me/following/{person.id}"),
            foe.call(method, f"/me/blocks/{person.id}"),
        )
        for answer in await asyncio.gather(*done):
            _done(answer)

    def key(self, item: dict[str, Any]) -> str:
        return str(item["id"])


@dataclass
class Comments:
    """On one video."""

    path: str
    people: list[Person]
    lists: list[Pages]
    there: dict[int, str] = field(default_factory=dict)

    @classmethod
    async def of(cls, stock: Stock) -> "Comments":
        path = f"/videos/{await published(stock.client, stock.people[0])}/comments"
        return cls(path, stock.people, [(Person(stock.client), path)])

    async def come(self, place: int) -> str:
        return str(_done(await self.people[place].post(self.path, json={"text": "hello"}))["id"])

    async def go(self, place: int) -> None:
        _done(await self.people[place].delete(f"/comments/{self.there[place]}"))

    def key(self, item: dict[str, Any]) -> str:
        return str(item["id"])


@dataclass
class Sessions:
    """Of one account, by the moments at which they began; the one that asks never ends."""

    person: Person
    lists: list[Pages]
    there: dict[int, str] = field(default_factory=dict)

    @classmethod
    async def of(cls, stock: Stock) -> "Sessions":
        person = await sign_up(stock.client, "everywhere")
        return cls(person, [(person, "/sessions")])

    async def come(self, place: int) -> str:
        login = {"login": self.person.username, "password": PASSWORD}
        _done(await Person(self.person.client).post("/sessions", json=login, headers={"User-Agent": str(place)}))
        listed = (await self.person.get("/sessions?limit=50")).body["items"]
        return next(str(one["id"]) for one in listed if one["user_agent"] == str(place))

    async def go(self, place: int) -> None:
        _done(await self.person.delete(f"/sessions/{self.there[place]}"))

    def key(self, item: dict[str, Any]) -> str:
        return str(item["id"])


@dataclass
class Notifications:
    """Of an author: that a fan likes this or that video."""

    client: Client
    fan: Person
    videos: list[UUID]
    lists: list[Pages]
    there: dict[int, str] = field(default_factory=dict)

    @classmethod
    async def of(cls, stock: Stock) -> "Notifications":
        author, fan = await sign_up(stock.client, "author"), await sign_up(stock.client, "fan")
        videos = [await published(stock.client, author) for _ in range(PLACES)]
        return cls(stock.client, fan, videos, [(author, "/me/notifications")])

    async def come(self, place: int) -> str:
        _done(await self.fan.put(f"/videos/{self.videos[place]}/like"))
        await jobs.tell(self.client.app[POOL])
        return str(self.videos[place])

    async def go(self, place: int) -> None:
        _done(await self.fan.delete(f"/videos/{self.videos[place]}/like"))

    def key(self, item: dict[str, Any]) -> str:
        return str(item["video"]["id"])


LINES: dict[str, Any] = {
    "videos": Videos.of,
    "suggestions": Suggestions.of,
    "people": People.of,
    "comments": Comments.of,
    "sessions": Sessions.of,
    "notifications": Notifications.of,
}
"""A fresh line of each."""
