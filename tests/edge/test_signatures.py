"""Objects of videos that are not public: only with a signature, also where they are cached."""

import asyncio
import json
import time
import uuid
from base64 import urlsafe_b64encode
from hashlib import md5
from uuid import UUID

import pytest

from server.keys import MediaSigner, derive
from tests.edge.conftest import SECRETS, Edge
from tests.edge.origin import Thing

BODY = b"not for everybody"


def hold(edge: Edge, name: str = "720.mp4") -> tuple[UUID, str]:
    """A new object of a private video, and its path."""
    video_id = uuid.uuid4()
    path = f"/media/{video_id}/s/1/{name}"
    edge.origin.things[path] = Thing(BODY, headers={"Cache-Control": "private, max-age=3600", "X-Accel-Expires": "60"})
    return video_id, path


async def refused(edge: Edge, path: str) -> None:
    answer, body = await edge.get(path)
    assert (answer.status, answer.content_type, answer.headers["X-Cache"]) == (403, "application/problem+json", "NONE")
    assert json.loads(body)["code"] == "bad_signature"


def forged(key_id: str, secret: str, video_id: UUID, expires: str) -> str:
    digest = md5(f"{expires} /media/{video_id}/ {secret}".encode(), usedforsecurity=False).digest()
    return f"expires={expires}&signature={key_id}.{urlsafe_b64encode(digest).decode().rstrip('=')}"


async def test_a_signed_url_opens_and_is_cached_by_its_path(edge: Edge, signer: MediaSigner) -> None:
    video_id, path = hold(edge)
    query, _ = signer.query(video_id)
    first, body = await edge.get(f"{path}?{query}")
    other = MediaSigner(tuple(map(derive, SECRETS)), seconds=120)
    second, _ = await edge.get(f"{path}?{other.query(video_id)[0]}")
    assert (first.status, body, first.headers["X-Cache"], second.headers["X-Cache"]) == (200, BODY, "MISS", "HIT")
    assert first.headers["Cache-Control"] == "private, max-age=3600"
    assert edge.origin.asked[0].query_string == query, "the origin looks at it as well"


async def test_a_key_that_was_rotated_out_of_signing_still_opens(edge: Edge) -> None:
    video_id, path = hold(edge)
    old = MediaSigner((derive(SECRETS[1]),), seconds=60)
    assert (await edge.get(f"{path}?{old.query(video_id)[0]}"))[0].status == 200


@pytest.mark.parametrize("cached", [False, True])
async def test_what_is_not_signed_right_is_refused(edge: Edge, signer: MediaSigner, cached: bool) -> None:
    video_id, path = hold(edge)
    query, expires = signer.query(video_id)
    if cached:
        assert (await edge.get(f"{path}?{query}"))[0].status == 200
    key_id, _, digest = query.partition("signature=")[2].partition(".")
    key = derive(SECRETS[0])
    wrong = {
        "unsigned": "",
        "no signature": f"expires={expires}",
        "no expiry": f"signature={key_id}.{digest}",
        "empty": "expires=&signature=",
        "empty digest": f"expires={expires}&signature={key_id}.",
        "changed": f"expires={expires}&signature={key_id}.{'A' if digest[0] != 'A' else 'B'}{digest[1:]}",
        "prolonged": f"expires={expires + 1}&signature={key_id}.{digest}",
        "of another video": signer.query(uuid.uuid4())[0],
        "unknown key": f"expires={expires}&signature=00000000.{digest}",
        "unknown key, empty secret": forged("00000000", "", video_id, str(expires)),
        "no key, empty secret": forged("", "", video_id, str(expires)),
        "wrong secret": forged(key_id, "x" * 64, video_id, str(expires)),
        "expired": forged(key_id, key.media, video_id, str(int(time.time()) - 2)),
        "never expires": forged(key_id, key.media, video_id, "0"),
        "expiry that is no number": forged(key_id, key.media, video_id, "soon"),
        "twice, the good one first": f"{query}&expires=1&signature=x",
        "twice, the good one last": f"expires=1&{query}",
        "twice in other letters": f"{query}&EXPIRES=1",
    }
    for name, query_string in wrong.items():
        try:
            await refused(edge, f"{path}?{query_string}")
        except AssertionError as error:
            raise AssertionError(name) from error
    assert len(edge.origin.asked) == int(cached)


async def test_one_signature_opens_everything_of_its_video_and_players_may_add_words(edge: Edge, signer: MediaSigner) -> None:
    video_id, path = hold(edge)
    query, _ = signer.query(video_id)
    edge.origin.things[f"/media/{video_id}/s/2/poster.jpg"] = Thing(b"picture")
    assert (await edge.get(f"/media/{video_id}/s/2/poster.jpg?{query}"))[0].status == 200
    assert (await edge.get(f"{path}?{query}&CMCD=br%3D3200"))[0].status == 200


async def test_playlists_are_rendered_for_each_request_with_their_query(edge: Edge, signer: MediaSigner) -> None:
    video_id, path = hold(edge, "master.m3u8")
    query, _ = signer.query(video_id)
    for _ in range(2):
        answer, _ = await edge.get(f"{path}?{query}")
        assert (answer.status, answer.headers["X-Cache"]) == (200, "NONE")
    assert [request.query_string for request in edge.origin.asked] == [query, query]
    await refused(edge, path)


@pytest.mark.parametrize(
    "way", ["{id}/s/1//720.mp4", "{id}/s/1/x/../720.mp4", "{id}/s/1/%37%32%30.mp4", "{id}/%73/1/720.mp4", "{id}//s/1/720.mp4"]
)
async def test_no_other_way_of_writing_a_path_gets_around_the_signature(edge: Edge, way: str, signer: MediaSigner) -> None:
    video_id, path = hold(edge)
    await edge.get(f"{path}?{signer.query(video_id)[0]}")
    edge.origin.asked.clear()
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    writer.write(f"GET /media/{way.format(id=video_id)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    head = (await reader.read()).decode()
    writer.close()
    assert head.split()[1] in {"403", "404"}
    assert BODY.decode() not in head
