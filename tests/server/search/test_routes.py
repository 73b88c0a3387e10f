"""Searching: who and what is found by how it begins, by whom, and what is refused."""

import secrets
from typing import Any
from urllib.parse import quote

import pytest

from server.search.actions import MAX_CHARACTERS
from tests.people import BASE, Client, Person, sign_up
from tests.videos import Told, published, uploaded


def _beginning() -> str:
    """Of names that nobody else has."""
    return f"q{secrets.token_hex(5)}"


async def _search(person: Person, q: str, more: str = "") -> Any:
    answer = await person.get(f"/search?q={quote(q, safe='')}{more}")
    assert answer.status == 200, answer.body
    return answer.body


async def _names(person: Person, q: str, more: str = "") -> list[str]:
    return [user["username"] for user in (await _search(person, q, more))["users"]]


async def _tags(person: Person, q: str) -> dict[str, int]:
    return {found["tag"]: found["videos"] for found in (await _search(person, q))["hashtags"]}


async def test_people_are_found_by_how_their_names_begin(client: Client, ann: Person, nobody: Person) -> None:
    beginning = _beginning()
    found = [await sign_up(client, f"{beginning}{rest}") for rest in ("C", "a_", "B")]
    names = sorted((person.username for person in found), key=str.lower)
    for written in (beginning, beginning.upper(), f"@{beginning}", f" {beginning} "):
        assert await _names(nobody, written) == names
    assert await _names(nobody, beginning, "&limit=2") == names[:2]
    assert await _names(nobody, f"{beginning}a_") == [found[1].username]
    for other in (f"#{beginning}", f"{beginning}%", f"{beginning}a%", "_" + beginning[1:], beginning + "ä", "x" * MAX_CHARACTERS):
        assert await _names(nobody, other) == []
    await ann.follow(found[0])
    whole = (await _search(ann, names[2]))["users"]
    assert whole == [(await ann.get(f"/users/{names[2]}")).body]
    assert whole[0]["viewer"] == {"following": True}


async def test_a_new_name_is_found_and_the_old_one_is_not(client: Client, nobody: Person) -> None:
    beginning, new = _beginning(), _beginning()
    person = await sign_up(client, beginning)
    patch = {"username": f"{new}_x", "current_password": "correct horse battery"}
    assert (await person.patch("/me", json=patch)).status == 200
    assert (await _names(nobody, beginning), await _names(nobody, new)) == ([], [f"{new}_x"])


async def test_a_block_hides_both_ways(client: Client, nobody: Person) -> None:
    beginning = _beginning()
    one, other = [await sign_up(client, f"{beginning}{rest}") for rest in "ab"]
    assert (await one.put(f"/me/blocks/{other.id}")).status == 204
    assert await _names(one, beginning) == [one.username]
    assert await _names(other, beginning) == [other.username]
    assert await _names(other, one.username) == []
    assert await _names(nobody, beginning) == [one.username, other.username]


async def test_hashtags_are_found_while_a_public_video_that_plays_has_them(
    client: Client, ann: Person, ben: Person, nobody: Person
) -> None:
    beginning = _beginning()
    first = await published(client, ann, Told(title=f"#{beginning} #{beginning}_Ä"))
    await published(client, ben, Told(title=f"#{beginning}_ä"))
    await published(client, ann, Told(title=f"#{beginning}_private", visibility="private"))
    await published(client, ann, Told(title=f"#{beginning}_followers", visibility="followers"))
    await uploaded(client, ann, Told(title=f"#{beginning}_waiting"))
    for written in (beginning, f"#{beginning.upper()}"):
        assert await _tags(nobody, written) == {beginning: 1, f"{beginning}_ä": 2}
    assert await _tags(nobody, f"{beginning}_Ä") == {f"{beginning}_ä": 2}
    for other in (f"@{beginning}", f"{beginning}%", f"{beginning} x"):
        assert await _tags(nobody, other) == {}
    assert (await ann.delete(f"/videos/{first}")).status == 204
    assert await _tags(nobody, beginning) == {f"{beginning}_ä": 1}


async def test_a_sign_alone_finds_one_kind(client: Client, ann: Person, nobody: Person) -> None:
    await published(client, ann, Told(title=f"#{_beginning()}"))
    people, tags = [await _search(nobody, sign, "&limit=1") for sign in "@#"]
    assert (len(people["users"]), people["hashtags"]) == (1, [])
    assert (tags["users"], len(tags["hashtags"])) == ([], 1)


@pytest.mark.parametrize(
    "query",
    ["", "?q=", "?q=%20%E2%80%83", "?q=a%00", "?q=%ED%A0%80", "?q=%FF", f"?q={'a' * (MAX_CHARACTERS + 1)}", "?Q=a"],
)
async def test_what_says_nothing_is_refused(nobody: Person, query: str) -> None:
    refused = await nobody.get(f"{BASE}/search{query}")
    assert (refused.status, refused.code, refused.fields) == (422, "invalid", {"q"})


async def test_a_page_holds_so_many(nobody: Person) -> None:
    for limit in ("0", "51", "x"):
        refused = await nobody.get(f"/search?q=a&limit={limit}")
        assert (refused.status, refused.fields) == (422, {"limit"})
