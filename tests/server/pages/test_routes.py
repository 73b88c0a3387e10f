"""What a page says of itself: the tags of public things, nothing of all others, and nobody's text as HTML."""

from html.parser import HTMLParser
from typing import NamedTuple

import pytest
from yarl import URL

from server.kit.ids import new_id
from server.kit.request import SETTINGS
from server.videos.wire import Visibility
from tests.people import Client, Person
from tests.videos import Told, published, uploaded

HOSTILE = '</title><script>alert(1)</script>"\' onerror=x \u202etitle\r\n<!--#include virtual="/metrics" -->&amp;'
ONE_LINE = '</title><script>alert(1)</script>"\' onerror=x title <!--#include virtual="/metrics" -->&amp;'


TURNING = "\u200e\u200f\u061c\u202e\u2069"


class Read(NamedTuple):
    """A fragment as a browser reads it."""

    elements: list[tuple[str, dict[str, str | None]]]
    text: dict[str, str]

    def tag(self, name: str) -> str | None:
        """What a meta element says."""
        found = [a for e, a in self.elements if e == "meta" and name in (a.get("property"), a.get("name"))]
        assert len(found) <= 1, name
        return found[0]["content"] if found else None


class Parser(HTMLParser):
    """Knows which elements there are."""

    def __init__(self) -> None:
        super().__init__()
        self.read = Read([], {})
        self._in = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.read.elements.append((tag, dict(attrs)))
        self._in = tag

    def handle_endtag(self, _tag: str) -> None:
        self._in = ""

    def handle_data(self, data: str) -> None:
        self.read.text[self._in] = self.read.text.get(self._in, "") + data


async def fragment(client: Client, part: str, path: str) -> tuple[int, Read]:
    async with client.get(f"/pages/{part}", params={"of": path}) as answer:
        parser = Parser()
        parser.feed(await answer.text())
        return answer.status, parser.read


async def test_a_public_video_is_told_with_its_poster_and_its_file(client: Client, ann: Person) -> None:
    video_id = await published(client, ann, Told("Low tide", "All of it #Tide #sea"))
    status, head = await fragment(client, "head", f"/videos/{video_id}")
    origin = client.app[SETTINGS].public_url
    assert (status, head.text["title"]) == (200, "Low tide · reelwire")
    wanted = {
        "description": "All of it #Tide #sea",
        "og:title": "Low tide",
        "og:description": "All of it #Tide #sea",
        "og:type": "video.other",
        "og:url": f"{origin}/videos/{video_id}",
        "og:image": f"{origin}/media/{video_id}/o/1/poster.jpg",
        "og:video": f"{origin}/media/{video_id}/o/1/540.mp4",
        "og:video:type": "video/mp4",
        "og:video:width": "540",
        "og:video:height": "960",
        "video:duration": "5",
        "twitter:card": "summary_large_image",
    }
    assert {name: head.tag(name) for name in wanted} == wanted
    assert [a["content"] for _, a in head.elements if a.get("property") == "video:tag"] == ["tide", "sea"]
    assert ("link", {"rel": "canonical", "href": f"{origin}/videos/{video_id}"}) in head.elements
    _, body = await fragment(client, "noscript", f"/videos/{video_id}")
    film = dict(body.elements)["video"]
    assert (film["src"], film["poster"]) == (f"/media/{video_id}/o/1/540.mp4", f"/media/{video_id}/o/1/poster.jpg")
    assert body.text["h1"] == "Low tide"
    assert f"/@{ann.username}" in [a.get("href") for _, a in body.elements]


async def test_addresses_as_people_type_them_are_told_of_the_same_page(client: Client, ann: Person) -> None:
    video_id, origin = await published(client, ann), client.app[SETTINGS].public_url
    for typed, meant in (
        (f"/videos/{video_id}/", f"/videos/{video_id}"),
        (f"/videos/{str(video_id).upper()}", f"/videos/{video_id}"),
        (f"/@{ann.username.upper()}/", f"/@{ann.username}"),
        ("/hashtags/Tide/", "/hashtags/tide"),
    ):
        status, head = await fragment(client, "head", typed)
        assert (status, head.tag("og:url")) == (200, f"{origin}{meant}")


