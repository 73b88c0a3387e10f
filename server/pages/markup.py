"""A preview as HTML: the tags of a head (Open Graph, ogp.me), and what is read where no script runs."""

from collections.abc import Iterator
from html import escape
from urllib.parse import quote

from server.pages.wire import Film, Preview

NAME = "reelwire"
SAFE = "/@"


def head(page: Preview, origin: str) -> str:
    """Title, description and tags, addresses absolute: `origin` is as clients see it."""
    return "\n".join(_head(page, origin))


def _head(page: Preview, origin: str) -> Iterator[str]:
    address = _at(origin, page.path)
    title = page.title if page.title == NAME else f"{page.title} · {NAME}"
    yield f"<title>{escape(title)}</title>"
    yield f'<meta name="description" content="{escape(page.description)}">'
    yield f'<link rel="canonical" href="{address}">'
    yield from _tag("og:site_name", NAME)
    yield from _tag("og:type", page.kind)
    yield from _tag("og:title", page.title)
    yield from _tag("og:description", page.description)
    yield from _tag("og:url", address)
    yield from _tag("og:image", _at(origin, page.picture))
    yield from _tag("og:image:alt", page.title)
    if page.kind == "profile":
        yield from _tag("profile:username", page.username)
    if page.film:
        yield from _film(page.film, origin)
    yield f'<meta name="twitter:card" content="{"summary_large_image" if page.wide else "summary"}">'


def _film(film: Film, origin: str) -> Iterator[str]:
    address = _at(origin, film.path)
    yield from _tag("og:video", address)
    if address.startswith("https:"):
        yield from _tag("og:video:secure_url", address)
    yield from _tag("og:video:type", film.mime)
    yield from _tag("og:video:width", film.width)
    yield from _tag("og:video:height", film.height)
    yield from _tag("video:duration", film.seconds)
    yield from _tag("video:release_date", film.published_at)
    for hashtag in film.hashtags:
        yield from _tag("video:tag", hashtag)


def _tag(name: str, content: object) -> Iterator[str]:
    yield f'<meta property="{name}" content="{escape(str(content))}">'


def without_scripts(page: Preview) -> str:
    """The page's words and its video, as a browser without scripts shows them."""
    return "\n".join(_without_scripts(page))


def _without_scripts(page: Preview) -> Iterator[str]:
    yield f'<main class="unscripted"><h1 dir="auto">{escape(page.title)}</h1>'
    if page.film:
        poster = escape(page.picture)
        yield f'<video controls playsinline preload="none" poster="{poster}" src="{escape(page.film.path)}"></video>'
    yield f'<p dir="auto">{escape(page.description)}</p>'
    if page.film:
        yield f'<p><a href="/@{escape(page.username)}">More by {escape(page.author)}</a></p>'
    yield "<p>Comments, likes and everything live need JavaScript.</p></main>"


def _at(origin: str, path: str) -> str:
    # What is encoded already are only media, whose paths have nothing to encode.
    return escape(origin + quote(path, safe=SAFE))
