"""The rules of accounts: signing up, editing, and whose password it is."""

import re
from uuid import UUID

import msgspec
from msgspec import UNSET

from server.accounts import queries, sessions
from server.accounts.passwords import Passwords
from server.accounts.wire import AccountRow, LogIn, PatchMe, SignUp
from server.kit.errors import Invalid, InvalidToken, Refusal
from server.kit.ids import new_id, parse_id
from server.kit.invalidation import invalidate
from server.kit.request import nothing_there
from server.kit.work import Work
from storage.postgres import Pool, Rows, connection

USERNAME = re.compile(r"[A-Za-z0-9_]{3,30}", re.ASCII)
"""What a path may name; anything else names nobody, and never reaches the database."""


class UsernameTaken(Refusal):
    """Somebody has this name, in whatever case."""

    status = 409
    code = "username_taken"


class EmailTaken(Refusal):
    """Somebody signed up with this address."""

    status = 409
    code = "email_taken"


class BadCredentials(Refusal):
    """The same answer, and as slow a one, for an unknown user and for a wrong password."""

    status = 401
    code = "bad_credentials"


class BadPassword(Refusal):
    """The current password does not match."""

    status = 403
    code = "bad_password"


async def sign_up(w: Work, new: SignUp, password_hash: str) -> UUID:
    """Create an account.

    Raises:
        UsernameTaken, EmailTaken
    """
    account_id = new_id()
    if not await queries.claim_username(w.conn, new.username, account_id):
        raise UsernameTaken("This username is taken.")
    if not await queries.claim_email(w.conn, new.email, account_id):
        raise EmailTaken("There is an account with this e-mail address.")
    await queries.insert(w.conn, account_id, new, password_hash)
    return account_id


async def check_credentials(pool: Pool, passwords: Passwords, given: LogIn) -> tuple[UUID, str]:
    """The account these credentials are of, and the hash they were held against (see `still`).

    No connection is held while the hash is computed.

    Raises:
        BadCredentials: there is none.
    """
    async with connection(pool) as conn:
        find = queries.id_of_email if "@" in given.login else queries.id_of_username
        account_id = await find(conn, given.login)
        encoded = await queries.password_hash(conn, account_id) if account_id else None
    right = await passwords.verify(encoded, given.password)
    if account_id is None or encoded is None or not right:
        raise BadCredentials("The name or the password is wrong.")
    return account_id, encoded


async def still(w: Work, account_id: UUID, encoded: str) -> None:
    """Hold the account until this work ends, if the hash that a password was held against is still its own.

    Raises:
        BadCredentials: the password was changed meanwhile; what it opened then it opens no more.
    """
    await queries.lock(w.conn, account_id)
    if await queries.password_hash(w.conn, account_id) != encoded:
        raise BadCredentials("The name or the password is wrong.")


async def check_current_password(pool: Pool, passwords: Passwords, account_id: UUID, patch: PatchMe) -> str | None:
    """Demand the current password for changes of what one logs in with; the hash it was held against, where it is needed.

    Raises:
        Invalid: it is missing.
        InvalidToken, BadPassword: see `check_password`.
    """
    if patch.username is UNSET and patch.email is UNSET and patch.password is UNSET:
        return None
    if patch.current_password is UNSET:
        raise Invalid.field("current_password", "is needed to change username, email or password")
    return await check_password(pool, passwords, account_id, patch.current_password)


async def check_password(pool: Pool, passwords: Passwords, account_id: UUID, password: str) -> str:
    """Demand the password of whoever is logged in; the hash it was held against (see `still`).

    Raises:
        InvalidToken: the account is gone.
        BadPassword: it is wrong.
    """
    async with connection(pool) as conn:
        encoded = await queries.password_hash(conn, account_id)
    if encoded is None:
        raise InvalidToken("This access token is no longer good.")
    if not await passwords.verify(encoded, password):
        raise BadPassword("The current password is wrong.")
    return encoded


async def edit(w: Work, account_id: UUID, session_id: UUID, patch: PatchMe, password_hash: str | None) -> None:
    """Change what the patch holds; a new password ends every other session.

    Raises:
        NotFound, UsernameTaken, EmailTaken
    """
    await queries.lock(w.conn, account_id)
    old = await get(w.conn, account_id)
    changes = {name: value for name, value in _given(patch).items() if name not in ("password", "current_password")}
    new = msgspec.structs.replace(old, **changes)
    await _rename(w.conn, old, new)
    await queries.edit(w.conn, new, password_hash)
    if changes:
        await invalidate(w, account_id, "account", account_id)
    if password_hash is not None:
        await sessions.end_others(w, account_id, session_id)


async def _rename(conn: Rows, old: AccountRow, new: AccountRow) -> None:
    if new.username.lower() != old.username.lower():
        if not await queries.claim_username(conn, new.username, new.id):
            raise UsernameTaken("This username is taken.")
        await queries.free_username(conn, old.username, new.id)
    if new.email.lower() != old.email.lower():
        if not await queries.claim_email(conn, new.email, new.id):
            raise EmailTaken("There is an account with this e-mail address.")
        await queries.free_email(conn, old.email, new.id)


def _given(patch: PatchMe) -> dict[str, object]:
    return {name: value for name, value in msgspec.structs.asdict(patch).items() if value is not UNSET}


async def delete(w: Work, account_id: UUID) -> str:
    """The account is not there any more, nor are its sessions; its names are free. The caller holds its row (see `still`).

    Returns its username.

    Whatever it made is hidden by that, for nothing is shown whose author is not there. What is left of it others forget.
    """
    await sessions.end_all(w, account_id)
    username = await queries.delete(w.conn, account_id)
    await invalidate(w, account_id, "account", account_id)
    return username


async def get(conn: Rows, account_id: UUID) -> AccountRow:
    """The account.

    Raises:
        NotFound: there is none.
    """
    found = (await queries.get(conn, [account_id])).get(account_id)
    if found is None:
        raise nothing_there()
    return found


async def find(conn: Rows, id_or_username: str) -> UUID:
    """Whom a path means: `/users/{id or username}`.

    Raises:
        NotFound: nobody.
    """
    account_id = await found(conn, id_or_username)
    if account_id is None:
        raise nothing_there()
    return account_id


async def found(conn: Rows, id_or_username: str) -> UUID | None:
    """The same; None for nobody. One statement, whether there is somebody or not."""
    account_id = parse_id(id_or_username)
    if account_id is not None:
        return account_id if account_id in await queries.get(conn, [account_id]) else None
    # A name is its account's: they come and go together.
    return await queries.id_of_username(conn, id_or_username) if USERNAME.fullmatch(id_or_username) else None