async def test_a_video_without_words_is_told_by_its_author(client: Client, ann: Person) -> None:
    video_id = await published(client, ann, Told(""))
    _, head = await fragment(client, "head", f"/videos/{video_id}")
    assert head.tag("og:title") == f"A video by @{ann.username}"
    assert head.tag("og:description") == f"By @{ann.username} on reelwire."


@pytest.mark.parametrize("visibility", ["private", "followers"])
async def test_what_is_not_public_is_told_as_what_is_absent(client: Client, ann: Person, visibility: Visibility) -> None:
    hidden = await published(client, ann, Told("a secret", visibility=visibility))
    unfinished = await uploaded(client, ann)
    for part in ("head", "noscript"):
        answers = []
        for path in (
            f"/videos/{hidden}",
            f"/videos/{unfinished}",
            f"/videos/{new_id()}",
            "/videos/x",
            "/@nobody_at_all",
            "/x",
            "",
        ):
            async with client.get(f"/pages/{part}", params={"of": path}) as answer:
                assert "X-Accel-Expires" not in answer.headers
                answers.append((answer.status, await answer.read()))
        assert len(set(answers)) == 1
        assert answers[0][0] == 404


async def test_nobodys_text_becomes_html(client: Client, ann: Person) -> None:
    video_id = await published(client, ann, Told(HOSTILE, HOSTILE))
    assert (await ann.patch("/me", json={"display_name": HOSTILE[:40], "bio": HOSTILE})).status == 200
    for path in (f"/videos/{video_id}", f"/@{ann.username}"):
        for part in ("head", "noscript"):
            status, read = await fragment(client, part, path)
            assert status == 200
            assert {element for element, _ in read.elements} <= {"title", "meta", "link", "main", "h1", "video", "p", "a"}
            assert not {"onerror", "x"} & {name for _, attributes in read.elements for name in attributes}
        async with client.get("/pages/head", params={"of": path}) as answer:
            assert "<!--" not in await answer.text()
    _, head = await fragment(client, "head", f"/videos/{video_id}")
    assert head.tag("og:title") == head.tag("og:description") == ONE_LINE
    assert head.text["title"] == f"{ONE_LINE} · reelwire"


async def test_a_name_of_marks_alone_is_the_username(client: Client, ann: Person) -> None:
    video_id = await published(client, ann, Told(""))
    assert (await ann.patch("/me", json={"display_name": TURNING})).status == 200
    _, head = await fragment(client, "head", f"/videos/{video_id}")
    assert head.tag("og:title") == f"A video by @{ann.username}"
    _, body = await fragment(client, "noscript", f"/videos/{video_id}")
    assert body.text["a"] == f"More by {ann.username}"


async def test_long_words_are_cut(client: Client, ann: Person) -> None:
    video_id = await published(client, ann, Told("😀" * 300))
    _, head = await fragment(client, "head", f"/videos/{video_id}")
    assert head.tag("og:title") == "😀" * 120 + "…"


async def test_people_hashtags_and_the_front_page_are_told(client: Client, ann: Person) -> None:
    origin = client.app[SETTINGS].public_url
    assert (await ann.patch("/me", json={"display_name": "Ann Low", "bio": "By the sea"})).status == 200
    _, head = await fragment(client, "head", f"/@{ann.username.upper()}")
    assert (head.tag("og:title"), head.tag("og:description")) == (f"Ann Low (@{ann.username})", "By the sea")
    assert (head.tag("og:type"), head.tag("profile:username")) == ("profile", ann.username)
    assert (head.tag("og:url"), head.tag("og:image")) == (f"{origin}/@{ann.username}", f"{origin}/icon-512.png")
    _, head = await fragment(client, "head", "/hashtags/Café")
    assert (head.tag("og:title"), head.tag("og:url")) == ("#café", f"{origin}/hashtags/caf%C3%A9")
    _, head = await fragment(client, "head", "/")
    assert (head.text["title"], head.tag("og:url")) == ("reelwire", f"{origin}/")


@pytest.mark.parametrize("encoded", ["/hashtags/%25ff", "/hashtags/%ff", "/hashtags/%ED%A0%80", "/hashtags/%00", ""])
async def test_an_address_that_is_no_text_is_no_page(client: Client, encoded: str) -> None:
    async with client.get(URL(f"/pages/head?of={encoded}", encoded=True)) as answer:
        assert answer.status == 404
