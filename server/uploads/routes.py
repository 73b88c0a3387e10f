"""The tus calls below /uploads, GET /uploads/limits, and POST /videos."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import format_datetime

import msgspec
from aiohttp import web
from multidict import CIMultiDict

from server.cards.actions import CARDS, Cards
from server.kit import answer
from server.kit.idempotency import Hold, hold
from server.kit.kept import Answer
from server.kit.request import SETTINGS, signed_in, uuid_in_path, viewer
from server.kit.work import Work
from server.uploads import actions, repeats, tus
from server.uploads.described import of_metadata
from server.uploads.desk import Desk
from server.uploads.form import chunks, read_form, require_form
from server.uploads.wire import DuplicateVideo, Outcome, Progress, UploadedVideo

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
routes = web.RouteTableDef()


@routes.get("/api/v1/uploads/limits")
async def get_limits(request: web.Request) -> web.Response:
    return answer.json(await actions.limits(Desk.of(request.app), viewer(request)))


@routes.post("/api/v1/videos")
async def post_video(request: web.Request) -> web.Response:
    account_id, desk = signed_in(request), Desk.of(request.app)
    limit = desk.settings.upload_max_bytes
    require_form(request, limit)
    async with hold(desk.pool, account_id, request) as held:
        if held.answered:
            asked = await repeats.form_again(lambda write: read_form(request, write, limit), limit)
            return answer.of(held.repeat(asked))
        posted = _Posted(held, request.app[CARDS])
        await actions.receive_form(desk, account_id, lambda sink: read_form(request, sink.write, limit), posted.conclude)
    return answer.of(posted.answer)


@dataclass
class _Posted:
    """What is answered to a one-shot upload; put together, and kept for repeats, in the transaction that makes the video."""

    held: Hold
    cards: Cards
    answer: Answer = field(init=False)

    async def conclude(self, w: Work, outcome: Outcome) -> None:
        reached = outcome.reached
        assert reached.video_id is not None
        video = await self.cards.video(w.conn, reached.video_id, outcome.upload.account_id)
        if reached.duplicate:
            self.answer = Answer(200, msgspec.json.encode(DuplicateVideo(video)))
        else:
            self.answer = Answer(202, msgspec.json.encode(UploadedVideo(video)))
        await self.held.keep(w, repeats.content(outcome), self.answer)


async def options(request: web.Request) -> web.Response:
    """What this server speaks."""
    return _nothing(
        {
            "Tus-Version": tus.VERSION,
            "Tus-Extension": tus.EXTENSIONS,
            "Tus-Max-Size": str(request.app[SETTINGS].upload_max_bytes),
            "Tus-Checksum-Algorithm": ",".join(tus.ALGORITHMS),
        }
    )


async def post_upload(request: web.Request) -> web.Response:
    """Creation, and creation-with-upload where there is a body."""
    account_id, desk = signed_in(request), Desk.of(request.app)
    tus.require_version(request.headers)
    if request.body_exists:
        tus.require_media_type(request)
    checksum, metadata = tus.checksum(request.headers), tus.metadata(request.headers)
    length, said = tus.length(request.headers, desk.settings.upload_max_bytes), of_metadata(metadata)
    async with hold(desk.pool, account_id, request) as held:
        body = chunks(request) if request.body_exists else None
        if held.answered:
            return answer.of(held.repeat(await repeats.creation_again(length, said, body)))
        begun = _Begun(held)
        if body is None:
            await actions.begin(desk, account_id, length, said, begun.conclude)
        else:
            upload = await actions.begin(desk, account_id, length, said)
            await actions.receive_first(desk, upload, body, checksum, begun.conclude)
    return answer.of(begun.answer)


@dataclass
class _Begun:
    """What is answered to a tus creation; kept for repeats in the transaction that counts what it brought."""

    held: Hold
    answer: Answer = field(init=False)

    async def conclude(self, w: Work, outcome: Outcome) -> None:
        where = {"Location": f"{tus.PATH}/{outcome.upload.id}"}
        self.answer = Answer(201, headers=where | _state(outcome.reached))
        await self.held.keep(w, repeats.content(outcome), self.answer)


async def head_upload(request: web.Request) -> web.Response:
    account_id = signed_in(request)
    tus.require_version(request.headers)
    upload = await actions.find(Desk.of(request.app), account_id, uuid_in_path(request, "id"))
    return _nothing({"Upload-Length": str(upload.length), **_state(actions.progress(upload))}, 200)


async def patch_upload(request: web.Request) -> web.Response:
    account_id, desk = signed_in(request), Desk.of(request.app)
    tus.require_version(request.headers)
    if request.body_exists or "Content-Type" in request.headers:
        tus.require_media_type(request)
    offset, checksum = tus.offset(request.headers), tus.checksum(request.headers)
    upload_id = uuid_in_path(request, "id")
    if not request.body_exists:
        return _nothing(_state(await actions.stand(desk, account_id, upload_id, offset)))
    upload = await actions.resume(desk, account_id, upload_id, offset, request.content_length or 0)
    return _nothing(_state(await actions.receive(desk, upload, chunks(request), checksum)))


async def delete_upload(request: web.Request) -> web.Response:
    """Termination."""
    account_id = signed_in(request)
    tus.require_version(request.headers)
    await actions.give_up(Desk.of(request.app), account_id, uuid_in_path(request, "id"))
    return _nothing({})


def _state(progress: Progress) -> dict[str, str]:
    headers = {"Upload-Offset": str(progress.offset)}
    if progress.video_id is None:
        return headers | {"Upload-Expires": format_datetime(progress.expires_at, usegmt=True)}  # RFC 9110, 5.6.7
    return headers | {"Video-Id": str(progress.video_id)} | ({"Video-Duplicate": "true"} if progress.duplicate else {})


def _nothing(headers: dict[str, str], status: int = 204) -> web.Response:
    return web.Response(status=status, headers=CIMultiDict({"Cache-Control": "no-store", **headers}))


def _dispatcher(handlers: dict[str, Handler]) -> Handler:
    async def dispatch(request: web.Request) -> web.StreamResponse:
        # Where a proxy lets only GET and POST through, a header names the method ("X-HTTP-Method-Override").
        method = request.headers.get("X-HTTP-Method-Override", request.method).upper()
        if method not in handlers:
            raise web.HTTPMethodNotAllowed(method, handlers)
        return await handlers[method](request)

    return dispatch


_COLLECTION: dict[str, Handler] = {"POST": post_upload, "OPTIONS": options}
_UPLOAD: dict[str, Handler] = {"HEAD": head_upload, "PATCH": patch_upload, "DELETE": delete_upload, "OPTIONS": options}
for _method in _COLLECTION:
    routes.route(_method, tus.PATH)(_dispatcher(_COLLECTION))
for _method in (*_UPLOAD, "POST"):
    routes.route(_method, f"{tus.PATH}/{{id:(?!limits$)[^/]+}}")(_dispatcher(_UPLOAD))
