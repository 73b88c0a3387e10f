"""Keys derived from REELWIRE_SECRET_KEYS, one per purpose, and the signature of media URLs that the edge checks.

The first key signs and all verify: a new key is put first, the old one removed when what it signed has expired.
"""

import hashlib
import hmac
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

MAX_DIGITS = 12
"""Of a moment in unix seconds: some thirty thousand years."""


@dataclass(frozen=True, slots=True)
class Key:
    """One secret key under its public name."""

    id: str
    token: bytes
    media: str
    edge: str
    limit: bytes


def derive(secret: str) -> Key:
    """The keys of each purpose; none gives another or the secret away (HMAC-SHA256 as a PRF, NIST SP 800-108)."""
    raw = secret.encode()
    return Key(
        id=hashlib.sha256(b"id:" + raw).hexdigest()[:8],
        token=hmac.digest(raw, b"reelwire token", "sha256"),
        media=hmac.digest(raw, b"reelwire media url", "sha256").hex(),
        edge=hmac.digest(raw, b"reelwire edge", "sha256").hex(),
        limit=hmac.digest(raw, b"reelwire limit", "sha256"),
    )


class MediaSigner:
    """Signs and checks URLs below `/media/{video_id}/` as nginx' secure_link module verifies them at the edge."""

    def __init__(self, keys: tuple[Key, ...], seconds: int) -> None:
        self._keys = {key.id: key for key in keys}
        self._first = keys[0]
        self._seconds = seconds

    def query(self, video_id: UUID) -> tuple[str, int]:
        """The query string that opens everything of the video, and when it ends (unix seconds)."""
        expires = int(time.time()) + self._seconds
        return f"expires={expires}&signature={_signature(self._first, video_id, str(expires))}", expires

    def accepts(self, video_id: UUID, expires: str, signature: str) -> bool:
        """Whether this signature opens the video now."""
        key = self._keys.get(signature.partition(".")[0])
        well_formed = expires.isascii() and expires.isdigit() and len(expires) <= MAX_DIGITS
        if key is None or not well_formed or int(expires) < time.time():
            return False
        return hmac.compare_digest(signature.encode(), _signature(key, video_id, expires).encode())


def _signature(key: Key, video_id: UUID, expires: str) -> str:
    # MD5 is what secure_link knows. The secret stands last, so that the digest cannot be extended.
    digest = hashlib.md5(f"{expires} /media/{video_id}/ {key.media}".encode(), usedforsecurity=False).digest()
    return f"{key.id}.{urlsafe_b64encode(digest).decode().rstrip('=')}"
