"""Refusals that a client can act on: each has a status and a stable code. Anything else that is raised is a bug, and a 500.

A room's own refusals stand in the room; here are those that any room may need.
"""

from collections.abc import Mapping, Sequence

import msgspec


class FieldError(msgspec.Struct, frozen=True):
    """Which field of the input is invalid, and why."""

    field: str
    detail: str


class Refusal(Exception):
    """An expected no. The middleware renders it as problem+json (RFC 9457), the socket as an error frame.

    Attributes:
        status, code: of the kind of refusal; of the instance only where one is told again (idempotency.py).
        detail: a sentence for the person in front of the screen.
        headers: sent along over HTTP.
        errors: the fields, where the code is `invalid`.
    """

    status: int
    code: str

    def __init__(self, detail: str, *, headers: Mapping[str, str] | None = None, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = dict(headers or {})
        self.errors = tuple(errors)


class Malformed(Refusal):
    """The input cannot be parsed."""

    status = 400
    code = "malformed"


class NotAuthenticated(Refusal):
    """Nobody asks, and somebody must."""

    status = 401
    code = "not_authenticated"


class InvalidToken(Refusal):
    """The credentials are bad, expired or revoked."""

    status = 401
    code = "invalid_token"


class NotYours(Refusal):
    """Visible to whoever asks, but not theirs to change."""

    status = 403
    code = "not_yours"


class ForeignOrigin(Refusal):
    """A browser page of another origin asks with our cookie or for our socket."""

    status = 403
    code = "foreign_origin"


class BadSignature(Refusal):
    """The media URL is unsigned, changed, or has expired."""

    status = 403
    code = "bad_signature"


class NotFound(Refusal):
    """Absent, or not visible to whoever asks: the two must look the same."""

    status = 404
    code = "not_found"


class BodyTooLarge(Refusal):
    """More bytes than this call takes."""

    status = 413
    code = "body_too_large"


class WrongMediaType(Refusal):
    """Not the Content-Type that this call takes."""

    status = 415
    code = "wrong_media_type"


class RangeNotSatisfiable(Refusal):
    """The range begins beyond the end (RFC 9110, 14.4)."""

    status = 416
    code = "range_not_satisfiable"


class Invalid(Refusal):
    """Well-formed, but a field has a value that is not allowed."""

    status = 422
    code = "invalid"

    @classmethod
    def field(cls, name: str, detail: str) -> "Invalid":
        """One invalid field."""
        return cls(f"{name}: {detail}", errors=[FieldError(name, detail)])


class QuotaExceeded(Refusal):
    """The account has used up what it may do for now."""

    status = 429
    code = "quota_exceeded"


class RateLimited(Refusal):
    """Too often in too short a time; it passes by itself, and `Retry-After` says when."""

    status = 429
    code = "rate_limited"

    def __init__(self, limit: str, seconds: int, headers: Mapping[str, str]) -> None:
        """`seconds` until the next one passes; `headers` tell of the limit with this name."""
        again = {"Retry-After": str(max(1, seconds))}
        super().__init__(f"That was too often (limit {limit}); try again in {max(1, seconds)} s.", headers=again | dict(headers))


class Unavailable(Refusal):
    """A dependency is down or slow; trying again helps."""

    status = 503
    code = "unavailable"

    def __init__(self, detail: str = "The service is briefly unavailable; try again.", retry_after: int = 2) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class StorageFull(Unavailable):
    """The object store takes no more bytes."""

    code = "storage_full"
