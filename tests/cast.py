"""Six people as docs/access.md has them, and everything of the owner's that a path can name."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from server.accounts.queries import show_avatar
from server.accounts.wire import AVATARS
from server.kit.ids import new_id
from server.kit.request import POOL, SETTINGS, SIGNER, STORE
from server.videos.wire import Visibility
from storage.postgres import connection
from tests.people import PASSWORD, Client, Person, sign_up
from tests.resumable import BODY, VERSION, Resumable
from tests.videos import Told, failed, published, uploaded

VISIBILITIES: tuple[Visibility, ...] = ("public", "followers", "private")
KINDS = (*VISIBILITIES, "unfinished", "failed")
COMMENT = "INSERT INTO comment (video_id, id, author_id, text) VALUES ($1, $2, $3, 'so it is')"

Names = dict[str, str]
Thing = Callable[[str], Names]
"""What the path is given for whoever asks."""


@dataclass(frozen=True)
class Cast:
    """The people, by the titles of the page's columns, and somebody whom none of them has to do with."""

    client: Client
    people: dict[str, Person]
    third: Person

    @property
    def owner(self) -> Person:
        return self.people["owner"]

    async def video(self, kind: str, author: Person | None = None, title: str = "a clip") -> UUID:
        """A fresh video of this kind; with an object to look at where it plays."""
        author = author or self.owner
        if kind == "failed":
            return await failed(self.client, author)
        if kind == "unfinished":
            return await uploaded(self.client, author, Told(title))
        (visibility,) = (one for one in VISIBILITIES if one == kind)
        return await published(self.client, author, Told(title, visibility=visibility))

    async def thing(self, path: str, kind: str) -> Thing:
        """Something fresh that the path can name."""
        root = path.split("/")[1]
        if root == "media":
            return await (self._avatar() if kind == "user" else self._media(kind))
        if root == "comments":
            return await self._comment(kind)
        made = {"session": self._session, "upload": self._upload, "hashtag": self._hashtag, "user": self._user}
        name = str(await self.video(kind)) if kind in KINDS else await made[kind]()
        return lambda _: dict.fromkeys(("id", "user", "tag"), name)

    async def _media(self, kind: str) -> Thing:
        video_id = await self.video(kind)
        await self._store(f"videos/{video_id}/1/540.mp4")
        return lambda _: self.media_of(video_id)

    def media_of(self, video_id: UUID) -> Names:
        """How the paths of media name what is of a video."""
        query = self.client.app[SIGNER].query(video_id)[0]
        return {
            "video_id": str(video_id),
            "generation": "1",
            "name": "540.mp4",
            "path": f"{video_id}/nothing",
            "expires&signature": query,
        }

    async def _avatar(self) -> Thing:
        async with connection(self.client.app[POOL]) as conn:
            await show_avatar(conn, _id(self.owner), "picture")
        await self._store(f"{AVATARS.format(account_id=self.owner.id)}picture-320.jpg")
        return lambda _: {"account_id": str(self.owner.id), "name": "picture-320.jpg"}

    async def _store(self, key: str) -> None:
        app = self.client.app
        await app[STORE].put(app[SETTINGS].s3_bucket, key, b"bytes", content_type="application/octet-stream")

    async def _comment(self, kind: str) -> Thing:
        whose, _, where = kind.partition(", on a ")
        on = await (self.video("public", self.third) if where == "video of somebody else" else self.video(where.split()[0]))
        if whose != "their own":
            written = await self._written(on, self.third if whose == "somebody else's" else self.owner)
            return lambda _: {"id": written}
        each = {who: await self._written(on, person) for who, person in self.people.items() if person.id}
        return lambda who: {"id": each.get(who, each["stranger"])}

    async def _written(self, video_id: UUID, author: Person) -> str:
        """A comment, though its author may have seen the video only once."""
        comment_id = new_id()
        async with connection(self.client.app[POOL]) as conn:
            await conn.execute(COMMENT, video_id, comment_id, _id(author))
        return str(comment_id)

    async def _session(self) -> str:
        made = await Person(self.client).post("/sessions", json={"login": self.owner.username, "password": PASSWORD})
        assert made.status == 201, made.body
        listed = (await self.owner.get("/sessions?limit=50")).body["items"]
        return str(next(one["id"] for one in listed if not one["current"]))

    async def _upload(self) -> str:
        upload = Resumable(self.owner, secrets.token_bytes(10))
        assert (await upload.create()).status == 201
        return upload.url.rpartition("/")[2]

    async def _hashtag(self) -> str:
        return "tag"

    async def _user(self) -> str:
        return str(self.owner.id)

    def absent(self, path: str) -> Names:
        """What names nothing, for each path."""
        names = self.media_of(new_id()) | dict.fromkeys(("id", "user", "account_id"), str(new_id())) | {"tag": "nobody_says_this"}
        return names | {"name": "picture-320.jpg"} if "avatars" in path else names


async def cast_of(client: Client) -> Cast:
    """Fresh people, between whom it is as the page says."""
    names = ("owner", "follower", "stranger", "blocked", "blocker")
    people = {name: await sign_up(client, name) for name in names} | {"anonymous": Person(client)}
    await people["follower"].follow(people["owner"])
    assert (await people["owner"].put(f"/me/blocks/{people['blocked'].id}")).status == 204
    assert (await people["blocker"].put(f"/me/blocks/{people['owner'].id}")).status == 204
    return Cast(client, people, await sign_up(client, "third"))


def _id(person: Person) -> UUID:
    assert person.id is not None
    return person.id


SENT: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/videos/{}/comments"): {"json": {"text": "hello"}},
    ("POST", "/videos/{}/views"): {"json": {"watched_ms": 10, "completed": False, "replays": 0, "source": "link"}},
    ("POST", "/videos/{}/reports"): {"json": {"reason": "spam"}},
    ("PATCH", "/videos/{}"): {"json": {"title": "another"}},
    ("PUT", "/videos/{}/poster"): {"json": {"at_ms": 1}},
    ("HEAD", "/uploads/{}"): {"headers": VERSION},
    ("POST", "/uploads/{}"): {"headers": {**VERSION, "X-HTTP-Method-Override": "HEAD"}},
    ("PATCH", "/uploads/{}"): {"headers": {**VERSION, **BODY, "Upload-Offset": "0"}, "data": b"1234"},
    ("DELETE", "/uploads/{}"): {"headers": VERSION},
}
"""What calls are sent along with, where that is anything."""
