"""People who comment with keys, and a look at what is kept for them."""

from uuid import UUID

from aiohttp import web

from server.kit.idempotency import HEADER
from storage.postgres import Pool, connection
from tests.people import Answer, Client, Person

KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324"
TEXT = {"text": "hello"}


def app(client: Client) -> web.Application:
    assert client.app is not None
    return client.app


async def say(person: Person, video_id: UUID, text: object = "hello", key: str = KEY) -> Answer:
    return await person.post(f"/videos/{video_id}/comments", json={"text": text}, headers={HEADER: key})


async def texts(person: Person, video_id: UUID) -> list[str]:
    return [comment["text"] for comment in (await person.get(f"/videos/{video_id}/comments?limit=50")).body["items"]]


async def age(pool: Pool, person: Person) -> None:
    """Everything that is kept for this person has been kept for its time."""
    async with connection(pool) as conn:
        await conn.execute("UPDATE kept_answer SET until = now() WHERE account_id = $1", person.id)


async def rows(pool: Pool, person: Person) -> int:
    async with connection(pool) as conn:
        return int(await conn.fetchval("SELECT count(*) FROM kept_answer WHERE account_id = $1", person.id))
