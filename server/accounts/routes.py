"""/accounts, /sessions and /me."""

from aiohttp import web

from server.accounts import actions, cookie, guesses, queries, sessions
from server.accounts.passwords import PASSWORDS
from server.accounts.wire import Issued, LogIn, PatchMe, Refresh, SignUp
from server.kit import answer
from server.kit.body import read_json, validated
from server.kit.request import POOL, TOKENS, claims, paging, require_own_origin, signed_in, start_work, uuid_in_path
from server.kit.work import Work
from server.profiles import actions as profiles
from server.profiles.wire import SignedIn

routes = web.RouteTableDef()


@routes.post("/api/v1/accounts")
async def post_account(request: web.Request) -> web.Response:
    new = validated(await read_json(request), SignUp)
    password_hash = await request.app[PASSWORDS].hash(new.password)
    async with start_work(request) as w:
        account_id = await actions.sign_up(w, new, password_hash)
        issued = await sessions.begin(w, request.app[TOKENS], account_id, request.headers.get("User-Agent", ""))
        body = await _signed_in(w, issued)
    await guesses.remember(request, new.username, new.email)
    return _with_cookie(request, body, status=201)


@routes.post("/api/v1/sessions")
async def post_session(request: web.Request) -> web.Response:
    given = validated(await read_json(request), LogIn)
    async with guesses.logging_in(request, given.login):
        account_id, encoded = await actions.check_credentials(request.app[POOL], request.app[PASSWORDS], given)
    async with start_work(request) as w:
        await actions.still(w, account_id, encoded)
        issued = await sessions.begin(w, request.app[TOKENS], account_id, request.headers.get("User-Agent", ""))
        body = await _signed_in(w, issued)
    return _with_cookie(request, body, status=201)


@routes.post("/api/v1/sessions/refresh")
async def post_refresh(request: web.Request) -> web.Response:
    token = await _refresh_token(request)
    async with start_work(request) as w:
        issued = await sessions.refresh(w, request.app[TOKENS], token)
        body = await _signed_in(w, issued) if issued else None
    if body is None:
        raise sessions.reused()
    return _with_cookie(request, body)


async def _refresh_token(request: web.Request) -> str:
    by_cookie = request.cookies.get(cookie.NAME)
    if by_cookie is not None and not request.can_read_body:
        require_own_origin(request)
        return by_cookie
    if not request.can_read_body and request.content_type != "application/json":
        raise sessions.RefreshTokenInvalid("There is no refresh token; log in.")
    return validated(await read_json(request), Refresh).refresh_token


@routes.get("/api/v1/sessions")
async def get_sessions(request: web.Request) -> web.Response:
    asks = claims(request)
    limit, after = paging(request)
    async with start_work(request) as w:
        rows = await queries.sessions(w.conn, asks.account_id, after, limit + 1)
    cursor = answer.next_cursor(request, [(row.created_at, row.id) for row in rows], limit)
    return answer.json(answer.page([sessions.shown(row, asks.session_id) for row in rows[:limit]], cursor))


@routes.delete("/api/v1/sessions/current")
async def delete_current_session(request: web.Request) -> web.Response:
    asks = claims(request)
    async with start_work(request) as w:
        await sessions.end(w, asks.account_id, asks.session_id)
    response = answer.nothing()
    cookie.take_away(response)
    return response


@routes.delete("/api/v1/sessions/{id:(?!refresh$)[^/]+}")
async def delete_session(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    async with start_work(request) as w:
        await sessions.end(w, account_id, uuid_in_path(request, "id"))
    return answer.nothing()


@routes.get("/api/v1/me")
async def get_me(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    async with start_work(request) as w:
        body = await profiles.account(w.conn, account_id)
    return answer.json(body)


@routes.patch("/api/v1/me")
async def patch_me(request: web.Request) -> web.Response:
    asks = claims(request)
    patch = validated(await read_json(request), PatchMe)
    passwords = request.app[PASSWORDS]
    async with guesses.confirming(request, asks.account_id, patch.current_password):
        encoded = await actions.check_current_password(request.app[POOL], passwords, asks.account_id, patch)
    password_hash = await passwords.hash(patch.password) if isinstance(patch.password, str) else None
    async with start_work(request) as w:
        if encoded is not None:
            await actions.still(w, asks.account_id, encoded)
        await actions.edit(w, asks.account_id, asks.session_id, patch, password_hash)
        body = await profiles.account(w.conn, asks.account_id)
    return answer.json(body)


async def _signed_in(w: Work, issued: Issued) -> SignedIn:
    account = await profiles.account(w.conn, issued.account_id)
    return SignedIn(account, issued.access_token, issued.refresh_token, issued.expires_in)


def _with_cookie(request: web.Request, body: SignedIn, status: int = 200) -> web.Response:
    response = answer.json(body, status)
    cookie.put(request, response, body.refresh_token)
    return response
