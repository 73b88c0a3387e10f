"""What routes ask of a request: who, which, and a transaction to work in."""

from contextlib import AbstractAsyncContextManager
from urllib.parse import parse_qsl
from uuid import UUID

from aiohttp import web

from server.keys import MediaSigner
from server.kit import paging as pages
from server.kit.auth import CLAIMS
from server.kit.errors import ForeignOrigin, Invalid, NotAuthenticated, NotFound
from server.kit.head import Head
from server.kit.ids import parse_id
from server.kit.paging import After
from server.kit.text import unstorable
from server.kit.tokens import Claims, Tokens
from server.kit.work import Announcer, Work, work
from server.settings import Settings
from storage.cold import Cold
from storage.objects import ObjectStore
from storage.postgres import Pool

SETTINGS: web.AppKey[Settings] = web.AppKey("settings", Settings)
POOL: web.AppKey[Pool] = web.AppKey("pool")
STORE: web.AppKey[ObjectStore] = web.AppKey("store", ObjectStore)
COLD: web.AppKey[Cold] = web.AppKey("cold", Cold)
ANNOUNCER: web.AppKey[Announcer] = web.AppKey("announcer")
TOKENS: web.AppKey[Tokens] = web.AppKey("tokens", Tokens)
SIGNER: web.AppKey[MediaSigner] = web.AppKey("signer", MediaSigner)


def claims(request: web.Request) -> Claims:
    """The claims of whoever asks.

    Raises:
        NotAuthenticated: nobody does.
    """
    found: Claims | None = request.get(CLAIMS)
    if found is None:
        raise NotAuthenticated("Log in first.")
    return found


def signed_in(request: web.Request) -> UUID:
    """The account that asks.

    Raises:
        NotAuthenticated: nobody does.
    """
    return claims(request).account_id


def viewer(request: web.Request) -> UUID | None:
    """The account that asks, or None."""
    found = request.get(CLAIMS)
    return found.account_id if found else None


def uuid_in_path(request: web.Request, name: str) -> UUID:
    """The id in the path.

    Raises:
        NotFound: it is none; a malformed id names nothing.
    """
    found = parse_id(request.match_info[name])
    if found is None:
        raise nothing_there()
    return found


def nothing_there() -> NotFound:
    """The one refusal for what is absent and for what is hidden: the same bytes for both."""
    return NotFound("There is no such thing, or it is not visible to you.")


def paging(request: web.Request) -> tuple[int, After]:
    """Limit and position of the page that is asked for.

    Raises:
        Invalid: see `pages.asked`.
    """
    return pages.asked(request)


def text_in_query(request: web.Request, name: str) -> str:
    """A text behind the question mark, as it was sent; '' where there is none.

    Raises:
        Invalid: it is no UTF-8 (half of a surrogate pair is none), or holds NUL.
    """
    try:
        # `request.query` would have U+FFFD for what is none.
        sent = parse_qsl(request.rel_url.raw_query_string, errors="strict")
    except ValueError:
        raise Invalid.field(name, "must be UTF-8") from None
    text = next((value for key, value in sent if key == name), "")
    if why := unstorable(text):
        raise Invalid.field(name, why)
    return text


def start_work(request: web.Request) -> AbstractAsyncContextManager[Work]:
    """One transaction for this request."""
    return work(request.app[POOL], request.app[ANNOUNCER], viewer(request))


def own_origin(head: Head, settings: Settings) -> bool:
    """Whether the page that asks is ours; requests without Origin come from no page."""
    return head.headers.get("Origin") in (settings.public_url, *settings.allowed_origins)


def require_own_origin(request: web.Request) -> None:
    """Refuse pages of others.

    Raises:
        ForeignOrigin: the Origin is missing or foreign.
    """
    if not own_origin(request, request.app[SETTINGS]):
        raise ForeignOrigin("This is only for pages of this origin.")
