"""Keys and the signature of media URLs."""

from urllib.parse import parse_qsl
from uuid import uuid4

from server.keys import MediaSigner, derive

OLD, NEW = derive("an old secret of 32 characters ..."), derive("a new secret of 32 characters ...!")


def _signed(signer: MediaSigner, video_id: object) -> tuple[str, str]:
    query = dict(parse_qsl(signer.query(video_id)[0]))  # type: ignore[arg-type]
    return query["expires"], query["signature"]


def test_a_signature_opens_its_own_video_only() -> None:
    signer, video_id = MediaSigner((NEW,), 60), uuid4()
    expires, signature = _signed(signer, video_id)
    assert signer.accepts(video_id, expires, signature)
    assert not signer.accepts(uuid4(), expires, signature)
    assert not signer.accepts(video_id, str(int(expires) + 1), signature)
    assert not signer.accepts(video_id, expires, signature[:-1] + ("A" if signature[-1] != "A" else "B"))
    assert not signer.accepts(video_id, expires, "")
    assert not signer.accepts(video_id, "٣", signature)


def test_it_ends() -> None:
    signer, video_id = MediaSigner((NEW,), 0), uuid4()
    expires, _ = _signed(signer, video_id)
    past = str(int(expires) - 10)
    assert not signer.accepts(video_id, past, _signed(signer, video_id)[1])


def test_the_first_key_signs_and_all_verify() -> None:
    video_id = uuid4()
    expires, signature = _signed(MediaSigner((OLD,), 60), video_id)
    rotated = MediaSigner((NEW, OLD), 60)
    assert rotated.accepts(video_id, expires, signature)
    assert _signed(rotated, video_id)[1].startswith(NEW.id)
    assert not MediaSigner((NEW,), 60).accepts(video_id, expires, signature)


def test_purposes_have_keys_of_their_own() -> None:
    assert len({NEW.token.hex(), NEW.media, NEW.id, OLD.token.hex(), OLD.media, OLD.id}) == 6
