"""The tus 1.0.0 protocol (tus.io/protocols/resumable-upload) as far as it is headers: what requests say, what answers carry."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Protocol

import msgspec
from aiohttp import web

from server.kit.body import require_plain
from server.kit.errors import Invalid, Malformed, Refusal, WrongMediaType

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination"
ALGORITHMS = ("sha1", "sha256")
MEDIA_TYPE = "application/offset+octet-stream"
PATH = "/api/v1/uploads"

MAX_DIGITS = 18
"""Longer numbers do not fit into a bigint, and no file is that long."""
_A_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
_METADATA_KEY = re.compile(r"[\x21-\x2b\x2d-\x7e]+")  # printable ASCII without space and comma


class UnsupportedVersion(Refusal):
    """Another version of tus than ours ("Tus-Resumable")."""

    status = 412
    code = "unsupported_version"


class OffsetMismatch(Refusal):
    """The bytes do not begin where the upload ends; HEAD tells where that is."""

    status = 409
    code = "offset_mismatch"


class ChecksumMismatch(Refusal):
    """The bytes are not those that the client meant to send; none of them were kept ("Checksum")."""

    status = 460
    code = "checksum_mismatch"


class UploadTooLarge(Refusal):
    """More bytes than an upload may have, or than it announced."""

    status = 413
    code = "upload_too_large"


class UploadExpired(Refusal):
    """It was not finished in its time, or was given up ("Expiration", "Termination")."""

    status = 410
    code = "upload_expired"


class BodyCut(Refusal):
    """The connection broke off or went silent before all announced bytes had come; those that had are kept."""

    status = 408
    code = "body_incomplete"


class Hash(Protocol):
    """What hashlib's objects do."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes."""
        ...

    def digest(self) -> bytes:
        """The hash of everything so far."""
        ...


class Checksum(msgspec.Struct, frozen=True):
    """What the client says that the bytes of one request hash to."""

    algorithm: str
    wanted: bytes

    def begin(self) -> Hash:
        """A hash to put the bytes into. SHA-1 guards against broken networks here, not against people."""
        return hashlib.new(self.algorithm, usedforsecurity=False)

    def matches(self, found: Hash) -> bool:
        return hmac.compare_digest(self.wanted, found.digest())


def require_version(headers: Mapping[str, str]) -> None:
    """Every request but OPTIONS says which tus it speaks.

    Raises:
        Malformed: none, or what is no version.
        UnsupportedVersion: not ours.
    """
    spoken = headers.get("Tus-Resumable", "")
    if spoken == VERSION:
        return
    refusal = UnsupportedVersion if _A_VERSION.fullmatch(spoken) else Malformed
    raise refusal(f"Speak tus {VERSION}: Tus-Resumable: {VERSION}.", headers={"Tus-Version": VERSION})


def require_media_type(request: web.Request) -> None:
    """Bytes of an upload have their own media type.

    Raises:
        WrongMediaType.
    """
    if request.content_type != MEDIA_TYPE:
        raise WrongMediaType(f"Send {MEDIA_TYPE}.")
    require_plain(request)


def length(headers: Mapping[str, str], max_bytes: int) -> int:
    """Upload-Length of a creation, in bytes.

    Raises:
        UploadTooLarge: more than `max_bytes`.
        Malformed: it is missing or no number.
        Invalid: it is to follow later, or the upload would be joined from others, neither of which is offered; or it is zero.
    """
    for name in ("Upload-Defer-Length", "Upload-Concat"):
        if name in headers:
            raise Invalid.field(name, "is not offered (see Tus-Extension)")
    found = _number(headers, "Upload-Length")
    if found > max_bytes:
        raise UploadTooLarge(f"At most {max_bytes} bytes.")
    if found == 0:
        raise Invalid.field("file", "has no bytes")
    return found


def offset(headers: Mapping[str, str]) -> int:
    """Upload-Offset of a PATCH.

    Raises:
        Malformed: it is missing or no number.
    """
    return _number(headers, "Upload-Offset")


def _number(headers: Mapping[str, str], name: str) -> int:
    text = headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
        raise Malformed(f"{name} must be a number of bytes.")
    return int(text)


def checksum(headers: Mapping[str, str]) -> Checksum | None:
    """Upload-Checksum: an algorithm, a space, the hash in base64.

    Raises:
        Malformed: it is not that, or the algorithm is none of ours.
    """
    text = headers.get("Upload-Checksum")
    if text is None:
        return None
    algorithm, _, encoded = text.strip().partition(" ")
    wanted = _base64(encoded.strip())
    if algorithm not in ALGORITHMS or wanted is None or len(wanted) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise Malformed(f"Upload-Checksum must be one of {', '.join(ALGORITHMS)} and the hash in base64.")
    return Checksum(algorithm, wanted)


def metadata(headers: Mapping[str, str]) -> dict[str, bytes]:
    """Upload-Metadata: pairs of a key and a value in base64, separated by commas; a value may be missing.

    Raises:
        Malformed: it is not that.
    """
    found: dict[str, bytes] = {}
    for pair in headers.get("Upload-Metadata", "").split(","):
        key, _, encoded = pair.strip(" \t").partition(" ")
        if not key and not encoded:
            continue
        value = _base64(encoded.strip(" \t"))
        if not _METADATA_KEY.fullmatch(key) or key in found or value is None:
            raise Malformed("Upload-Metadata must be pairs of a key and a value in base64, each key once.")
        found[key] = value
    return found


def _base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


async def stamp(request: web.Request, response: web.StreamResponse) -> None:
    """Every answer below /uploads says which tus is spoken, refusals included (a signal, `Application.on_response_prepare`)."""
    if request.path.startswith(PATH):
        response.headers["Tus-Resumable"] = VERSION
