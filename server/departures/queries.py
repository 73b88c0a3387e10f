"""SQL of departures: accounts that are deleted, and whose objects have to be gone before nothing is left of them."""

from collections.abc import Sequence
from uuid import UUID

from storage.postgres import Rows

INSERT = "INSERT INTO departure (account_id) VALUES ($1)"
INSERT_OBJECTS = """
INSERT INTO departure_object (account_id, subject_id)
SELECT $1, unnest($2::uuid[])
ON CONFLICT (account_id, subject_id) DO NOTHING
"""
AGE = "SELECT extract(epoch FROM now() - at)::float8 FROM departure WHERE account_id = $1"
# An orphaned removal is of files that others may use; its video's own ones go by another.
WAITING = """
SELECT EXISTS (
    SELECT 1
    FROM departure_object AS d
    JOIN object_removal AS r ON r.video_id = d.subject_id
    WHERE d.account_id = $1 AND NOT r.orphaned
)
"""
DELETE_OBJECTS = "DELETE FROM departure_object WHERE account_id = $1"
DELETE = "DELETE FROM departure WHERE account_id = $1"


async def insert(conn: Rows, account_id: UUID) -> None:
    """The account leaves."""
    await conn.execute(INSERT, account_id)


async def insert_objects(conn: Rows, account_id: UUID, subject_ids: Sequence[UUID]) -> None:
    """It is not over before what is to be removed of these is gone from the object store."""
    await conn.execute(INSERT_OBJECTS, account_id, list(subject_ids))


async def age(conn: Rows, account_id: UUID) -> float | None:
    """How many seconds ago the account was deleted; None where nothing is left of it."""
    found: float | None = await conn.fetchval(AGE, account_id)
    return found


async def waiting(conn: Rows, account_id: UUID) -> bool:
    """Whether objects of the account may still be there."""
    found: bool = await conn.fetchval(WAITING, account_id)
    return found


async def delete(conn: Rows, account_id: UUID) -> None:
    """It is over."""
    await conn.execute(DELETE_OBJECTS, account_id)
    await conn.execute(DELETE, account_id)
