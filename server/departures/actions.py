"""The rules of leaving: the account is gone in one transaction, and a job sees to it that nothing is left of it."""

from uuid import UUID

from server.accounts import actions as accounts
from server.avatars import actions as avatars
from server.departures import queries
from server.kit.work import Work
from server.search import actions as search
from server.videos.wire import JobQueued
from storage import jobs

DEPARTURE_JOB = "departure"


async def leave(w: Work, account_id: UUID, encoded: str) -> None:
    """Delete an account, if the hash that its password was held against is still its own.

    From the commit on it is not there, its names are free, and nothing that it made is shown.

    Raises:
        BadCredentials: see `accounts.still`; also where it is gone already.
    """
    await accounts.still(w, account_id, encoded)
    await avatars.forget(w, account_id)
    await search.forget(w.conn, await accounts.delete(w, account_id))
    await queries.insert(w.conn, account_id)
    await queries.insert_objects(w.conn, account_id, [account_id])
    await jobs.enqueue(w.conn, DEPARTURE_JOB, account_id, account_id)
    w.emit(JobQueued(account_id))
