"""What a call of the HTTP API takes, what it answers, how it refuses."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from server.kit import paging
from server.kit.errors import (
    BodyTooLarge,
    Invalid,
    InvalidToken,
    Malformed,
    NotAuthenticated,
    NotFound,
    RateLimited,
    Refusal,
    Unavailable,
    WrongMediaType,
)
from server.kit.idempotency import InProgress, KeyReused

Credentials = Literal["required", "optional", "cookie", "none"]
Refusals = tuple[type[Refusal], ...]

JSON_BODY: Refusals = (Malformed, BodyTooLarge, WrongMediaType, Invalid)


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one path.

    Attributes:
        credentials: an access token that it requires or may have, the cookie that it may have, or none.
        body: the JSON it takes; None for no body.
        body_required: whether there has to be one.
        form: the schema of the multipart/form-data it takes instead.
        takes_bytes: whether it takes bytes of an upload instead; a tus creation may have none.
        pictures: media types of a picture that it takes; where it takes JSON as well, instead of that.
        answers: status → what the answer's JSON is; None for an empty answer.
        query: names of parameters, described in `parameters.py`.
        cursors: makes the pattern of this list's cursors out of its route, where that is not `paging.pattern`.
        headers: names of those that it has to have, described there too.
        optional_headers: names of those that it may have.
        takes_key: whether repeats with the same Idempotency-Key are answered as the first.
        answer_headers: status → names of those that its answer has, or may have.
        refusals: beside those that every call has.
    """

    method: str
    path: str
    tag: str
    summary: str
    credentials: Credentials
    answers: Mapping[int, Any]
    body: Any = None
    body_required: bool = True
    form: dict[str, Any] | None = None
    takes_bytes: bool = False
    pictures: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    cursors: Callable[[str], str] = paging.pattern
    headers: tuple[str, ...] = ()
    optional_headers: tuple[str, ...] = ()
    takes_key: bool = False
    answer_headers: Mapping[int, tuple[str, ...]] = {}
    refusals: Refusals = ()

    @property
    def all_refusals(self) -> Refusals:
        """With those that follow from the rest."""
        # Whoever asks with what is no HTTP, or sends much where nothing is read, is refused ahead of the call.
        found: Refusals = (Malformed, BodyTooLarge, Unavailable, RateLimited)
        found += (InvalidToken,) if self.credentials in ("required", "optional") else ()
        found += (NotAuthenticated,) if self.credentials == "required" else ()
        found += JSON_BODY if self.body is not None else ()
        found += (Invalid,) if self.query else ()
        found += (NotFound,) if "{" in self.path else ()
        found += (Invalid, KeyReused, InProgress) if self.takes_key else ()
        return tuple(dict.fromkeys(found + self.refusals))
